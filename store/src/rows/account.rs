use chrono::{DateTime, Utc};
use dianka_domain::counter::CounterState;
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Ratio, RealEnergy};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::unsigned;
use crate::accounts::{Account, AccountMeter, AccountStatus, LimitMode};
use crate::cards::{Card, CardState, PscState};
use crate::error::{Result, StoreError};
use crate::meter_types::Carrier;
use crate::meters::{Meter, MeterStatus};
use crate::schema::{account, card, meter};

#[derive(Queryable, Selectable)]
#[diesel(table_name = account, check_for_backend(Pg))]
pub(crate) struct AccountRow {
    account_id: Uuid,
    user_no: i64,
    name: String,
    unit: String,
    address: String,
    phone: String,
    area_id: Uuid,
    meter_id: Uuid,
    tariff_id: Uuid,
    pt_primary: i32,
    pt_secondary: i32,
    ct_primary: i32,
    ct_secondary: i32,
    multiplier: i32,
    limit_mode: i32,
    capacity_w: i64,
    period: i32,
    sold: i32,
    acked: i32,
    issue: i32,
    adjustment_pending_wh: i64,
    preset_pending_wh: i64,
    hoard_wh: Option<i64>,
    alarm_wh: Option<i64>,
    overdraft_wh: Option<i64>,
    version: i64,
    status: String,
    total_fen: i64,
    total_wh: i64,
    opened_at: DateTime<Utc>,
}

/// An account with what it points at: area name; factory number, meter type's id, name, driver, version and carrier; tariff
/// name; number of the current card.
pub(crate) type AccountJoin = (AccountRow, String, (String, Uuid, String, String, String, String), String, Option<i64>);

impl TryFrom<AccountJoin> for Account {
    type Error = StoreError;
    fn try_from((row, area_name, meter, tariff_name, card_no): AccountJoin) -> Result<Self> {
        let (factory_no, meter_type_id, meter_type_name, driver_id, driver_version, carrier) = meter;
        let multiplier = unsigned("account.multiplier", row.multiplier)?;
        Ok(Self {
            account_id: row.account_id,
            user_no: row.user_no,
            name: row.name,
            unit: row.unit,
            address: row.address,
            phone: row.phone,
            area_id: row.area_id,
            area_name,
            meter: AccountMeter {
                meter_id: row.meter_id,
                factory_no,
                meter_type_id,
                meter_type_name,
                driver_id,
                driver_version,
                carrier: Carrier::try_from(carrier.as_str())?,
            },
            tariff_id: row.tariff_id,
            tariff_name,
            pt: ratio(row.pt_primary, row.pt_secondary)?,
            ct: ratio(row.ct_primary, row.ct_secondary)?,
            multiplier: Multiplier::new(multiplier).map_err(StoreError::inconsistent)?,
            limit_mode: LimitMode::try_from(row.limit_mode)?,
            capacity_w: row.capacity_w,
            period: unsigned("account.period", row.period)?,
            counter: CounterState {
                sold: unsigned("account.sold", row.sold)?,
                acked: unsigned("account.acked", row.acked)?,
                issue: unsigned("account.issue", row.issue)?,
            },
            adjustment_pending_wh: RealEnergy::from_wh(row.adjustment_pending_wh),
            preset_pending_wh: MeterEnergy::from_wh(row.preset_pending_wh),
            hoard_wh: row.hoard_wh.map(MeterEnergy::from_wh),
            alarm_wh: row.alarm_wh.map(MeterEnergy::from_wh),
            overdraft_wh: row.overdraft_wh.map(MeterEnergy::from_wh),
            version: row.version,
            status: AccountStatus::try_from(row.status.as_str())?,
            total_fen: Money::from_fen(row.total_fen),
            total_wh: RealEnergy::from_wh(row.total_wh),
            card_no,
            opened_at: row.opened_at,
        })
    }
}

fn ratio(primary: i32, secondary: i32) -> Result<Ratio> {
    Ok(Ratio { primary: unsigned("ratio", primary)?, secondary: unsigned("ratio", secondary)? })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = meter, check_for_backend(Pg))]
pub(crate) struct MeterRow {
    pub(crate) meter_id: Uuid,
    factory_no: String,
    meter_type_id: Uuid,
    status: String,
    start_reading_wh: i64,
    period: i32,
}

impl TryFrom<(MeterRow, Option<Uuid>)> for Meter {
    type Error = StoreError;
    fn try_from((row, account_id): (MeterRow, Option<Uuid>)) -> Result<Self> {
        Ok(Self {
            meter_id: row.meter_id,
            factory_no: row.factory_no,
            meter_type_id: row.meter_type_id,
            status: MeterStatus::try_from(row.status.as_str())?,
            start_reading_wh: MeterEnergy::from_wh(row.start_reading_wh),
            period: unsigned("meter.period", row.period)?,
            account_id,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = card, check_for_backend(Pg))]
pub(crate) struct CardRow {
    card_id: Uuid,
    card_no: i64,
    account_id: Uuid,
    generation: i32,
    state: String,
    psc_state: String,
    tries_seen: Option<i32>,
    writes: i32,
}

impl TryFrom<CardRow> for Card {
    type Error = StoreError;
    fn try_from(row: CardRow) -> Result<Self> {
        let tries = |value: i32| u8::try_from(value).map_err(|_| StoreError::inconsistent("card.tries_seen"));
        Ok(Self {
            card_id: row.card_id,
            card_no: row.card_no,
            account_id: row.account_id,
            generation: unsigned("card.generation", row.generation)?,
            state: CardState::try_from(row.state.as_str())?,
            psc_state: PscState::try_from(row.psc_state.as_str())?,
            tries_seen: row.tries_seen.map(tries).transpose()?,
            writes: unsigned("card.writes", row.writes)?,
        })
    }
}
