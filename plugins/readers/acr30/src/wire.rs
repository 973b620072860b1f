//! Messages of the ACR30, written in hexadecimal between `02` and `03`.
//!
//! A command is `01 INS LEN data XOR`, an answer `01 SW1 SW2 LEN data XOR`; a length of 255 and more is `FF hi lo`. The
//! XOR is over everything before it. `05 05` says that a message was not understood. The reader says by itself, as an
//! answer with SW1 FF, that it was reset and that a card came or went.

use dianka_reader_common::line::{GAP_MS, Lost, STRAY_MAX, byte, exactly};
use dianka_sdk::checksum::xor8;
use dianka_sdk::reader::Port;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const HEADER: u8 = 0x01;
const NAK: u8 = 0x05;
/// SW1 of what the reader says by itself.
const NOTICE: u8 = 0xFF;
/// The length byte that says that two more follow.
const LONG: u8 = 0xFF;
/// Data of an answer at most; more is noise.
const DATA_MAX: usize = 600;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// An answer: status word and data.
    Answer {
        /// SW1 and SW2.
        status: [u8; 2],
        /// Data.
        data: Vec<u8>,
    },
    /// The reader did not understand.
    Nak,
    /// A card was put in (`true`), or whatever was powered is so no more: pulled, or the reader was reset.
    Slot(bool),
}

/// A command on the wire.
#[must_use]
pub fn command(ins: u8, data: &[u8]) -> Vec<u8> {
    let mut message = vec![HEADER, ins];
    match u8::try_from(data.len()) {
        Ok(len) if len != LONG => message.push(len),
        _ => {
            message.push(LONG);
            message.extend_from_slice(&u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    message.extend_from_slice(data);
    message.push(xor8(&message));
    envelope(&message)
}

/// A message between `02` and `03`.
#[must_use]
pub fn envelope(message: &[u8]) -> Vec<u8> {
    let digits = message.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    [STX].into_iter().chain(digits).chain([ETX]).collect()
}

/// Waits for the next thing to come in, up to `wait_ms` for each byte before it.
///
/// # Errors
/// See [`Lost`].
pub fn receive<P: Port>(port: &mut P, wait_ms: u32) -> Result<Arrival, Lost> {
    let mut half_nak = false;
    for skipped in 0..STRAY_MAX {
        match byte(port, wait_ms) {
            Ok(STX) => return message(port),
            Ok(NAK) if half_nak => return Ok(Arrival::Nak),
            Ok(other) => half_nak = other == NAK,
            Err(Lost::Silence) if skipped > 0 => return Err(Lost::Garbage),
            Err(other) => return Err(other),
        }
    }
    Err(Lost::Garbage)
}

/// What follows `02`.
fn message<P: Port>(port: &mut P) -> Result<Arrival, Lost> {
    let first = pairs(port, 2)?;
    if first == [NAK, NAK] {
        return if byte(port, GAP_MS).map_err(Lost::inside)? == ETX { Ok(Arrival::Nak) } else { Err(Lost::Damaged) };
    }
    let &[HEADER, sw1] = first.as_slice() else { return Err(Lost::Damaged) };
    if sw1 == NOTICE {
        return notice(port);
    }
    let rest = pairs(port, 2)?;
    let &[sw2, short] = rest.as_slice() else { return Err(Lost::Damaged) };
    let long = if short == LONG { pairs(port, 2)? } else { Vec::new() };
    let len = match long.as_slice() {
        &[high, low] => usize::from(u16::from_be_bytes([high, low])),
        _ => usize::from(short),
    };
    if len > DATA_MAX {
        return Err(Lost::Damaged);
    }
    let tail = pairs(port, len.saturating_add(1))?;
    let end = byte(port, GAP_MS).map_err(Lost::inside)?;
    let Some((sum, data)) = tail.split_last() else { return Err(Lost::Damaged) };
    let expected = xor8(&[HEADER, sw1, sw2, short]) ^ xor8(&long) ^ xor8(data);
    if end != ETX || *sum != expected {
        return Err(Lost::Damaged);
    }
    Ok(Arrival::Answer { status: [sw1, sw2], data: data.to_vec() })
}

/// `01 FF 00 01 12 ED` (reset, with the speed), `01 FF 01 00 FF` (put in), `01 FF 02 00 FC` (pulled).
fn notice<P: Port>(port: &mut P) -> Result<Arrival, Lost> {
    let head = pairs(port, 2)?;
    let &[what, len @ 0..=16] = head.as_slice() else { return Err(Lost::Damaged) };
    let tail = pairs(port, usize::from(len).saturating_add(1))?;
    let end = byte(port, GAP_MS).map_err(Lost::inside)?;
    // The XOR of a whole message, its own included, is 0.
    if end != ETX || xor8(&[HEADER, NOTICE, what, len]) ^ xor8(&tail) != 0 {
        return Err(Lost::Damaged);
    }
    Ok(Arrival::Slot(what == 0x01))
}

/// So many bytes, two digits each.
fn pairs<P: Port>(port: &mut P, count: usize) -> Result<Vec<u8>, Lost> {
    let text = exactly(port, count.saturating_mul(2))?;
    let (digits, _) = text.as_chunks::<2>();
    digits.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect::<Option<_>>().ok_or(Lost::Damaged)
}

const fn digit(nibble: u8) -> u8 {
    let nibble = nibble & 15;
    if nibble < 10 { b'0'.wrapping_add(nibble) } else { b'A'.wrapping_add(nibble.wrapping_sub(10)) }
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
