//! The APDUs inside the card commands. Status words: `9000` done, `6F00` the card did not take it, `6F01` wrong code,
//! `6F02` wrong code and locked, `6700` length, `6B00` address; `6D00` and `6E00` for instruction and class are ours.

use super::commands::{Done, failure};
use crate::card::{Card, CardError, Chip};
use crate::reader::firmware::Inside;

const OK: u16 = 0x9000;
const BAD_LENGTH: u16 = 0x6700;
const BAD_ADDRESS: u16 = 0x6B00;
const BAD_INSTRUCTION: u16 = 0x6D00;
const BAD_CLASS: u16 = 0x6E00;

enum Stop {
    Status(u16),
    Card(CardError),
}

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        match error {
            CardError::NoAccess | CardError::Locked | CardError::Protected(_) | CardError::Differs(_) => {
                Self::Status(0x6F00)
            }
            CardError::Unknown { .. } => Self::Status(BAD_ADDRESS),
            other => Self::Card(other),
        }
    }
}

/// Runs one APDU on a powered card of this chip; its data and status word.
pub(super) fn run(chip: Chip, apdu: &[u8], inside: &Inside<'_>) -> Done {
    let (mut out, status) = match dispatch(chip, apdu, inside) {
        Ok(data) => (data, OK),
        Err(Stop::Status(status)) => (Vec::new(), status),
        Err(Stop::Card(error)) => return Err(failure(&error)),
    };
    out.extend(status.to_be_bytes());
    Ok(out)
}

fn dispatch(chip: Chip, apdu: &[u8], inside: &Inside<'_>) -> Result<Vec<u8>, Stop> {
    let [class, instruction, p1, p2, length, data @ ..] = apdu else { return Err(Stop::Status(BAD_LENGTH)) };
    if *class != 0 {
        return Err(Stop::Status(BAD_CLASS));
    }
    if *instruction != 0xB0 && (data.is_empty() || data.len() != usize::from(*length)) {
        return Err(Stop::Status(BAD_LENGTH));
    }
    let wanted = if *length == 0 { 256 } else { usize::from(*length) };
    match (chip, *instruction, *p1, *p2) {
        (_, 0xB0, _, _) if !data.is_empty() => Err(Stop::Status(BAD_LENGTH)),
        // The SLE4442 has three memories: main, protection, security.
        (Chip::Sle4442, 0xB0, 0, address) => Ok(inside.read(address.into(), wanted)?),
        (Chip::Sle4442, 0xB0, 1, 0) if wanted == 4 => Ok(inside.slot.with(Card::protection)?),
        (Chip::Sle4442, 0xB0, 2, 0) if wanted == 4 => Ok(inside.slot.with(Card::security)?),
        (Chip::Sle4442, 0xB0, 1 | 2, 0) => Err(Stop::Status(BAD_LENGTH)),
        (Chip::Sle4442, 0xD0, 0, address) => done(inside.write(address.into(), data)),
        (Chip::Sle4442, 0xD0, 1, address) => done(inside.run(Card::protect, address.into(), data, 32)),
        (Chip::Sle4442, 0xD0, 2, 1) if data.len() == 3 => done(inside.change_code(data)),
        (Chip::Sle4442, 0xD0, 2, 1) => Err(Stop::Status(BAD_LENGTH)),
        (Chip::Sle4442, 0x20, 3, 1) | (Chip::Sle4428, 0x20, 0, 0) => verify(chip, data, inside),
        (Chip::Sle4428 | Chip::At24c02, 0xB0, high, low) => Ok(inside.read(u16::from_be_bytes([high, low]), wanted)?),
        (Chip::Sle4428 | Chip::At24c02, 0xD0, high, low) => done(inside.write(u16::from_be_bytes([high, low]), data)),
        (Chip::Sle4442 | Chip::Sle4428, 0x20, _, _) | (Chip::Sle4442, 0xB0 | 0xD0, _, _) => {
            Err(Stop::Status(BAD_ADDRESS))
        }
        _ => Err(Stop::Status(BAD_INSTRUCTION)),
    }
}

fn done(written: Result<(), CardError>) -> Result<Vec<u8>, Stop> {
    Ok(written.map(|()| Vec::new())?)
}

fn verify(chip: Chip, code: &[u8], inside: &Inside<'_>) -> Result<Vec<u8>, Stop> {
    if code.len() != chip.code().len() {
        return Err(Stop::Status(BAD_LENGTH));
    }
    match inside.present(code)? {
        (0, _) => Err(Stop::Status(0x6F02)),
        (counter, true) if counter == chip.all_tries() => Ok(Vec::new()),
        _ => Err(Stop::Status(0x6F01)),
    }
}
