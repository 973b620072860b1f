//! What a station is told about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Hex, ReaderSettings};

/// Language of the program's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// 中文
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English
    #[serde(rename = "en")]
    English,
}

/// How much the program logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What somebody must look at.
    Error,
    /// And what is not as it should be.
    Warn,
    /// And what happens.
    Info,
    /// And how.
    Debug,
}

impl LogLevel {
    /// As a log filter is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// A workstation's settings, whole: sent after `Welcome` and whenever they change; remembered by the station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationSettings {
    /// Rises with every change. A station that has applied this one does not apply it again, so that what an installer
    /// gave on the command line since then holds.
    pub revision: u64,
    /// The workstation's name.
    pub name: String,
    /// The computer's own language when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The program's own level when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogLevel>,
    /// Port and driver, once chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<ReaderSettings>,
    /// Versions of reader drivers that somebody chose for it, by driver id. It uses no others of these; of a driver that is
    /// not named here, the newest one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drivers: BTreeMap<String, String>,
}

/// What a station is after its enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledAs {
    /// Its organisation.
    pub org: Uuid,
    /// Its workstation.
    pub workstation_id: Uuid,
    /// The workstation's number.
    pub number: u32,
    /// Ed25519 key that tickets are signed with: whoever greets with another one is another server.
    pub server_ticket_key: Hex,
    /// Its settings.
    pub settings: StationSettings,
}
