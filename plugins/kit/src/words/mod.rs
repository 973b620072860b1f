//! How the kit says things: what differs, what failed, what the system says; always in both languages and never as a dump
//! of the program's own values.

mod differs;
mod faults;
mod fields;
mod notation;
mod system;

pub(crate) use self::differs::{Differences, answered, twice};
pub(crate) use self::faults::{called, integrity, reader_called, refused, token_answered, token_called, token_fault};
pub(crate) use self::fields::params;
pub(crate) use self::notation::{host_lines, spaced};
pub(crate) use self::system::io_words;
