//! Which version of a driver a meter type uses.

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::package::{Kind, Version};
use dianka_plugin_host::{DriverInfo, DriverState};
use dianka_store::{self as store, MeterType, NewAudit, OrgMode, StoreError};
use serde_json::json;

/// The driver that sells for a meter type: the very version that was chosen for it, never another one by itself.
///
/// # Errors
/// `driver.missing` when no version of it is there, `driver.version_missing` when the chosen one is not,
/// `driver.quarantined`.
pub fn of_type(app: &AppState, meter_type: &MeterType) -> Result<MeterDriver, Problem> {
    let id = &meter_type.driver_id;
    let version = meter_type.driver_version.parse::<Version>().ok();
    let driver = version.and_then(|version| app.registry.meter_version(id, version)).ok_or_else(|| {
        if app.registry.meter(id).is_none() {
            return Problem::new(Code::DriverMissing).param("driver_id", id.as_str());
        }
        Problem::new(Code::DriverVersionMissing)
            .param("driver_id", id.as_str())
            .param("driver_version", meter_type.driver_version.as_str())
            .param("meter_type", meter_type.name.as_str())
    })?;
    if driver.quarantine().is_some() {
        return Err(Problem::new(Code::DriverQuarantined).param("driver_id", id.as_str()));
    }
    if super::carrier(&driver) != meter_type.carrier {
        // A driver that says something else than when the type was made: cards and tokens are not sold in place of one another.
        return Err(Problem::new(Code::DriverFault).param("driver_id", id.as_str()).param("check", "carrier"));
    }
    Ok(driver)
}

/// Meter types whose version is no longer there get the newest one of the drivers that came with the program: whoever
/// renewed the program chose it. In learning mode, where no money is taken, any newest one. All others wait for somebody.
///
/// # Errors
/// Those of the store.
pub async fn follow(app: &App) -> Result<(), StoreError> {
    let list = app.registry.list();
    for org in app.store.org_ids().await? {
        app.store.tx(org, "drivers_follow", async |s| {
            let learning = store::org_get(s).await?.mode == OrgMode::Learning;
            for it in store::meter_type_list(s).await? {
                let Some(version) = successor(&list, &it, learning) else { continue };
                store::meter_type_driver_version_set(s, it.meter_type_id, &version).await?;
                tracing::info!(%org, meter_type = it.name, driver = it.driver_id, version, before = it.driver_version, "driver version followed");
                store::audit_add(s, &entry(app, &it, &version)).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
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
