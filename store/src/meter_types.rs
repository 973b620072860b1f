//! Meter types: nameplate, driver, limits.

use dianka_domain::units::MeterEnergy;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{MeterTypeRow, signed};
use crate::schema::meter_type;
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// How purchases reach a meter.
    Carrier {
        /// On a card.
        Card = "card",
        /// As a row of digits that the customer types in.
        Token = "token",
    }
}

/// A meter type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterType {
    /// Its id.
    pub meter_type_id: Uuid,
    /// Name, unique in the organisation.
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
    /// Hoarding limit 囤积限量, meter Wh; 0 = none.
    pub hoard_wh: MeterEnergy,
    /// Overdraft limit 赊欠限量, meter Wh; 0 = none.
    pub overdraft_wh: MeterEnergy,
    /// Preset quantity 预置电量, meter Wh.
    pub preset_wh: MeterEnergy,
    /// Alarm level 报警电量, meter Wh; `None`: the driver's own rule.
    pub alarm_wh: Option<MeterEnergy>,
    /// No longer offered for new meters.
    pub retired: bool,
    /// How purchases reach its meters; the driver's own word when the type was made.
    pub carrier: Carrier,
    /// What the driver is told of a meter when it makes a token: a list of name and value; empty for cards.
    pub token_params: serde_json::Value,
}

/// Adds a meter type.
///
/// # Errors
/// [`StoreError::Conflict`] `meter_type_name_key`.
pub async fn meter_type_create(s: &mut Scoped, new: &MeterType) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(meter_type::table)
        .values((
            meter_type::org_id.eq(org_id),
            meter_type::meter_type_id.eq(new.meter_type_id),
            meter_type::name.eq(&new.name),
            meter_type::model.eq(&new.model),
            meter_type::driver_id.eq(&new.driver_id),
            meter_type::driver_version.eq(&new.driver_version),
            meter_type::constant_imp.eq(signed("meter_type.constant_imp", new.constant_imp)?),
            meter_type::rated_ma.eq(signed("meter_type.rated_ma", new.rated_ma)?),
            meter_type::max_ma.eq(signed("meter_type.max_ma", new.max_ma)?),
            meter_type::phases.eq(signed("meter_type.phases", new.phases)?),
            meter_type::voltage_v.eq(signed("meter_type.voltage_v", new.voltage_v)?),
            meter_type::hoard_wh.eq(new.hoard_wh.wh()),
            meter_type::overdraft_wh.eq(new.overdraft_wh.wh()),
            meter_type::preset_wh.eq(new.preset_wh.wh()),
            meter_type::alarm_wh.eq(new.alarm_wh.map(MeterEnergy::wh)),
            meter_type::retired.eq(new.retired),
            meter_type::carrier.eq(new.carrier.as_str()),
            meter_type::token_params.eq(&new.token_params),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// One meter type.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn meter_type_get(s: &mut Scoped, meter_type_id: Uuid) -> Result<MeterType> {
    let org_id = s.org();
    meter_type::table
        .filter(meter_type::org_id.eq(org_id).and(meter_type::meter_type_id.eq(meter_type_id)))
        .select(MeterTypeRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// All meter types, by name.
///
/// # Errors
/// Those of every call.
pub async fn meter_type_list(s: &mut Scoped) -> Result<Vec<MeterType>> {
    let org_id = s.org();
    let rows: Vec<MeterTypeRow> = meter_type::table
        .filter(meter_type::org_id.eq(org_id))
        .order(meter_type::name)
        .select(MeterTypeRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(MeterType::try_from).collect()
}

/// Retires a meter type, or takes it back.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn meter_type_retire(s: &mut Scoped, meter_type_id: Uuid, retired: bool) -> Result<()> {
    let org_id = s.org();
    let this = meter_type::org_id.eq(org_id).and(meter_type::meter_type_id.eq(meter_type_id));
    let changed =
        diesel::update(meter_type::table.filter(this)).set(meter_type::retired.eq(retired)).execute(s.conn()).await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Puts another version of its driver into service.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn meter_type_driver_version_set(s: &mut Scoped, meter_type_id: Uuid, driver_version: &str) -> Result<()> {
    let org_id = s.org();
    let this = meter_type::org_id.eq(org_id).and(meter_type::meter_type_id.eq(meter_type_id));
    let changed = diesel::update(meter_type::table.filter(this))
        .set(meter_type::driver_version.eq(driver_version))
        .execute(s.conn())
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
