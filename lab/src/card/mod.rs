//! What all cards of the lab have in common: the chips by name, the cells with their wear and their half-written
//! bytes, the power, and one type for a card of any chip.

mod any;
mod body;
mod cells;
mod chip;
mod error;

pub use any::Card;
pub use body::Body;
pub(crate) use body::{Access, Power};
pub(crate) use cells::splitmix;
pub use cells::{Cell, CellStore, Cells, Partial};
pub use chip::{Chip, UnknownChip};
pub use error::CardError;

/// What a command of the chip gave.
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

impl Answer {
    /// Cell operations that it took.
    pub fn operations(&self) -> u8 {
        match self {
            Self::Done { operations } => *operations,
            Self::Data(_) => 0,
        }
    }

    /// Outgoing data, or none.
    pub fn into_data(self) -> Vec<u8> {
        match self {
            Self::Data(data) => data,
            Self::Done { .. } => Vec::new(),
        }
    }
}
