//! The messages between a station and its server: JSON with a `type`, the same over WebSocket and in process.
//!
//! Codes are stable text (`ticket.before_differs`); the server's error catalogue holds their texts. A message of an
//! unknown type closes the link.

mod hex_bytes;
mod secret;
mod ticket;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use hex_bytes::Hex;
pub use secret::{BoxKey, CardPassword, SealError, Secret};
pub use ticket::{SignedTicket, Ticket, TicketError};

/// What a station says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromStation {
    /// The first message of every connection.
    Hello(Hello),
    /// The reader's state changed, or the server greeted.
    State(ReaderState),
    /// A card came in and was read (or the server greeted while one is in).
    CardIn(CardSeen),
    /// The card of this session is gone; so are all tickets bound to it.
    CardOut {
        /// The session that ended.
        session: Uuid,
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
    /// The answer to `Ping`.
    Pong,
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToStation {
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
    /// Are you there?
    Ping,
}

/// A station introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The workstation's token; empty for the server's own.
    pub token: String,
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

/// State of a workstation's reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReaderStatus {
    /// Found, and waiting for a card.
    Ready,
    /// There is no such port.
    Absent,
    /// Another program holds the port.
    Busy,
    /// The port is open and nobody answers.
    NoAnswer,
    /// Something answers, but does not speak the driver's protocol.
    WrongDriver,
    /// The program may not open the port.
    NoRights,
    /// Being looked for right now.
    Searching,
}

impl ReaderStatus {
    /// Stable code of the reason why there is no reader; none when there is one.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Ready => None,
            Self::Absent => Some("reader.absent"),
            Self::Busy => Some("reader.port_busy"),
            Self::NoAnswer | Self::Searching => Some("reader.no_answer"),
            Self::WrongDriver => Some("reader.wrong_driver"),
            Self::NoRights => Some("reader.no_permission"),
        }
    }
}

/// The reader as the server shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderState {
    /// Found or why not.
    pub state: ReaderStatus,
    /// The configured driver.
    pub driver_id: String,
    /// The configured port.
    pub port: String,
    /// What the reader calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// For the log, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A card as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSeen {
    /// New and random at every insertion, reader reset and start of the station.
    pub session: Uuid,
    /// `sle4442`, ...
    pub chip: String,
    /// The whole readable memory.
    pub image: Hex,
    /// Free tries of the password (3 to 0); none when this reader cannot tell.
    #[serde(default)]
    pub tries: Option<u8>,
}

/// A card was read on demand, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum ReadOutcome {
    /// What is on it now.
    Read(CardSeen),
    /// Why not: `card.none`, `card.unknown`, `card.unreadable`, or why there is no reader (`reader.absent`,
    /// `reader.port_busy`, `reader.no_permission`, `reader.no_answer`, `reader.wrong_driver`, `reader.not_set`).
    Failed {
        /// Stable code.
        code: String,
        /// For the log, in English.
        detail: String,
    },
}

/// Steps of a write, as a clerk sees them and as the journal names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Reading and comparing.
    Compare,
    /// Presenting the password.
    Present,
    /// Erasing the seal. From here on the card must stay in.
    EraseSeal,
    /// Writing the changed bytes.
    Body,
    /// Reading them back.
    VerifyBody,
    /// Giving a new card its password.
    ChangeCode,
    /// Proving the new password after a power cycle.
    VerifyCode,
    /// Writing the seal.
    Seal,
    /// Reading everything twice after a power cycle.
    ReadBack,
}

/// What became of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketResult {
    /// The operation.
    pub op: Uuid,
    /// The ticket's epoch.
    pub epoch: u32,
    /// The card session that it ran in.
    pub session: Uuid,
    /// How it ended.
    pub outcome: TicketOutcome,
    /// The card's password: none = no change was tried, the old one holds; true = the new one is proven; false = a
    /// change was tried and not proven, so either may hold.
    #[serde(default)]
    pub psc_changed: Option<bool>,
}

/// How a ticket ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum TicketOutcome {
    /// Both full reads after a power cycle equal the target. The server compares them again.
    Written {
        /// First read.
        image1: Hex,
        /// Second read.
        image2: Hex,
        /// Free tries afterwards.
        tries: Option<u8>,
    },
    /// No byte of the card was touched.
    Refused {
        /// Why (`ticket.before_differs`, `card.tries_low`, ...).
        code: String,
        /// What is on the card, where it was read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<Hex>,
        /// Free tries, where they are known.
        #[serde(default)]
        tries: Option<u8>,
        /// For the log, in English.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// At least one byte may have been touched, and the target was not proven.
    Torn {
        /// What is on the card, where it could still be read.
        #[serde(default)]
        image: Option<Hex>,
        /// Where it broke off.
        step: Step,
        /// Why (`write.removed`, `write.unverified`, `reader.unplugged`, ...).
        code: String,
        /// Free tries, where they are known.
        #[serde(default)]
        tries: Option<u8>,
        /// For the log, in English.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// The station stopped in the middle and does not go on by itself: the card decides.
    Interrupted {
        /// The last stage in the journal; before `writing` no byte was touched.
        last_stage: JournalStage,
    },
}

/// How far the journal says that a ticket came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalStage {
    /// Accepted, nothing done.
    Received,
    /// About to present the password and write.
    Writing,
    /// About to change the card's password.
    ChangingCode,
    /// Ended, with its result.
    Result,
}

/// Tries a port, also the one that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestPort {
    /// Comes back in the answer.
    pub request: Uuid,
    /// The configured one when absent.
    #[serde(default)]
    pub port: Option<String>,
    /// The configured one when absent.
    #[serde(default)]
    pub driver: Option<String>,
    /// Bits per second; what the driver proposes when absent.
    #[serde(default)]
    pub baud: Option<u32>,
}

/// Clear answers of `TestPort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortAnswer {
    /// A reader that speaks this driver's protocol.
    Found,
    /// Something answers, but not in this protocol.
    WrongDriver,
    /// Another program holds the port.
    PortBusy,
    /// The port opens and nobody answers.
    NoAnswer,
    /// The program may not open the port.
    NoPermission,
    /// There is no such port.
    Absent,
}

/// What a port test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestPortAnswer {
    /// The request that this answers.
    pub request: Uuid,
    /// The clear answer.
    pub answer: PortAnswer,
    /// The reader, when found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<ReaderName>,
    /// For the log, in English.
    #[serde(default)]
    pub detail: String,
}

/// What a reader calls itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderName {
    /// Model.
    pub model: String,
    /// Firmware version, as the reader writes it.
    pub firmware: String,
}

/// Which reader a workstation uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderSettings {
    /// `/dev/ttyUSB0`, `COM3`.
    pub port: String,
    /// Id of a reader driver.
    pub driver: String,
    /// Bits per second; what the driver proposes when absent.
    #[serde(default)]
    pub baud: Option<u32>,
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
