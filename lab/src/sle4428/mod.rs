//! A virtual SLE4428 memory card at the level of its commands.
//!
//! Rests on what the public documents of the chip agree on: 1024 bytes of main memory, one protection bit for each, an
//! error counter of 8 bits in byte 3FDh and a programmable security code (PSC) of 2 bytes in 3FEh and 3FFh. A command is
//! three bytes: control with the two high bits of the address, the rest of the address, data. What they leave open is
//! decided in `commands.rs` and said there.
//!
//! Reading needs no code. Writing needs the code in a fixed sequence; after eight failures the card can never be written
//! again.

mod commands;
mod session;

use crate::card::{Access, Body, CardError, Cells, Chip};
use std::ops::{Deref, DerefMut};

/// The code of a card as its maker delivers it.
pub const TRANSPORT_CODE: [u8; 2] = [0xFF; 2];
/// Where the error counter is in main memory.
pub const ERROR_COUNTER_AT: u16 = 0x3FD;
/// Where the first byte of the code is in main memory.
pub const CODE_AT: u16 = 0x3FE;

/// One card; what is common to all cards is in [`Body`].
#[derive(Debug)]
pub struct Sle4428 {
    body: Body,
}

impl Deref for Sle4428 {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

impl DerefMut for Sle4428 {
    fn deref_mut(&mut self) -> &mut Body {
        &mut self.body
    }
}

impl Default for Sle4428 {
    fn default() -> Self {
        Self::blank()
    }
}

impl Sle4428 {
    /// A card as its maker delivers it, kept in memory only.
    pub fn blank() -> Self {
        Self { body: Body::new(Cells::blank(Chip::Sle4428), None) }
    }

    pub(crate) fn from_body(body: Body) -> Self {
        Self { body }
    }

    /// The error counter: FFh, and a 0 bit more for each wrong code.
    pub fn error_counter(&self) -> u8 {
        self.body.error_counter().unwrap_or(0)
    }

    /// Supplies power and resets: access is closed. Answers the four bytes of the answer to reset.
    ///
    /// # Errors
    /// [`CardError::Pulled`] until the card is inserted again.
    pub fn power_on(&mut self) -> Result<[u8; 4], CardError> {
        self.body.supply(Access::ReadOnly)?;
        Ok(self.body.atr())
    }
}
