//! The reader behind its line: CCID messages in, CCID messages out.

use super::apdu::{MemoryCard, Mute};
use super::frame::Message;
use super::slot::Slot;
use crate::sle4442::PCSC_ATR;
use std::time::Duration;

const FIRMWARE: &[u8] = b"GemTwin-V2.00-GG04";
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
    card: MemoryCard,
    parameters: (u8, Vec<u8>),
    /// The insertion that the host powered last.
    powered: Option<u64>,
}

impl Default for Device {
    fn default() -> Self {
        Self { card: MemoryCard::default(), parameters: (0, PARAMETERS.to_vec()), powered: None }
    }
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
    /// Answers one message of a host that may address this many slots; a card can only be in the first.
    pub(super) fn answer(&mut self, slot: &Slot, slots: u8, asked: &Message, cell_time: Duration) -> Message {
        let kind = kind_of_reply(asked.kind);
        let reply = match asked.slot {
            0 => self.reply(slot, asked, cell_time),
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

    fn reply(&mut self, slot: &Slot, asked: &Message, cell_time: Duration) -> Reply {
        let kind = kind_of_reply(asked.kind);
        match asked.kind {
            0x62 => self.power_on(slot),
            0x63 => {
                let off = slot.with(|card| {
                    card.power_off();
                    Ok(())
                });
                Reply { status: if off.is_ok() { INACTIVE } else { ABSENT }, ..Reply::ok(kind, Vec::new()) }
            }
            0x65 => Reply { status: self.slot_state(slot), ..Reply::ok(kind, Vec::new()) },
            0x6F => match self.card.run(slot, &asked.data, cell_time) {
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
                [0x02] => Reply::ok(kind, FIRMWARE.to_vec()),
                // How card notices are given, and the maker's question for features, of which this reader has none.
                [0x01, ..] | [0x6A, ..] => Reply::ok(kind, vec![0]),
                _ => Reply::failed(kind, self.slot_state(slot), NOT_SUPPORTED),
            },
            _ => Reply::failed(kind, self.slot_state(slot), NOT_SUPPORTED),
        }
    }

    fn power_on(&mut self, slot: &Slot) -> Reply {
        let insertion = slot.presence().insertion;
        self.card.reset();
        match slot.with(|card| {
            card.power_off();
            card.power_on()
        }) {
            Ok(_) => {
                self.powered = Some(insertion);
                Reply::ok(0x80, PCSC_ATR.to_vec())
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
