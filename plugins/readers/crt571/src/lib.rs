//! Reader driver: Creator CRT-571 family and QUIO QU-TK-F3 on a serial line, for SLE4442 and SLE4428.
//!
//! Layers, from the line up: [`wire`] (handshake and frames), [`link`] (one command and its answer, retries),
//! [`session`] (what the contract asks for).

pub mod describe;
pub mod link;
pub mod session;
pub mod wire;

use dianka_reader_common::reader_driver;
use session::Crt571;

reader_driver!(describe::describe, Crt571);
