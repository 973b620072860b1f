//! One write of one card, as a machine without clock, reader or disk: it says what to do next, hears what came of it,
//! and says what next. All order is here; whoever drives it only obeys.
//!
//! ```text
//! Journal(received) → power cycle → read = before? → tries? → Journal(writing) → present once → all tries there?
//!   → seal FF → read back → changed body bytes → read back (rewrite ≤ 2) → [new password, power cycle, prove it]
//!   → seal → power cycle → read, read, tries → finish
//! ```
//! A reader that cannot tell the tries is presented through only by [`accept`]'s narrower rule; then the two looks at the
//! tries tell nothing. Nothing is presented when nothing is to be written. A failure before the first byte refuses; a failure after it is
//! `Torn`, with what is on the card if that can still be read. A station never goes on by itself after that: a new
//! ticket with the torn image as its `before` does.

mod accept;
mod chip;
mod job;
mod steps;

pub use accept::{About, Accepted, Memory, Refusal, Station, accept};
pub use chip::Chip;
pub use job::{Job, start};
pub use steps::{PlanError, Run, Steps};

use crate::proto::{JournalStage, Secret, TicketOutcome};

/// What is to be done next. Each command is answered by exactly one [`Event`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Put a stage into the journal, on the disk.
    Journal(JournalStage),
    /// Power the card off and on: ends the access that a password gave.
    PowerCycle,
    /// Read the whole memory.
    ReadAll,
    /// Read the error counter.
    ErrorCounter,
    /// Present the password once.
    Present(Secret),
    /// Replace the password.
    ChangeCode(Secret),
    /// Write bytes from an offset on.
    Write(Run),
    /// The end: journal it, then report it.
    Finish(Ended),
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// For the server.
    pub outcome: TicketOutcome,
    /// See `TicketResult::psc_changed`.
    pub psc_changed: Option<bool>,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Done, and there is nothing to tell.
    Done,
    /// What `ReadAll` read.
    Image(Vec<u8>),
    /// What `ErrorCounter` read; none when this reader cannot.
    Tries(Option<u8>),
    /// It failed.
    Failed(Failure),
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the machine decides by.
    pub kind: FailureKind,
    /// For the log, in English. Never holds a password.
    pub detail: String,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No card in the slot, or it was pulled.
    NoCard,
    /// The password was wrong: a try is gone.
    WrongCode,
    /// No try is left.
    Locked,
    /// The card refused (a protected byte, no access).
    Refused,
    /// It did not read back as it was written, after the rewrites that are allowed.
    Verify,
    /// A damaged frame, or silence, after the retries of the protocol.
    Garbled,
    /// The port or the reader is gone.
    Port,
    /// The reader cannot do this.
    Unsupported,
    /// The driver broke its limits or its contract.
    Driver,
    /// The disk refused.
    Journal,
}

impl FailureKind {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCard => "write.removed",
            Self::WrongCode => "psc.wrong",
            Self::Locked => "card.locked",
            Self::Refused => "card.refused",
            Self::Verify => "write.unverified",
            Self::Garbled => "reader.no_answer",
            Self::Port => "reader.unplugged",
            Self::Unsupported => "reader.unsupported",
            Self::Driver => "driver.fault",
            Self::Journal => "journal.failed",
        }
    }

    /// Whether asking the reader anything more makes sense.
    #[must_use]
    pub fn leaves_a_reader(self) -> bool {
        !matches!(self, Self::NoCard | Self::Port | Self::Driver)
    }
}

#[cfg(test)]
mod tests;
