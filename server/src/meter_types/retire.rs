//! PUT /meter-types/{id}/retired

use super::list::MeterTypeView;
use crate::auth::Guard;
use crate::auth::rights::ManageSetup;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{put, web};
use dianka_store as store;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether a meter type is offered for new meters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// No longer offered.
    pub retired: bool,
}

/// Retire a meter type, or take it back
///
/// A type in use is never deleted.
#[utoipa::path(tag = "meters", operation_id = "retireMeterType", params(("id" = Uuid, Path)),
    responses((status = 200, body = MeterTypeView)))]
#[put("/meter-types/{id}/retired")]
pub async fn retire_meter_type(
    app: App,
    op: Guard<ManageSetup>,
    id: web::Path<Uuid>,
    body: web::Json<Retired>,
) -> Result<web::Json<MeterTypeView>, Problem> {
    let id = id.into_inner();
    let changed = app
        .store
        .tx(op.org, "meter_type_retire", async |s| {
            store::meter_type_retire(s, id, body.retired).await?;
            store::meter_type_get(s, id).await
        })
        .await?;
    Ok(web::Json(changed.into()))
}
