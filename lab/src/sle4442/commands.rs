//! The seven commands and the verification of the code.
//!
//! Two decisions where the data sheet is silent, both on the strict side:
//! * Between spending a bit of the error counter and erasing it, any command but the next one of the sequence ends the
//!   attempt ("any variation leads to a failure"). The bit stays spent.
//! * Spending another bit while access is open closes access until that attempt succeeds. So nobody who checks a code
//!   without a power cycle in between is told yes by the access of the code before.

use super::cells::{Cell, EC_BITS, MAIN_SIZE};
use super::{Access, CardError, Power, Sle4442};

const READ_MAIN: u8 = 0x30;
const READ_SECURITY: u8 = 0x31;
const COMPARE: u8 = 0x33;
const READ_PROTECTION: u8 = 0x34;
const UPDATE_MAIN: u8 = 0x38;
const UPDATE_SECURITY: u8 = 0x39;
const PROTECT: u8 = 0x3C;

/// What a command gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Outgoing data.
    Data(Vec<u8>),
    /// Processing, with the number of cell operations (2.5 ms each in silicon).
    Done {
        /// 0 when nothing had to change, 1 for an erase or a write, 2 for both.
        operations: u8,
    },
}

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
            (READ_PROTECTION, _) => {
                Ok(Answer::Data([0, 8, 16, 24].map(|a| self.cells().get(Cell::protection_of(a))).to_vec()))
            }
            (READ_SECURITY, _) => Ok(Answer::Data(self.read_security(access))),
            (UPDATE_MAIN, address) => self.update_main(access, address, data),
            (PROTECT, address) => self.protect(access, address, data),
            (UPDATE_SECURITY, 0) => self.update_counter(access, data),
            (UPDATE_SECURITY, 1..=3) => {
                Self::need_open(access)?;
                self.update(Cell::psc(address - 1), data)
            }
            (COMPARE, 1..=3) => self.compare(access, address, data),
            _ => Err(CardError::Unknown { control, address }),
        }
    }

    fn read_main(&self, from: u8) -> Vec<u8> {
        self.cells().bytes().iter().take(MAIN_SIZE).skip(usize::from(from)).copied().collect()
    }

    fn read_security(&self, access: Access) -> Vec<u8> {
        let code = if access == Access::Open { self.psc() } else { [0; 3] };
        let mut out = vec![self.error_counter()];
        out.extend(code);
        out
    }

    fn need_open(access: Access) -> Result<(), CardError> {
        if access == Access::Open { Ok(()) } else { Err(CardError::NoAccess) }
    }

    fn update(&mut self, cell: Cell, data: u8) -> Result<Answer, CardError> {
        let done = self.eeprom.update(cell, data);
        self.settle(done).map(|operations| Answer::Done { operations })
    }

    fn update_main(&mut self, access: Access, address: u8, data: u8) -> Result<Answer, CardError> {
        Self::need_open(access)?;
        if self.is_protected(address) {
            return Err(CardError::Protected(address));
        }
        self.update(Cell::main(address), data)
    }

    /// Whether the protection bit of byte `address` is set; bytes from 32 on have none.
    pub fn is_protected(&self, address: u8) -> bool {
        address < 32 && self.cells().get(Cell::protection_of(address)) & (1 << (address % 8)) == 0
    }

    fn protect(&mut self, access: Access, address: u8, data: u8) -> Result<Answer, CardError> {
        if address >= 32 {
            return Err(CardError::Unknown { control: PROTECT, address });
        }
        Self::need_open(access)?;
        if self.cells().get(Cell::main(address)) != data {
            return Err(CardError::Differs(address));
        }
        let done = self.eeprom.program(Cell::protection_of(address), !(1 << (address % 8)));
        self.settle(done).map(|operations| Answer::Done { operations })
    }

    /// Command 39 on address 0: spends a bit, or erases the counter at the end of a verification.
    fn update_counter(&mut self, access: Access, data: u8) -> Result<Answer, CardError> {
        let now = self.error_counter();
        let spends = now & !data & EC_BITS != 0;
        match access {
            Access::Compared { good: true } if !spends => {
                let done = self.eeprom.update(Cell::ERROR_COUNTER, data);
                let operations = self.settle(done)?;
                self.power = Power::On(Access::Open);
                Ok(Answer::Done { operations })
            }
            Access::Open if !spends => self.update(Cell::ERROR_COUNTER, data),
            // From here on bits can only fall.
            _ if spends => {
                self.power = Power::On(Access::ReadOnly);
                let done = self.eeprom.program(Cell::ERROR_COUNTER, data);
                let operations = self.settle(done)?;
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
        let good = good && self.cells().get(Cell::psc(address - 1)) == data;
        let then = if address == 3 { Access::Compared { good } } else { Access::Comparing { next: next + 1, good } };
        self.power = Power::On(then);
        // The chip answers the same for a right and a wrong byte.
        Ok(Answer::Done { operations: 0 })
    }
}
