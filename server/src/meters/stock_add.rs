//! POST /meters

use super::list::MeterView;
use crate::auth::Guard;
use crate::auth::rights::ManageStock;
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::http::{fields, replay};
use crate::sales::decide::token::{self, token_meter};
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_plugin_host::CallError;
use dianka_plugin_host::token::TokenError;
use dianka_store::{self as store, Carrier, Meter, MeterType, NewMeter, StoreError};
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
    /// Factory number 厂号, unique: 8 digits; of a keypad meter 11 or 13, the last of which is a check digit.
    #[schema(pattern = "^([0-9]{8}|[0-9]{11}|[0-9]{13})$")]
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
    let meter_type = match app
        .store
        .tx(op.org, "meter_type_get", async |s| store::meter_type_get(s, body.meter_type_id).await)
        .await
    {
        Ok(meter_type) => meter_type,
        Err(StoreError::NotFound) => return Err(Problem::new(Code::ReferenceMissing).param("field", "meter_type_id")),
        Err(error) => return Err(error.into()),
    };
    let new = NewMeter {
        meter_id: body.id.unwrap_or_else(Uuid::now_v7),
        factory_no: factory_no(&app, &meter_type, &body.factory_no)?,
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

/// A number as the meters of this type have it. The check digit of a keypad meter's is the driver's to know.
fn factory_no(app: &App, meter_type: &MeterType, text: &str) -> Result<String, Problem> {
    if meter_type.carrier == Carrier::Card {
        return fields::eight_digits("factory_no", text);
    }
    let number = fields::keypad_number("factory_no", text)?;
    let driver = in_use::pinned(app, meter_type)?;
    let meter = token_meter(meter_type, number.parse().map_err(Problem::internal)?)?;
    match driver.token_key(&meter) {
        Ok(_) => Ok(number),
        Err(TokenError::Call(CallError::Refusal(refusal))) => {
            Err(Problem::field("factory_no", "check-digit").because(refusal.to_string()))
        }
        Err(error) => Err(token::problem(&driver, &error)),
    }
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
