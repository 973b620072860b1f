//! The two serial envelopes of CCID. A message has 10 bytes of header, then data.
//!
//! GemPC Twin: `03 06`, the message, the XOR of everything before. `03 15 16` is a NAK: the reader got a damaged frame
//! and did nothing. `50 02` and `50 03` say, between frames, that the card was pulled or put in. Some readers send every
//! frame of the host back first. A byte of 80h or more between frames asks for more time.
//!
//! ACS: `02`, the message, its XOR, `03`. Each frame of the host is first answered by a status frame, `02 00 00 03` for
//! one that was understood; `FF` (check sum), `FE` (length) and `FD` (end) in it say that nothing was done.

use dianka_reader_common::line::{GAP_MS, Lost, STRAY_MAX, byte, exactly};
use dianka_sdk::checksum::xor8;
use dianka_sdk::reader::Port;

/// How a message is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// GemPC Twin and its family.
    GemPc,
    /// ACS's "CCID-like" serial readers.
    Acs,
}

/// Start of everything that is framed.
const SYNC: u8 = 0x03;
const ACK: u8 = 0x06;
const NAK: [u8; 3] = [SYNC, 0x15, SYNC ^ 0x15];
/// A slot change; `02` or `03` follows.
const SLOT_CHANGE: u8 = 0x50;
const CARD_OUT: u8 = 0x02;
const CARD_IN: u8 = 0x03;
/// Start and end of an ACS frame.
const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// Bytes of a CCID header.
pub const HEADER: usize = 10;
/// Data of one CCID message at most: the buffer of a GemPC Twin.
pub const DATA_MAX: usize = 261;
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
    pub fn to_wire(&self, envelope: Envelope) -> Vec<u8> {
        let len = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let mut message = vec![self.kind];
        message.extend_from_slice(&len.to_le_bytes());
        message.extend_from_slice(&[0, self.seq]);
        message.extend_from_slice(&self.specific);
        message.extend_from_slice(&self.data);
        let sum = xor8(&message);
        match envelope {
            Envelope::GemPc => [&[SYNC, ACK][..], &message, &[sum ^ SYNC ^ ACK]].concat(),
            Envelope::Acs => [&[STX][..], &message, &[sum, ETX]].concat(),
        }
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
    /// The reader understood the last frame; its answer is to come.
    Accepted,
}

/// Waits for the next thing to come in, up to `wait_ms` for its first byte. Bytes that are no start of anything are
/// skipped.
///
/// # Errors
/// See [`Lost`].
pub fn receive<P: Port>(port: &mut P, envelope: Envelope, wait_ms: u32) -> Result<Arrival, Lost> {
    match envelope {
        Envelope::GemPc => receive_gempc(port, wait_ms),
        Envelope::Acs => receive_acs(port, wait_ms),
    }
}

fn receive_gempc<P: Port>(port: &mut P, wait_ms: u32) -> Result<Arrival, Lost> {
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
            let header = exactly(port, HEADER)?;
            let (message, sum) = message(port, &header)?;
            return if sum == sum_of(&message) ^ SYNC ^ ACK {
                Ok(Arrival::Message(message))
            } else {
                Err(Lost::Damaged)
            };
        }
        if synced && first == NAK[1] {
            let last = byte(port, GAP_MS).map_err(Lost::inside)?;
            return if last == NAK[2] { Ok(Arrival::Nak) } else { Err(Lost::Damaged) };
        }
        if !synced && first == SLOT_CHANGE {
            match byte(port, GAP_MS).map_err(Lost::inside)? {
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

fn receive_acs<P: Port>(port: &mut P, wait_ms: u32) -> Result<Arrival, Lost> {
    for skipped in 0..STRAY_MAX {
        match byte(port, wait_ms) {
            Ok(STX) => break,
            Ok(_) => {}
            Err(Lost::Silence) if skipped > 0 => return Err(Lost::Garbage),
            Err(other) => return Err(other),
        }
        if skipped.saturating_add(1) == STRAY_MAX {
            return Err(Lost::Garbage);
        }
    }
    let head = exactly(port, 3)?;
    match head.as_slice() {
        [0x00, 0x00, ETX] => return Ok(Arrival::Accepted),
        // Check sum, length, end: it did not understand.
        [0xFF, 0xFF, ETX] | [0xFE, 0xFE, ETX] | [0xFD, 0xFD, ETX] => return Ok(Arrival::Nak),
        // Time-out or slot: whether anything was done is not known.
        [a, b, ETX] if a == b => return Err(Lost::Damaged),
        _ => {}
    }
    let header = [head, exactly(port, HEADER.saturating_sub(3))?].concat();
    let (message, sum) = message(port, &header)?;
    let end = byte(port, GAP_MS).map_err(Lost::inside)?;
    if sum == sum_of(&message) && end == ETX { Ok(Arrival::Message(message)) } else { Err(Lost::Damaged) }
}

/// The message after its header, and the sum that follows it.
fn message<P: Port>(port: &mut P, header: &[u8]) -> Result<(Message, u8), Lost> {
    let &[kind, l0, l1, l2, l3, slot, seq, s0, s1, s2] = header else {
        return Err(Lost::Damaged);
    };
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    let len = usize::try_from(len).ok().filter(|len| *len <= DATA_MAX && slot == 0).ok_or(Lost::Damaged)?;
    let rest = exactly(port, len.saturating_add(1))?;
    let Some((sum, data)) = rest.split_last() else { return Err(Lost::Damaged) };
    Ok((Message { kind, seq, specific: [s0, s1, s2], data: data.to_vec() }, *sum))
}

/// XOR of a message as it goes over the line.
fn sum_of(message: &Message) -> u8 {
    let len = u32::try_from(message.data.len()).unwrap_or(u32::MAX).to_le_bytes();
    xor8(&len) ^ message.kind ^ message.seq ^ xor8(&message.specific) ^ xor8(&message.data)
}
