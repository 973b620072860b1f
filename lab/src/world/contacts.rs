//! Writing a card through its contacts, as a meter or another seller's reader would.

use crate::card::{Card, CardError};
use dianka_domain::card::ByteRange;
use std::io;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteBack {
    /// The card says all of it already, or the image is not of its size.
    Nothing,
    /// All of it is on the card.
    Complete {
        /// Cell operations, those of the code included.
        operations: u64,
    },
    /// The card was pulled in the middle; it lies in the drawer.
    Torn,
    /// The card no longer accepts a code.
    Refused,
}

/// Whether the card's data are those of the image, which must be of its size.
pub(super) fn holds(card: &Card, image: &[u8]) -> bool {
    let data = card.chip().data_size();
    image.len() == card.chip().main_size() && card.image().get(..data) == image.get(..data)
}

/// Writes what differs: power, the code, the bytes, no power. The writer is taken to know the card's code. Of each
/// returned area the first byte is erased before, and written after, all others, so that a torn area reads as no
/// returned data.
pub(super) fn write(card: &mut Card, target: &[u8], areas: &[ByteRange]) -> io::Result<WriteBack> {
    if holds(card, target) || target.len() != card.chip().main_size() {
        return Ok(WriteBack::Nothing);
    }
    let before = card.cells().total();
    match write_bytes(card, target, areas) {
        Ok(()) => {
            card.power_off();
            Ok(WriteBack::Complete { operations: card.cells().total() - before })
        }
        Err(CardError::Pulled) => Ok(WriteBack::Torn),
        Err(CardError::Store(error)) => Err(error),
        Err(_) => {
            card.power_off();
            Ok(WriteBack::Refused)
        }
    }
}

fn write_bytes(card: &mut Card, target: &[u8], areas: &[ByteRange]) -> Result<(), CardError> {
    let chip = card.chip();
    let now = card.image();
    let differing =
        || (0..).zip(target.iter().zip(&now)).take(chip.data_size()).filter(|(_, (wanted, is))| **wanted != **is);
    let firsts: Vec<u16> = areas
        .iter()
        .filter(|area| differing().any(|(address, _)| area.contains(address.into())))
        .filter_map(|area| u16::try_from(area.offset).ok())
        .collect();
    card.power_on()?;
    if chip.error_counter().is_some() {
        let (counter, _) = card.present(&card.psc())?;
        if counter != chip.all_tries() {
            return Err(CardError::Locked);
        }
    }
    for first in &firsts {
        card.write(*first, 0xFF)?;
    }
    for (address, (wanted, _)) in differing() {
        if !firsts.contains(&address) {
            card.write(address, *wanted)?;
        }
    }
    for first in firsts {
        card.write(first, target.get(usize::from(first)).copied().unwrap_or(0xFF))?;
    }
    Ok(())
}
