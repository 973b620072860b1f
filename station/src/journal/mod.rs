//! The write journal: what this station was told to write, how far it came, how it ended.
//!
//! An append-only file, shortened now and then (see `shorten`), one entry a line, on the disk (fsync) before `append`
//! returns. It is what lets a station say after a crash where it was, refuse a ticket that it ran before, send a result
//! until the server has it, and give a sale back to a server that lost the end of its database. It never holds a
//! password in clear: tickets carry theirs sealed.
//!
//! A failed write or fsync closes the journal for good (the kernel may have dropped the page, so trying again proves
//! nothing): the station then refuses every ticket before touching a card, until it is started again.

mod disk;
mod line;
mod shorten;
mod state;

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use disk::{Disk, Replaced};
use disk::{FILE, FileDisk};

use crate::proto::{Hex, JournalStage, JournalStanding, SignedTicket, TicketOutcome, TicketResult};

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// A ticket was accepted; whole, with its signature.
    Received {
        /// The operation.
        op: Uuid,
        /// The ticket's epoch.
        epoch: u32,
        /// The card session.
        session: Uuid,
        /// The ticket itself.
        ticket: SignedTicket,
    },
    /// A stage is about to begin.
    Stage {
        /// The operation.
        op: Uuid,
        /// The ticket's epoch.
        epoch: u32,
        /// The stage.
        stage: JournalStage,
    },
    /// A ticket ended (also one that was refused: its epoch is spent).
    Result(TicketResult),
    /// A promise to the server: no ticket of the operation up to this epoch is run here any more.
    Fenced {
        /// The operation.
        op: Uuid,
        /// The highest epoch that is refused.
        up_to_epoch: u32,
    },
    /// The server has the result.
    Acknowledged {
        /// The operation.
        op: Uuid,
        /// The ticket's epoch.
        epoch: u32,
    },
    /// The first line of a shortened journal: older operations, all closed and acknowledged, were left out.
    Shortened {
        /// Checksum of the line before it, in the file that it replaced.
        after: u32,
        /// Operations that were left out, over all shortenings.
        dropped: u64,
    },
    /// Behind the kept lines of a shortened journal: all images whose password is in doubt, also by operations that
    /// were left out.
    Doubted {
        /// SHA-256 of each.
        images: Vec<Hex>,
    },
}

impl Entry {
    /// The operation that it belongs to.
    fn op(&self) -> Option<Uuid> {
        match self {
            Self::Received { op, .. }
            | Self::Stage { op, .. }
            | Self::Fenced { op, .. }
            | Self::Acknowledged { op, .. } => Some(*op),
            Self::Result(result) => Some(result.op),
            Self::Shortened { .. } | Self::Doubted { .. } => None,
        }
    }
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused. After this on `append`, the journal stays closed.
    #[error("the journal cannot be written or read: {0}")]
    Io(#[from] io::Error),
    /// Closed by an earlier failure.
    #[error("the journal failed earlier; start the station again after its disk is repaired")]
    Closed,
    /// Another process uses the same folder.
    #[error("another station runs on the same data folder")]
    Locked,
    /// A line that is not the last one is damaged: this is no longer the journal that was written.
    #[error("line {line} of the journal is damaged: this station must be registered anew")]
    Damaged {
        /// Counted from 1.
        line: usize,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    disk: Box<dyn Disk>,
    bytes: u64,
    /// Length after the last shortening.
    shortest: u64,
    seq: u64,
    chain: u32,
    state: state::State,
    closed: bool,
}

impl Journal {
    /// Opens (or begins) the journal in a folder, as [`Journal::on`] does.
    ///
    /// # Errors
    /// `Io`, `Locked`, or `Damaged` when anything but the last line does not fit.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Self::on(Box::new(FileDisk::open(dir)?))
    }

    /// The journal on a disk. A last line that a power cut tore is cut off: its `append` never returned, so nothing was
    /// done on its strength. Tickets without a result get one: `Interrupted`.
    ///
    /// # Errors
    /// `Io`, or `Damaged` when anything but the last line does not fit.
    pub fn on(mut disk: Box<dyn Disk>) -> Result<Self, JournalError> {
        let text = disk.read()?;
        let read = line::read(&text)?;
        if read.good_bytes < text.len() {
            tracing::warn!(bytes = text.len() - read.good_bytes, "cutting a torn last line off the journal");
            disk.cut(u64::try_from(read.good_bytes).map_err(io::Error::other)?)?;
        }
        disk.sync_all()?;
        let state = state::State::default();
        let bytes = u64::try_from(read.good_bytes).map_err(io::Error::other)?;
        let mut journal = Self { disk, bytes, shortest: 0, seq: read.seq, chain: read.chain, state, closed: false };
        for entry in read.entries {
            journal.state.apply(&entry);
        }
        for (op, epoch, standing) in journal.state.unfinished() {
            journal.append(&Entry::Result(TicketResult {
                op,
                epoch,
                session: standing.session,
                outcome: TicketOutcome::Interrupted { last_stage: standing.stage },
                // A change that had begun may or may not have happened.
                psc_changed: (standing.stage == JournalStage::ChangingCode).then_some(false),
            }))?;
        }
        Ok(journal)
    }

    /// Writes one entry and returns when it is on the disk.
    ///
    /// # Errors
    /// `Io` the first time that the disk refuses, `Closed` from then on.
    pub fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        if self.closed {
            return Err(JournalError::Closed);
        }
        let line = line::write(self.seq + 1, self.chain, entry)?;
        let written = self.disk.append(&line.bytes).and_then(|()| self.disk.sync());
        if let Err(error) = written {
            self.closed = true;
            return Err(error.into());
        }
        self.seq += 1;
        self.bytes = self.bytes.saturating_add(u64::try_from(line.bytes.len()).unwrap_or(u64::MAX));
        self.chain = line.chain;
        self.state.apply(entry);
        Ok(())
    }

