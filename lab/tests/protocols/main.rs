//! Readers of every protocol on real pseudo-terminals, driven byte by byte through the crate with which the station opens
//! real ports. Every vector that is known of a protocol is asked here; `reader.rs` beside this has the GemPC Twin.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod acr30;
mod ccid_acs;
mod crt571;
mod faults;
mod program;
mod towitoko;
mod wire;
