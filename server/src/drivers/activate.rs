//! POST /drivers/{sha256}/activate, POST /drivers/{sha256}/release

use super::list::views;
use super::{DriverView, activate_reader, audit};
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::ManageDrivers;
use crate::cards::look::{self, Look};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{post, web};
use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::package::{Digest, Kind, Version};
use dianka_plugin_host::{DriverInfo, DriverState};
use dianka_store::{self as store, ActivationState, CardSample, DriverActivation, DriverKind, MeterType};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// What shall use this version: meter types with a meter's driver, workstations with a reader's.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// Meter types whose driver has this id.
    #[serde(default)]
    pub meter_type_ids: Vec<Uuid>,
    /// Workstations that shall use this version of the reader's driver, whatever the others use.
    #[serde(default)]
    pub workstation_ids: Vec<Uuid>,
    /// All workstations shall use it, those with a version of their own among them.
    #[serde(default)]
    pub everywhere: bool,
    /// Going back to an older version is meant.
    #[serde(default)]
    pub rollback: bool,
}

/// Let meter types or workstations use this version of their driver
///
/// A meter's: from the next quote on. A sale under way ends with the version that it began with. Going back to an older version must
/// be said. The version is tried on the cards in the field first: one that does not read them is not taken.
///
/// A reader's: as soon as no card is in the reader; a station gets the file first, if it does not have it.
#[utoipa::path(tag = "drivers", operation_id = "activateDriver", params(("sha256" = String, Path)),
    responses((status = 200, body = DriverView)))]
#[post("/drivers/{sha256}/activate")]
pub async fn activate_driver(
    app: App,
    op: Guard<ManageDrivers>,
    sha256: web::Path<String>,
    body: web::Json<Activation>,
) -> Result<web::Json<DriverView>, Problem> {
    let (digest, info) = find(&app, &sha256)?;
    let version = match (info.kind, info.version, info.state) {
        (Some(Kind::Meter), Some(version), DriverState::Active) => version,
        (_, _, DriverState::Quarantined) => {
            return Err(Problem::new(Code::DriverQuarantined).param("driver_id", info.id));
        }
        (Some(Kind::Reader), Some(_), DriverState::Active) => {
            activate_reader::activate(&app, &op, &info, &body).await?;
            return one(&app, &op, digest).await;
        }
        _ => return Err(Problem::new(Code::DriverMissing).param("driver_id", info.id)),
    };
    let types = app.store.tx(op.org, "meter_type_list", async |s| store::meter_type_list(s).await).await?;
    let chosen = chosen(&types, &body, &info.id, version)?;
    // Going back is the way out of a bad version, whatever that has written meanwhile.
    for it in chosen.iter().filter(|_| !body.rollback) {
        reads_what_is_in_the_field(&app, &op, digest, it, version).await?;
    }
    let row = DriverActivation {
        driver_id: info.id.clone(),
        driver_version: version.to_string(),
        driver_sha256: *digest.as_bytes(),
        kind: DriverKind::Meter,
        state: ActivationState::Active,
        reason: None,
        operator_id: Some(op.operator),
        changed_at: app.clock.now(),
    };
    let names: Vec<_> = chosen.iter().map(|it| json!({ "meter_type": it.name, "before": it.driver_version })).collect();
    let detail = json!({ "id": info.id, "version": version.to_string(), "meter_types": names });
    let entry = audit(&app, &op, "driver", "driver.activate", detail);
    app.store
        .tx(op.org, "driver_activate", async |s| {
            for it in &chosen {
                store::meter_type_driver_version_set(s, it.meter_type_id, &version.to_string()).await?;
            }
            store::driver_activation_set(s, &row).await?;
            store::audit_add(s, &entry).await
        })
        .await?;
    one(&app, &op, digest).await
}

/// Cards of a meter type that a new version is tried on.
pub(super) const SAMPLE: u32 = 200;

