//! POST /workstations

use super::code::EnrolmentCode;
use super::workstation_list::{Kind, WorkstationView};
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::http::problem::Problem;
use crate::http::{fields, store_errors};
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, NewWorkstation, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A workstation to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWorkstation)]
pub struct NewWorkstationBody {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The sales point it stands in.
    pub site_id: Uuid,
    /// Number; left out: the next free one.
    #[serde(default)]
    #[schema(maximum = 9999)]
    pub number: Option<u32>,
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
}

/// Add a workstation
///
/// Its program enrols with the code of the answer, which is shown only here and may be used for 15 minutes.
#[utoipa::path(tag = "sites", operation_id = "createWorkstation", request_body = NewWorkstationBody,
    responses((status = 201, body = WorkstationView)))]
#[post("/workstations")]
pub async fn create_workstation(
    app: App,
    op: Guard<ManageSites>,
    body: web::Json<NewWorkstationBody>,
) -> Result<HttpResponse, Problem> {
    let id = body.id.unwrap_or_else(Uuid::now_v7);
    let number = body.number.map(|number| fields::between("number", number, 0, 9999)).transpose()?;
    let (code, stored) = EnrolmentCode::new(id, rand::random(), app.clock.now());
    let new = NewWorkstation {
        workstation_id: id,
        site_id: body.site_id,
        number,
        name: fields::text("name", &body.name, 100)?,
        kind: Kind::Station.into(),
        reader: None,
    };
    let made = app
        .store
        .tx(op.org, "workstation_create", async |s| {
            if store::site_get(s, new.site_id).await.is_ok_and(|site| site.retired) {
                return Err(StoreError::Reference { constraint: "workstation_site_fkey".to_owned() });
            }
            store::workstation_create(s, &new).await?;
            store::station_code_add(s, &stored).await?;
            store::workstation_get(s, id).await
        })
        .await
        .map_err(|e| {
            let number = number.map(|n| n.to_string()).unwrap_or_default();
            store_errors::taken(e, "workstation_number_key", "number", &number)
        })?;
    let view = WorkstationView { enrolment: Some(code), ..WorkstationView::new(&app, made) };
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(view))
}
