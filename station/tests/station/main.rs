//! A workstation with the real `ccid-serial` component over a pseudo-terminal to the lab's reader: found, lost, found
//! again; cards read; tickets run, torn and repaired; the program killed in the middle of a write.
//!
//! Needs the drivers in `target/drivers` and `dianka-plugc`: `plugins/build` makes both.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod blind;
mod cpu_card;
mod desk;
mod drivers;
mod each_reader;
mod images;
mod ports;
mod program;
mod pulling;
mod reading;
mod websocket;
mod writing;
