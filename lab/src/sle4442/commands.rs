//! The seven commands and the verification of the code.
//!
//! Two decisions where the data sheet is silent, both on the strict side:
//! * Between spending a bit of the error counter and erasing it, any command but the next one of the sequence ends the
//!   attempt ("any variation leads to a failure"). The bit stays spent.
//! * Spending another bit while access is open closes access until that attempt succeeds. So nobody who checks a code
//!   without a power cycle in between is told yes by the access of the code before.

use super::Sle4442;
use crate::card::{Access, Answer, CardError, Cell, Chip, Power};

const READ_MAIN: u8 = 0x30;
const READ_SECURITY: u8 = 0x31;
const COMPARE: u8 = 0x33;
const READ_PROTECTION: u8 = 0x34;
const UPDATE_MAIN: u8 = 0x38;
const UPDATE_SECURITY: u8 = 0x39;
const PROTECT: u8 = 0x3C;

impl Sle4442 {
    /// Runs one command of three bytes.
    ///
    /// # Errors
    /// What the silicon would have refused in silence, a tear, or a failing store: see [`CardError`].
    pub fn command(&mut self, control: u8, address: u8, data: u8) -> Result<Answer, CardError> {
        let access = self.access()?;
        // Whatever comes, an attempt goes on only in its own order: the arms below put the next state in place.
        if matches!(access, Access::Comparing { .. } | Access::Compared { .. }) {
            self.power = Power::On(Access::ReadOnly);
        }
        match (control, address) {
            (READ_MAIN, from) => Ok(Answer::Data(self.read_main(from))),
            (READ_PROTECTION, _) => Ok(Answer::Data(self.read_protection())),
            (READ_SECURITY, _) => Ok(Answer::Data(self.read_security(access))),
            (UPDATE_MAIN, address) => self.update_main(access, address, data),
            (PROTECT, 0..32) => {
                Self::need_open(access)?;
                self.body.protect(address.into(), data).map(done)
            }
            (UPDATE_SECURITY, 0) => self.update_counter(access, data),
            (UPDATE_SECURITY, 1..=3) => {
                Self::need_open(access)?;
                self.body.update(psc(address), data).map(done)
            }
            (COMPARE, 1..=3) => self.compare(access, address, data),
            _ => Err(CardError::Unknown { control, address: address.into() }),
        }
    }

    fn read_main(&self, from: u8) -> Vec<u8> {
        self.cells().bytes().iter().take(Chip::Sle4442.main_size()).skip(usize::from(from)).copied().collect()
    }

    fn read_protection(&self) -> Vec<u8> {
        let cells = [0, 8, 16, 24].into_iter().filter_map(|address| Chip::Sle4442.protection_of(address));
        cells.map(|(cell, _)| self.cells().get(cell)).collect()
    }

    fn read_security(&self, access: Access) -> Vec<u8> {
        let code = if access == Access::Open { self.psc() } else { vec![0; 3] };
        let mut out = vec![self.error_counter()];
        out.extend(code);
        out
    }

    fn need_open(access: Access) -> Result<(), CardError> {
        if access == Access::Open { Ok(()) } else { Err(CardError::NoAccess) }
    }

    fn update_main(&mut self, access: Access, address: u8, data: u8) -> Result<Answer, CardError> {
        Self::need_open(access)?;
        if self.is_protected(address.into()) {
            return Err(CardError::Protected(address.into()));
        }
        self.body.update(Cell::main(address.into()), data).map(done)
    }

    /// Command 39 on address 0: spends a bit, or erases the counter at the end of a verification.
    fn update_counter(&mut self, access: Access, data: u8) -> Result<Answer, CardError> {
        let now = self.error_counter();
        let spends = now & !data & Chip::Sle4442.all_tries() != 0;
        let counter = Cell::main(EC_AT);
        match access {
            Access::Compared { good: true } if !spends => {
                let operations = self.body.update(counter, data)?;
                self.power = Power::On(Access::Open);
                Ok(Answer::Done { operations })
            }
            Access::Open if !spends => self.body.update(counter, data).map(done),
            // From here on bits can only fall.
            _ if spends => {
                self.power = Power::On(Access::ReadOnly);
                let operations = self.body.program(counter, data)?;
                self.power = Power::On(Access::Comparing { next: 1, good: true });
                Ok(Answer::Done { operations })
            }
            _ if now == 0 => Err(CardError::Locked),
            _ => Err(CardError::NoAccess),
        }
    }

    fn compare(&mut self, access: Access, address: u8, data: u8) -> Result<Answer, CardError> {
        let Access::Comparing { next, good } = access else {
            return Err(CardError::NoAccess);
        };
        if next != address {
            return Err(CardError::NoAccess);
        }
        let good = good && self.cells().get(psc(address)) == data;
        let then = if address == 3 { Access::Compared { good } } else { Access::Comparing { next: next + 1, good } };
        self.power = Power::On(then);
        // The chip answers the same for a right and a wrong byte.
        Ok(Answer::Done { operations: 0 })
    }
}

/// The error counter, after main memory and the protection bits.
const EC_AT: u16 = 260;

/// Byte 1, 2 or 3 of the code, which follow the error counter.
fn psc(address: u8) -> Cell {
    Cell::main(EC_AT + u16::from(address))
}

fn done(operations: u8) -> Answer {
    Answer::Done { operations }
}
