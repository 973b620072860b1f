//! Which version of a driver a meter type uses.

use super::activate::{SAMPLE, unreadable};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::package::{Kind, Version};
use dianka_plugin_host::{DriverInfo, DriverState};
use dianka_store::{
    self as store, ActivationState, DriverActivation, DriverKind, MeterType, NewAudit, OrgMode, Scoped, StoreError,
};
use serde_json::json;

/// The driver that sells for a meter type: the very version that was chosen for it, never another one by itself, and the
/// very file that was `approved` (its SHA-256; see [`store::driver_approved`]).
///
/// # Errors
/// Those of [`pinned`]; `driver.quarantined`; `driver.not_approved` when another file has taken its place.
pub fn of_type(app: &AppState, meter_type: &MeterType, approved: Option<[u8; 32]>) -> Result<MeterDriver, Problem> {
    let driver = pinned(app, meter_type)?;
    if driver.quarantine().is_some() {
        return Err(Problem::new(Code::DriverQuarantined).param("driver_id", meter_type.driver_id.as_str()));
    }
    if super::carrier(&driver) != meter_type.carrier {
        // A driver that says something else than when the type was made: cards and tokens are not sold in place of one
        // another.
        let id = meter_type.driver_id.as_str();
        return Err(Problem::new(Code::DriverFault).param("driver_id", id).param("check", "carrier"));
    }
    let loaded = driver.about().digest;
    match approved {
        Some(approved) if approved != *loaded.as_bytes() => Err(Problem::new(Code::DriverNotApproved)
            .param("driver_id", meter_type.driver_id.as_str())
            .param("driver_version", meter_type.driver_version.as_str())
            .param("approved", hex::encode(approved))
            .param("loaded", loaded.to_string())),
        _ => Ok(driver),
    }
}

/// The version of the driver that was chosen for a meter type, in service or not.
///
/// # Errors
/// `driver.missing` when no version of it is there, `driver.version_missing` when the chosen one is not.
pub fn pinned(app: &AppState, meter_type: &MeterType) -> Result<MeterDriver, Problem> {
    let id = &meter_type.driver_id;
    let version = meter_type.driver_version.parse::<Version>().ok();
    version.and_then(|version| app.registry.meter_version(id, version)).ok_or_else(|| {
        if app.registry.meter(id).is_none() {
            return Problem::new(Code::DriverMissing).param("driver_id", id.as_str());
        }
        Problem::new(Code::DriverVersionMissing)
            .param("driver_id", id.as_str())
            .param("driver_version", meter_type.driver_version.as_str())
            .param("meter_type", meter_type.name.as_str())
    })
}

/// Meter types whose version is no longer there get the newest one of the drivers that came with the program: whoever
/// renewed the program chose it. In learning mode, where no money is taken, any newest one. All others wait for somebody.
///
/// The file that a type sells with is on record from then on: the first one that was there with the version, and one that
/// came with the program in place of another. Any other file of the same version has to be chosen by somebody.
///
/// # Errors
/// Those of the store.
pub async fn follow(app: &App) -> Result<(), StoreError> {
    let list = app.registry.list();
    for org in app.store.org_ids().await? {
        app.store.tx(org, "drivers_follow", async |s| {
            let learning = store::org_get(s).await?.mode == OrgMode::Learning;
            for it in store::meter_type_list(s).await? {
                let Some(version) = successor(&list, &it, learning) else {
                    record(s, app, &list, &it.driver_id, &it.driver_version).await?;
                    continue;
                };
                if !reads_the_field(s, app, &it, &version).await? {
                    tracing::error!(%org, meter_type = it.name, driver = it.driver_id, version, before = it.driver_version,
                        "the version that is there does not read the cards in the field: nobody follows it");
                    continue;
                }
                store::meter_type_driver_version_set(s, it.meter_type_id, &version).await?;
                tracing::info!(%org, meter_type = it.name, driver = it.driver_id, version, before = it.driver_version, "driver version followed");
                store::audit_add(s, &entry(app, &it, &version)).await?;
                record(s, app, &list, &it.driver_id, &version).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// Whether this version reads the cards that customers hold: as when a person chooses it, and here nobody does.
async fn reads_the_field(s: &mut Scoped, app: &App, it: &MeterType, version: &str) -> Result<bool, StoreError> {
    let cards = store::card_sample(s, it.meter_type_id, SAMPLE).await?;
    let driver = version.parse().ok().and_then(|version| app.registry.meter_version(&it.driver_id, version));
    Ok(driver.is_some_and(|driver| unreadable(&driver, &cards) == 0))
}

/// Puts the file of this version on record as approved, if there is none, or if it came with the program. `list` is the
/// registry's.
///
/// # Errors
/// Those of the store.
pub async fn record(
    s: &mut Scoped,
    app: &AppState,
    list: &[DriverInfo],
    driver_id: &str,
    driver_version: &str,
) -> Result<(), StoreError> {
    let this = |info: &&DriverInfo| {
        info.kind == Some(Kind::Meter)
            && info.id == driver_id
            && info.version.is_some_and(|version| version.to_string() == driver_version)
            && matches!(info.state, DriverState::Active | DriverState::Quarantined)
    };
    let Some((info, digest)) = list.iter().find(this).and_then(|info| Some((info, info.sha256?))) else {
        return Ok(());
    };
    match store::driver_approved(s, driver_id, driver_version).await? {
        Some(approved) if approved == *digest.as_bytes() || !info.built_in => return Ok(()),
        _ => {}
    }
    let row = DriverActivation {
        driver_id: driver_id.to_owned(),
        driver_version: driver_version.to_owned(),
        driver_sha256: *digest.as_bytes(),
        kind: DriverKind::Meter,
        state: ActivationState::Active,
        reason: None,
        operator_id: None,
        changed_at: app.clock.now(),
    };
    tracing::info!(driver = driver_id, version = driver_version, %digest, "driver on record");
    store::driver_activation_set(s, &row).await
}

/// The version to go on with, when the chosen one is gone.
fn successor(list: &[DriverInfo], it: &MeterType, learning: bool) -> Option<String> {
    let of_it = |info: &&DriverInfo| {
        info.kind == Some(Kind::Meter)
            && info.id == it.driver_id
            && matches!(info.state, DriverState::Active | DriverState::Quarantined)
    };
    let chosen = |info: &DriverInfo| info.version.is_some_and(|version| version.to_string() == it.driver_version);
    if list.iter().filter(of_it).any(chosen) {
        return None;
    }
    let eligible = list.iter().filter(of_it).filter(|info| learning || info.built_in);
    eligible.filter_map(|info| info.version).max().map(|version| version.to_string())
}

fn entry(app: &AppState, it: &MeterType, version: &str) -> NewAudit {
    NewAudit {
        at: app.clock.now(),
        operator_id: None,
        workstation_id: None,
        action: "driver.follow".to_owned(),
        subject_kind: "meter-type".to_owned(),
        subject_id: Some(it.meter_type_id),
        detail: json!({ "id": it.driver_id, "version": version, "before": it.driver_version }),
        request_id: None,
    }
}
