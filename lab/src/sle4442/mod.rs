//! A virtual SLE4442 memory card at the level of its commands.
//!
//! Rests on the Siemens data sheet 07.95: 256 bytes of main memory, 32 protection bits for the first 32 bytes, an error
//! counter of 3 bits and a programmable security code (PSC) of 3 bytes. A command is three bytes: control, address,
//! data. What the data sheet leaves open is decided in `commands.rs` and said there.
//!
//! Reading needs no code, so the content of a card is never secret. Writing needs the code in a fixed sequence; after
//! three failures the card can never be written again.

mod cells;
mod commands;
mod session;

pub(crate) use cells::splitmix;
pub use cells::{CELLS, Cell, CellStore, Cells, EC_BITS, MAIN_SIZE, Partial};
pub use commands::Answer;

use cells::{Eeprom, Fault};
use std::io;

/// The four bytes of the answer to reset, which are the first four of main memory.
pub const ATR_BYTES: [u8; 4] = [0xA2, 0x13, 0x10, 0x91];
/// The answer to reset as PC/SC reports it for a synchronous card.
pub const PCSC_ATR: [u8; 6] = [0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91];
/// The code of a card as its maker delivers it.
pub const TRANSPORT_CODE: [u8; 3] = [0xFF; 3];

/// Why the card did not do what a command asked.
///
/// The silicon has no error answers: it stays silent, and a reader finds out by reading back. The model says it, so that
/// a reader can answer as real ones do.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No supply voltage: power on first.
    #[error("the card has no power")]
    NotPowered,
    /// Pulled in the middle of an operation, at once or earlier in this session.
    #[error("the card was pulled")]
    Pulled,
    /// A write or a protection without a verified code, or a step out of its order.
    #[error("the code was not verified")]
    NoAccess,
    /// The byte's protection bit is set for good.
    #[error("byte {0:#04X} is protected for good")]
    Protected(u8),
    /// A protection bit was asked for with data that is not what the byte holds.
    #[error("the data differ from byte {0:#04X}")]
    Differs(u8),
    /// The error counter has no bit left: the card can never be written again.
    #[error("the card is locked for good")]
    Locked,
    /// A control byte or an address that the chip does not know.
    #[error("no such command: control {control:#04X}, address {address:#04X}")]
    Unknown {
        /// First byte of the command.
        control: u8,
        /// Second byte of the command.
        address: u8,
    },
    /// The store of the cells failed; the card behaves as pulled from here on.
    #[error("the card's cells could not be stored")]
    Store(#[source] io::Error),
}

/// Whether the card has power, and how far the caller has come with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    Off,
    /// Torn out while powered; only a new insertion ends it.
    Pulled,
    On(Access),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadOnly,
    /// A bit of the error counter is spent; byte `next` (1–3) of the code is due.
    Comparing {
        next: u8,
        good: bool,
    },
    /// All three bytes compared; erasing the error counter concludes, if they were right.
    Compared {
        good: bool,
    },
    /// Writing is allowed until power-off.
    Open,
}

/// One card.
pub struct Sle4442 {
    eeprom: Eeprom,
    power: Power,
}

impl std::fmt::Debug for Sle4442 {
    /// Leaves the code out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sle4442")
            .field("power", &self.power)
            .field("error_counter", &self.error_counter())
            .field("operations", &self.cells().total())
            .finish_non_exhaustive()
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
        Self::new(Cells::blank(), None)
    }

    /// A card with these cells; `store` is told of every operation on them.
    pub fn new(cells: Cells, store: Option<Box<dyn CellStore>>) -> Self {
        Self { eeprom: Eeprom::new(cells, store), power: Power::Off }
    }

    /// Content and wear, as they are now.
    pub fn cells(&self) -> &Cells {
        &self.eeprom.cells
    }

    /// Main memory, as a reader would see it.
    pub fn image(&self) -> [u8; MAIN_SIZE] {
        self.cells().image()
    }

    /// The error counter: 7, 6, 4 or 0 unless a tear left another pattern.
    pub fn error_counter(&self) -> u8 {
        self.cells().error_counter()
    }

    /// The code inside the card. A reader cannot see it; the lab's own meters and tests can.
    pub fn psc(&self) -> [u8; 3] {
        self.cells().psc()
    }

    /// Whether the code was verified since power-on.
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

    /// Supplies power and resets: access is closed. Answers the four bytes of the answer to reset.
    ///
    /// # Errors
    /// [`CardError::Pulled`] until the card is inserted again.
    pub fn power_on(&mut self) -> Result<[u8; 4], CardError> {
        if self.power == Power::Pulled {
            return Err(CardError::Pulled);
        }
        self.power = Power::On(Access::ReadOnly);
        Ok([0, 1, 2, 3].map(|i| self.cells().get(Cell::main(i))))
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

    fn access(&self) -> Result<Access, CardError> {
        match self.power {
            Power::Off => Err(CardError::NotPowered),
            Power::Pulled => Err(CardError::Pulled),
            Power::On(access) => Ok(access),
        }
    }

    /// A fault of the cells ends the session: no power, no access.
    fn settle<T>(&mut self, done: Result<T, Fault>) -> Result<T, CardError> {
        done.map_err(|fault| {
            self.power = Power::Pulled;
            match fault {
                Fault::Torn => CardError::Pulled,
                Fault::Store(error) => CardError::Store(error),
            }
        })
    }
}
