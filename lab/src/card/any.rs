//! A card of any chip: what a reader's slot holds, and what readers and meters do to it byte by byte.

use super::{Body, CardError, CellStore, Cells, Chip};
use crate::at24c02::At24c02;
use crate::sle4428::{CODE_AT, ERROR_COUNTER_AT, Sle4428};
use crate::sle4442::Sle4442;
use std::ops::{Deref, DerefMut};

/// A card; what is common to all of them is in [`Body`].
#[derive(Debug)]
pub enum Card {
    /// SLE4442.
    Sle4442(Sle4442),
    /// SLE4428.
    Sle4428(Sle4428),
    /// AT24C02.
    At24c02(At24c02),
}

impl From<Sle4442> for Card {
    fn from(card: Sle4442) -> Self {
        Self::Sle4442(card)
    }
}

impl From<Sle4428> for Card {
    fn from(card: Sle4428) -> Self {
        Self::Sle4428(card)
    }
}

impl From<At24c02> for Card {
    fn from(card: At24c02) -> Self {
        Self::At24c02(card)
    }
}

impl Deref for Card {
    type Target = Body;

    fn deref(&self) -> &Body {
        match self {
            Self::Sle4442(card) => card,
            Self::Sle4428(card) => card,
            Self::At24c02(card) => card,
        }
    }
}

impl DerefMut for Card {
    fn deref_mut(&mut self) -> &mut Body {
        match self {
            Self::Sle4442(card) => card,
            Self::Sle4428(card) => card,
            Self::At24c02(card) => card,
        }
    }
}

impl Card {
    /// A card as its maker delivers it, kept in memory only.
    pub fn blank(chip: Chip) -> Self {
        Self::new(Cells::blank(chip), None)
    }

    /// A card with these cells; `store` is told of every operation on them.
    pub fn new(cells: Cells, store: Option<Box<dyn CellStore>>) -> Self {
        let chip = cells.chip();
        let body = Body::new(cells, store);
        match chip {
            Chip::Sle4442 => Self::Sle4442(Sle4442::from_body(body)),
            Chip::Sle4428 => Self::Sle4428(Sle4428::from_body(body)),
            Chip::At24c02 => Self::At24c02(At24c02::from_body(body)),
        }
    }

    /// Supplies power and resets: access is closed. Answers the four bytes of the answer to reset of a chip that has one.
    ///
    /// # Errors
    /// [`CardError::Pulled`] until the card is inserted again.
    pub fn power_on(&mut self) -> Result<Option<[u8; 4]>, CardError> {
        match self {
            Self::Sle4442(card) => card.power_on().map(Some),
            Self::Sle4428(card) => card.power_on().map(Some),
            Self::At24c02(card) => card.power_on().map(|()| None),
        }
    }

    /// Resets under power, which ends a begun verification and nothing else. Answers as [`Card::power_on`].
    ///
    /// # Errors
    /// [`CardError::NotPowered`], [`CardError::Pulled`].
    pub fn reset(&mut self) -> Result<Option<[u8; 4]>, CardError> {
        let atr = Body::reset(self)?;
        Ok(self.chip().atr().map(|_| atr))
    }

    /// Reads main memory as far as it goes.
    ///
    /// # Errors
    /// [`CardError::Unknown`] past the end; no power; pulled.
    pub fn read(&mut self, from: u16, length: usize) -> Result<Vec<u8>, CardError> {
        if usize::from(from) + length > self.chip().main_size() {
            return Err(CardError::Unknown { control: 0, address: from });
        }
        let mut data = match self {
            Self::Sle4442(card) => card.command(0x30, low(from), 0)?.into_data(),
            Self::Sle4428(card) => card.command(Sle4428::control(0x0E, from), low(from), 0)?.into_data(),
            Self::At24c02(card) => card.read(low(from), length)?,
        };
        data.truncate(length);
        Ok(data)
    }

    /// Writes one byte of main memory; answers the number of cell operations.
    ///
    /// # Errors
    /// See [`CardError`].
    pub fn write(&mut self, address: u16, byte: u8) -> Result<u8, CardError> {
        self.check(address, self.chip().main_size())?;
        match self {
            Self::Sle4442(card) => Ok(card.command(0x38, low(address), byte)?.operations()),
            Self::Sle4428(card) => card.at(0x33, address, byte),
            Self::At24c02(card) => card.write(low(address), byte),
        }
    }

    /// Sets the protection bit of a byte that holds `byte`; answers the number of cell operations.
    ///
    /// # Errors
    /// See [`CardError`].
    pub fn protect(&mut self, address: u16, byte: u8) -> Result<u8, CardError> {
        self.check(address, self.chip().main_size())?;
        match self {
            Self::Sle4442(card) => Ok(card.command(0x3C, low(address), byte)?.operations()),
            Self::Sle4428(card) => card.at(0x30, address, byte),
            Self::At24c02(_) => Err(CardError::Unsupported),
        }
    }

    /// Error counter and code; the code reads 0 until it was verified.
    ///
    /// # Errors
    /// [`CardError::Unsupported`] for a chip without; no power; pulled.
    pub fn security(&mut self) -> Result<Vec<u8>, CardError> {
        match self {
            Self::Sle4442(card) => Ok(card.command(0x31, 0, 0)?.into_data()),
            Self::Sle4428(_) => self.read(ERROR_COUNTER_AT, 3),
            Self::At24c02(_) => Err(CardError::Unsupported),
        }
    }

    /// The protection bits of the SLE4442 as its four bytes.
    ///
    /// # Errors
    /// [`CardError::Unsupported`] for other chips; no power; pulled.
    pub fn protection(&mut self) -> Result<Vec<u8>, CardError> {
        match self {
            Self::Sle4442(card) => Ok(card.command(0x34, 0, 0)?.into_data()),
            Self::Sle4428(_) | Self::At24c02(_) => Err(CardError::Unsupported),
        }
    }

    /// Presents a code by the sequence of the chip. Answers the error counter and the number of cell operations; a
    /// counter with all tries free ([`Chip::all_tries`]) means verified.
    ///
    /// # Errors
    /// [`CardError::Unsupported`] for a chip without a code or a code of another length; a tear; a failing store. A
    /// wrong code is not an error here.
    pub fn present(&mut self, code: &[u8]) -> Result<(u8, u32), CardError> {
        match (self, code) {
            (Self::Sle4442(card), [a, b, c]) => card.present([*a, *b, *c]),
            (Self::Sle4428(card), [a, b]) => card.present([*a, *b]),
            _ => Err(CardError::Unsupported),
        }
    }

    /// Replaces one byte of the code, counted from 0; answers the number of cell operations.
    ///
    /// # Errors
    /// See [`CardError`].
    pub fn change_code(&mut self, index: u8, byte: u8) -> Result<u8, CardError> {
        match self {
            Self::Sle4442(card) => Ok(card.command(0x39, index.saturating_add(1), byte)?.operations()),
            Self::Sle4428(card) if index < 2 => card.at(0x33, CODE_AT + u16::from(index), byte),
            Self::Sle4428(_) | Self::At24c02(_) => Err(CardError::Unsupported),
        }
    }

    fn check(&self, address: u16, end: usize) -> Result<(), CardError> {
        if usize::from(address) < end { Ok(()) } else { Err(CardError::Unknown { control: 0, address }) }
    }
}

fn low(address: u16) -> u8 {
    let [_, low] = address.to_be_bytes();
    low
}
