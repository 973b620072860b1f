//! Drivers that do what drivers must not, as real components behind the real gate: compiled by `dianka-plugc`, loaded by
//! the registry, run under the production limits.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test may stop at the first surprise"
)]

mod bench;
mod built;
mod child;
mod conformance;
mod frozen;
mod gate;
mod guest;
mod install;
mod limits;
mod quarantine;
mod reader;
mod reload;
mod shipped;
mod token_lies;
mod token_plans;
mod tokens;
mod verify;
mod versions;
