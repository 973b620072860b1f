//! The driver on scripted serial lines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod bench;
mod frames;
