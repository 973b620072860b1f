//! Keeping the journal bounded. What is open, what the server has not acknowledged, and the newest operations stay
//! whole; older ones are closed on both sides and go.
//!
//! The shortened journal is written beside the old one, forced to the disk, and takes its name in one step: a crash at
//! any moment leaves one of the two, whole. Numbers and checksums go on. A ticket of an operation that was left out is
//! still refused: it dies with its card session.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{Entry, Journal, JournalError, line};
use crate::power_cut;
use crate::proto::Hex;

/// Operations that are kept whole although they are closed: what a server that lost the end of its database may ask for.
const KEPT: usize = 500;
/// Below this length nothing is done.
const GROWN: u64 = 4 * 1024 * 1024;

fn draft_of(journal: &Path) -> PathBuf {
    journal.with_extension("new")
}

/// A draft that a crash left.
pub(super) fn forget_draft(journal: &Path) -> io::Result<()> {
    match fs::remove_file(draft_of(journal)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Journal {
    /// Shortens the journal when it has grown to 4 MiB, and to twice what the last shortening left.
    ///
    /// # Errors
    /// As [`Journal::shorten`].
    pub fn compact_if_grown(&mut self) -> Result<(), JournalError> {
        if self.closed || self.bytes < GROWN.max(self.shortest.saturating_mul(2)) {
            return Ok(());
        }
        let done = self.shorten(KEPT);
        // Whatever came of it: not again at once.
        self.shortest = self.bytes;
        done
    }

    /// Leaves out all closed and acknowledged operations but the newest `kept`.
    ///
    /// # Errors
    /// `Io`: as long as the old journal has its name, it goes on being written; when that is not known, it is closed.
    pub fn shorten(&mut self, kept: usize) -> Result<(), JournalError> {
        let draft = draft_of(&self.path);
        self.shorten_by(kept, &draft)
    }

    pub(super) fn shorten_by(&mut self, kept: usize, draft: &Path) -> Result<(), JournalError> {
        if self.closed {
            return Err(JournalError::Closed);
        }
        let entries = line::read(&fs::read(&self.path)?)?.entries;
        let stays = self.state.staying(kept);
        let short = Short::of(&entries, &stays, self.seq, self.chain, self.state.doubted())?;
        let written = write(draft, &short.bytes);
        power_cut::point("journal.shortened");
        let renamed = written.and_then(|()| fs::rename(draft, &self.path));
        if let Err(error) = renamed {
            let _left = fs::remove_file(draft);
            return Err(error.into());
        }
        power_cut::point("journal.renamed");
        // From here on the old file has no name: only the new one may be written.
        let opened = OpenOptions::new().append(true).open(&self.path).and_then(|file| {
            #[cfg(unix)]
            fs::File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(file)
        });
        match opened {
            Ok(file) => self.file = file,
            Err(error) => {
                self.closed = true;
                return Err(error.into());
            }
        }
        let before = self.bytes;
        (self.seq, self.chain) = (short.seq, short.chain);
        self.bytes = u64::try_from(short.bytes.len()).map_err(io::Error::other)?;
        self.state.keep(&stays);
        tracing::info!(before, after = self.bytes, dropped = short.dropped, "the journal was shortened");
        Ok(())
    }
}

struct Short {
    bytes: Vec<u8>,
    seq: u64,
    chain: u32,
    dropped: u64,
}

impl Short {
    fn of(
        entries: &[Entry],
        stays: &HashSet<Uuid>,
        seq: u64,
        chain: u32,
        doubted: Vec<Hex>,
    ) -> Result<Self, JournalError> {
        let mut gone = HashSet::new();
        let mut dropped = 0;
        let mut kept = Vec::new();
        for entry in entries {
            match entry.op() {
                Some(op) if stays.contains(&op) => kept.push(entry),
                Some(op) => {
                    gone.insert(op);
                }
                None => {
                    if let Entry::Shortened { dropped: before, .. } = entry {
                        dropped = *before;
                    }
                }
            }
        }
        let dropped = u64::try_from(gone.len()).map_err(io::Error::other)?.saturating_add(dropped);
        let (head, tail) = (Entry::Shortened { after: chain, dropped }, Entry::Doubted { images: doubted });
        let mut short = Self { bytes: Vec::new(), seq, chain, dropped };
        for entry in std::iter::once(&head).chain(kept).chain(std::iter::once(&tail)) {
            let line = line::write(short.seq + 1, short.chain, entry)?;
            short.bytes.extend_from_slice(&line.bytes);
            short.seq += 1;
            short.chain = line.chain;
        }
        Ok(short)
    }
}

fn write(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).open(draft)?;
    out.write_all(bytes)?;
    out.sync_all()
}
