//! A version of a reader's driver for some workstations, or for all of them.

use super::activate::Activation;
use super::{audit, reader_versions};
use crate::auth::guard::Op;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::{driver_offers, settings};
use dianka_plugin_host::DriverInfo;
use dianka_plugin_host::package::Version;
use dianka_station::proto::ToStation;
use dianka_store::{self as store, ReaderVersions, Workstation};
use serde_json::json;
use uuid::Uuid;

/// Makes the choice, and tells the stations.
///
/// # Errors
/// `request.field` when it is not said for whom, or for an unknown workstation; `driver.reader_downgrade` when going back
/// is not said to be meant; those of the store.
pub(super) async fn activate(app: &App, op: &Op, info: &DriverInfo, body: &Activation) -> Result<(), Problem> {
    if body.everywhere != body.workstation_ids.is_empty() || !body.meter_type_ids.is_empty() {
        return Err(Problem::field("workstation_ids", "empty"));
    }
    let row = reader_versions::row(app, info, Some(op.operator));
    let (Some(row), Some(version)) = (row, info.version) else {
        return Err(Problem::new(Code::DriverMissing).param("driver_id", info.id.as_str()));
    };
    let read = app.store.tx(op.org, "reader_version_list", async |s| {
        Ok((store::workstation_list(s).await?, store::reader_version_list(s).await?))
    });
    let (workstations, chosen) = read.await?;
    let meant = meant(&workstations, body)?;
    if let Some((workstation, newer)) = newer(&meant, &chosen, &info.id, version).filter(|_| !body.rollback) {
        return Err(Problem::new(Code::DriverReaderDowngrade)
            .param("workstation", workstation.name.as_str())
            .param("driver_version", newer)
            .param("wanted_version", version.to_string())
            .action("rollback"));
    }
    let before: Vec<_> = meant
        .iter()
        .map(|it| json!({ "workstation": it.number, "before": chosen.of(it.workstation_id, &info.id) }))
        .collect();
    let detail = json!({ "id": info.id, "version": version.to_string(), "everywhere": body.everywhere,
        "workstations": before });
    let entry = audit(app, op, "driver", "driver.activate", detail);
    let only = (!body.everywhere).then_some(body.workstation_ids.as_slice());
    app.store
        .tx(op.org, "reader_version_choose", async |s| {
            reader_versions::choose(s, &row, only).await?;
            store::audit_add(s, &entry).await
        })
        .await?;
    // The file before the order to use it.
    if let Some(offers) = driver_offers::offers(app).await {
        app.hub.send_to_all(&ToStation::Drivers(offers));
    }
    settings::push_to_all(app, op.org).await?;
    Ok(())
}

/// The workstations that the choice is for.
fn meant<'a>(all: &'a [Workstation], body: &Activation) -> Result<Vec<&'a Workstation>, Problem> {
    let live = all.iter().filter(|it| !it.retired);
    if body.everywhere {
        return Ok(live.collect());
    }
    let find = |id: &Uuid| live.clone().find(|it| it.workstation_id == *id);
    let one = |id| find(id).ok_or_else(|| Problem::field("workstation_ids", "unknown"));
    body.workstation_ids.iter().map(one).collect()
}

/// One that uses a newer version now, with that version.
fn newer<'a>(
    meant: &[&'a Workstation],
    chosen: &'a ReaderVersions,
    driver_id: &str,
    version: Version,
) -> Option<(&'a Workstation, &'a str)> {
    meant.iter().find_map(|it| {
        let now = chosen.of(it.workstation_id, driver_id)?;
        now.parse::<Version>().is_ok_and(|now| now > version).then_some((*it, now))
    })
}
