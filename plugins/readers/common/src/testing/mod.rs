//! What every reader driver is tested with: a scripted line with a clock, a card, and the trouble that all have to
//! stand ([`suite`]). These are tests' own readers; the lab has others, written apart from the drivers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    missing_docs,
    reason = "tests may stop at the first surprise"
)]

mod card;
mod line;
pub mod suite;

pub use card::{Card, Shared};
pub use line::{Damage, Line, Reader, Reply, Trouble, hex};
