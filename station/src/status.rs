//! What a running station tells the installer at the same computer: a file in its folder, written anew when something
//! happens and every few seconds.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::link::websocket::LinkEvent;
use crate::proto::{FromStation, JournalStanding, ReaderState, TicketOutcome};

const FILE: &str = "status.json";

/// How a station stands. Instants are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Process.
    pub pid: u32,
    /// Version of the program.
    pub version: String,
    /// When it started.
    pub started: u64,
    /// When this was written.
    pub written: u64,
    /// Its server.
    pub server: String,
    /// Number of its workstation.
    pub number: u32,
    /// Name of its workstation.
    pub name: String,
    /// Connected and welcomed.
    pub connected: bool,
    /// Since when it is, or is not.
    pub link_since: u64,
    /// Why it is not connected.
    pub link_error: Option<String>,
    /// The code with which the server refused it for good.
    pub refused: Option<String>,
    /// Its reader.
    pub reader: Option<ReaderState>,
    /// Chip of the card in it.
    pub card: Option<String>,
    /// What went wrong last.
    pub last_error: Option<LastError>,
    /// Its journal.
    pub journal: Option<JournalStanding>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: u64,
    /// Stable code, or `link`.
    pub code: String,
    /// For the log, in English.
    pub detail: String,
}

/// Now, in seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Status {
    /// Notes what the line does.
    pub fn note_link(&mut self, event: &LinkEvent) {
        let connected = matches!(event, LinkEvent::Connected(_));
        if self.connected != connected || self.link_since == 0 {
            self.link_since = now();
        }
        self.connected = connected;
        match event {
            LinkEvent::Connected(_) => self.link_error = None,
            LinkEvent::Down { reason } => {
                self.link_error = Some(reason.clone());
                self.failed("link", reason);
            }
            LinkEvent::Refused { code } => {
                self.refused = Some(code.clone());
                self.failed(code, "the server refuses this station for good");
            }
        }
    }

    /// Notes what the workstation says. False: nothing of interest here.
    pub fn note(&mut self, message: &FromStation) -> bool {
        match message {
            FromStation::State(state) => {
                if let Some(code) = state.state.code().filter(|_| state.detail.is_some()) {
                    self.failed(code, state.detail.as_deref().unwrap_or_default());
                }
                self.reader = Some(state.clone());
            }
            FromStation::CardIn(card) => self.card = Some(card.chip.clone()),
            FromStation::CardOut { .. } => self.card = None,
            FromStation::CardError { code, detail } => self.failed(code, detail),
            FromStation::Journal(standing) => self.journal = Some(*standing),
            FromStation::TicketResult(result) => match &result.outcome {
                TicketOutcome::Refused { code, detail, .. } | TicketOutcome::Torn { code, detail, .. } => {
                    self.failed(code, detail);
                }
                TicketOutcome::Written { .. } | TicketOutcome::Interrupted { .. } => {}
            },
            _ => return false,
        }
        true
    }

    fn failed(&mut self, code: &str, detail: &str) {
        self.last_error = Some(LastError { at: now(), code: code.into(), detail: detail.into() });
    }

    /// Reads the file of a folder; `None`: no station has run here.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn load(dir: &Path) -> io::Result<Option<Self>> {
        match fs::read(dir.join(FILE)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it, whole or not at all. It need not survive a power cut.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn store(&mut self, dir: &Path) -> io::Result<()> {
        self.written = now();
        let draft = dir.join("status.new");
        fs::File::create(&draft)?.write_all(&serde_json::to_vec_pretty(self)?)?;
        fs::rename(draft, dir.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::ReaderStatus;

    #[test]
    fn what_happens_is_noted_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Status::load(dir.path()).unwrap(), None);
        let mut status = Status::default();
        status.note_link(&LinkEvent::Down { reason: "nobody there".into() });
        assert_eq!((status.connected, status.link_error.as_deref()), (false, Some("nobody there")));
        let state = ReaderState {
            state: ReaderStatus::Absent,
            driver_id: "d".into(),
            driver_version: None,
            port: "COM9".into(),
            model: None,
            firmware: None,
            detail: Some("no such port".into()),
        };
        assert!(status.note(&FromStation::State(state)));
        assert_eq!(status.last_error.as_ref().map(|error| error.code.as_str()), Some("reader.absent"));
        assert!(!status.note(&FromStation::Pong));
        status.note_link(&LinkEvent::Refused { code: "station.revoked".into() });
        status.store(dir.path()).unwrap();
        let read = Status::load(dir.path()).unwrap().unwrap();
        assert_eq!(read, status);
        assert_eq!(read.refused.as_deref(), Some("station.revoked"));
        assert!(read.written > 0);
    }
}
