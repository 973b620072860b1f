//! Ports, readers and cards, as a station sees them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Hex;

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
    /// Its version, while it is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_version: Option<String>,
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
    /// With `WrongDriver`: the driver that the reader did answer to, where one of those here is it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
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
