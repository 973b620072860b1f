//! PUT /workstations/{id}, POST /workstations/{id}/retire

use super::workstation_list::WorkstationView;
use super::{audit, not_built_in};
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::settings;
use actix_web::{HttpResponse, post, put, web};
use dianka_store::{self as store, StoreError, WorkstationChange};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A workstation as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkstationChange)]
pub struct ChangeBody {
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
    /// The sales point it stands in.
    pub site_id: Uuid,
    /// Language of its program, `zh-CN` or `en`; left out: the computer's own.
    #[serde(default)]
    pub language: Option<String>,
    /// How much its program logs, `error`, `warn`, `info` or `debug`; left out: the program's own.
    #[serde(default)]
    pub log_level: Option<String>,
}

/// Rename or move a workstation, or change the settings of its program
///
/// A connected station gets them at once, the others when they connect.
#[utoipa::path(tag = "sites", operation_id = "changeWorkstation", params(("id" = Uuid, Path)),
    request_body = ChangeBody, responses((status = 200, body = WorkstationView)))]
#[put("/workstations/{id}")]
pub async fn change_workstation(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
    body: web::Json<ChangeBody>,
) -> Result<web::Json<WorkstationView>, Problem> {
    let change = WorkstationChange {
        name: fields::text("name", &body.name, 100)?,
        site_id: body.site_id,
        language: one_of("language", body.language.as_deref(), &["zh-CN", "en"])?,
        log_level: one_of("log_level", body.log_level.as_deref(), &["error", "warn", "info", "debug"])?,
    };
    let detail = json!({ "name": change.name, "site_id": change.site_id, "language": change.language,
        "log_level": change.log_level });
    let entry = audit(&app, &op, "workstation.change", *id, detail);
    let (moved, changed) = app
        .store
        .tx(op.org, "workstation_change", async |s| {
            let before = store::workstation_get(s, *id).await?;
            if store::site_get(s, change.site_id).await?.retired {
                return Err(StoreError::Reference { constraint: "workstation_site_fkey".to_owned() });
            }
            let changed = store::workstation_change(s, *id, &change).await?;
            store::audit_add(s, &entry).await?;
            Ok((before.site_id != changed.site_id, changed))
        })
        .await?;
    if moved {
        // The line knows the site that its sales are made at: it dials in anew.
        app.hub.cut(*id);
    } else {
        settings::push(&app, op.org, &changed).await;
    }
    Ok(web::Json(WorkstationView::new(&app, changed)))
}

fn one_of(field: &str, given: Option<&str>, known: &[&str]) -> Result<Option<String>, Problem> {
    match given {
        None => Ok(None),
        Some(value) if known.contains(&value) => Ok(Some(value.to_owned())),
        Some(_) => Err(Problem::field(field, "unknown")),
    }
}

/// Retire a workstation
///
/// Its program is shut out, its number stays taken. Not while a sale is open there.
#[utoipa::path(tag = "sites", operation_id = "retireWorkstation", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done")))]
#[post("/workstations/{id}/retire")]
pub async fn retire_workstation(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    not_built_in(&app, op.org, *id).await?;
    let entry = audit(&app, &op, "workstation.retire", *id, json!({}));
    let now = app.clock.now();
    let done = app
        .store
        .tx(op.org, "workstation_retire", async |s| {
            let done = store::workstation_retire(s, *id, now).await?;
            if done.is_ok() {
                store::audit_add(s, &entry).await?;
            }
            Ok(done)
        })
        .await?;
    done.map_err(|open| Problem::new(Code::StationOpenSales).param("count", open))?;
    app.hub.cut(*id);
    Ok(HttpResponse::NoContent().finish())
}
