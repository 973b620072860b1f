//! A workstation's state as the page sees it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::state::App;
use dianka_station::proto::ReaderStatus;

/// How a workstation and its reader stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkstationState {
    /// Which workstation.
    pub workstation_id: Uuid,
    /// Its program is connected.
    pub connected: bool,
    /// Since when it is, or is not; null: it has not been since the server started.
    pub since: Option<DateTime<Utc>>,
    /// Version of its program.
    pub version: Option<String>,
    /// The end of its journal.
    pub journal: Option<JournalView>,
    /// What went wrong last.
    pub last_error: Option<ErrorView>,
    /// Its reader.
    pub reader: ReaderView,
    /// The card in the reader, if one could be read.
    pub card: Option<CardPresent>,
    /// Why the thing in the slot cannot be read.
    pub card_problem: Option<String>,
}

/// A station's journal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalView {
    /// Number of its last entry.
    pub seq: u64,
    /// Length of its file.
    pub bytes: u64,
    /// Results that the server has not acknowledged.
    pub unacknowledged: u32,
    /// False: the disk refuses it, and no card is written.
    pub open: bool,
}

/// Something that went wrong at a workstation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorView {
    /// Stable code.
    pub code: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A reader's state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReaderView {
    /// `ready`, `absent`, `busy`, `no-answer`, `wrong-driver`, `no-rights`, `searching`.
    pub state: String,
    /// The configured driver.
    pub driver_id: String,
    /// Its version, while it is in use.
    pub driver_version: Option<String>,
    /// The configured port.
    pub port: String,
    /// What the reader calls itself.
    pub model: Option<String>,
    /// Its firmware.
    pub firmware: Option<String>,
}

/// A card in the reader.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardPresent {
    /// Changes at every insertion.
    pub session: Uuid,
    /// `sle4442`, ...
    pub chip: String,
}

/// The state of one workstation; an unknown or unconnected one is simply not connected.
#[must_use]
pub fn state_of(app: &App, workstation: Uuid) -> WorkstationState {
    let view = app.hub.view(workstation);
    let reader = match view.reader {
        Some(r) => ReaderView {
            state: status_text(r.state).to_owned(),
            driver_id: r.driver_id,
            driver_version: r.driver_version,
            port: r.port,
            model: r.model,
            firmware: r.firmware,
        },
        None => ReaderView {
            state: if view.connected { "searching" } else { "absent" }.to_owned(),
            driver_id: String::new(),
            driver_version: None,
            port: String::new(),
            model: None,
            firmware: None,
        },
    };
    WorkstationState {
        workstation_id: workstation,
        connected: view.connected,
        since: view.since,
        version: view.version,
        journal: view.journal.map(|j| JournalView {
            seq: j.seq,
            bytes: j.bytes,
            unacknowledged: j.unacknowledged,
            open: j.open,
        }),
        last_error: view.last_error.map(|e| ErrorView { code: e.code, at: e.at }),
        reader,
        card: view.card.map(|c| CardPresent { session: c.session, chip: c.chip }),
        card_problem: view.card_error,
    }
}

/// A status as it stands in the interface.
#[must_use]
pub const fn status_text(status: ReaderStatus) -> &'static str {
    match status {
        ReaderStatus::Ready => "ready",
        ReaderStatus::Absent => "absent",
        ReaderStatus::Busy => "busy",
        ReaderStatus::NoAnswer => "no-answer",
        ReaderStatus::WrongDriver => "wrong-driver",
        ReaderStatus::NoRights => "no-rights",
        ReaderStatus::Searching => "searching",
    }
}
