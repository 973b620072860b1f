//! The EEPROM under a card's logic: byte cells, the two physical operations on them, and what a tear leaves behind.

use super::Chip;
use std::io;

/// One byte cell of a card: its position in the order main memory, protection bits, and for the SLE4442 the error
/// counter and the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell(u16);

impl Cell {
    pub(super) const fn at(index: u16) -> Self {
        Self(index)
    }

    /// A byte of main memory.
    pub const fn main(address: u16) -> Self {
        Self(address)
    }

    /// Its position, 0 to [`Chip::cells`] − 1.
    pub fn index(self) -> usize {
        usize::from(self.0)
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
    chip: Chip,
    bytes: Vec<u8>,
    wear: Vec<u32>,
    total: u64,
}

impl Cells {
    /// Cells with the given content and wear, both [`Chip::cells`] long or there is no such card; bits of the error
    /// counter that do not exist are dropped.
    pub fn new(chip: Chip, mut bytes: Vec<u8>, wear: Vec<u32>, total: u64) -> Option<Self> {
        if bytes.len() != chip.cells() || wear.len() != chip.cells() {
            return None;
        }
        if let Some(counter) = chip.error_counter().and_then(|cell| bytes.get_mut(cell.index())) {
            *counter &= chip.all_tries();
        }
        Some(Self { chip, bytes, wear, total })
    }

    /// A card as its maker delivers it: the bytes of its answer to reset, all else erased, a code of `FF`.
    pub fn blank(chip: Chip) -> Self {
        let erased = (0..u16::MAX).map(|at| chip.erased(Cell(at))).take(chip.cells());
        let atr = chip.atr().into_iter().flatten();
        let start = atr.clone().count();
        let bytes = atr.chain(erased.skip(start)).collect();
        Self { chip, bytes, wear: vec![0; chip.cells()], total: 0 }
    }

    /// Whose they are.
    pub fn chip(&self) -> Chip {
        self.chip
    }

    /// What the cell holds.
    pub fn get(&self, cell: Cell) -> u8 {
        self.bytes.get(cell.index()).copied().unwrap_or(0xFF)
    }

    /// Main memory, as a reader would see it without the code: a code that lies in it reads 0.
    pub fn image(&self) -> Vec<u8> {
        let mut image: Vec<u8> = self.bytes.iter().take(self.chip.main_size()).copied().collect();
        for cell in self.chip.code() {
            if let Some(byte) = image.get_mut(cell.index()) {
                *byte = 0;
            }
        }
        image
    }

    /// The error counter of a chip that has one: a 1 bit for each free try.
    pub fn error_counter(&self) -> Option<u8> {
        self.chip.error_counter().map(|cell| self.get(cell))
    }

    /// Tries of the code that are left; none for a chip without a code.
    pub fn tries(&self) -> Option<u8> {
        // A byte has at most 8.
        self.error_counter().and_then(|counter| u8::try_from(counter.count_ones()).ok())
    }

    /// The code; empty for a chip without. A reader cannot see it; the lab's own meters and tests can.
    pub fn psc(&self) -> Vec<u8> {
        self.chip.code().iter().map(|cell| self.get(*cell)).collect()
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
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The wear of all cells in the order of [`Cell::index`].
    pub fn wear_of_all(&self) -> &[u32] {
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
        let value = value & self.erased(cell);
        let mut operations = 0;
        if value & !self.cells.get(cell) != 0 {
            self.operate(cell, self.erased(cell))?;
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

    fn erased(&self, cell: Cell) -> u8 {
        self.cells.chip.erased(cell)
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
