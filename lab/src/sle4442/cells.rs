//! The EEPROM under the card's logic: byte cells, the two physical operations on them, and what a tear leaves behind.

use std::io;

/// Bytes of main memory.
pub const MAIN_SIZE: usize = 256;
/// All byte cells: main memory, 4 of protection, the error counter, 3 of the code.
pub const CELLS: usize = MAIN_SIZE + 4 + 1 + 3;
/// The error counter has three bits; the others do not exist and read 0.
pub const EC_BITS: u8 = 0b111;

const PROTECTION_AT: u16 = 256;
const EC_AT: u16 = 260;
const PSC_AT: u16 = 261;

/// One byte cell of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell(u16);

impl Cell {
    /// The error counter.
    pub const ERROR_COUNTER: Self = Self(EC_AT);

    /// A byte of main memory.
    pub fn main(address: u8) -> Self {
        Self(u16::from(address))
    }

    /// The protection byte that holds the bit of main memory byte `address` (0–31).
    pub fn protection_of(address: u8) -> Self {
        Self(PROTECTION_AT + u16::from((address & 0x1F) / 8))
    }

    /// Byte 0, 1 or 2 of the programmable security code (higher numbers wrap).
    pub fn psc(index: u8) -> Self {
        Self(PSC_AT + u16::from(index % 3))
    }

    /// Position in the order main, protection, error counter, code: 0 to [`CELLS`] − 1.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// What the cell holds when all of its bits are erased.
    fn erased(self) -> u8 {
        if self == Self::ERROR_COUNTER { EC_BITS } else { 0xFF }
    }
}

/// How far a torn operation got: which of the bits that it would have changed did change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partial {
    /// A subset drawn from the seed; the same seed gives the same subset.
    Seeded(u64),
    /// Exactly these bits, of those that the operation would have changed.
    Mask(u8),
}

impl Partial {
    fn of(self, changing: u8) -> u8 {
        changing
            & match self {
                Self::Mask(mask) => mask,
                Self::Seeded(seed) => splitmix(seed).to_le_bytes()[0],
            }
    }
}

/// Where a card's cells are kept beyond memory: told of every physical operation, before the next one starts.
pub trait CellStore: Send {
    /// `cell` now holds `value`, was operated on `wear` times, and the whole card `total` times.
    ///
    /// # Errors
    /// Whatever keeps the store from keeping it; the card then behaves as if it had been pulled.
    fn changed(&mut self, cell: Cell, value: u8, wear: u32, total: u64) -> io::Result<()>;
}

/// Why an operation did not end well.
#[derive(Debug)]
pub(super) enum Fault {
    Torn,
    Store(io::Error),
}

/// The content of a card with the count of operations on each cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    bytes: [u8; CELLS],
    wear: [u32; CELLS],
    total: u64,
}

impl Cells {
    /// Cells with the given content and wear; bits of the error counter that do not exist are dropped.
    pub fn new(mut bytes: [u8; CELLS], wear: [u32; CELLS], total: u64) -> Self {
        if let Some(counter) = bytes.get_mut(Cell::ERROR_COUNTER.index()) {
            *counter &= EC_BITS;
        }
        Self { bytes, wear, total }
    }

    /// A card as its maker delivers it: answer-to-reset bytes `A2 13 10 91`, all else erased, code `FFFFFF`.
    pub fn blank() -> Self {
        let mut bytes = [0xFF; CELLS];
        bytes[..4].copy_from_slice(&super::ATR_BYTES);
        Self::new(bytes, [0; CELLS], 0)
    }

    /// What the cell holds.
    pub fn get(&self, cell: Cell) -> u8 {
        self.bytes.get(cell.index()).copied().unwrap_or(0xFF)
    }

    /// Main memory, as a reader would see it.
    pub fn image(&self) -> [u8; MAIN_SIZE] {
        let mut image = [0xFF; MAIN_SIZE];
        for (to, from) in image.iter_mut().zip(&self.bytes) {
            *to = *from;
        }
        image
    }

