//! Tokens: what a driver of a keypad meter makes instead of a card, as plain types, and the host's own check of them.
//!
//! The driver arranges bits, a [`KeyProvider`] holds the keys, and neither sees the other: see interface `tokens` of the
//! meter contract. The functions are on [`crate::meter::MeterDriver`]:
//!
//! * [`token`](crate::meter::MeterDriver::token) makes one, [`read_token`](crate::meter::MeterDriver::read_token) reads one;
//! * [`enter_token`](crate::meter::MeterDriver::enter_token) types one into the virtual meter;
//! * [`verify_token`] is what is asked before any money is taken for one.

mod facts;
mod order;
mod reading;
mod verify;

pub use dianka_keys::{KeyError, KeyProvider, KeyRule, SoftwareKeys};
pub use facts::{AmountCoding, BitField, DigitsCoding, TokenFacts, TokenKind};
pub use order::{Minute, Token, TokenContent, TokenError, TokenMeter, TokenOrder, TokenRequest};
pub(crate) use order::{Prepared, token_kind};
pub use verify::{TokenFault, verify_token};
