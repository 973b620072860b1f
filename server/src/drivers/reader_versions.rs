//! Which version of a reader's driver the workstations use: the one that somebody chose, never another one by itself.

use crate::state::{App, AppState};
use crate::stations::settings;
use dianka_plugin_host::package::{Kind, Version};
use dianka_plugin_host::{DriverInfo, DriverState};
use dianka_store::{
    self as store, ActivationState, DriverActivation, DriverKind, NewAudit, OrgMode, ReaderVersions, Scoped, StoreError,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a workstation uses, by driver id. A version of its own that is no longer there gives way to the organisation's.
#[must_use]
pub fn of_workstation(app: &AppState, chosen: &ReaderVersions, workstation: Uuid) -> BTreeMap<String, String> {
    let here = |id: &str, version: &str| {
        version.parse::<Version>().is_ok_and(|version| app.registry.reader_version(id, version).is_some())
    };
    let mut used = chosen.of_workstation(workstation);
    for (id, version) in &mut used {
        if let Some(everywhere) = chosen.everywhere.get(id).filter(|_| !here(id, version)) {
            version.clone_from(everywhere);
        }
    }
    used
}

/// All versions that some workstation of some organisation uses, with their drivers' ids.
///
/// # Errors
/// Those of the store.
pub async fn used(app: &AppState) -> Result<BTreeSet<(String, String)>, StoreError> {
    let mut used = BTreeSet::new();
    for org in app.store.org_ids().await? {
        let chosen = app.store.tx(org, "reader_version_list", async |s| store::reader_version_list(s).await).await?;
        used.extend(chosen.everywhere);
        used.extend(chosen.own.into_iter().map(|((_, driver), version)| (driver, version)));
    }
    Ok(used)
}

/// The first version of a driver that is there is on record as the organisation's. One that is no longer there is followed
/// as with meter types: by the newest of the drivers that came with the program, and in learning mode by any newest one.
///
/// # Errors
/// Those of the store.
pub async fn follow(app: &App) -> Result<(), StoreError> {
    let list: Vec<_> = app.registry.list().into_iter().filter(is_reader).collect();
    for org in app.store.org_ids().await? {
        let followed = app.store.tx(org, "readers_follow", async |s| {
            let learning = store::org_get(s).await?.mode == OrgMode::Learning;
            let chosen = store::reader_version_list(s).await?;
            let mut any = false;
            for next in successors(&list, &chosen, learning) {
                let before = chosen.everywhere.get(&next.id);
                let (Some(version), Some(row)) = (next.version, row(app, next, None)) else { continue };
                tracing::info!(%org, driver = next.id, %version, before, "reader driver on record");
                store::driver_activation_set(s, &row).await?;
                if let Some(before) = before {
                    store::audit_add(s, &entry(app, &next.id, version, before)).await?;
                }
                any = true;
            }
            Ok(any)
        });
        if followed.await? {
            settings::push_to_all(app, org).await?;
        }
    }
    Ok(())
}

fn is_reader(info: &DriverInfo) -> bool {
    info.kind == Some(Kind::Reader) && matches!(info.state, DriverState::Active | DriverState::Quarantined)
}

/// For each driver whose chosen version is not there, or that has none: what takes its place.
fn successors<'a>(list: &'a [DriverInfo], chosen: &ReaderVersions, learning: bool) -> Vec<&'a DriverInfo> {
    let mut newest: BTreeMap<&str, &DriverInfo> = BTreeMap::new();
    for info in list {
        let known = chosen.everywhere.get(&info.id);
        let is_there = |version: &String| {
            list.iter().any(|it| it.id == info.id && it.version.is_some_and(|there| there.to_string() == *version))
        };
        let eligible = match known {
            None => true,
            Some(version) => !is_there(version) && (learning || info.built_in),
        };
        let kept = newest.get(info.id.as_str());
        if eligible && kept.is_none_or(|kept| kept.version < info.version) {
            newest.insert(&info.id, info);
        }
    }
    newest.into_values().collect()
}

/// The row that makes this file the organisation's choice. `None` for a file that does not tell its version.
pub(super) fn row(app: &AppState, info: &DriverInfo, operator: Option<Uuid>) -> Option<DriverActivation> {
    Some(DriverActivation {
        driver_id: info.id.clone(),
        driver_version: info.version?.to_string(),
        driver_sha256: *info.sha256?.as_bytes(),
        kind: DriverKind::Reader,
        state: ActivationState::Active,
        reason: None,
        operator_id: operator,
        changed_at: app.clock.now(),
    })
}

fn entry(app: &AppState, driver_id: &str, version: Version, before: &str) -> NewAudit {
    NewAudit {
        at: app.clock.now(),
        operator_id: None,
        workstation_id: None,
        action: "driver.follow".to_owned(),
        subject_kind: "driver".to_owned(),
        subject_id: None,
        detail: json!({ "id": driver_id, "version": version.to_string(), "before": before }),
        request_id: None,
    }
}

/// Chooses a version for all workstations, or for these alone.
///
/// # Errors
/// Those of the store; [`StoreError::Reference`] for a workstation that is not known.
pub(super) async fn choose(
    s: &mut Scoped,
    row: &DriverActivation,
    workstations: Option<&[Uuid]>,
) -> Result<(), StoreError> {
    let Some(workstations) = workstations else {
        store::driver_activation_set(s, row).await?;
        return store::reader_version_own_end(s, &row.driver_id).await;
    };
    for workstation in workstations {
        store::reader_version_set(s, *workstation, &row.driver_id, &row.driver_version).await?;
    }
    Ok(())
}
