//! POST /areas

use super::list::{AreaView, Kind};
use crate::auth::Guard;
use crate::auth::rights::ManageSetup;
use crate::http::problem::Problem;
use crate::http::{fields, replay, store_errors};
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, Area, NewArea, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An area to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewArea)]
pub struct NewAreaBody {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The area it lies in; left out: at the root.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Area code 区域编码, unique.
    #[schema(max_length = 32)]
    pub code: String,
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Its kind.
    pub kind: Kind,
}

/// Add an area
#[utoipa::path(tag = "areas", operation_id = "createArea", request_body = NewAreaBody,
    responses((status = 201, body = AreaView)))]
#[post("/areas")]
pub async fn create_area(
    app: App,
    op: Guard<ManageSetup>,
    body: web::Json<NewAreaBody>,
) -> Result<HttpResponse, Problem> {
    let new = NewArea {
        area_id: body.id.unwrap_or_else(Uuid::now_v7),
        parent_id: body.parent_id,
        code: fields::code("code", &body.code)?,
        name: fields::text("name", &body.name, 100)?,
        kind: body.kind.into(),
    };
    let made = app
        .store
        .tx(op.org, "area_create", async |s| {
            store::area_create(s, &new).await?;
            store::area_get(s, new.area_id).await
        })
        .await;
    let area = match made {
        Ok(area) => area,
        Err(conflict @ StoreError::Conflict { .. }) => {
            let existing = app.store.tx(op.org, "area_get", async |s| store::area_get(s, new.area_id).await).await;
            let otherwise = |e| store_errors::taken(e, "area_code_key", "code", &new.code);
            replay::same_or(conflict, existing, |area| as_new(area) == new, otherwise)?
        }
        Err(error) => return Err(error.into()),
    };
    Ok(HttpResponse::Created().json(AreaView::from(area)))
}

fn as_new(area: &Area) -> NewArea {
    NewArea {
        area_id: area.area_id,
        parent_id: area.parent_id,
        code: area.code.clone(),
        name: area.name.clone(),
        kind: area.kind,
    }
}
