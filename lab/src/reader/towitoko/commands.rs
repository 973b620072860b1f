//! What a Towitoko reader does with a command. An answer is data, which may be none; no answer is silence.

use super::{Target, Towitoko};
use crate::at24c02::At24c02;
use crate::card::{Answer, Card, CardError};
use crate::reader::firmware::Inside;
use crate::sle4428::Sle4428;

/// A Chipdrive Micro with this firmware.
const READER: [u8; 2] = [0x61, 0x10];
const CARD_THERE: u8 = 0x40;
const CHANGED: u8 = 0x80;

impl Towitoko {
    pub(super) fn obey(&mut self, command: &[u8], inside: &Inside<'_>) -> Option<Vec<u8>> {
        match command {
            [0x00] => return Some(READER.to_vec()),
            [0x03] => return Some(vec![self.status(inside)]),
            [count @ 0x10..=0x1F] => {
                let open_line = std::iter::repeat(0xFF);
                return Some(self.outgoing.by_ref().chain(open_line).take(usize::from(count & 0x0F) + 1).collect());
            }
            [0x60, 0x0F] => self.send(inside, Card::power_on),
            [0x61, 0x0F] => {
                inside.power_off();
            }
            // Parity, or the lamp.
            [0x6F, _, 0x6A, 0x0F] => {}
            [0x6E, baud, check, rest, 0x08] if *check == baud ^ 0x5D => self.counted = (*baud, *rest) == (0x80, 0x00),
            [0x70, 0x80, 0x62, 0x0F] => self.send(inside, Card::reset),
            [0x70, 0x64, 0x42, command, address, 0x00, 0x65, 0x0F] => {
                self.receive(inside, |card| two_wire(card, *command, *address, 0));
            }
            [0x70, 0xA0, 0x42, control, low, 0x00, 0x80, 0x50, 0x0F] => {
                self.receive(inside, |card| three_wire(card, *control, *low, 0));
            }
            [0x7C, 0x64, 0x41, device, low, 0x64, 0x40, 0xA1, 0x0F] => {
                self.receive(inside, |card| i2c(card, *device, *low));
            }
            [0x72, 0x6E, address, command, 0x03, 0x0F] => {
                self.target = Target::TwoWire { command: *command, address: *address };
            }
            [0x73, 0x67, 0x6E, low, control, 0x02, 0x0F] => {
                let address = u16::from_be_bytes([control >> 6, *low]);
                self.target = Target::ThreeWire { operation: control & 0x3F, address };
            }
            [count @ 0x40..=0x4F, data @ ..] => {
                let count = usize::from(count & 0x0F) + 1;
                match data {
                    // A full block has been seen with and without the last byte.
                    [data @ .., 0x0F] if data.len() == count => self.write(inside, data),
                    data if data.len() == count && count >= 15 => self.write(inside, data),
                    _ => return None,
                }
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    fn status(&mut self, inside: &Inside<'_>) -> u8 {
        let now = inside.slot.presence();
        let changed = self.seen.replace(now).is_some_and(|seen| seen != now);
        (if now.card { CARD_THERE } else { 0 }) | (if changed { CHANGED } else { 0 })
    }

    /// Power or reset: the card sends its four bytes, if it has any.
    fn send(&mut self, inside: &Inside<'_>, act: impl FnOnce(&mut Card) -> Result<Option<[u8; 4]>, CardError>) {
        let atr = inside.slot.with(act).ok().flatten();
        self.outgoing = atr.map_or_else(Vec::new, |atr| atr.to_vec()).into_iter();
        self.target = Target::Nowhere;
    }

    fn receive(&mut self, inside: &Inside<'_>, act: impl FnOnce(&mut Card) -> Result<Answer, CardError>) {
        let data = inside.slot.with(act).map_or_else(|_| Vec::new(), Answer::into_data);
        self.outgoing = data.into_iter();
    }

    /// The data go to where the last command pointed; a second block needs a second command.
    fn write(&mut self, inside: &Inside<'_>, data: &[u8]) {
        let target = std::mem::replace(&mut self.target, Target::Nowhere);
        for (offset, byte) in (0_u8..).zip(data) {
            let done = match target {
                Target::Nowhere => return,
                Target::TwoWire { command, address } => {
                    inside.slot.with(|card| two_wire(card, command, address.wrapping_add(offset), *byte))
                }
                Target::ThreeWire { operation, address } => {
                    let [high, low] = address.wrapping_add(offset.into()).to_be_bytes();
                    inside.slot.with(|card| three_wire(card, (high << 6) | operation, low, *byte))
                }
            };
            inside.pause(done.map_or(0, |answer| answer.operations().into()));
        }
    }
}

/// Three bytes to a card with two wires and a reset; others do not understand them.
fn two_wire(card: &mut Card, command: u8, address: u8, data: u8) -> Result<Answer, CardError> {
    match card {
        Card::Sle4442(card) => card.command(command, address, data),
        Card::Sle4428(_) | Card::At24c02(_) => Err(CardError::Unsupported),
    }
}

/// Three bytes to a card with three wires.
fn three_wire(card: &mut Card, control: u8, low: u8, data: u8) -> Result<Answer, CardError> {
    match card {
        Card::Sle4428(card) => Sle4428::command(card, control, low, data),
        Card::Sle4442(_) | Card::At24c02(_) => Err(CardError::Unsupported),
    }
}

/// The bytes that a card on the bus sends from an address on; the bus address has its high bits, of which the AT24C02
/// takes no note.
fn i2c(card: &mut Card, device: u8, low: u8) -> Result<Answer, CardError> {
    match card {
        Card::At24c02(card) if device & 0xF0 == 0xA0 => At24c02::read(card, low, 1024).map(Answer::Data),
        _ => Err(CardError::Unsupported),
    }
}
