//! The chips that the lab has, and where each keeps what.

use super::Cell;
use std::fmt;
use std::str::FromStr;

/// A memory chip of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chip {
    /// 256 bytes, 32 protection bits, a code of 3 bytes with 3 tries.
    Sle4442,
    /// 1024 bytes, a protection bit for each, a code of 2 bytes with 8 tries; counter and code lie in the last 3 bytes.
    Sle4428,
    /// 256 bytes on I²C, no security at all.
    At24c02,
}

const SLE4442_CODE: [Cell; 3] = [Cell::at(261), Cell::at(262), Cell::at(263)];
const SLE4428_CODE: [Cell; 2] = [Cell::at(0x3FE), Cell::at(0x3FF)];

/// No chip of the lab has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown chip {0:?}: sle4442, sle4428 or at24c02")]
pub struct UnknownChip(String);

impl Chip {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sle4442, Self::Sle4428, Self::At24c02];

    /// Its name in card files, options and drivers.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Sle4442 => "sle4442",
            Self::Sle4428 => "sle4428",
            Self::At24c02 => "at24c02",
        }
    }

    /// Bytes of main memory, as a reader addresses it.
    pub const fn main_size(self) -> usize {
        match self {
            Self::Sle4442 | Self::At24c02 => 256,
            Self::Sle4428 => 1024,
        }
    }

    /// Bytes of main memory that are free for data: without counter and code where they lie in it.
    pub const fn data_size(self) -> usize {
        match self {
            Self::Sle4442 | Self::At24c02 => 256,
            Self::Sle4428 => 1021,
        }
    }

    /// All byte cells: main memory, protection bits, and counter and code where they lie beside it.
    pub const fn cells(self) -> usize {
        match self {
            Self::Sle4442 => 256 + 4 + 1 + 3,
            Self::Sle4428 => 1024 + 128,
            Self::At24c02 => 256,
        }
    }

    /// The answer to reset, which is the first four bytes of main memory, or none for a chip that has none.
    pub const fn atr(self) -> Option<[u8; 4]> {
        match self {
            Self::Sle4442 => Some([0xA2, 0x13, 0x10, 0x91]),
            Self::Sle4428 => Some([0x92, 0x23, 0x10, 0x91]),
            Self::At24c02 => None,
        }
    }

    /// Where the error counter is.
    pub const fn error_counter(self) -> Option<Cell> {
        match self {
            Self::Sle4442 => Some(Cell::at(260)),
            Self::Sle4428 => Some(Cell::at(0x3FD)),
            Self::At24c02 => None,
        }
    }

    /// The error counter with all tries free: its other bits do not exist and read 0.
    pub const fn all_tries(self) -> u8 {
        match self {
            Self::Sle4442 => 0b111,
            Self::Sle4428 => 0xFF,
            Self::At24c02 => 0,
        }
    }

    /// Where the bytes of the code are.
    pub const fn code(self) -> &'static [Cell] {
        match self {
            Self::Sle4442 => &SLE4442_CODE,
            Self::Sle4428 => &SLE4428_CODE,
            Self::At24c02 => &[],
        }
    }

    /// The cell with the protection bit of a byte of main memory, and the bit; none for a byte that has no such bit.
    pub fn protection_of(self, address: u16) -> Option<(Cell, u8)> {
        let (from, bytes) = match self {
            Self::Sle4442 => (256, 32),
            Self::Sle4428 => (1024, 1024),
            Self::At24c02 => return None,
        };
        (address < bytes).then(|| (Cell::at(from + address / 8), 1 << (address % 8)))
    }

    /// What a cell holds when all of its bits are erased.
    pub(super) fn erased(self, cell: Cell) -> u8 {
        if Some(cell) == self.error_counter() { self.all_tries() } else { 0xFF }
    }
}

impl fmt::Display for Chip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Chip {
    type Err = UnknownChip;

    fn from_str(name: &str) -> Result<Self, UnknownChip> {
        Self::ALL.into_iter().find(|chip| chip.id() == name).ok_or_else(|| UnknownChip(name.to_owned()))
    }
}
