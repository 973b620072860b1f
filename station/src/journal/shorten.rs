//! Keeping the journal bounded. What is open, what the server has not acknowledged, and the newest operations stay
//! whole; older ones are closed on both sides and go.
//!
//! The shortened journal takes the old one's place in one step ([`Disk::replace`](super::Disk::replace)): a crash at any
//! moment leaves one of the two, whole. Numbers and checksums go on. A ticket of an operation that was left out is
//! still refused: it dies with its card session.

use std::collections::HashSet;
use std::io;

use uuid::Uuid;

use super::{Entry, Journal, JournalError, Replaced, line};
use crate::proto::Hex;

/// Operations that are kept whole although they are closed: what a server that lost the end of its database may ask for.
const KEPT: usize = 500;
/// Below this length nothing is done.
const GROWN: u64 = 4 * 1024 * 1024;

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
        if self.closed {
            return Err(JournalError::Closed);
        }
        let entries = line::read(&self.disk.read()?)?.entries;
        let stays = self.state.staying(kept);
        let short = Short::of(&entries, &stays, self.seq, self.chain, self.state.doubted())?;
        match self.disk.replace(&short.bytes) {
            Replaced::Done => {}
            Replaced::Kept(error) => return Err(error.into()),
            Replaced::Unknown(error) => {
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
