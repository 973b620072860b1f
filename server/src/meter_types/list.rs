//! GET /meter-types

use super::token_params;
use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_domain::units::MeterEnergy;
use dianka_store::{self as store, MeterType};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A meter type.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MeterType)]
pub struct MeterTypeView {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Maker's model and version.
    pub model: String,
    /// Driver that speaks for it.
    pub driver_id: String,
    /// Version of the driver that it was put into service with.
    pub driver_version: String,
    /// Meter constant, impulses (or revolutions) per kWh.
    pub constant_imp: u32,
    /// Rated current, mA.
    pub rated_ma: u32,
    /// Maximum current, mA.
    pub max_ma: u32,
    /// 1 or 3.
    pub phases: u32,
    /// Voltage, V.
    pub voltage_v: u32,
    /// Hoarding limit 囤积限量, meter energy; 0 = none.
    pub hoard_wh: i64,
    /// Overdraft limit 赊欠限量, meter energy; 0 = none.
    pub overdraft_wh: i64,
    /// Preset quantity 预置电量, meter energy.
    pub preset_wh: i64,
    /// Alarm level 报警电量, meter energy; none: the driver's own rule.
    pub alarm_wh: Option<i64>,
    /// No longer offered for new meters.
    pub retired: bool,
    /// `card` or `token`.
    pub carrier: String,
    /// What the driver of a token standard is told of its meters.
    #[schema(value_type = Object)]
    pub token_params: Map<String, Value>,
}

impl From<MeterType> for MeterTypeView {
    fn from(t: MeterType) -> MeterTypeView {
        MeterTypeView {
            id: t.meter_type_id,
            name: t.name,
            model: t.model,
            driver_id: t.driver_id,
            driver_version: t.driver_version,
            constant_imp: t.constant_imp,
            rated_ma: t.rated_ma,
            max_ma: t.max_ma,
            phases: t.phases,
            voltage_v: t.voltage_v,
            hoard_wh: t.hoard_wh.wh(),
            overdraft_wh: t.overdraft_wh.wh(),
            preset_wh: t.preset_wh.wh(),
            alarm_wh: t.alarm_wh.map(MeterEnergy::wh),
            retired: t.retired,
            carrier: t.carrier.as_str().to_owned(),
            token_params: token_params::view(&t.token_params),
        }
    }
}

/// Meter types
///
/// All of them, by name, retired ones too.
#[utoipa::path(tag = "meters", operation_id = "listMeterTypes", params(ListQuery), responses((status = 200, body = Page<MeterTypeView>)))]
#[get("/meter-types")]
pub async fn list_meter_types(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<MeterTypeView>>, Problem> {
    let types = app.store.tx(op.org, "meter_type_list", async |s| store::meter_type_list(s).await).await?;
    Ok(web::Json(
        list.cut(types.into_iter().map(MeterTypeView::from).collect(), |it| format!("{} {}", it.name, it.model)),
    ))
}