    /// The error counter: 7, 6, 4 or 0 unless a tear left another pattern.
    pub fn error_counter(&self) -> u8 {
        self.get(Cell::ERROR_COUNTER)
    }

    /// The code. A reader cannot see it; the lab's own meters and tests can.
    pub fn psc(&self) -> [u8; 3] {
        [0, 1, 2].map(|i| self.get(Cell::psc(i)))
    }

    /// Physical operations on the cell so far; a rewrite that needs erasing and programming counts two.
    pub fn wear(&self, cell: Cell) -> u32 {
        self.wear.get(cell.index()).copied().unwrap_or(0)
    }

    /// Physical operations on the whole card so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// All cells in the order of [`Cell::index`].
    pub fn bytes(&self) -> &[u8; CELLS] {
        &self.bytes
    }

    /// The wear of all cells in the order of [`Cell::index`].
    pub fn wear_of_all(&self) -> &[u32; CELLS] {
        &self.wear
    }
}

#[derive(Debug, Clone, Copy)]
struct Tear {
    left: u32,
    partial: Partial,
}

/// The cells with their physics.
pub(super) struct Eeprom {
    pub(super) cells: Cells,
    store: Option<Box<dyn CellStore>>,
    tear: Option<Tear>,
}

impl Eeprom {
    pub(super) fn new(cells: Cells, store: Option<Box<dyn CellStore>>) -> Self {
        Self { cells, store, tear: None }
    }

    /// `left` operations still succeed, the one after that is torn.
    pub(super) fn tear_after(&mut self, left: u32, partial: Partial) {
        self.tear = Some(Tear { left, partial });
    }

    pub(super) fn tear_is_pending(&self) -> bool {
        self.tear.is_some()
    }

    pub(super) fn forget_tear(&mut self) {
        self.tear = None;
    }

    /// Brings the cell to `value`: erases if a bit must rise, then programs if a bit must fall. The chip skips what
    /// changes nothing. Returns the number of operations, 0 to 2.
    pub(super) fn update(&mut self, cell: Cell, value: u8) -> Result<u8, Fault> {
        let value = value & cell.erased();
        let mut operations = 0;
        if value & !self.cells.get(cell) != 0 {
            self.operate(cell, cell.erased())?;
            operations += 1;
        }
        if self.cells.get(cell) != value {
            self.operate(cell, value)?;
            operations += 1;
        }
        Ok(operations)
    }

    /// Programs only: the bits that are 0 in `value` fall, none rises.
    pub(super) fn program(&mut self, cell: Cell, value: u8) -> Result<u8, Fault> {
        let value = value & self.cells.get(cell);
        self.update(cell, value)
    }

    fn operate(&mut self, cell: Cell, intended: u8) -> Result<(), Fault> {
        let before = self.cells.get(cell);
        let torn = match &mut self.tear {
            Some(tear) if tear.left == 0 => Some(tear.partial),
            Some(tear) => {
                tear.left -= 1;
                None
            }
            None => None,
        };
        let value = match torn {
            Some(partial) => before ^ partial.of(before ^ intended),
            None => intended,
        };
        let wear = self.cells.wear(cell).saturating_add(1);
        let total = self.cells.total.saturating_add(1);
        if let Some(store) = &mut self.store {
            store.changed(cell, value, wear, total).map_err(Fault::Store)?;
        }
        if let (Some(byte), Some(count)) =
            (self.cells.bytes.get_mut(cell.index()), self.cells.wear.get_mut(cell.index()))
        {
            *byte = value;
            *count = wear;
        }
        self.cells.total = total;
        if torn.is_some() {
            self.tear = None;
            return Err(Fault::Torn);
        }
        Ok(())
    }
}

/// One step of the public-domain SplitMix64 generator: a seed becomes well mixed bits.
pub(crate) fn splitmix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
