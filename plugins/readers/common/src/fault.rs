//! Errors as the contract knows them.

use dianka_sdk::reader::PortError;
use dianka_sdk::reader::driver::{Error, ErrorKind};

use crate::line::Lost;

/// An error with a stable code and an English message.
#[must_use]
pub fn fault(kind: ErrorKind, code: &str, message: impl Into<String>) -> Error {
    Error { kind, code: code.into(), message: message.into() }
}

/// What failed below the protocol. A time-out is not of this kind: it is told apart by what came so far.
#[must_use]
pub fn port(error: &PortError) -> Error {
    let (code, message) = match error {
        PortError::Timeout(_) => return no_answer(),
        PortError::Closed => ("port-closed", "the port was closed or unplugged".to_owned()),
        PortError::Denied(reason) => ("port-denied", format!("the port was not granted: {reason}")),
        PortError::TooLarge => ("port-too-large", "more than the port takes at once".to_owned()),
    };
    fault(ErrorKind::Port, code, message)
}

/// Why no answer was had. `protocol` names what was expected, in the code of something else (`not-ccid`).
#[must_use]
pub fn lost(lost: &Lost, protocol: &str) -> Error {
    match lost {
        Lost::Silence => no_answer(),
        Lost::Garbage => {
            fault(ErrorKind::NotThisProtocol, &format!("not-{protocol}"), format!("what came back is not {protocol}"))
        }
        Lost::Damaged => fault(ErrorKind::Garbled, "damaged", "the reader's answers arrive damaged"),
        Lost::Port(error) => port(error),
    }
}

/// No card, or one that has lost its power.
#[must_use]
pub fn no_card() -> Error {
    fault(ErrorKind::NoCard, "no-card", "no card in the reader, or it was pulled")
}

/// A card that cannot be worked; `code` says how it showed.
#[must_use]
pub fn unknown_card(code: &str) -> Error {
    fault(ErrorKind::UnknownCard, code, "a card that this driver cannot work, or it lies the wrong way round")
}

/// The reader or the chip cannot do this.
#[must_use]
pub fn unsupported(code: &str, message: &str) -> Error {
    fault(ErrorKind::Unsupported, code, message)
}

fn no_answer() -> Error {
    fault(ErrorKind::NoAnswer, "timeout", "the reader does not answer")
}
