//! Reader driver: Towitoko Chipdrive readers on a serial line, for SLE4442, SLE4428 and AT24C02 (read only).
//!
//! Layers, from the line up: [`wire`] (check sum and speed), [`link`] (a piece of work of one or more frames, retries),
//! [`session`] (what the contract asks for, with the chips' own commands in [`cards`]).

pub mod cards;
pub mod describe;
pub mod link;
pub mod session;
pub mod wire;

use dianka_reader_common::reader_driver;
use session::Towitoko;

reader_driver!(describe::describe, Towitoko);
