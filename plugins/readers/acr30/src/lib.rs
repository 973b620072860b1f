//! Reader driver: ACS ACR30 on a serial line, for SLE4442, SLE4428 and AT24C02 (read only).
//!
//! Layers, from the line up: [`wire`] (frames in hexadecimal, notices, NAK), [`link`] (one command and its answer,
//! retries), [`session`] (what the contract asks for).

pub mod describe;
pub mod link;
pub mod session;
pub mod wire;

use dianka_reader_common::reader_driver;
use session::Acr30;

reader_driver!(describe::describe, Acr30);
