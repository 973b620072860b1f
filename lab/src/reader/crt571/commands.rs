//! What the CRT-571 does, and how it says so.
//!
//! Ours: initialising and A4 30 answer a made-up version; 53 32 and 54 32 answer `0` for a card without power, or the
//! second figure of its type and 1 more (`1` SLE4442, `2` SLE4428 and AT24C02); 50 30 answers two figures, `00` for no
//! card that it knows, `20` SLE4442, `21` SLE4428, `31` AT24C02.

use super::apdu;
use crate::card::{CardError, Chip};
use crate::reader::firmware::Inside;

const VERSION: &[u8] = b"CRT-571-LAB-V1.0";

/// Errors of a negative answer.
const UNDEFINED: [u8; 2] = *b"00";
const BAD_PARAMETER: [u8; 2] = *b"01";
const NOT_IN_HARDWARE: [u8; 2] = *b"03";
const BAD_DATA: [u8; 2] = *b"04";
const NOT_FOR_THIS_CARD: [u8; 2] = *b"62";
const NO_RESPONSE: [u8; 2] = *b"63";
const NOT_ACTIVATED: [u8; 2] = *b"65";

/// What a command ended with: data, or an error.
pub(super) type Done = Result<Vec<u8>, [u8; 2]>;

pub(super) fn failure(error: &CardError) -> [u8; 2] {
    match error {
        CardError::NotPowered => NOT_ACTIVATED,
        CardError::Unsupported => NOT_FOR_THIS_CARD,
        _ => NO_RESPONSE,
    }
}

/// The text of the answer to a command's text.
pub(super) fn obey(text: &[u8], inside: &Inside<'_>) -> Vec<u8> {
    let [_, command, parameter, data @ ..] = text else { return Vec::new() };
    let mut out;
    match carry_out(*command, *parameter, data, inside) {
        Ok(data) => {
            // Nothing in the stacker, and room in the bin of bad cards.
            let card = if inside.slot.presence().card { b'2' } else { b'0' };
            out = vec![b'P', *command, *parameter, card, b'0', b'0'];
            out.extend(data);
        }
        Err(error) => {
            out = vec![if inside.options.variant { b'E' } else { b'N' }, *command, *parameter];
            out.extend(error);
        }
    }
    out
}

fn carry_out(command: u8, parameter: u8, data: &[u8], inside: &Inside<'_>) -> Done {
    match (command, parameter) {
        (0x30, 0x30..=0x37) => {
            inside.power_off();
            Ok(VERSION.to_vec())
        }
        (0x31, 0x30) | (0x32, 0x30..=0x32) | (0x33, 0x30..=0x31) => Ok(Vec::new()),
        (0x50, 0x30) => Ok(card_type(inside).to_vec()),
        (0x51, 0x30) => Err(NO_RESPONSE),
        (0x53, _) => contact(parameter, data, &[Chip::Sle4442, Chip::Sle4428], inside),
        (0x54, _) => contact(parameter, data, &[Chip::At24c02], inside),
        (0xA4, 0x30) => Ok(VERSION.to_vec()),
        (0x31, 0x31) | (0x32, 0x33 | 0x39) | (0x50, 0x31) | (0x52 | 0x60, _) => Err(NOT_IN_HARDWARE),
        (0x51, _) => Err(NOT_ACTIVATED),
        (0x30..=0x33 | 0x50 | 0xA4, _) => Err(BAD_PARAMETER),
        _ => Err(UNDEFINED),
    }
}

/// The commands for cards with contacts, of these chips.
fn contact(parameter: u8, data: &[u8], chips: &[Chip], inside: &Inside<'_>) -> Done {
    let there = inside.slot.with(|card| Ok((card.chip(), card.is_powered())));
    match parameter {
        0x30 => {
            let (chip, _) = there.map_err(|e| failure(&e))?;
            if !chips.contains(&chip) {
                return Err(NO_RESPONSE);
            }
            let atr = inside.power_cycle().map_err(|e| failure(&e))?;
            Ok(atr.map_or_else(Vec::new, |atr| atr.to_vec()))
        }
        0x31 => {
            inside.power_off();
            Ok(Vec::new())
        }
        0x32 => Ok(vec![match there {
            Ok((Chip::Sle4442, true)) => b'1',
            Ok((Chip::Sle4428 | Chip::At24c02, true)) => b'2',
            _ => b'0',
        }]),
        0x33 | 0x34 => {
            let (chip, powered) = there.map_err(|e| failure(&e))?;
            if !powered {
                return Err(NOT_ACTIVATED);
            }
            let fits = match chip {
                Chip::Sle4442 => parameter == 0x33,
                Chip::Sle4428 => parameter == 0x34,
                Chip::At24c02 => data.get(1) == Some(&if parameter == 0x33 { 0xB0 } else { 0xD0 }),
            };
            if !fits || !chips.contains(&chip) {
                return Err(NOT_FOR_THIS_CARD);
            }
            if data.len() < 5 {
                return Err(BAD_DATA);
            }
            apdu::run(chip, data, inside)
        }
        _ => Err(BAD_PARAMETER),
    }
}

fn card_type(inside: &Inside<'_>) -> [u8; 2] {
    match inside.slot.with(|card| Ok(card.chip())) {
        Ok(Chip::Sle4442) => *b"20",
        Ok(Chip::Sle4428) => *b"21",
        Ok(Chip::At24c02) => *b"31",
        Err(_) => *b"00",
    }
}
