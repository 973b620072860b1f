//! Sequences of commands that every reader and every meter goes through.

use super::{CardError, Sle4442};

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
        let spent = before & before.wrapping_sub(1);
        let mut operations = u32::from(self.command(0x39, 0, spent)?.operations());
        for (address, byte) in (1..).zip(code) {
            self.command(0x33, address, byte)?;
        }
        match self.command(0x39, 0, 0xFF) {
            Ok(done) => operations += u32::from(done.operations()),
            // The chip refuses to erase after a wrong code; a reader sees it in the counter.
            Err(CardError::NoAccess | CardError::Locked) => {}
            Err(other) => return Err(other),
        }
        Ok((self.read_counter()?, operations))
    }

    fn read_counter(&mut self) -> Result<u8, CardError> {
        Ok(self.command(0x31, 0, 0)?.into_data().first().copied().unwrap_or(0))
    }
}
