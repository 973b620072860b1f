//! What the ACR30 does.

use super::Acr30;
use super::message::Response;
use crate::card::{Card, CardError, Chip};
use crate::reader::firmware::Inside;

/// Ten bytes that the manual leaves to the maker, here a name.
const INTERNAL: &[u8; 10] = b"ACR30LAB10";
/// Longest data of a command and of a response.
const LONGEST: [u8; 2] = [0xFF, 0xFF];
/// A bit for each card type that can be selected: 02, 05, 06.
const TYPES: [u8; 2] = [0x00, 0b0110_0100];

/// Card types of SELECT_CARD_TYPE.
const AUTO: u8 = 0;
const I2C: u8 = 2;
const SLE4428: u8 = 5;
const SLE4442: u8 = 6;

const OK: u16 = 0x9000;
const NO_TYPE: u16 = 0x6001;
const NO_CARD: u16 = 0x6002;
const WRONG_TYPE: u16 = 0x6003;
const NO_POWER: u16 = 0x6004;
const BAD_INSTRUCTION: u16 = 0x6005;
const CARD_FAILURE: u16 = 0x6020;
const WRONG_CODE: u16 = 0x6201;
const BAD_ADDRESS: u16 = 0x6702;
const BAD_LENGTH: u16 = 0x6703;
const LOCKED: u16 = 0x6705;
/// Success with a synchronous card, the answer to a reset.
const SYNCHRONOUS: u16 = 0x9010;

struct Stop(u16);

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        Self(match error {
            CardError::NotPowered => NO_POWER,
            CardError::Pulled | CardError::Store(_) => NO_CARD,
            CardError::NoAccess | CardError::Locked | CardError::Protected(_) | CardError::Differs(_) => CARD_FAILURE,
            CardError::Unknown { .. } => BAD_ADDRESS,
            CardError::Unsupported => WRONG_TYPE,
        })
    }
}

impl Acr30 {
    pub(super) fn obey(&mut self, instruction: u8, data: &[u8], inside: &Inside<'_>) -> Response {
        let done = match (instruction, data) {
            (0x01, []) => Ok(Response::ok(self.status(inside))),
            (0x02, [kind]) => self.select(*kind),
            // The pseudo-terminal has no pace, so another one changes nothing.
            (0x03, [_, 0x00..=0x03 | 0x10..=0x12]) | (0x07, [_]) => Ok(Response::ok(Vec::new())),
            (0x06, [on @ 1..=2]) => {
                self.notices = *on == 1;
                Ok(Response::ok(Vec::new()))
            }
            (0x80, []) => self.reset(inside),
            (0x81, []) => {
                let off = inside.power_off();
                if off { Ok(Response::ok(Vec::new())) } else { Err(Stop(NO_CARD)) }
            }
            (0x90..=0x94 | 0xA0 | 0xA1, _) => self.work(instruction, data, inside),
            (0x01..=0x03 | 0x06 | 0x07 | 0x80 | 0x81, _) => Err(Stop(BAD_LENGTH)),
            _ => Err(Stop(BAD_INSTRUCTION)),
        };
        done.unwrap_or_else(|Stop(status)| Response::status(status))
    }

    fn status(&self, inside: &Inside<'_>) -> Vec<u8> {
        let card = inside.slot.with(|card| Ok(if card.is_powered() { 3 } else { 1 })).unwrap_or(0);
        let mut out = INTERNAL.to_vec();
        out.extend(LONGEST);
        out.extend(TYPES);
        out.extend([self.selected.unwrap_or(AUTO), card]);
        out
    }

    fn select(&mut self, kind: u8) -> Result<Response, Stop> {
        if !matches!(kind, AUTO | I2C | SLE4428 | SLE4442) {
            return Err(Stop(WRONG_TYPE));
        }
        self.selected = Some(kind);
        Ok(Response::ok(Vec::new()))
    }

    fn reset(&self, inside: &Inside<'_>) -> Result<Response, Stop> {
        let selected = self.selected.ok_or(Stop(NO_TYPE))?;
        let there = inside.slot.with(|card| Ok(type_of(card.chip())))?;
        if selected != AUTO && selected != there {
            return Err(Stop(WRONG_TYPE));
        }
        let atr = inside.power_cycle()?;
        let status = if inside.options.variant { OK } else { SYNCHRONOUS };
        Ok(Response { status, data: atr.map_or_else(Vec::new, |atr| atr.to_vec()) })
    }

    fn work(&self, instruction: u8, data: &[u8], inside: &Inside<'_>) -> Result<Response, Stop> {
        let chip = inside.slot.with(|card| Ok(card.chip()))?;
        self.selected.ok_or(Stop(NO_TYPE))?;
        inside.powered()?;
        match (instruction, data) {
            (0x90, [high, low, length @ 1..=0xFF]) => {
                read(inside, chip, u16::from_be_bytes([*high, *low]), (*length).into()).map(Response::ok)
            }
            (0x91, [high, low, bytes @ ..]) if !bytes.is_empty() => {
                inside.write(u16::from_be_bytes([*high, *low]), bytes)?;
                Ok(Response::ok(Vec::new()))
            }
            (0x92, code) if !code.is_empty() && code.len() == chip.code().len() => present(inside, chip, code),
            (0x93, code) if chip == Chip::Sle4442 && code.len() == 3 => {
                inside.change_code(code)?;
                Ok(Response::ok(Vec::new()))
            }
            (0x94, [high, low, bytes @ ..]) if !bytes.is_empty() => {
                inside.run(Card::protect, u16::from_be_bytes([*high, *low]), bytes, chip.main_size())?;
                Ok(Response::ok(Vec::new()))
            }
            (0xA0 | 0xA1, _) => Err(Stop(WRONG_TYPE)),
            (0x92, _) if chip == Chip::At24c02 => Err(Stop(WRONG_TYPE)),
            (0x93, _) if chip != Chip::Sle4442 => Err(Stop(WRONG_TYPE)),
            _ => Err(Stop(BAD_LENGTH)),
        }
    }
}

fn type_of(chip: Chip) -> u8 {
    match chip {
        Chip::Sle4442 => SLE4442,
        Chip::Sle4428 => SLE4428,
        Chip::At24c02 => I2C,
    }
}

fn read(inside: &Inside<'_>, chip: Chip, address: u16, length: usize) -> Result<Vec<u8>, Stop> {
    let mut out = inside.read(address, length)?;
    if chip == Chip::Sle4442 {
        let groups = (0..4).zip(inside.slot.with(Card::protection)?);
        let (first, end) = (usize::from(address), usize::from(address) + length);
        let covers = |group: usize| inside.options.variant || (group * 8 < end && first < (group + 1) * 8);
        out.extend(groups.filter(|(group, _)| covers(*group)).map(|(_, bits)| bits));
    }
    Ok(out)
}

fn present(inside: &Inside<'_>, chip: Chip, code: &[u8]) -> Result<Response, Stop> {
    let (counter, open) = inside.present(code)?;
    let status = match counter {
        0 => LOCKED,
        _ if open && counter == chip.all_tries() => OK,
        _ => WRONG_CODE,
    };
    Ok(Response { status, data: inside.slot.with(Card::security)? })
}
