//! STS (IEC 62055-41): the credit is a token of 20 digits that the customer types into the meter.
//!
//! Encryption algorithm 11 (MISTY1) with key derivation DKGA04, both public. The driver arranges bits; keys and cipher are
//! the host's. What is read and written, from the plain side to the printed one:
//!
//! amount -> [`amount`] 16 bits -> [`block`] with kind, chance, identifier and check sum, 64 bits -> (the host encrypts)
//! -> [`digits`] 66 bits with the class, 20 digits.

pub mod amount;
pub mod block;
mod component;
pub mod contract;
mod describe;
pub mod digits;
mod displays;
pub mod identifier;
pub mod key;
pub mod kinds;
pub mod meter;
mod plan;
mod refuse;
pub mod tokens;

pub use component::Sts;

// Left out where another driver is built on this one.
#[cfg(feature = "component")]
dianka_sdk::export_token_meter!(Sts);