    /// How it stands, for the server and for the installer.
    #[must_use]
    pub fn standing(&self) -> JournalStanding {
        let unacknowledged = u32::try_from(self.state.unacknowledged().len()).unwrap_or(u32::MAX);
        JournalStanding { seq: self.seq, bytes: self.bytes, unacknowledged, open: !self.closed }
    }

    /// Number of the last entry; rises by one with each.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The highest epoch of an operation that this station accepted, refused for good or promised to refuse.
    #[must_use]
    pub fn highest_epoch(&self, op: Uuid) -> Option<u32> {
        self.state.highest_epoch(op)
    }

    /// Whether a password was presented here to a card with this image (by its hash), and was not seen to verify since.
    #[must_use]
    pub fn is_doubted(&self, image_sha256: &Hex) -> bool {
        self.state.is_doubted(image_sha256)
    }

    /// The result of one ticket, looked up in the file: for a server that asks about one that it has forgotten.
    ///
    /// # Errors
    /// `Io` or `Damaged` when the disk cannot be read.
    pub fn result_of(&self, op: Uuid, epoch: u32) -> Result<Option<TicketResult>, JournalError> {
        let read = line::read(&self.disk.read()?)?;
        let mut results = read.entries.into_iter().filter_map(|entry| match entry {
            Entry::Result(result) => Some(result),
            _ => None,
        });
        Ok(results.rfind(|result| (result.op, result.epoch) == (op, epoch)))
    }

    /// Results that the server has not acknowledged, oldest first.
    #[must_use]
    pub fn unacknowledged(&self) -> Vec<TicketResult> {
        self.state.unacknowledged()
    }

    /// Promises to refuse the tickets of an operation up to this epoch. The same promise twice writes nothing.
    ///
    /// # Errors
    /// As `append`.
    pub fn fence(&mut self, op: Uuid, up_to_epoch: u32) -> Result<(), JournalError> {
        if self.highest_epoch(op).is_none_or(|highest| highest < up_to_epoch) {
            self.append(&Entry::Fenced { op, up_to_epoch })?;
        }
        Ok(())
    }

    /// The server has a result. Unknown ones are ignored: acknowledgements may come twice.
    ///
    /// # Errors
    /// As `append`.
    pub fn acknowledge(&mut self, op: Uuid, epoch: u32) -> Result<(), JournalError> {
        if self.state.awaits_acknowledgement(op, epoch) {
            self.append(&Entry::Acknowledged { op, epoch })?;
        }
        Ok(())
    }
}

/// Whether a running station has this folder's journal open.
///
/// # Errors
/// `Io` when that cannot be found out.
pub fn is_open(dir: &Path) -> Result<bool, JournalError> {
    disk::is_locked(dir)
}

/// Reads a journal that this process does not write: number of its last entry, length, results without acknowledgement.
/// A last line that is being written at this moment does not count.
///
/// # Errors
/// `Io`, or `Damaged`. A folder without a journal has an empty one.
pub fn look(dir: &Path) -> Result<JournalStanding, JournalError> {
    let text = match std::fs::read(dir.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let read = line::read(&text)?;
    let mut state = state::State::default();
    for entry in &read.entries {
        state.apply(entry);
    }
    let unacknowledged = u32::try_from(state.unacknowledged().len()).unwrap_or(u32::MAX);
    let bytes = u64::try_from(text.len()).map_err(io::Error::other)?;
    Ok(JournalStanding { seq: read.seq, bytes, unacknowledged, open: true })
}

#[cfg(test)]
mod tests;
