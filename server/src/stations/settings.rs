//! What a station is told about itself, from the books.

use std::collections::BTreeMap;

use dianka_station::proto::{Language, LogLevel, ReaderSettings, StationSettings, ToStation};
use dianka_store::{self as store, StoreError, Workstation};
use uuid::Uuid;

use crate::drivers::reader_versions;
use crate::state::{App, AppState};

/// The settings of a workstation of this organisation.
///
/// # Errors
/// Those of the store.
pub async fn of(app: &AppState, org: Uuid, workstation: &Workstation) -> Result<StationSettings, StoreError> {
    let chosen = app.store.tx(org, "reader_version_list", async |s| store::reader_version_list(s).await).await?;
    Ok(with_drivers(workstation, reader_versions::of_workstation(app, &chosen, workstation.workstation_id)))
}

fn with_drivers(workstation: &Workstation, drivers: BTreeMap<String, String>) -> StationSettings {
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
        drivers,
    }
}

/// Tells a station; one that is away hears it when it connects.
pub async fn push(app: &AppState, org: Uuid, workstation: &Workstation) {
    match of(app, org, workstation).await {
        Ok(settings) => {
            let _later = app.hub.send(workstation.workstation_id, ToStation::Settings(settings));
        }
        Err(error) => {
            tracing::warn!(%error, workstation = workstation.number, "settings are sent at the next connection");
        }
    }
}

/// Tells all stations of an organisation, after a choice that concerns more than one.
///
/// # Errors
/// Those of the store.
pub async fn push_to_all(app: &App, org: Uuid) -> Result<(), StoreError> {
    let read = app.store.tx(org, "station_settings", async |s| {
        Ok((store::workstation_list(s).await?, store::reader_version_list(s).await?))
    });
    let (workstations, chosen) = read.await?;
    for workstation in workstations.iter().filter(|it| !it.retired) {
        let drivers = reader_versions::of_workstation(app, &chosen, workstation.workstation_id);
        let settings = with_drivers(workstation, drivers);
        let _later = app.hub.send(workstation.workstation_id, ToStation::Settings(settings));
    }
    Ok(())
}
