//! The sequence that every reader and every meter goes through.

use super::{CODE_AT, ERROR_COUNTER_AT, Sle4428};
use crate::card::CardError;

impl Sle4428 {
    /// Presents a code by the fixed sequence: spends a bit, compares two bytes, erases the counter. Answers the error
    /// counter and the number of cell operations: FFh means verified, 0 a card that can never be written again, anything
    /// else a wrong code.
    ///
    /// # Errors
    /// A tear or a failing store. A wrong code is not an error here.
    pub fn present(&mut self, code: [u8; 2]) -> Result<(u8, u32), CardError> {
        self.access()?;
        let before = self.error_counter();
        if before == 0 {
            return Ok((0, 0));
        }
        let spent = before & before.wrapping_sub(1);
        let mut operations = u32::from(self.at(0x32, ERROR_COUNTER_AT, spent)?);
        for (address, byte) in (CODE_AT..).zip(code) {
            self.at(0x0D, address, byte)?;
        }
        match self.at(0x33, ERROR_COUNTER_AT, 0xFF) {
            Ok(done) => operations += u32::from(done),
            // The chip refuses to erase after a wrong code; a reader sees it in the counter.
            Err(CardError::NoAccess | CardError::Locked) => {}
            Err(other) => return Err(other),
        }
        Ok((self.error_counter(), operations))
    }

    /// One operation at an address; answers the number of cell operations.
    pub(crate) fn at(&mut self, op: u8, address: u16, data: u8) -> Result<u8, CardError> {
        let [_, low] = address.to_be_bytes();
        Ok(self.command(Self::control(op, address), low, data)?.operations())
    }
}
