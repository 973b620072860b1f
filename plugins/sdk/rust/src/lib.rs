//! What a driver of Dianka is built on.
//!
//! A meter driver takes feature `meter`, implements [`meter::driver::Guest`] and [`meter::simulator::Guest`] and ends
//! with [`export_meter!`]. A driver of token meters takes feature `token`, implements [`token::driver::Guest`],
//! [`token::simulator::Guest`] and [`token::tokens::Guest`] and ends with [`export_token_meter!`]. A reader driver takes feature `reader`, writes its protocol over [`reader::Port`],
//! implements [`reader::driver::Guest`] and ends with [`export_reader!`]. Both are built for
//! `wasm32-unknown-unknown`, without WASI.
//!
//! Natively the same code compiles without exports, so that a driver's tests are ordinary `cargo test`.

// The generated macros name this crate as a driver sees it.
extern crate self as dianka_sdk;

pub mod bcd;
pub mod checksum;
pub mod displays;
#[cfg(feature = "meter")]
pub mod meter;
#[cfg(feature = "reader")]
pub mod reader;
#[cfg(feature = "token")]
pub mod token;
