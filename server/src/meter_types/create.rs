//! POST /meter-types

use super::list::MeterTypeView;
use super::token_params;
use crate::auth::Guard;
use crate::auth::rights::ManageSetup;
use crate::drivers;
use crate::http::problem::Problem;
use crate::http::{fields, replay, store_errors};
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, MeterType, StoreError};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A meter type to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeterType {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Name, unique.
    #[schema(max_length = 100)]
    pub name: String,
    /// Maker's model and version.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub model: String,
    /// An active meter driver (`GET /drivers`).
    pub driver_id: String,
    /// Meter constant, impulses (or revolutions) per kWh.
    #[schema(minimum = 1, maximum = 100_000)]
    pub constant_imp: u32,
    /// Rated current, mA.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub rated_ma: u32,
    /// Maximum current, mA; at least the rated one.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub max_ma: u32,
    /// 1 or 3.
    #[schema(minimum = 1, maximum = 3)]
    pub phases: u32,
    /// Voltage, V.
    #[schema(minimum = 1, maximum = 1000)]
    pub voltage_v: u32,
    /// Hoarding limit 囤积限量, meter energy; 0 = none.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub hoard_wh: i64,
    /// Overdraft limit 赊欠限量, meter energy; 0 = none.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub overdraft_wh: i64,
    /// Preset quantity 预置电量, meter energy.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub preset_wh: i64,
    /// Alarm level 报警电量, meter energy; left out: the driver's own rule.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub alarm_wh: Option<i64>,
    /// What the driver of a token standard has to be told, by the `params` of its description: `{"supply-group": "600727",
    /// "key-revision": 1, "base-date": 2014}`. Left out for cards.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub token_params: Map<String, Value>,
}

/// Add a meter type
#[utoipa::path(tag = "meters", operation_id = "createMeterType", request_body = NewMeterType,
    responses((status = 201, body = MeterTypeView)))]
#[post("/meter-types")]
pub async fn create_meter_type(
    app: App,
    op: Guard<ManageSetup>,
    body: web::Json<NewMeterType>,
) -> Result<HttpResponse, Problem> {
    let new = checked(&app, &body)?;
    let list = app.registry.list();
    let made = app.store.tx(op.org, "meter_type_create", async |s| {
        store::meter_type_create(s, &new).await?;
        drivers::in_use::record(s, &app, &list, &new.driver_id, &new.driver_version).await
    });
    match made.await {
        Ok(()) => {}
        Err(conflict @ StoreError::Conflict { .. }) => {
            let id = new.meter_type_id;
            let existing = app.store.tx(op.org, "meter_type_get", async |s| store::meter_type_get(s, id).await).await;
            let otherwise = |e| store_errors::taken(e, "meter_type_name_key", "name", &new.name);
            replay::same_or(conflict, existing, |it| *it == new, otherwise)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(HttpResponse::Created().json(MeterTypeView::from(new)))
}

fn checked(app: &AppState, body: &NewMeterType) -> Result<MeterType, Problem> {
    if body.phases == 2 {
        return Err(Problem::field("phases", "1-or-3"));
    }
    let rated_ma = fields::between("rated_ma", body.rated_ma, 1, 1_000_000)?;
    let driver = drivers::active_meter(app, &body.driver_id)?;
    Ok(MeterType {
        meter_type_id: body.id.unwrap_or_else(Uuid::now_v7),
        name: fields::text("name", &body.name, 100)?,
        model: fields::optional_text("model", Some(&body.model), 100)?,
        driver_version: driver.about().version.to_string(),
        driver_id: body.driver_id.clone(),
        constant_imp: fields::between("constant_imp", body.constant_imp, 1, 100_000)?,
        rated_ma,
        max_ma: fields::between("max_ma", body.max_ma, rated_ma, 10_000_000)?,
        phases: fields::between("phases", body.phases, 1, 3)?,
        voltage_v: fields::between("voltage_v", body.voltage_v, 1, 1000)?,
        hoard_wh: fields::meter_energy("hoard_wh", body.hoard_wh)?,
        overdraft_wh: fields::meter_energy("overdraft_wh", body.overdraft_wh)?,
        preset_wh: fields::meter_energy("preset_wh", body.preset_wh)?,
        alarm_wh: body.alarm_wh.map(|wh| fields::meter_energy("alarm_wh", wh)).transpose()?,
        retired: false,
        carrier: drivers::carrier(&driver),
        token_params: token_params::checked(&driver, &body.token_params)?,
    })
}
