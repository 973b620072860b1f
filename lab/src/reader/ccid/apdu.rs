//! The pseudo-APDUs with which ACS readers work memory cards, as their manuals agree (ACR38x-CCID 6.04, ACR39x 1.03).
//!
//! The manuals name only the success word `90 00` and the counter in `90 EC` after a verification. The other status
//! words here are ours, chosen from ISO 7816-4: `67 00` length, `6B 00` address, `6D 00` instruction (also one that the
//! selected card does not have), `6E 00` class, `69 85` no card type selected, `6A 81` another card type than the one in
//! the slot, `69 82` code not verified, `65 81` the cell did not take the value (protected byte, or data that differ on
//! protecting).

use crate::card::{Card, CardError, Chip};
use crate::reader::firmware::Inside;
use crate::reader::memory::Step;

/// How an APDU ended below the level of status words: the card is gone or has no power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mute {
    NoCard,
    NoPower,
}

/// What the reader remembers between APDUs.
#[derive(Debug, Default)]
pub(super) struct MemoryCard {
    selected: Option<Chip>,
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
            CardError::Unsupported => Self::Status(0x6D00),
        }
    }
}

type Done = Result<(Vec<u8>, u16), Stop>;

impl MemoryCard {
    /// A power-on forgets the selected type.
    pub(super) fn reset(&mut self) {
        self.selected = None;
    }

    /// Runs one APDU.
    pub(super) fn run(&mut self, inside: &Inside<'_>, apdu: &[u8]) -> Result<Vec<u8>, Mute> {
        // Without power nothing reaches the card, whatever the APDU says.
        inside.powered().map_err(|e| match e {
            CardError::NotPowered => Mute::NoPower,
            _ => Mute::NoCard,
        })?;
        let (mut out, status) = match self.dispatch(inside, apdu) {
            Ok((data, status)) => (data, status),
            Err(Stop::Status(status)) => (Vec::new(), status),
            Err(Stop::Mute(mute)) => return Err(mute),
        };
        out.extend(status.to_be_bytes());
        Ok(out)
    }

    fn dispatch(&mut self, inside: &Inside<'_>, apdu: &[u8]) -> Done {
        let [class, instruction, p1, p2, rest @ ..] = apdu else { return Err(Stop::Status(0x6700)) };
        if *class != 0xFF {
            return Err(Stop::Status(0x6E00));
        }
        match instruction {
            0xA4 => self.select(inside, *p1, *p2, rest),
            0xB0 | 0xB1 | 0xB2 | 0x20 | 0xD0 | 0xD1 | 0xD2 => match self.selected {
                Some(chip) => work(inside, chip, *instruction, [*p1, *p2], rest),
                None => Err(Stop::Status(0x6985)),
            },
            _ => Err(Stop::Status(0x6D00)),
        }
    }

    /// Selecting a type powers the card down and up, which closes access.
    fn select(&mut self, inside: &Inside<'_>, p1: u8, p2: u8, rest: &[u8]) -> Done {
        let kind = match (p1, p2, rest) {
            (0, 0, [1, kind]) => *kind,
            (0, 0, _) => return Err(Stop::Status(0x6700)),
            _ => return Err(Stop::Status(0x6B00)),
        };
        let asked = match kind {
            1 => Some(Chip::At24c02),
            5 => Some(Chip::Sle4428),
            6 => Some(Chip::Sle4442),
            _ => None,
        };
        let there = inside.slot.with(|card| Ok(card.chip()))?;
        self.selected = asked.filter(|asked| *asked == there);
        if self.selected.is_none() {
            return Err(Stop::Status(0x6A81));
        }
        inside.power_cycle()?;
        Ok((Vec::new(), 0x9000))
    }
}

fn work(inside: &Inside<'_>, chip: Chip, instruction: u8, p: [u8; 2], rest: &[u8]) -> Done {
    let address = u16::from_be_bytes(p);
    let main = chip.main_size();
    let protectable = if chip == Chip::Sle4442 { 32 } else { main };
    match (instruction, p) {
        (0xB0, _) => read(inside, chip, address, rest),
        (0xB1, [0, 0]) => {
            let length = 1 + chip.code().len();
            exactly(rest, length, || inside.slot.with(Card::security))
        }
        (0xB2, [0, 0]) => exactly(rest, 4, || inside.slot.with(Card::protection)),
        (0x20, [0, 0]) => {
            let code = body(rest).ok().filter(|code| code.len() == chip.code().len());
            let (counter, _) = inside.present(code.ok_or(Stop::Status(0x6700))?)?;
            Ok((Vec::new(), 0x9000 | u16::from(counter)))
        }
        (0xD0, _) => run(inside, Card::write, address, body(rest)?, main),
        (0xD1, _) => run(inside, Card::protect, address, body(rest)?, protectable),
        (0xD2, [0, 1]) if chip == Chip::Sle4442 => {
            let code = body(rest).ok().filter(|code| code.len() == 3).ok_or(Stop::Status(0x6700))?;
            inside.change_code(code)?;
            Ok((Vec::new(), 0x9000))
        }
        (0xD2, _) if chip != Chip::Sle4442 => Err(Stop::Status(0x6D00)),
        _ => Err(Stop::Status(0x6B00)),
    }
}

fn read(inside: &Inside<'_>, chip: Chip, address: u16, rest: &[u8]) -> Done {
    let [length] = rest else { return Err(Stop::Status(0x6700)) };
    // As everywhere in ISO 7816-4, an expected length of 0 means 256.
    let length = if *length == 0 { 256 } else { usize::from(*length) };
    if usize::from(address) + length > chip.main_size() {
        return Err(Stop::Status(0x6B00));
    }
    Ok((inside.read(address, length)?, 0x9000))
}

fn exactly(rest: &[u8], length: usize, read: impl FnOnce() -> Result<Vec<u8>, CardError>) -> Done {
    match rest {
        [asked] if usize::from(*asked) == length => Ok((read()?, 0x9000)),
        _ => Err(Stop::Status(0x6700)),
    }
}

fn run(inside: &Inside<'_>, step: Step, address: u16, bytes: &[u8], end: usize) -> Done {
    inside.run(step, address, bytes, end)?;
    Ok((Vec::new(), 0x9000))
}

fn body(rest: &[u8]) -> Result<&[u8], Stop> {
    match rest {
        [length, data @ ..] if usize::from(*length) == data.len() && !data.is_empty() => Ok(data),
        _ => Err(Stop::Status(0x6700)),
    }
}
