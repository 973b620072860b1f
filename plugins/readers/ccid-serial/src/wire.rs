//! The serial envelope of CCID as the GemPC Twin has it.
//!
//! A frame is `03 06`, the CCID message (10 bytes of header, then data), and the XOR of everything before. `03 15 16` is
//! a NAK: the reader got a damaged frame and did nothing. `50 02` and `50 03` say, between frames, that the card was
//! pulled or put in. Some readers send every frame of the host back first. A byte of 80h or more between frames asks for
//! more time.

use dianka_sdk::checksum::xor8;
use dianka_sdk::reader::{Port, PortError};

/// Start of everything that is framed.
const SYNC: u8 = 0x03;
const ACK: u8 = 0x06;
const NAK: [u8; 3] = [SYNC, 0x15, SYNC ^ 0x15];
/// A slot change; `02` or `03` follows.
const SLOT_CHANGE: u8 = 0x50;
const CARD_OUT: u8 = 0x02;
const CARD_IN: u8 = 0x03;

/// Bytes of a CCID header.
pub const HEADER: usize = 10;
/// Data of one CCID message at most: the buffer of a GemPC Twin.
pub const DATA_MAX: usize = 261;
/// Bytes within a frame follow one another without pauses; this is generous.
const GAP_MS: u32 = 500;
/// Stray bytes, notices and requests for time that one answer may be preceded by.
const STRAY_MAX: u32 = 600;

/// A CCID message: type, slot 0, sequence number, three bytes of its own meaning, data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Type: 60h-6Fh from the host, 80h-8Fh from the reader.
    pub kind: u8,
    /// Sequence number, repeated in the answer.
    pub seq: u8,
    /// The last three bytes of the header; in an answer the first two are status and error.
    pub specific: [u8; 3],
    /// Data.
    pub data: Vec<u8>,
}

impl Message {
    /// The message in its envelope.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let len = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let mut out = vec![SYNC, ACK, self.kind];
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&[0, self.seq]);
        out.extend_from_slice(&self.specific);
        out.extend_from_slice(&self.data);
        out.push(xor8(&out));
        out
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A whole message.
    Message(Message),
    /// The reader did not understand the last frame.
    Nak,
    /// The card was put in (`true`) or pulled.
    SlotChange(bool),
}

/// Why nothing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nothing at all came in time.
    Silence,
    /// Something came that is no frame of this protocol.
    Garbage,
    /// A frame came that is damaged.
    Damaged,
    /// The port failed.
    Port(PortError),
}

/// Waits for the next thing to come in, up to `wait_ms` for its first byte. Bytes that are no start of anything are
/// skipped.
///
/// # Errors
/// See [`Lost`].
pub fn receive<P: Port>(port: &mut P, wait_ms: u32) -> Result<Arrival, Lost> {
    let mut skipped = 0_u32;
    let mut synced = false;
    while skipped < STRAY_MAX {
        let first = match byte(port, if skipped == 0 && !synced { wait_ms } else { GAP_MS.max(wait_ms) }) {
            Ok(first) => first,
            Err(Lost::Silence) if synced => return Err(Lost::Damaged),
            Err(Lost::Silence) if skipped > 0 => return Err(Lost::Garbage),
            Err(other) => return Err(other),
        };
        if synced && first == ACK {
            return message(port);
        }
        if synced && first == NAK[1] {
            let last = byte(port, GAP_MS).map_err(inside)?;
            return if last == NAK[2] { Ok(Arrival::Nak) } else { Err(Lost::Damaged) };
        }
        if !synced && first == SLOT_CHANGE {
            match byte(port, GAP_MS).map_err(inside)? {
                CARD_OUT => return Ok(Arrival::SlotChange(false)),
                CARD_IN => return Ok(Arrival::SlotChange(true)),
                _ => {}
            }
        }
        // A lone 03 may be the start of a frame whose second byte is still to come; 80h and more ask for time.
        synced = first == SYNC;
        if !synced {
            skipped = skipped.saturating_add(1);
        }
    }
    Err(Lost::Garbage)
}

fn message<P: Port>(port: &mut P) -> Result<Arrival, Lost> {
    let header = exactly(port, HEADER).map_err(inside)?;
    let &[kind, l0, l1, l2, l3, slot, seq, s0, s1, s2] = header.as_slice() else {
        return Err(Lost::Damaged);
    };
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    let len = usize::try_from(len).ok().filter(|len| *len <= DATA_MAX).ok_or(Lost::Damaged)?;
    let rest = exactly(port, len.saturating_add(1)).map_err(inside)?;
    let Some((sum, data)) = rest.split_last() else { return Err(Lost::Damaged) };
    let expected = xor8(&[SYNC, ACK]) ^ xor8(&header) ^ xor8(data);
    if *sum != expected || slot != 0 {
        return Err(Lost::Damaged);
    }
    Ok(Arrival::Message(Message { kind, seq, specific: [s0, s1, s2], data: data.to_vec() }))
}

fn byte<P: Port>(port: &mut P, wait_ms: u32) -> Result<u8, Lost> {
    match port.read(1, wait_ms) {
        Ok(bytes) => bytes.first().copied().ok_or(Lost::Silence),
        Err(PortError::Timeout(_)) => Err(Lost::Silence),
        Err(error) => Err(Lost::Port(error)),
    }
}

fn exactly<P: Port>(port: &mut P, len: usize) -> Result<Vec<u8>, Lost> {
    let wanted = u32::try_from(len).unwrap_or(u32::MAX);
    match port.read(wanted, GAP_MS) {
        Ok(bytes) if bytes.len() == len => Ok(bytes),
        Ok(_) | Err(PortError::Timeout(_)) => Err(Lost::Damaged),
        Err(error) => Err(Lost::Port(error)),
    }
}

/// Silence in the middle of a frame is damage.
fn inside(lost: Lost) -> Lost {
    if lost == Lost::Silence { Lost::Damaged } else { lost }
}
