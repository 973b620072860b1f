//! The chips' own commands in the reader's frames.
//!
//! The reader clocks control byte, address and data to the card as they are and answers `01` whatever the card does;
//! only reading back tells.

use dianka_reader_common::Chip;
use dianka_reader_common::chip::{CODE_SLE4428, COUNTER_SLE4428};

use crate::link::Frame;

/// Commands of the SLE4442.
mod sle4442 {
    pub const READ_MAIN: u8 = 0x30;
    pub const READ_SECURITY: u8 = 0x31;
    pub const WRITE_MAIN: u8 = 0x38;
    pub const WRITE_SECURITY: u8 = 0x39;
    pub const COMPARE: u8 = 0x33;
}

/// Commands of the SLE4428; bits 9 and 8 of the address come on top.
mod sle4428 {
    pub const READ: u8 = 0x0E;
    pub const WRITE: u8 = 0x33;
    pub const WRITE_COUNTER: u8 = 0x32;
    pub const COMPARE: u8 = 0x0D;
}

/// Power, and the answer to reset: four bytes, and four that mean nothing, as the public driver asks for them.
#[must_use]
pub fn reset() -> Vec<Frame> {
    vec![(vec![0x60, 0x0F], 0), (vec![0x70, 0x80, 0x62, 0x0F], 0), fetch(8)]
}

/// No power.
#[must_use]
pub fn off() -> Vec<Frame> {
    vec![(vec![0x61, 0x0F], 0)]
}

/// Reads up to 15 bytes of memory.
#[must_use]
pub fn read(chip: Chip, offset: u16, len: u8) -> Vec<Frame> {
    let [high, low] = offset.to_be_bytes();
    let address = match chip {
        Chip::Sle4442 => two_wire_read(sle4442::READ_MAIN, low),
        Chip::Sle4428 => (vec![0x70, 0xA0, 0x42, paged(sle4428::READ, high), low, 0x00, 0x80, 0x50, 0x0F], 0),
        Chip::At24c02 => (vec![0x7C, 0x64, 0x41, 0xA0 | (high & 7) << 1, low, 0x64, 0x40, 0xA1, 0x0F], 0),
    };
    vec![address, fetch(len)]
}

/// Reads the error counter and the password behind it (00 until it was presented).
#[must_use]
pub fn read_security(chip: Chip) -> Vec<Frame> {
    match chip {
        Chip::Sle4428 => read(chip, COUNTER_SLE4428, 3),
        _ => vec![two_wire_read(sle4442::READ_SECURITY, 0), fetch(4)],
    }
}

/// Writes up to 14 bytes of memory within one page of 256.
#[must_use]
pub fn write(chip: Chip, offset: u16, bytes: &[u8]) -> Vec<Frame> {
    let [high, low] = offset.to_be_bytes();
    match chip {
        Chip::Sle4428 => three_wire_write(paged(sle4428::WRITE, high), low, bytes),
        _ => two_wire_write(sle4442::WRITE_MAIN, low, bytes),
    }
}

/// Writes the error counter: a spent bit, or `FF` to erase it after a match.
#[must_use]
pub fn write_counter(chip: Chip, counter: u8) -> Vec<Frame> {
    let [high, low] = COUNTER_SLE4428.to_be_bytes();
    match chip {
        // F2h spends a bit, F3h erases.
        Chip::Sle4428 if counter == 0xFF => three_wire_write(paged(sle4428::WRITE, high), low, &[counter]),
        Chip::Sle4428 => three_wire_write(paged(sle4428::WRITE_COUNTER, high), low, &[counter]),
        _ => two_wire_write(sle4442::WRITE_SECURITY, 0, &[counter]),
    }
}

/// Compares the password.
#[must_use]
pub fn compare(chip: Chip, code: &[u8]) -> Vec<Frame> {
    let [high, low] = CODE_SLE4428.to_be_bytes();
    match chip {
        Chip::Sle4428 => {
            let byte = |(at, byte): (u8, &u8)| three_wire_write(paged(sle4428::COMPARE, high), at, &[*byte]);
            (low..=u8::MAX).zip(code).flat_map(byte).collect()
        }
        _ => two_wire_write(sle4442::COMPARE, 1, code),
    }
}

/// Writes a new password.
#[must_use]
pub fn write_code(chip: Chip, code: &[u8]) -> Vec<Frame> {
    match chip {
        Chip::Sle4428 => write(chip, CODE_SLE4428, code),
        _ => two_wire_write(sle4442::WRITE_SECURITY, 1, code),
    }
}

/// `1n`: the next n+1 bytes.
fn fetch(len: u8) -> Frame {
    (vec![0x10 | (len.saturating_sub(1) & 0x0F)], usize::from(len))
}

/// `4n`: these n+1 bytes.
fn give(bytes: &[u8]) -> Frame {
    let count = u8::try_from(bytes.len()).unwrap_or(0);
    ([&[0x40 | (count.saturating_sub(1) & 0x0F)][..], bytes, &[0x0F]].concat(), 0)
}

fn two_wire_read(control: u8, address: u8) -> Frame {
    (vec![0x70, 0x64, 0x42, control, address, 0x00, 0x65, 0x0F], 0)
}

fn two_wire_write(control: u8, address: u8, bytes: &[u8]) -> Vec<Frame> {
    vec![(vec![0x72, 0x6E, address, control, 0x03, 0x0F], 0), give(bytes)]
}

fn three_wire_write(control: u8, address: u8, bytes: &[u8]) -> Vec<Frame> {
    vec![(vec![0x73, 0x67, 0x6E, address, control, 0x02, 0x0F], 0), give(bytes)]
}

/// A control byte of the SLE4428 with the page.
const fn paged(control: u8, page: u8) -> u8 {
    (page & 3) << 6 | control
}
