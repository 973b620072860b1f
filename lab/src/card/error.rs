//! Why a card did not do what a command asked.

use std::io;

/// Why the card did not do what a command asked.
///
/// The silicon has no error answers: it stays silent, and a reader finds out by reading back. The model says it, so that
/// a reader can answer as real ones do.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No supply voltage: power on first.
    #[error("the card has no power")]
    NotPowered,
    /// Pulled in the middle of an operation, at once or earlier in this session.
    #[error("the card was pulled")]
    Pulled,
    /// A write or a protection without a verified code, or a step out of its order.
    #[error("the code was not verified")]
    NoAccess,
    /// The byte's protection bit is set for good.
    #[error("byte {0:#05X} is protected for good")]
    Protected(u16),
    /// A protection bit was asked for with data that is not what the byte holds.
    #[error("the data differ from byte {0:#05X}")]
    Differs(u16),
    /// The error counter has no bit left: the card can never be written again.
    #[error("the card is locked for good")]
    Locked,
    /// A control byte or an address that the chip does not know.
    #[error("no such command: control {control:#04X}, address {address:#05X}")]
    Unknown {
        /// First byte of the command.
        control: u8,
        /// Where.
        address: u16,
    },
    /// The chip has no such thing: a code, a protection bit.
    #[error("the chip has no such thing")]
    Unsupported,
    /// The store of the cells failed; the card behaves as pulled from here on.
    #[error("the card's cells could not be stored")]
    Store(#[source] io::Error),
}
