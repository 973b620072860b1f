//! Frames of the CRT-571 family.
//!
//! `F2 ADDR LENh LENl body 03 BCC`; the body is `43 CM PM data` from the host, `50 CM PM st0 st1 st2 data` or
//! `4E CM PM e1 e0` (one document: 45) from the reader. BCC is the XOR from `F2` through `03`. The reader answers each
//! frame of the host with `06` (taken), `15` (not understood) or `04` (line cleared); the host answers a frame with `06`.

use dianka_reader_common::line::{Lost, STRAY_MAX, byte, exactly};
use dianka_sdk::checksum::xor8;
use dianka_sdk::reader::Port;

const STX: u8 = 0xF2;
const ETX: u8 = 0x03;
/// The reader's address; there is one reader on the line.
const ADDRESS: u8 = 0x00;
/// Taken.
pub const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const EOT: u8 = 0x04;
const COMMAND: u8 = 0x43;
const POSITIVE: u8 = 0x50;
const NEGATIVE: [u8; 2] = [0x4E, 0x45];
/// A body at most; more is noise.
const BODY_MAX: usize = 600;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The frame was taken.
    Ack,
    /// It was not understood.
    Nak,
    /// The reader cleared the line: whether it will do anything is not known.
    Cleared,
    /// An answer to a command.
    Answer {
        /// The command, CM and PM.
        to: [u8; 2],
        /// Done or not.
        result: Done,
    },
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// st0 (`0` no card, `1` in the gate, `2` where it can be worked), and data.
    Well(u8, Vec<u8>),
    /// e1 and e0, two characters.
    Badly([u8; 2]),
}

/// A command on the wire.
#[must_use]
pub fn command(cm: u8, pm: u8, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len().saturating_add(3)).unwrap_or(u16::MAX);
    let [high, low] = len.to_be_bytes();
    let mut out = vec![STX, ADDRESS, high, low, COMMAND, cm, pm];
    out.extend_from_slice(data);
    out.push(ETX);
    out.push(xor8(&out));
    out
}

/// Waits for the next thing to come in, up to `wait_ms` for each byte before it.
///
/// # Errors
/// See [`Lost`].
pub fn receive<P: Port>(port: &mut P, wait_ms: u32) -> Result<Arrival, Lost> {
    for skipped in 0..STRAY_MAX {
        match byte(port, wait_ms) {
            Ok(STX) => return answer(port),
            Ok(ACK) => return Ok(Arrival::Ack),
            Ok(NAK) => return Ok(Arrival::Nak),
            Ok(EOT) => return Ok(Arrival::Cleared),
            Ok(_) => {}
            Err(Lost::Silence) if skipped > 0 => return Err(Lost::Garbage),
            Err(other) => return Err(other),
        }
    }
    Err(Lost::Garbage)
}

fn answer<P: Port>(port: &mut P) -> Result<Arrival, Lost> {
    let head = exactly(port, 3)?;
    let &[_, high, low] = head.as_slice() else { return Err(Lost::Damaged) };
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len > BODY_MAX {
        return Err(Lost::Damaged);
    }
    let body = exactly(port, len)?;
    let tail = exactly(port, 2)?;
    let sum = STX ^ xor8(&head) ^ xor8(&body) ^ ETX;
    if tail != [ETX, sum] {
        return Err(Lost::Damaged);
    }
    let (to, result) = match body.as_slice() {
        [POSITIVE, cm, pm, st0, _, _, data @ ..] => ([*cm, *pm], Done::Well(*st0, data.to_vec())),
        [kind, cm, pm, e1, e0] if NEGATIVE.contains(kind) => ([*cm, *pm], Done::Badly([*e1, *e0])),
        _ => return Err(Lost::Garbage),
    };
    Ok(Arrival::Answer { to, result })
}
