//! What a station is told about itself, from the books.

use dianka_station::proto::{Language, LogLevel, ReaderSettings, StationSettings, ToStation};
use dianka_store::Workstation;

use crate::state::AppState;

/// The settings of a workstation.
#[must_use]
pub fn of(workstation: &Workstation) -> StationSettings {
    let language = match workstation.language.as_deref() {
        Some("zh-CN") => Some(Language::Chinese),
        Some("en") => Some(Language::English),
        _ => None,
    };
    let log = match workstation.log_level.as_deref() {
        Some("error") => Some(LogLevel::Error),
        Some("warn") => Some(LogLevel::Warn),
        Some("info") => Some(LogLevel::Info),
        Some("debug") => Some(LogLevel::Debug),
        _ => None,
    };
    let reader = workstation.reader.clone();
    StationSettings {
        revision: workstation.settings_revision,
        name: workstation.name.clone(),
        language,
        log,
        reader: reader.map(|r| ReaderSettings { port: r.port, driver: r.driver_id, baud: r.baud }),
    }
}

/// Tells a station; one that is away hears it when it connects.
pub fn push(app: &AppState, workstation: &Workstation) {
    let _later = app.hub.send(workstation.workstation_id, ToStation::Settings(of(workstation)));
}
