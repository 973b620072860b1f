//! The messages between a station and its server: JSON with a `type`, the same over WebSocket and in process.
//!
//! Codes are stable text (`ticket.before_differs`); the server's error catalogue holds their texts. A message of an
//! unknown type closes the link.

mod drivers;
mod hex_bytes;
mod reader;
mod result;
mod secret;
mod settings;
mod statement;
mod ticket;

use dianka_plugin_host::package::Digest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use drivers::{DriverOffer, DriverOffers, DriverPart, PART_BYTES, SignedOffers};
pub use hex_bytes::Hex;
pub use reader::{
    CardSeen, PortAnswer, ReadOutcome, ReaderName, ReaderSettings, ReaderState, ReaderStatus, TestPort, TestPortAnswer,
};
pub use result::{JournalStage, Step, TicketOutcome, TicketResult};
pub use secret::{BoxKey, CardPassword, SealError, Secret};
pub use settings::{EnrolledAs, Language, LogLevel, StationSettings};
pub use statement::{SignKey, SignedStatement, Statement};
pub use ticket::{SignedTicket, Ticket, TicketError};

/// What a station says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromStation {
    /// The first message of the server's own workstation. Over the line it travels in a statement.
    Hello(Hello),
    /// A statement under the station's signature: the greeting or the enrolment as the answer to `Challenge`; later
    /// whatever [`FromStation::is_evidence`].
    Signed(SignedStatement),
    /// How the journal stands; sent after `Welcome` and when it changes.
    Journal(JournalStanding),
    /// The reader's state changed, or the server greeted.
    State(ReaderState),
    /// A card came in and was read (or the server greeted while one is in).
    CardIn(CardSeen),
    /// The card of this session is gone; so are all tickets bound to it.
    CardOut {
        /// The session that ended; none after a card that could not be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<Uuid>,
    },
    /// Something is in the slot and cannot be worked: unknown, dead contacts, inserted the wrong way round.
    CardError {
        /// `card.unknown`, `card.unreadable`.
        code: String,
        /// For the log, in English.
        detail: String,
    },
    /// A step of a ticket begins; for the screen only ("do not pull").
    Progress {
        /// The operation.
        op: Uuid,
        /// The ticket's epoch.
        epoch: u32,
        /// What is being done.
        step: Step,
    },
    /// A ticket ended. Sent again until `AckResult`.
    TicketResult(TicketResult),
    /// The answer to `Fence`: the promise is in the journal. Results of the operation that were not acknowledged were
    /// said before.
    Fenced {
        /// The operation.
        op: Uuid,
        /// No ticket of it up to this epoch is run here any more.
        up_to_epoch: u32,
    },
    /// The answer to `TestPort`.
    TestPortAnswer(TestPortAnswer),
    /// The answer to `ReadCard`.
    ReadAnswer {
        /// The request that this answers.
        request: Uuid,
        /// What was read, or why not.
        #[serde(flatten)]
        result: ReadOutcome,
    },
    /// The answer to `Bench`.
    BenchAnswer {
        /// The request that this answers.
        request: Uuid,
        /// Whether it was done.
        ok: bool,
        /// Why not (`bench.off`, `bench.failed`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// For the log, in English.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// The station lacks an offered driver.
    WantDriver {
        /// Its hash.
        sha256: Digest,
    },
    /// The answer to `Ping`.
    Pong,
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToStation {
    /// The first message of every connection over the line.
    Challenge {
        /// Random; goes into every statement of the connection.
        nonce: Hex,
        /// The server's clock, seconds since 1970: for whoever looks for a wrong one. Nothing decides by it.
        time: u64,
    },
    /// The answer to an enrolment. The connection ends with it.
    Enrolled(EnrolledAs),
    /// The station may not come in. The connection ends with it.
    Refused {
        /// Stable code (`station.revoked`, `enrol.expired`, ...).
        code: String,
        /// Try again after so many seconds; absent: it is for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait_s: Option<u32>,
    },
    /// What the workstation is set to; sent after `Welcome` and when it changes; remembered over restarts.
    Settings(StationSettings),
    /// The answer to `Hello`. The station then sends its state, its card and every result that was not acknowledged.
    Welcome(Welcome),
    /// Read the card again.
    ReadCard {
        /// Comes back in the answer.
        request: Uuid,
    },
    /// Write a card.
    Write(SignedTicket),
    /// The result is stored; it need not be sent again.
    AckResult {
        /// The operation.
        op: Uuid,
        /// The ticket's epoch.
        epoch: u32,
    },
    /// Promise to refuse an operation's tickets up to this epoch: somebody asks for the money back.
    Fence {
        /// The operation.
        op: Uuid,
        /// The highest epoch to refuse.
        up_to_epoch: u32,
    },
    /// Who answers at a port?
    TestPort(TestPort),
    /// Use this port and driver from now on; remembered over restarts.
    Configure(ReaderSettings),
    /// Move virtual cards and break virtual readers (learning mode).
    Bench {
        /// Comes back in the answer.
        request: Uuid,
        /// What to do.
        cmd: BenchCommand,
    },
    /// Reader drivers that are in service; sent after `Welcome` and when they change.
    Drivers(SignedOffers),
    /// The answer to `WantDriver`, part by part.
    DriverPart(DriverPart),
    /// Are you there?
    Ping,
}

impl FromStation {
    /// Whether the server must be able to prove that the station said it: such a message travels signed, and unsigned
    /// it is not taken.
    #[must_use]
    pub const fn is_evidence(&self) -> bool {
        matches!(self, Self::TicketResult(_) | Self::Fenced { .. })
    }
}

/// How a station's journal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStanding {
    /// Number of its last entry.
    pub seq: u64,
    /// Length of its file.
    pub bytes: u64,
    /// Results that the server has not acknowledged.
    pub unacknowledged: u32,
    /// False: the disk refused, and no ticket is taken until the program starts again.
    pub open: bool,
}

/// A station introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// A name for the list of stations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub station_name: Option<String>,
    /// Version of this program.
    pub version: String,
    /// X25519 key that passwords are sealed to. Another one than last time = a station that lost its journal.
    pub box_public_key: Hex,
    /// Number of the journal's last entry: it never falls, except where a journal was lost or rolled back.
    pub journal_seq: u64,
}

/// The server accepts a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Which workstation this is; tickets name it.
    pub workstation_id: Uuid,
    /// Its number at the site; 0 is the server's own.
    pub number: u32,
    /// Its organisation.
    pub org: Uuid,
    /// Ed25519 key that tickets are signed with.
    pub server_ticket_key: Hex,
}

/// The bench's doings at one workstation (learning mode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum BenchCommand {
    /// Puts a virtual card into the reader.
    InsertCard {
        /// The card's number on the bench.
        card_id: u32,
    },
    /// Takes the card out, into the drawer.
    RemoveCard,
    /// The card is pulled after so many more cell operations.
    PullAfter {
        /// Cell operations (one erase or one program of one byte) that still succeed.
        cells: u32,
    },
    /// Pulls the reader's cable.
    Unplug,
    /// Plugs it in again.
    Replug,
}

#[cfg(test)]
mod tests;
