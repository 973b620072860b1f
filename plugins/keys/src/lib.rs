//! The host's side of a driver's cryptography: a driver names a slot, a derivation and a cipher; keys stay in here.
//!
//! * [`KeyProvider`] is what the host calls; an HSM or a remote vending centre is another implementation of it.
//! * [`SoftwareKeys`] keeps vending keys in memory, by slot, and wipes them.
//! * [`dkga04`] and [`Misty1`] are what STS (IEC 62055-41) needs with encryption algorithm 11. Both are public:
//!   DKGA04 is HMAC-SHA256 over a data block, MISTY1 is RFC 2994. The algorithms whose tables are under a
//!   non-disclosure agreement (EA07, DKGA02) are not here and do not belong here.

pub mod dkga04;
mod misty1;
mod provider;
mod software;

pub use misty1::Misty1;
pub use provider::{KeyError, KeyProvider, KeyRule};
pub use software::SoftwareKeys;
