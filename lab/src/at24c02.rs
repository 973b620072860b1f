//! A virtual AT24C02: 256 bytes of EEPROM on I²C. Whoever reaches the contacts reads and writes; there is no code, no
//! protection, no answer to reset.
//!
//! One decision: a byte is erased and programmed as the other chips do it, so that wear and half-written bytes mean the
//! same on every card of the lab. (The real part times one cycle for a page of 8 bytes.)

use crate::card::{Access, Body, CardError, Cell, Cells, Chip};
use std::ops::{Deref, DerefMut};

/// One card; what is common to all cards is in [`Body`].
#[derive(Debug)]
pub struct At24c02 {
    body: Body,
}

impl Deref for At24c02 {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

impl DerefMut for At24c02 {
    fn deref_mut(&mut self) -> &mut Body {
        &mut self.body
    }
}

impl Default for At24c02 {
    fn default() -> Self {
        Self::blank()
    }
}

impl At24c02 {
    /// An erased card, kept in memory only.
    pub fn blank() -> Self {
        Self { body: Body::new(Cells::blank(Chip::At24c02), None) }
    }

    pub(crate) fn from_body(body: Body) -> Self {
        Self { body }
    }

    /// Supplies power.
    ///
    /// # Errors
    /// [`CardError::Pulled`] until the card is inserted again.
    pub fn power_on(&mut self) -> Result<(), CardError> {
        self.body.supply(Access::Open)
    }

    /// Reads on from an address; the address counter wraps at the end of the memory.
    ///
    /// # Errors
    /// [`CardError::NotPowered`], [`CardError::Pulled`].
    pub fn read(&self, from: u8, length: usize) -> Result<Vec<u8>, CardError> {
        self.access()?;
        let turn = self.cells().bytes().iter().cycle();
        Ok(turn.skip(usize::from(from)).take(length).copied().collect())
    }

    /// Writes one byte; answers the number of cell operations.
    ///
    /// # Errors
    /// As [`At24c02::read`], a tear, or a failing store.
    pub fn write(&mut self, address: u8, byte: u8) -> Result<u8, CardError> {
        self.access()?;
        self.body.update(Cell::main(address.into()), byte)
    }
}
