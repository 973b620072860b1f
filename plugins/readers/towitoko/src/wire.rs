//! Frames of Towitoko readers: bytes and a check sum, and at high speed a length before them.

use dianka_reader_common::line::{Lost, byte, exactly};
use dianka_sdk::reader::Port;

/// The slot; it starts the check sum of a command.
const SLOT: u8 = 0x00;
/// What starts the check sum of an answer. So an answer without data is this byte alone.
const ANSWER: u8 = 0x01;

/// How a command is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Up to 57600 baud.
    Plain,
    /// At 115200 baud: the number of bytes that follow goes first, and into the check sum.
    Counted,
}

/// The check sum: each byte is mixed in, the sum turned left by one, its lowest bit inverted.
#[must_use]
pub fn checksum(start: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(start, |sum, byte| (sum ^ byte).rotate_left(1) ^ 1)
}

/// A command on the wire.
#[must_use]
pub fn command(framing: Framing, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if framing == Framing::Counted {
        out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    }
    out.extend_from_slice(bytes);
    out.push(checksum(SLOT, &out));
    out
}

/// An answer with `len` bytes of data. There is no start to look for: what is not the answer is damage.
///
/// # Errors
/// See [`Lost`].
pub fn receive<P: Port>(port: &mut P, len: usize, wait_ms: u32) -> Result<Vec<u8>, Lost> {
    let first = byte(port, wait_ms)?;
    let rest = if len == 0 { Vec::new() } else { exactly(port, len)? };
    let all = [&[first][..], &rest].concat();
    match all.split_last() {
        Some((sum, data)) if *sum == checksum(ANSWER, data) => Ok(data.to_vec()),
        _ => Err(Lost::Damaged),
    }
}
