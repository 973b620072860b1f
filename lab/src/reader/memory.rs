//! Work on a card that all protocols share: byte by byte, with the time that each byte takes. The slot is free between
//! two bytes, so a card can be drawn in the middle.

use super::firmware::Inside;
use crate::card::{Card, CardError};

/// What is done with each byte of a run; answers the number of cell operations.
pub(super) type Step = fn(&mut Card, u16, u8) -> Result<u8, CardError>;

impl Inside<'_> {
    /// Whether the card can be worked: there, and with power.
    pub(super) fn powered(&self) -> Result<(), CardError> {
        self.slot.with(|card| if card.is_powered() { Ok(()) } else { Err(CardError::NotPowered) })
    }

    /// Power off and on: access is closed.
    pub(super) fn power_cycle(&self) -> Result<Option<[u8; 4]>, CardError> {
        self.slot.with(|card| {
            card.power_off();
            card.power_on()
        })
    }

    /// Power off; false without a card.
    pub(super) fn power_off(&self) -> bool {
        let off = self.slot.with(|card| {
            card.power_off();
            Ok(())
        });
        off.is_ok()
    }

    /// Reads main memory.
    pub(super) fn read(&self, address: u16, length: usize) -> Result<Vec<u8>, CardError> {
        self.slot.with(|card| card.read(address, length))
    }

    /// Does `step` with each byte of a run within the first `end` bytes.
    pub(super) fn run(&self, step: Step, address: u16, bytes: &[u8], end: usize) -> Result<(), CardError> {
        if usize::from(address) + bytes.len() > end {
            return Err(CardError::Unknown { control: 0, address });
        }
        for (address, byte) in (address..).zip(bytes) {
            let operations = self.slot.with(|card| step(card, address, *byte))?;
            self.pause(operations.into());
        }
        Ok(())
    }

    /// Writes a run of main memory.
    pub(super) fn write(&self, address: u16, bytes: &[u8]) -> Result<(), CardError> {
        let end = self.slot.with(|card| Ok(card.chip().main_size()))?;
        self.run(Card::write, address, bytes, end)
    }

    /// Replaces the code.
    pub(super) fn change_code(&self, code: &[u8]) -> Result<(), CardError> {
        let step: Step = |card, at, byte| card.change_code(at.to_le_bytes()[0], byte);
        self.run(step, 0, code, code.len())
    }

    /// Presents a code; answers the error counter, and whether the code was right.
    pub(super) fn present(&self, code: &[u8]) -> Result<(u8, bool), CardError> {
        let ((counter, operations), open) =
            self.slot.with(|card| card.present(code).map(|done| (done, card.is_open())))?;
        self.pause(operations);
        Ok((counter, open))
    }

    /// The time of so many cell operations.
    pub(super) fn pause(&self, operations: u32) {
        if !self.options.cell_time.is_zero() {
            std::thread::sleep(self.options.cell_time.saturating_mul(operations));
        }
    }
}
