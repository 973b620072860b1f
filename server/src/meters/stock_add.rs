//! POST /meters

use super::list::MeterView;
use crate::auth::Guard;
use crate::auth::rights::ManageStock;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::http::{fields, replay};
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, Meter, NewMeter, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A meter to be taken into stock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMeter)]
pub struct NewMeterBody {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Factory number 厂号, 8 digits, unique.
    #[schema(pattern = "^[0-9]{8}$")]
    pub factory_no: String,
    /// Its type.
    pub meter_type_id: Uuid,
    /// Start reading 起度 as the meter shows it, meter energy; 0 for a meter with LCD only.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub start_reading_wh: i64,
}

/// Take a meter into stock 电表入库
#[utoipa::path(tag = "meters", operation_id = "addMeter", request_body = NewMeterBody,
    responses((status = 201, body = MeterView)))]
#[post("/meters")]
pub async fn add_meter(
    app: App,
    op: Guard<ManageStock>,
    body: web::Json<NewMeterBody>,
) -> Result<HttpResponse, Problem> {
    let new = NewMeter {
        meter_id: body.id.unwrap_or_else(Uuid::now_v7),
        factory_no: fields::eight_digits("factory_no", &body.factory_no)?,
        meter_type_id: body.meter_type_id,
        start_reading_wh: fields::meter_energy("start_reading_wh", body.start_reading_wh)?,
    };
    let made = app
        .store
        .tx(op.org, "meter_stock_add", async |s| {
            store::meter_stock_add(s, &new).await?;
            store::meter_get(s, new.meter_id).await
        })
        .await;
    let meter = match made {
        Ok(meter) => meter,
        Err(conflict @ StoreError::Conflict { .. }) => {
            let existing = app.store.tx(op.org, "meter_get", async |s| store::meter_get(s, new.meter_id).await).await;
            replay::same_or(conflict, existing, |meter| as_new(meter) == new, |e| taken(e, &new.factory_no))?
        }
        Err(error) => return Err(error.into()),
    };
    Ok(HttpResponse::Created().json(MeterView::from(meter)))
}

fn as_new(meter: &Meter) -> NewMeter {
    NewMeter {
        meter_id: meter.meter_id,
        factory_no: meter.factory_no.clone(),
        meter_type_id: meter.meter_type_id,
        start_reading_wh: meter.start_reading_wh,
    }
}

fn taken(error: StoreError, factory_no: &str) -> Problem {
    match &error {
        StoreError::Conflict { constraint } if constraint == "meter_factory_no_key" => {
            Problem::new(Code::MeterExists).param("factory_no", factory_no)
        }
        _ => error.into(),
    }
}
