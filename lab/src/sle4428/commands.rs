//! The seven commands and the verification of the code.
//!
//! Where the documents are silent, as the SLE4442 beside it and on the strict side:
//! * Between spending a bit of the error counter and erasing it, any command but the next one of the sequence ends the
//!   attempt. The bit stays spent.
//! * Spending another bit while access is open closes access until that attempt succeeds.
//! * The code reads `00 00` until it was verified.
//! * Counter and code take no protection bit.

use super::{CODE_AT, ERROR_COUNTER_AT, Sle4428};
use crate::card::{Access, Answer, CardError, Cell, Chip, Power};

const PROTECT: u8 = 0x30;
const WRITE_AND_PROTECT: u8 = 0x31;
const WRITE_COUNTER: u8 = 0x32;
const WRITE: u8 = 0x33;
const READ_WITH_PROTECTION: u8 = 0x0C;
const VERIFY: u8 = 0x0D;
const READ: u8 = 0x0E;

impl Sle4428 {
    /// The control byte of operation `op` at an address: the address's two high bits go before the operation.
    pub fn control(op: u8, address: u16) -> u8 {
        let [high, _] = address.to_be_bytes();
        (high << 6) | (op & 0x3F)
    }

    /// Runs one command of three bytes. Reading answers from the address to the end; with protection bits (operation
    /// 0Ch) they are the bits as the chip shifts them out, nine for a byte, the lowest first, the last byte filled up
    /// with ones.
    ///
    /// # Errors
    /// What the silicon would have refused in silence, a tear, or a failing store: see [`CardError`].
    pub fn command(&mut self, control: u8, low: u8, data: u8) -> Result<Answer, CardError> {
        let access = self.access()?;
        let address = u16::from_be_bytes([control >> 6, low]);
        // Whatever comes, an attempt goes on only in its own order: the arms below put the next state in place.
        if matches!(access, Access::Comparing { .. } | Access::Compared { .. }) {
            self.power = Power::On(Access::ReadOnly);
        }
        match (control & 0x3F, address) {
            (READ, from) => Ok(Answer::Data(self.readable(access).skip(from.into()).collect())),
            (READ_WITH_PROTECTION, from) => Ok(Answer::Data(self.read_with_protection(access, from))),
            (WRITE_COUNTER, ERROR_COUNTER_AT) => self.spend(data),
            (VERIFY, CODE_AT..=0x3FF) => self.verify(access, address, data),
            (WRITE, ERROR_COUNTER_AT) => self.restore(access, data),
            (WRITE, address) => self.write(access, address, data).map(done),
            (WRITE_AND_PROTECT, address @ ..ERROR_COUNTER_AT) => {
                let written = self.write(access, address, data)?;
                Ok(done(written.saturating_add(self.body.protect(address, data)?)))
            }
            (PROTECT, address @ ..ERROR_COUNTER_AT) => {
                Self::need_open(access)?;
                self.body.protect(address, data).map(done)
            }
            (_, address) => Err(CardError::Unknown { control, address }),
        }
    }

    /// Main memory as the chip shows it now.
    fn readable(&self, access: Access) -> impl Iterator<Item = u8> {
        let shown = if access == Access::Open { self.cells().bytes().to_vec() } else { self.image() };
        shown.into_iter().take(Chip::Sle4428.main_size())
    }

    fn read_with_protection(&self, access: Access, from: u16) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut filled, mut bits) = (0_u32, 0_u32);
        for (address, byte) in (0..).zip(self.readable(access)).skip(from.into()) {
            let free = u32::from(!self.is_protected(address));
            bits |= (u32::from(byte) | free << 8) << filled;
            filled += 9;
            while filled >= 8 {
                out.extend(bits.to_le_bytes().first());
                bits >>= 8;
                filled -= 8;
            }
        }
        if filled > 0 {
            out.extend((bits | u32::MAX << filled).to_le_bytes().first());
        }
        out
    }

    fn need_open(access: Access) -> Result<(), CardError> {
        if access == Access::Open { Ok(()) } else { Err(CardError::NoAccess) }
    }

    fn write(&mut self, access: Access, address: u16, data: u8) -> Result<u8, CardError> {
        Self::need_open(access)?;
        if self.is_protected(address) {
            return Err(CardError::Protected(address));
        }
        self.body.update(Cell::main(address), data)
    }

    /// Begins an attempt: the bits that are 0 in `data` fall.
    fn spend(&mut self, data: u8) -> Result<Answer, CardError> {
        let now = self.error_counter();
        if now == 0 {
            return Err(CardError::Locked);
        }
        if now & !data == 0 {
            return Err(CardError::NoAccess);
        }
        self.power = Power::On(Access::ReadOnly);
        let operations = self.body.program(Cell::main(ERROR_COUNTER_AT), data)?;
        self.power = Power::On(Access::Comparing { next: 1, good: true });
        Ok(done(operations))
    }

    fn verify(&mut self, access: Access, address: u16, data: u8) -> Result<Answer, CardError> {
        let Access::Comparing { next, good } = access else {
            return Err(CardError::NoAccess);
        };
        if address != CODE_AT + u16::from(next) - 1 {
            return Err(CardError::NoAccess);
        }
        let good = good && self.cells().get(Cell::main(address)) == data;
        let then = if next == 2 { Access::Compared { good } } else { Access::Comparing { next: next + 1, good } };
        self.power = Power::On(then);
        // The chip answers the same for a right and a wrong byte.
        Ok(done(0))
    }

    /// Writing the counter byte concludes an attempt, if the code was right.
    fn restore(&mut self, access: Access, data: u8) -> Result<Answer, CardError> {
        match access {
            Access::Compared { good: true } => {
                let operations = self.body.update(Cell::main(ERROR_COUNTER_AT), data)?;
                self.power = Power::On(Access::Open);
                Ok(done(operations))
            }
            Access::Open => self.body.update(Cell::main(ERROR_COUNTER_AT), data).map(done),
            _ if self.error_counter() == 0 => Err(CardError::Locked),
            _ => Err(CardError::NoAccess),
        }
    }
}

fn done(operations: u8) -> Answer {
    Answer::Done { operations }
}
