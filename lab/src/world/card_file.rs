//! A card as a file: fixed places, one write per cell operation, one holder at a time.
//!
//! | offset | content |
//! |---|---|
//! | 0 | `DKCARD`, layout 2 as two bytes |
//! | 8 | name of the chip, 8 bytes filled up with 0 |
//! | 16 | cells: main memory, protection bits, and where they lie beside it the error counter and the code |
//! | then | operations on the whole card, u64 little endian |
//! | then | operations per cell, u32 little endian each |
//!
//! Layout 1 lacks the name and is an SLE4442: 264 cells from offset 8. It is read and written on as it is.
//!
//! A cell's byte is written before the next operation starts, so a killed process leaves precisely the bytes that a real
//! card would hold. Nothing is synced: what a power failure of the machine does to a bench is not promised.

use super::error::{IoAt, WorldError};
use crate::card::{Card, Cell, CellStore, Cells, Chip};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAGIC: [u8; 6] = *b"DKCARD";
const NAME_SIZE: usize = 8;

/// Where the parts of a file begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    chip: Chip,
    cells_at: usize,
}

impl Layout {
    fn total_at(self) -> usize {
        self.cells_at + self.chip.cells()
    }

    fn wear_at(self) -> usize {
        self.total_at() + 8
    }

    fn size(self) -> usize {
        self.wear_at() + 4 * self.chip.cells()
    }
}

const RETRY: Duration = Duration::from_millis(5);

/// A card's file, held by this process alone until the value is dropped.
#[derive(Debug)]
pub struct CardFile {
    path: PathBuf,
    file: Flock<File>,
    /// Of the file that was read; none until then.
    layout: Option<Layout>,
}

impl CardFile {
    /// Makes the file of a blank card, appearing whole or not at all, and holds it.
    ///
    /// # Errors
    /// The file system's.
    pub fn create(path: &Path, chip: Chip) -> Result<Self, WorldError> {
        let aside = path.with_extension("new");
        std::fs::write(&aside, encode(&Cells::blank(chip))).at(&aside)?;
        std::fs::rename(&aside, path).at(path)?;
        Self::open(path)
    }

    /// Holds the file.
    ///
    /// # Errors
    /// [`WorldError::Busy`] while another process, or another holder in this one, has it.
    pub fn open(path: &Path) -> Result<Self, WorldError> {
        let file = OpenOptions::new().read(true).write(true).open(path).at(path)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => Ok(Self { path: path.to_path_buf(), file, layout: None }),
            Err((_, Errno::EWOULDBLOCK)) => Err(WorldError::Busy(path.to_path_buf())),
            Err((_, error)) => Err(error).at(path),
        }
    }

    /// Holds the file, waiting for its holder to let go.
    ///
    /// # Errors
    /// [`WorldError::Busy`] when the holder has not within `patience`.
    pub fn open_within(path: &Path, patience: Duration) -> Result<Self, WorldError> {
        let start = Instant::now();
        loop {
            match Self::open(path) {
                Err(WorldError::Busy(_)) if start.elapsed() < patience => std::thread::sleep(RETRY),
                done => return done,
            }
        }
    }

    /// What the file holds now, whoever holds it.
    ///
    /// # Errors
    /// The file system's, or [`WorldError::Corrupt`].
    pub fn peek(path: &Path) -> Result<Cells, WorldError> {
        read(path).map(|(_, cells)| cells)
    }

    /// The card, writing through to the file, which stays held until the card is dropped.
    ///
    /// # Errors
    /// As [`CardFile::peek`].
    pub fn into_card(mut self) -> Result<Card, WorldError> {
        let (layout, cells) = read(&self.path)?;
        self.layout = Some(layout);
        Ok(Card::new(cells, Some(Box::new(self))))
    }
}

impl CellStore for CardFile {
    fn changed(&mut self, cell: Cell, value: u8, wear: u32, total: u64) -> io::Result<()> {
        let layout = self.layout.ok_or_else(|| io::Error::other("a card file that was never read"))?;
        self.put(&[value], layout.cells_at + cell.index())?;
        self.put(&wear.to_le_bytes(), layout.wear_at() + 4 * cell.index())?;
        self.put(&total.to_le_bytes(), layout.total_at())
    }
}

impl CardFile {
    fn put(&self, bytes: &[u8], at: usize) -> io::Result<()> {
        self.file.write_all_at(bytes, u64::try_from(at).map_err(io::Error::other)?)
    }
}

fn encode(cells: &Cells) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend([0, 2]);
    out.extend(cells.chip().id().bytes().chain(std::iter::repeat(0)).take(NAME_SIZE));
    out.extend(cells.bytes());
    out.extend(cells.total().to_le_bytes());
    out.extend(cells.wear_of_all().iter().flat_map(|wear| wear.to_le_bytes()));
    out
}

fn read(path: &Path) -> Result<(Layout, Cells), WorldError> {
    let bytes = std::fs::read(path).at(path)?;
    decode(&bytes).ok_or_else(|| WorldError::Corrupt {
        path: path.to_path_buf(),
        what: "not a card file of layout 1 or 2".to_owned(),
    })
}

fn decode(bytes: &[u8]) -> Option<(Layout, Cells)> {
    let layout = match bytes.strip_prefix(&MAGIC)? {
        [0, 1, ..] => Layout { chip: Chip::Sle4442, cells_at: 8 },
        [0, 2, rest @ ..] => {
            let name = rest.get(..NAME_SIZE)?;
            let chip = std::str::from_utf8(name).ok()?.trim_end_matches('\0').parse().ok()?;
            Layout { chip, cells_at: 8 + NAME_SIZE }
        }
        _ => return None,
    };
    if bytes.len() != layout.size() {
        return None;
    }
    let cells = bytes.get(layout.cells_at..layout.total_at())?.to_vec();
    let total = u64::from_le_bytes(*bytes.get(layout.total_at()..)?.first_chunk()?);
    let (words, _) = bytes.get(layout.wear_at()..)?.as_chunks::<4>();
    let wear = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    Some((layout, Cells::new(layout.chip, cells, wear, total)?))
}
