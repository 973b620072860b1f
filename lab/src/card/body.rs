//! A card as something that is powered, pulled and looked at, whatever its chip.

use super::cells::{Eeprom, Fault};
use super::{CardError, Cell, CellStore, Cells, Chip, Partial};

/// Whether the card has power, and how far the caller has come with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    Off,
    /// Torn out while powered; only a new insertion ends it.
    Pulled,
    On(Access),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    ReadOnly,
    /// A bit of the error counter is spent; byte `next` (from 1) of the code is due.
    Comparing {
        next: u8,
        good: bool,
    },
    /// All bytes of the code compared; erasing the error counter concludes, if they were right.
    Compared {
        good: bool,
    },
    /// Writing is allowed until power-off.
    Open,
}

/// What every card has: cells, wear, power, and the tear that may be waiting for it.
pub struct Body {
    eeprom: Eeprom,
    pub(crate) power: Power,
}

impl std::fmt::Debug for Body {
    /// Leaves content and code out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("chip", &self.chip())
            .field("power", &self.power)
            .field("error_counter", &self.error_counter())
            .field("operations", &self.cells().total())
            .finish_non_exhaustive()
    }
}

impl Body {
    pub(crate) fn new(cells: Cells, store: Option<Box<dyn CellStore>>) -> Self {
        Self { eeprom: Eeprom::new(cells, store), power: Power::Off }
    }

    /// Its chip.
    pub fn chip(&self) -> Chip {
        self.cells().chip()
    }

    /// Content and wear, as they are now.
    pub fn cells(&self) -> &Cells {
        &self.eeprom.cells
    }

    /// Main memory, as a reader would see it without the code.
    pub fn image(&self) -> Vec<u8> {
        self.cells().image()
    }

    /// The error counter of a chip that has one: a 1 bit for each free try.
    pub fn error_counter(&self) -> Option<u8> {
        self.cells().error_counter()
    }

    /// The code inside the card; empty for a chip without. A reader cannot see it; the lab's own meters and tests can.
    pub fn psc(&self) -> Vec<u8> {
        self.cells().psc()
    }

    /// Whether the code was verified since power-on (a chip without a code is open whenever it has power).
    pub fn is_open(&self) -> bool {
        self.power == Power::On(Access::Open)
    }

    /// Whether it has supply voltage.
    pub fn is_powered(&self) -> bool {
        matches!(self.power, Power::On(_))
    }

    /// Whether a tear took the card out of its reader.
    pub fn is_pulled(&self) -> bool {
        self.power == Power::Pulled
    }

    /// Whether the byte's protection bit is set; a byte without such a bit is never protected.
    pub fn is_protected(&self, address: u16) -> bool {
        self.chip().protection_of(address).is_some_and(|(cell, bit)| self.cells().get(cell) & bit == 0)
    }

    /// The next `operations` cell operations succeed; the one after them is torn: the byte is left with a subset of the
    /// bits changed and the card is pulled. Replaces a tear that was scheduled before.
    pub fn tear_after(&mut self, operations: u32, partial: Partial) {
        self.eeprom.tear_after(operations, partial);
    }

    /// Whether a scheduled tear has not happened yet.
    pub fn tear_is_pending(&self) -> bool {
        self.eeprom.tear_is_pending()
    }

    /// Takes a scheduled tear back.
    pub fn forget_tear(&mut self) {
        self.eeprom.forget_tear();
    }

    /// Takes the power away; access is closed.
    pub fn power_off(&mut self) {
        if self.power != Power::Pulled {
            self.power = Power::Off;
        }
    }

    /// Puts the card into a reader, without power yet.
    pub fn insert(&mut self) {
        self.power = Power::Off;
    }

    /// Supplies power.
    pub(crate) fn supply(&mut self, access: Access) -> Result<(), CardError> {
        if self.power == Power::Pulled {
            return Err(CardError::Pulled);
        }
        self.power = Power::On(access);
        Ok(())
    }

    /// The four bytes that answer a reset.
    pub(crate) fn atr(&self) -> [u8; 4] {
        [0, 1, 2, 3].map(|at| self.cells().get(Cell::at(at)))
    }

    /// A reset under power ends an attempt at the code; access that was won stays until power-off.
    pub(crate) fn reset(&mut self) -> Result<[u8; 4], CardError> {
        if matches!(self.access()?, Access::Comparing { .. } | Access::Compared { .. }) {
            self.power = Power::On(Access::ReadOnly);
        }
        Ok(self.atr())
    }

    pub(crate) fn access(&self) -> Result<Access, CardError> {
        match self.power {
            Power::Off => Err(CardError::NotPowered),
            Power::Pulled => Err(CardError::Pulled),
            Power::On(access) => Ok(access),
        }
    }

    /// Brings a cell to `value`; answers the number of operations.
    pub(crate) fn update(&mut self, cell: Cell, value: u8) -> Result<u8, CardError> {
        let done = self.eeprom.update(cell, value);
        self.settle(done)
    }

    /// Lowers the bits of a cell that are 0 in `value`; answers the number of operations.
    pub(crate) fn program(&mut self, cell: Cell, value: u8) -> Result<u8, CardError> {
        let done = self.eeprom.program(cell, value);
        self.settle(done)
    }

    /// Sets the protection bit of a byte that holds `data`.
    pub(crate) fn protect(&mut self, address: u16, data: u8) -> Result<u8, CardError> {
        let (cell, bit) = self.chip().protection_of(address).ok_or(CardError::Unsupported)?;
        if self.cells().get(Cell::at(address)) != data {
            return Err(CardError::Differs(address));
        }
        self.program(cell, !bit)
    }

    /// A fault of the cells ends the session: no power, no access.
    fn settle(&mut self, done: Result<u8, Fault>) -> Result<u8, CardError> {
        done.map_err(|fault| {
            self.power = Power::Pulled;
            match fault {
                Fault::Torn => CardError::Pulled,
                Fault::Store(error) => CardError::Store(error),
            }
        })
    }
}
