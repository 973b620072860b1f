//! Reader driver: serial CCID in the envelopes of GemPC Twin and of ACS, with the memory-card commands that ACS readers
//! take, for SLE4442, SLE4428 and AT24C02 (read only).
//!
//! Layers, from the line up: [`wire`] (frames, echo, slot notices, NAK), [`link`] (one command and its answer, retries),
//! [`session`] (what the contract asks for).

pub mod describe;
pub mod link;
pub mod session;
pub mod wire;

use dianka_reader_common::reader_driver;
use session::Ccid;

reader_driver!(describe::describe, Ccid);
