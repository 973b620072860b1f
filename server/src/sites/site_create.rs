//! POST /sites

use super::SiteView;
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::http::problem::Problem;
use crate::http::{fields, replay, store_errors};
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, Site, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A sales point to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Short code, unique.
    #[schema(max_length = 32)]
    pub code: String,
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
}

/// Add a sales point
#[utoipa::path(tag = "sites", operation_id = "createSite", responses((status = 201, body = SiteView)))]
#[post("/sites")]
pub async fn create_site(app: App, op: Guard<ManageSites>, body: web::Json<NewSite>) -> Result<HttpResponse, Problem> {
    let new = Site {
        site_id: body.id.unwrap_or_else(Uuid::now_v7),
        code: fields::code("code", &body.code)?,
        name: fields::text("name", &body.name, 100)?,
        retired: false,
    };
    match app.store.tx(op.org, "site_create", async |s| store::site_create(s, &new).await).await {
        Ok(()) => {}
        Err(conflict @ StoreError::Conflict { .. }) => {
            let existing = app.store.tx(op.org, "site_get", async |s| store::site_get(s, new.site_id).await).await;
            let otherwise = |e| store_errors::taken(e, "site_code_key", "code", &new.code);
            replay::same_or(conflict, existing, |site| *site == new, otherwise)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(HttpResponse::Created().json(SiteView::from(new)))
}
