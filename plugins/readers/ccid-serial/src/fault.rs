//! Errors as the contract knows them.

use dianka_sdk::reader::PortError;
use dianka_sdk::reader::driver::{Error, ErrorKind};

/// An error with a stable code and an English message.
#[must_use]
pub fn fault(kind: ErrorKind, code: &str, message: impl Into<String>) -> Error {
    Error { kind, code: code.into(), message: message.into() }
}

/// What failed below the protocol. A time-out is not of this kind: it is told apart by what came so far.
#[must_use]
pub fn port(error: &PortError) -> Error {
    let (code, message) = match error {
        PortError::Timeout(_) => return fault(ErrorKind::NoAnswer, "timeout", "the reader does not answer"),
        PortError::Closed => ("port-closed", "the port was closed or unplugged".to_owned()),
        PortError::Denied(reason) => ("port-denied", format!("the port was not granted: {reason}")),
        PortError::TooLarge => ("port-too-large", "more than the port takes at once".to_owned()),
    };
    fault(ErrorKind::Port, code, message)
}