/// Customers hold cards that the versions before have written: a version that reads other things off them, or nothing,
/// would stop their purchases at the counter.
async fn reads_what_is_in_the_field(
    app: &App,
    op: &Op,
    digest: Digest,
    it: &MeterType,
    version: Version,
) -> Result<(), Problem> {
    let id = it.meter_type_id;
    let cards = app.store.tx(op.org, "card_sample", async |s| store::card_sample(s, id, SAMPLE).await).await?;
    let driver = app.registry.meter_by_digest(digest).ok_or_else(|| Problem::new(Code::NotFound))?;
    let tried = cards.len();
    let wrong = web::block(move || unreadable(&driver, &cards));
    let wrong = wrong.await.map_err(Problem::internal)?;
    if wrong == 0 {
        return Ok(());
    }
    Err(Problem::new(Code::DriverCardsUnreadable)
        .param("driver_id", it.driver_id.as_str())
        .param("wanted_version", version.to_string())
        .param("meter_type", it.name.as_str())
        .param("count", tried)
        .param("failed", wrong))
}

/// How many of these cards the driver does not read as they were written.
pub(super) fn unreadable(driver: &MeterDriver, cards: &[CardSample]) -> usize {
    cards.iter().filter(|card| !reads(driver, card)).count()
}

fn reads(driver: &MeterDriver, card: &CardSample) -> bool {
    let Ok(Look::Content(content)) = look::with_driver(driver, &CardImage::new(card.image.clone())) else {
        return false;
    };
    i64::from(content.card_no) == card.card_no
        && content.purchase.is_some_and(|purchase| {
            i32::try_from(purchase.count) == Ok(card.count) && purchase.quantity_wh.wh() == card.quantity_wh
        })
}

/// The meter types of the request, if each of them may have this version.
fn chosen<'a>(
    types: &'a [MeterType],
    body: &Activation,
    driver_id: &str,
    version: Version,
) -> Result<Vec<&'a MeterType>, Problem> {
    if body.meter_type_ids.is_empty() {
        return Err(Problem::field("meter_type_ids", "empty"));
    }
    let one = |id: &Uuid| {
        let found = types.iter().find(|it| it.meter_type_id == *id && it.driver_id == driver_id);
        let it = found.ok_or_else(|| Problem::field("meter_type_ids", "unknown"))?;
        let newer = it.driver_version.parse::<Version>().is_ok_and(|now| now > version);
        if newer && !body.rollback {
            return Err(Problem::new(Code::DriverDowngrade)
                .param("meter_type", it.name.as_str())
                .param("driver_version", it.driver_version.as_str())
                .param("wanted_version", version.to_string())
                .action("rollback"));
        }
        Ok(it)
    };
    body.meter_type_ids.iter().map(one).collect()
}

/// Let a driver out of quarantine
///
/// After somebody has looked at its faults. It is stopped again when they go on.
#[utoipa::path(tag = "drivers", operation_id = "releaseDriver", params(("sha256" = String, Path)),
    responses((status = 200, body = DriverView)))]
#[post("/drivers/{sha256}/release")]
pub async fn release_driver(
    app: App,
    op: Guard<ManageDrivers>,
    sha256: web::Path<String>,
) -> Result<web::Json<DriverView>, Problem> {
    let (digest, info) = find(&app, &sha256)?;
    let reason = info.reason.as_ref().map(|reason| reason.code.as_str());
    let detail = json!({ "id": info.id, "version": info.version.map(|v| v.to_string()), "reason": reason });
    let entry = audit(&app, &op, "driver", "driver.release", detail);
    app.store.tx(op.org, "driver_release", async |s| store::audit_add(s, &entry).await).await?;
    app.registry.release(digest);
    one(&app, &op, digest).await
}

/// A driver that is loaded, by its hash.
fn find(app: &AppState, sha256: &str) -> Result<(Digest, DriverInfo), Problem> {
    let digest: Digest = sha256.parse().map_err(|_| Problem::new(Code::NotFound))?;
    let loaded = |info: &DriverInfo| {
        info.sha256 == Some(digest) && matches!(info.state, DriverState::Active | DriverState::Quarantined)
    };
    let info = app.registry.list().into_iter().find(loaded).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok((digest, info))
}

async fn one(app: &App, op: &Op, digest: Digest) -> Result<web::Json<DriverView>, Problem> {
    let view = views(app, op).await?.into_iter().find(|view| view.sha256 == digest.to_string());
    view.map(web::Json).ok_or_else(|| Problem::new(Code::NotFound))
}
