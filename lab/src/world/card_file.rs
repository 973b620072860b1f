//! A card as a file: fixed places, one write per cell operation, one holder at a time.
//!
//! | offset | content |
//! |---|---|
//! | 0 | `DKCARD`, layout 1 as two bytes |
//! | 8 | cells: 256 main memory, 4 protection, error counter, 3 code |
//! | 272 | operations on the whole card, u64 little endian |
//! | 280 | operations per cell, 264 × u32 little endian |
//!
//! A cell's byte is written before the next operation starts, so a killed process leaves precisely the bytes that a real
//! card would hold. Nothing is synced: what a power failure of the machine does to a bench is not promised.

use super::error::{IoAt, WorldError};
use crate::sle4442::{CELLS, Cell, CellStore, Cells, Sle4442};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAGIC: [u8; 8] = *b"DKCARD\x00\x01";
const CELLS_AT: u64 = 8;
const TOTAL_AT: u64 = 272;
const WEAR_AT: u64 = 280;
const SIZE: usize = 280 + 4 * CELLS;
const RETRY: Duration = Duration::from_millis(5);

/// A card's file, held by this process alone until the value is dropped.
#[derive(Debug)]
pub struct CardFile {
    path: PathBuf,
    file: Flock<File>,
}

impl CardFile {
    /// Makes the file of a blank card, appearing whole or not at all, and holds it.
    ///
    /// # Errors
    /// The file system's.
    pub fn create(path: &Path) -> Result<Self, WorldError> {
        let aside = path.with_extension("new");
        std::fs::write(&aside, encode(&Cells::blank())).at(&aside)?;
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
            Ok(file) => Ok(Self { path: path.to_path_buf(), file }),
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
        decode(path, &std::fs::read(path).at(path)?)
    }

    /// The card, writing through to the file, which stays held until the card is dropped.
    ///
    /// # Errors
    /// As [`CardFile::peek`].
    pub fn into_card(self) -> Result<Sle4442, WorldError> {
        let cells = Self::peek(&self.path)?;
        Ok(Sle4442::new(cells, Some(Box::new(self))))
    }
}

impl CellStore for CardFile {
    fn changed(&mut self, cell: Cell, value: u8, wear: u32, total: u64) -> io::Result<()> {
        let index = u64::try_from(cell.index()).map_err(io::Error::other)?;
        self.file.write_all_at(&[value], CELLS_AT + index)?;
        self.file.write_all_at(&wear.to_le_bytes(), WEAR_AT + 4 * index)?;
        self.file.write_all_at(&total.to_le_bytes(), TOTAL_AT)
    }
}

fn encode(cells: &Cells) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(cells.bytes());
    out.extend(cells.total().to_le_bytes());
    out.extend(cells.wear_of_all().iter().flat_map(|wear| wear.to_le_bytes()));
    out
}

fn decode(path: &Path, bytes: &[u8]) -> Result<Cells, WorldError> {
    let corrupt = || WorldError::Corrupt { path: path.to_path_buf(), what: "not a card file of layout 1".to_owned() };
    let (magic, rest) = bytes.split_first_chunk::<8>().ok_or_else(corrupt)?;
    let (cells, rest) = rest.split_first_chunk::<CELLS>().ok_or_else(corrupt)?;
    let (total, rest) = rest.split_first_chunk::<8>().ok_or_else(corrupt)?;
    if *magic != MAGIC || bytes.len() != SIZE {
        return Err(corrupt());
    }
    let mut wear = [0; CELLS];
    let (words, _) = rest.as_chunks::<4>();
    for (to, from) in wear.iter_mut().zip(words) {
        *to = u32::from_le_bytes(*from);
    }
    Ok(Cells::new(*cells, wear, u64::from_le_bytes(*total)))
}
