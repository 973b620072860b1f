//! The pseudo-APDUs with which ACS readers work a SLE4442, as their manuals agree (ACR38x-CCID 6.04, ACR39x 1.03).
//!
//! The manuals name only the success word `90 00` and the counter in `90 EC` after a verification. The other status
//! words here are ours, chosen from ISO 7816-4: `67 00` length, `6B 00` address, `6D 00` instruction, `6E 00` class,
//! `69 85` no card type selected, `6A 81` another card type, `69 82` code not verified, `65 81` the cell did not take
//! the value (protected byte, or data that differ on protecting).

use super::slot::Slot;
use crate::sle4442::{Answer, CardError, Sle4442};
use std::time::Duration;

const SLE4442: u8 = 0x06;

/// How an APDU ended below the level of status words: the card is gone or has no power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mute {
    NoCard,
    NoPower,
}

/// What the reader remembers between APDUs.
#[derive(Debug, Default)]
pub(super) struct MemoryCard {
    selected: bool,
}

enum Stop {
    Status(u16),
    Mute(Mute),
}

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        match error {
            CardError::NotPowered => Self::Mute(Mute::NoPower),
            CardError::Pulled | CardError::Store(_) => Self::Mute(Mute::NoCard),
            CardError::NoAccess | CardError::Locked => Self::Status(0x6982),
            CardError::Protected(_) | CardError::Differs(_) => Self::Status(0x6581),
            CardError::Unknown { .. } => Self::Status(0x6B00),
        }
    }
}

impl MemoryCard {
    /// A power-on forgets the selected type.
    pub(super) fn reset(&mut self) {
        self.selected = false;
    }

    /// Runs one APDU; every cell operation takes `cell_time`.
    pub(super) fn run(&mut self, slot: &Slot, apdu: &[u8], cell_time: Duration) -> Result<Vec<u8>, Mute> {
        // Without power nothing reaches the card, whatever the APDU says.
        slot.with(|card| if card.is_powered() { Ok(()) } else { Err(CardError::NotPowered) }).map_err(|e| match e {
            CardError::NotPowered => Mute::NoPower,
            _ => Mute::NoCard,
        })?;
        let (mut out, status) = match self.dispatch(slot, apdu, cell_time) {
            Ok((data, status)) => (data, status),
            Err(Stop::Status(status)) => (Vec::new(), status),
            Err(Stop::Mute(mute)) => return Err(mute),
        };
        out.extend(status.to_be_bytes());
        Ok(out)
    }

    fn dispatch(&mut self, slot: &Slot, apdu: &[u8], cell_time: Duration) -> Result<(Vec<u8>, u16), Stop> {
        let [class, instruction, p1, p2, rest @ ..] = apdu else { return Err(Stop::Status(0x6700)) };
        if *class != 0xFF {
            return Err(Stop::Status(0x6E00));
        }
        if *instruction == 0xA4 {
            return self.select(slot, *p1, *p2, rest);
        }
        if !matches!(*instruction, 0xB0 | 0xB1 | 0xB2 | 0x20 | 0xD0 | 0xD1 | 0xD2) {
            return Err(Stop::Status(0x6D00));
        }
        if !self.selected {
            return Err(Stop::Status(0x6985));
        }
        match (*instruction, *p1, *p2) {
            (0xB0, 0, address) => read_main(slot, address, rest),
            (0xB1, 0, 0) => read_four(slot, 0x31, rest),
            (0xB2, 0, 0) => read_four(slot, 0x34, rest),
            (0x20, 0, 0) => {
                let code = three(rest)?;
                let (counter, operations) = slot.with(|card| card.present(code))?;
                pause(operations, cell_time);
                Ok((Vec::new(), 0x9000 | u16::from(counter)))
            }
            (0xD0, 0, address) => write(slot, 0x38, address, body(rest)?, 256, cell_time),
            (0xD1, 0, address) => write(slot, 0x3C, address, body(rest)?, 32, cell_time),
            (0xD2, 0, 1) => write(slot, 0x39, 1, &three(rest)?, 4, cell_time),
            _ => Err(Stop::Status(0x6B00)),
        }
    }

    /// Selecting a type powers the card down and up, which closes access.
    fn select(&mut self, slot: &Slot, p1: u8, p2: u8, rest: &[u8]) -> Result<(Vec<u8>, u16), Stop> {
        match (p1, p2, rest) {
            (0, 0, [1, SLE4442]) => {
                slot.with(|card| {
                    card.power_off();
                    card.power_on()
                })?;
                self.selected = true;
                Ok((Vec::new(), 0x9000))
            }
            (0, 0, [1, _]) => {
                self.selected = false;
                Err(Stop::Status(0x6A81))
            }
            (0, 0, _) => Err(Stop::Status(0x6700)),
            _ => Err(Stop::Status(0x6B00)),
        }
    }
}

fn read_main(slot: &Slot, address: u8, rest: &[u8]) -> Result<(Vec<u8>, u16), Stop> {
    let [length] = rest else { return Err(Stop::Status(0x6700)) };
    // As everywhere in ISO 7816-4, an expected length of 0 means 256.
    let length = if *length == 0 { 256 } else { usize::from(*length) };
    let data = data(slot, 0x30, address)?;
    match data.get(..length) {
        Some(data) => Ok((data.to_vec(), 0x9000)),
        None => Err(Stop::Status(0x6B00)),
    }
}

fn read_four(slot: &Slot, control: u8, rest: &[u8]) -> Result<(Vec<u8>, u16), Stop> {
    match rest {
        [4] => Ok((data(slot, control, 0)?, 0x9000)),
        _ => Err(Stop::Status(0x6700)),
    }
}

fn data(slot: &Slot, control: u8, address: u8) -> Result<Vec<u8>, Stop> {
    match slot.with(|card: &mut Sle4442| card.command(control, address, 0))? {
        Answer::Data(data) => Ok(data),
        Answer::Done { .. } => Ok(Vec::new()),
    }
}

fn write(
    slot: &Slot,
    control: u8,
    address: u8,
    bytes: &[u8],
    end: usize,
    cell_time: Duration,
) -> Result<(Vec<u8>, u16), Stop> {
    if usize::from(address) + bytes.len() > end {
        return Err(Stop::Status(0x6B00));
    }
    for (address, byte) in (address..=u8::MAX).zip(bytes) {
        if let Answer::Done { operations } = slot.with(|card| card.command(control, address, *byte))? {
            pause(u32::from(operations), cell_time);
        }
    }
    Ok((Vec::new(), 0x9000))
}

fn body(rest: &[u8]) -> Result<&[u8], Stop> {
    match rest {
        [length, data @ ..] if usize::from(*length) == data.len() && !data.is_empty() => Ok(data),
        _ => Err(Stop::Status(0x6700)),
    }
}

fn three(rest: &[u8]) -> Result<[u8; 3], Stop> {
    match rest {
        [3, a, b, c] => Ok([*a, *b, *c]),
        _ => Err(Stop::Status(0x6700)),
    }
}

fn pause(operations: u32, cell_time: Duration) {
    if !cell_time.is_zero() {
        std::thread::sleep(cell_time.saturating_mul(operations));
    }
}
