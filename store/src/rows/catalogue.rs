use chrono::{Datelike, NaiveDate};
use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::{MeterEnergy, Price};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::meter_types::{Carrier, MeterType};
use crate::schema::{area, meter_type, tariff, tariff_version};

#[derive(Queryable, Selectable)]
#[diesel(table_name = area, check_for_backend(Pg))]
pub(crate) struct AreaRow {
    pub(crate) area_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = meter_type, check_for_backend(Pg))]
pub(crate) struct MeterTypeRow {
    meter_type_id: Uuid,
    name: String,
    model: String,
    driver_id: String,
    driver_version: String,
    constant_imp: i32,
    rated_ma: i32,
    max_ma: i32,
    phases: i32,
    voltage_v: i32,
    hoard_wh: i64,
    overdraft_wh: i64,
    preset_wh: i64,
    alarm_wh: Option<i64>,
    retired: bool,
    carrier: String,
    token_params: serde_json::Value,
}

impl TryFrom<MeterTypeRow> for MeterType {
    type Error = StoreError;
    fn try_from(row: MeterTypeRow) -> Result<Self> {
        Ok(Self {
            meter_type_id: row.meter_type_id,
            name: row.name,
            model: row.model,
            driver_id: row.driver_id,
            driver_version: row.driver_version,
            constant_imp: super::unsigned("meter_type.constant_imp", row.constant_imp)?,
            rated_ma: super::unsigned("meter_type.rated_ma", row.rated_ma)?,
            max_ma: super::unsigned("meter_type.max_ma", row.max_ma)?,
            phases: super::unsigned("meter_type.phases", row.phases)?,
            voltage_v: super::unsigned("meter_type.voltage_v", row.voltage_v)?,
            hoard_wh: MeterEnergy::from_wh(row.hoard_wh),
            overdraft_wh: MeterEnergy::from_wh(row.overdraft_wh),
            preset_wh: MeterEnergy::from_wh(row.preset_wh),
            alarm_wh: row.alarm_wh.map(MeterEnergy::from_wh),
            retired: row.retired,
            carrier: Carrier::try_from(row.carrier.as_str())?,
            token_params: row.token_params,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tariff, check_for_backend(Pg))]
pub(crate) struct TariffRow {
    pub(crate) tariff_id: Uuid,
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tariff_version, check_for_backend(Pg))]
pub(crate) struct TariffVersionRow {
    pub(crate) tariff_version_id: Uuid,
    pub(crate) tariff_id: Uuid,
    price_micro: i64,
    valid_from: NaiveDate,
}

impl TryFrom<TariffVersionRow> for TariffVersion<Uuid> {
    type Error = StoreError;
    fn try_from(row: TariffVersionRow) -> Result<Self> {
        Ok(Self {
            id: row.tariff_version_id,
            price: Price::from_micro(row.price_micro),
            valid_from: to_domain(row.valid_from)?,
        })
    }
}

fn to_domain(date: NaiveDate) -> Result<Date> {
    let bad = || StoreError::inconsistent(format_args!("date {date}"));
    let part = |value: u32| u8::try_from(value).map_err(|_| bad());
    let year = u16::try_from(date.year()).map_err(|_| bad())?;
    Date::new(year, part(date.month())?, part(date.day())?).map_err(|_| bad())
}

/// The domain's date for a DATE column.
pub(crate) fn to_sql(date: Date) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(date.year()), u32::from(date.month()), u32::from(date.day()))
        .ok_or_else(|| StoreError::Invalid { constraint: format!("date {date}") })
}
