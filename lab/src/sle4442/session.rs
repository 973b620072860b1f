//! Sequences of commands that every reader and every meter goes through.

use super::{Answer, CardError, EC_BITS, Sle4442};

impl Sle4442 {
    /// Presents a code by the fixed sequence: spends a bit, compares three bytes, erases the counter, reads it.
    /// Answers the error counter and the number of cell operations: 7 means verified, 6 or 4 a wrong code, 0 a card
    /// that can never be written again.
    ///
    /// # Errors
    /// A tear or a failing store. A wrong code is not an error here.
    pub fn present(&mut self, code: [u8; 3]) -> Result<(u8, u32), CardError> {
        let before = self.read_counter()?;
        if before == 0 {
            return Ok((0, 0));
        }
        let spent = before & before.wrapping_sub(1) & EC_BITS;
        let mut operations = Self::count(&self.command(0x39, 0, spent)?);
        for (address, byte) in (1..).zip(code) {
            self.command(0x33, address, byte)?;
        }
        match self.command(0x39, 0, 0xFF) {
            Ok(done) => operations += Self::count(&done),
            // The chip refuses to erase after a wrong code; a reader sees it in the counter.
            Err(CardError::NoAccess | CardError::Locked) => {}
            Err(other) => return Err(other),
        }
        Ok((self.read_counter()?, operations))
    }

    fn read_counter(&mut self) -> Result<u8, CardError> {
        match self.command(0x31, 0, 0)? {
            Answer::Data(security) => Ok(security.first().copied().unwrap_or(0)),
            Answer::Done { .. } => Ok(0),
        }
    }

    fn count(answer: &Answer) -> u32 {
        match answer {
            Answer::Done { operations } => u32::from(*operations),
            Answer::Data(_) => 0,
        }
    }
}
