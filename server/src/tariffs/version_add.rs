//! POST /tariffs/{id}/versions

use super::create::{NewTariffVersion, one};
use super::list::TariffView;
use crate::auth::Guard;
use crate::auth::rights::ManageSetup;
use crate::http::problem::Problem;
use crate::http::store_errors;
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store as store;
use uuid::Uuid;

/// Add a version to a tariff
///
/// It holds from its day until the next one begins. One that has begun in the past changes no sale that was made.
#[utoipa::path(tag = "tariffs", operation_id = "addTariffVersion", params(("id" = Uuid, Path)),
    request_body = NewTariffVersion, responses((status = 201, body = TariffView)))]
#[post("/tariffs/{id}/versions")]
pub async fn add_tariff_version(
    app: App,
    op: Guard<ManageSetup>,
    id: web::Path<Uuid>,
    body: web::Json<NewTariffVersion>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (id.into_inner(), body.checked(&app)?);
    let tariff = app
        .store
        .tx(op.org, "tariff_version_add", async |s| {
            one(s, id).await?;
            store::tariff_version_add(s, id, &version).await?;
            one(s, id).await
        })
        .await
        .map_err(|e| {
            store_errors::taken(e, "tariff_version_from_key", "valid_from", &version.valid_from.to_string())
        })?;
    Ok(HttpResponse::Created().json(TariffView::from(tariff)))
}
