//! PUT /sites/{id}, POST /sites/{id}/retire

use super::{SiteView, audit};
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{HttpResponse, post, put, web};
use dianka_store as store;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A sales point as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
}

/// Rename a sales point
#[utoipa::path(tag = "sites", operation_id = "changeSite", params(("id" = Uuid, Path)), responses((status = 200, body = SiteView)))]
#[put("/sites/{id}")]
pub async fn change_site(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
    body: web::Json<SiteChange>,
) -> Result<web::Json<SiteView>, Problem> {
    let name = fields::text("name", &body.name, 100)?;
    let entry = audit(&app, &op, "site.change", *id, json!({ "name": name }));
    let changed = app
        .store
        .tx(op.org, "site_change", async |s| {
            store::site_rename(s, *id, &name).await?;
            store::audit_add(s, &entry).await?;
            store::site_get(s, *id).await
        })
        .await?;
    Ok(web::Json(changed.into()))
}

/// Retire a sales point
///
/// Its workstations are moved or retired before. Its code stays taken.
#[utoipa::path(tag = "sites", operation_id = "retireSite", params(("id" = Uuid, Path)), responses((status = 204, description = "Done")))]
#[post("/sites/{id}/retire")]
pub async fn retire_site(app: App, op: Guard<ManageSites>, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let entry = audit(&app, &op, "site.retire", *id, json!({}));
    let now = app.clock.now();
    let done = app
        .store
        .tx(op.org, "site_retire", async |s| {
            let done = store::site_retire(s, *id, now).await?;
            if done.is_ok() {
                store::audit_add(s, &entry).await?;
            }
            Ok(done)
        })
        .await?;
    done.map_err(|count| Problem::new(Code::SiteNotEmpty).param("count", count))?;
    Ok(HttpResponse::NoContent().finish())
}
