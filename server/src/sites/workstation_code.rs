//! POST /workstations/{id}/code, POST /workstations/{id}/revoke

use super::code::EnrolmentCode;
use super::{audit, not_built_in};
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, KeyEnd};
use serde_json::json;
use uuid::Uuid;

/// A one-time code for a workstation's program
///
/// It may be used for 15 minutes. Codes before it end at once; the station before it ends when the code is used.
#[utoipa::path(tag = "sites", operation_id = "newWorkstationCode", params(("id" = Uuid, Path)),
    responses((status = 200, body = EnrolmentCode)))]
#[post("/workstations/{id}/code")]
pub async fn new_workstation_code(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    not_built_in(&app, op.org, *id).await?;
    let (code, stored) = EnrolmentCode::new(*id, rand::random(), app.clock.now());
    let entry = audit(&app, &op, "workstation.code", *id, json!({ "expires_at": code.expires_at }));
    app.store
        .tx(op.org, "workstation_code", async |s| {
            store::station_code_add(s, &stored).await?;
            store::audit_add(s, &entry).await
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(code))
}

/// Shut a workstation's program out
///
/// At once and for good: it needs a new code to come back.
#[utoipa::path(tag = "sites", operation_id = "revokeWorkstation", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done")))]
#[post("/workstations/{id}/revoke")]
pub async fn revoke_workstation(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    not_built_in(&app, op.org, *id).await?;
    let entry = audit(&app, &op, "workstation.revoke", *id, json!({}));
    let now = app.clock.now();
    app.store
        .tx(op.org, "workstation_revoke", async |s| {
            if store::station_key_end(s, *id, KeyEnd::Revoked, now).await? {
                store::audit_add(s, &entry).await?;
            }
            Ok(())
        })
        .await?;
    app.hub.cut(*id);
    Ok(HttpResponse::NoContent().finish())
}
