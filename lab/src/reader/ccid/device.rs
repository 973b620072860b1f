//! The reader behind its line: CCID messages in, CCID messages out.

use super::apdu::{MemoryCard, Mute};
use super::message::Message;
use crate::reader::firmware::Inside;
use crate::reader::slot::Slot;

/// What a GemPC Twin says of itself.
pub(super) const GEM_PC_FIRMWARE: &[u8] = b"GemTwin-V2.00-GG04";
/// What a reader of ACS says of itself; made up.
pub(super) const ACS_FIRMWARE: &[u8] = b"ACR-LAB-V1.00";
/// Parameters of T=0 as the reader starts with them.
const PARAMETERS: [u8; 5] = [0x11, 0x00, 0x00, 0x0A, 0x00];

/// State of the slot in the status byte, low bits.
const ACTIVE: u8 = 0;
const INACTIVE: u8 = 1;
const ABSENT: u8 = 2;
/// The command failed, in the status byte.
const FAILED: u8 = 0x40;

/// Errors, in the byte after the status.
const ICC_MUTE: u8 = 0xFE;
const NOT_SUPPORTED: u8 = 0x00;
const BAD_LENGTH: u8 = 0x01;
const BAD_SLOT: u8 = 0x05;

#[derive(Debug)]
pub(super) struct Device {
    firmware: &'static [u8],
    card: MemoryCard,
    parameters: (u8, Vec<u8>),
    /// The insertion that the host powered last.
    powered: Option<u64>,
}

struct Reply {
    kind: u8,
    status: u8,
    error: u8,
    last: u8,
    data: Vec<u8>,
}

impl Reply {
    fn ok(kind: u8, data: Vec<u8>) -> Self {
        Self { kind, status: ACTIVE, error: 0, last: 0, data }
    }

    fn failed(kind: u8, slot_state: u8, error: u8) -> Self {
        Self { kind, status: FAILED | slot_state, error, last: 0, data: Vec::new() }
    }
}

impl Device {
    pub(super) fn new(firmware: &'static [u8]) -> Self {
        Self { firmware, card: MemoryCard::default(), parameters: (0, PARAMETERS.to_vec()), powered: None }
    }

    /// Answers one message of a host that may address as many slots as the model has; a card can only be in the first.
    pub(super) fn answer(&mut self, inside: &Inside<'_>, asked: &Message) -> Message {
        let slots = inside.options.slots();
        let kind = kind_of_reply(asked.kind);
        let reply = match asked.slot {
            0 => self.reply(inside, asked),
            other if other >= slots => Reply::failed(kind, ABSENT, BAD_SLOT),
            _ if asked.kind == 0x65 => Reply { status: ABSENT, ..Reply::ok(kind, Vec::new()) },
            _ => Reply::failed(kind, ABSENT, ICC_MUTE),
        };
        Message {
            kind: reply.kind,
            slot: asked.slot,
            sequence: asked.sequence,
            specific: [reply.status, reply.error, reply.last],
            data: reply.data,
        }
    }

    fn reply(&mut self, inside: &Inside<'_>, asked: &Message) -> Reply {
        let slot = inside.slot;
        let kind = kind_of_reply(asked.kind);
        match asked.kind {
            0x62 => self.power_on(inside),
            0x63 => {
                let status = if inside.power_off() { INACTIVE } else { ABSENT };
                Reply { status, ..Reply::ok(kind, Vec::new()) }
            }
            0x65 => Reply { status: self.slot_state(slot), ..Reply::ok(kind, Vec::new()) },
            0x6F => match self.card.run(inside, &asked.data) {
                Ok(data) => Reply::ok(kind, data),
                Err(Mute::NoCard) => Reply::failed(kind, ABSENT, ICC_MUTE),
                Err(Mute::NoPower) => Reply::failed(kind, INACTIVE, ICC_MUTE),
            },
            0x61 => {
                let [protocol, ..] = asked.specific;
                if asked.data.len() == if protocol == 0 { 5 } else { 7 } {
                    self.parameters = (protocol, asked.data.clone());
                    self.parameters_reply(kind)
                } else {
                    Reply::failed(kind, ACTIVE, BAD_LENGTH)
                }
            }
            0x6C => self.parameters_reply(kind),
            0x6D => {
                self.parameters = (0, PARAMETERS.to_vec());
                self.parameters_reply(kind)
            }
            0x6B => match asked.data.as_slice() {
                [0x02] => Reply::ok(kind, self.firmware.to_vec()),
                // How card notices are given, and the maker's question for features, of which this reader has none.
                [0x01, ..] | [0x6A, ..] => Reply::ok(kind, vec![0]),
                _ => Reply::failed(kind, self.slot_state(slot), NOT_SUPPORTED),
            },
            _ => Reply::failed(kind, self.slot_state(slot), NOT_SUPPORTED),
        }
    }

    fn power_on(&mut self, inside: &Inside<'_>) -> Reply {
        let insertion = inside.slot.presence().insertion;
        self.card.reset();
        match inside.power_cycle() {
            Ok(atr) => {
                self.powered = Some(insertion);
                Reply::ok(0x80, pcsc_atr(atr))
            }
            Err(_) => Reply::failed(0x80, ABSENT, ICC_MUTE),
        }
    }

    fn parameters_reply(&self, kind: u8) -> Reply {
        let (protocol, bytes) = &self.parameters;
        Reply { last: *protocol, ..Reply::ok(kind, bytes.clone()) }
    }

    /// As recorded with the independent driver, a card in the slot is `00` whether or not it has power; `01` is kept
    /// for a card that was swapped in since the host last powered one, so that the swap cannot go unseen.
    fn slot_state(&self, slot: &Slot) -> u8 {
        let now = slot.presence();
        match self.powered {
            _ if !now.card => ABSENT,
            Some(powered) if powered != now.insertion => INACTIVE,
            _ => ACTIVE,
        }
    }
}

/// CCID: which message answers which.
fn kind_of_reply(asked: u8) -> u8 {
    match asked {
        0x62 | 0x6F => 0x80,
        0x61 | 0x6C | 0x6D => 0x82,
        0x6B => 0x83,
        _ => 0x81,
    }
}

/// The answer to reset as PC/SC writes it for a synchronous card: `3B`, the number of historical bytes, and those.
fn pcsc_atr(atr: Option<[u8; 4]>) -> Vec<u8> {
    match atr {
        Some([a, b, c, d]) => vec![0x3B, 0x04, a, b, c, d],
        None => vec![0x3B, 0x00],
    }
}
