//! A virtual SLE4442 memory card at the level of its commands.
//!
//! Rests on the Siemens data sheet 07.95: 256 bytes of main memory, 32 protection bits for the first 32 bytes, an error
//! counter of 3 bits and a programmable security code (PSC) of 3 bytes. A command is three bytes: control, address,
//! data. What the data sheet leaves open is decided in `commands.rs` and said there.
//!
//! Reading needs no code, so the content of a card is never secret. Writing needs the code in a fixed sequence; after
//! three failures the card can never be written again.

mod commands;
mod session;

use crate::card::{Access, Body, Cells, Chip};
pub use crate::card::{Answer, CardError, Cell, Partial};
use std::ops::{Deref, DerefMut};

/// The code of a card as its maker delivers it.
pub const TRANSPORT_CODE: [u8; 3] = [0xFF; 3];

/// One card; what is common to all cards is in [`Body`].
#[derive(Debug)]
pub struct Sle4442 {
    body: Body,
}

impl Deref for Sle4442 {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

impl DerefMut for Sle4442 {
    fn deref_mut(&mut self) -> &mut Body {
        &mut self.body
    }
}

impl Default for Sle4442 {
    fn default() -> Self {
        Self::blank()
    }
}

impl Sle4442 {
    /// A card as its maker delivers it, kept in memory only.
    pub fn blank() -> Self {
        Self { body: Body::new(Cells::blank(Chip::Sle4442), None) }
    }

    /// A card with this main memory, code and error counter, unworn, kept in memory only. An image that is too short is
    /// filled with erased bytes.
    pub fn with(image: &[u8], code: [u8; 3], counter: u8) -> Self {
        let main = image.iter().copied().chain(std::iter::repeat(0xFF)).take(Chip::Sle4442.main_size());
        let bytes = main.chain([0xFF; 4]).chain([counter]).chain(code).collect();
        let cells = Cells::new(Chip::Sle4442, bytes, vec![0; Chip::Sle4442.cells()], 0);
        Self { body: Body::new(cells.unwrap_or_else(|| Cells::blank(Chip::Sle4442)), None) }
    }

    pub(crate) fn from_body(body: Body) -> Self {
        Self { body }
    }

    /// The error counter: 7, 6, 4 or 0 unless a tear left another pattern.
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
