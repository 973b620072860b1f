//! What the reader drivers share.
//!
//! A driver brings the commands of its reader ([`Commands`]) and its description; [`Session`] holds what the contract
//! asks of every driver (bounds, parts, which chip can do what, a card that must be powered anew), and
//! [`reader_driver!`] exports the two.

pub mod chip;
mod export;
pub mod fault;
pub mod line;
mod session;
#[cfg(feature = "testing")]
pub mod testing;

#[doc(hidden)]
pub use dianka_sdk as sdk;

pub use chip::Chip;
pub use session::{Commands, Session, Slot};
