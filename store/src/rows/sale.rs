use chrono::{DateTime, NaiveDate, Utc};
use dianka_domain::ledger::{LedgerAccount, Transfer};
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Price, RealEnergy};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::{digest, unsigned};
use crate::accounts::LimitMode;
use crate::error::{Result, StoreError};
use crate::sales::{CardOpFacts, Carried, Payment, Sale, SaleEnd, SaleFacts, SaleKind, SaleState};
use crate::schema::{card_op, sale, sale_outcome, transfer};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sale, check_for_backend(Pg))]
pub(crate) struct SaleRow {
    sale_id: Uuid,
    account_id: Uuid,
    meter_id: Uuid,
    kind: String,
    period: i32,
    count: i32,
    energy_wh: i64,
    amount_fen: i64,
    price_micro: i64,
    tariff_version_id: Uuid,
    multiplier: i32,
    adjustment_used_wh: i64,
    carry_wh: i64,
    preset_deducted_wh: i64,
    quantity_wh: i64,
    area_id: Uuid,
    site_id: Uuid,
    workstation_id: Uuid,
    operator_id: Uuid,
    payment: String,
    cash_fen: Option<i64>,
    request_hash: Vec<u8>,
    created_at: DateTime<Utc>,
}

impl TryFrom<SaleRow> for SaleFacts {
    type Error = StoreError;
    fn try_from(row: SaleRow) -> Result<Self> {
        let multiplier = unsigned("sale.multiplier", row.multiplier)?;
        Ok(Self {
            sale_id: row.sale_id,
            account_id: row.account_id,
            meter_id: row.meter_id,
            kind: SaleKind::try_from(row.kind.as_str())?,
            period: unsigned("sale.period", row.period)?,
            count: unsigned("sale.count", row.count)?,
            energy_wh: RealEnergy::from_wh(row.energy_wh),
            amount_fen: Money::from_fen(row.amount_fen),
            price_micro: Price::from_micro(row.price_micro),
            tariff_version_id: row.tariff_version_id,
            multiplier: Multiplier::new(multiplier).map_err(StoreError::inconsistent)?,
            adjustment_used_wh: RealEnergy::from_wh(row.adjustment_used_wh),
            carry_wh: RealEnergy::from_wh(row.carry_wh),
            preset_deducted_wh: MeterEnergy::from_wh(row.preset_deducted_wh),
            quantity_wh: MeterEnergy::from_wh(row.quantity_wh),
            area_id: row.area_id,
            site_id: row.site_id,
            workstation_id: row.workstation_id,
            operator_id: row.operator_id,
            payment: Payment::try_from(row.payment.as_str())?,
            cash_fen: row.cash_fen.map(Money::from_fen),
            request_hash: digest("sale.request_hash", row.request_hash)?,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sale_outcome, check_for_backend(Pg))]
pub(crate) struct SaleOutcomeRow {
    outcome: String,
    workstation_id: Uuid,
    day: NaiveDate,
    receipt_no: Option<i64>,
    at: DateTime<Utc>,
}

/// Driver, its version, card number.
type CardColumns = (String, String, i64);
/// Driver, its version, digits, identifier.
type TokenColumns = (String, String, String, i64);

/// A sale with what it points at: user number and name; factory number; site's and operator's name; what carries it; its
/// end.
pub(crate) type SaleJoin =
    (SaleRow, (i64, String), String, String, String, Option<CardColumns>, Option<TokenColumns>, Option<SaleOutcomeRow>);

/// Driver, its version, and what carries the sale: exactly one of the two belongs to it.
fn carried(sale: Uuid, card: Option<CardColumns>, token: Option<TokenColumns>) -> Result<(String, String, Carried)> {
    match (card, token) {
        (Some((driver_id, version, card_no)), None) => Ok((driver_id, version, Carried::Card { card_no })),
        (None, Some((driver_id, version, digits, identifier))) => {
            let identifier = u64::try_from(identifier).map_err(StoreError::inconsistent)?;
            Ok((driver_id, version, Carried::Token { digits, identifier }))
        }
        _ => Err(StoreError::inconsistent(format_args!("sale {sale} has not exactly one carrier"))),
    }
}

impl TryFrom<SaleJoin> for Sale {
    type Error = StoreError;
    fn try_from((row, account, factory_no, site_name, operator_name, card, token, outcome): SaleJoin) -> Result<Self> {
        let (user_no, account_name) = account;
        let (driver_id, driver_version, carried) = carried(row.sale_id, card, token)?;
        let (state, end) = match outcome {
            None => (SaleState::Authorised, None),
            Some(row) => (SaleState::try_from(row.outcome.as_str())?, Some(row)),
        };
        let end = end.map(|row| SaleEnd {
            workstation_id: row.workstation_id,
            day: row.day,
            receipt_no: row.receipt_no,
            at: row.at,
        });
        Ok(Self {
            facts: row.try_into()?,
            state,
            end,
            user_no,
            account_name,
            factory_no,
            site_name,
            operator_name,
            driver_id,
            driver_version,
            carried,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = card_op, check_for_backend(Pg))]
pub(crate) struct CardOpRow {
    card_no: i64,
    generation: i32,
    alarm_wh: i64,
    hoard_wh: i64,
    overdraft_wh: i64,
    limit_mode: i32,
    capacity_w: i64,
    driver_id: String,
    driver_version: String,
    driver_sha256: Vec<u8>,
    session: String,
    before_image: Vec<u8>,
    target_image: Vec<u8>,
    plan: serde_json::Value,
}

impl TryFrom<CardOpRow> for CardOpFacts {
    type Error = StoreError;
    fn try_from(row: CardOpRow) -> Result<Self> {
        Ok(Self {
            card_no: row.card_no,
            generation: unsigned("card_op.generation", row.generation)?,
            alarm_wh: MeterEnergy::from_wh(row.alarm_wh),
            hoard_wh: MeterEnergy::from_wh(row.hoard_wh),
            overdraft_wh: MeterEnergy::from_wh(row.overdraft_wh),
            limit_mode: LimitMode::try_from(row.limit_mode)?,
            capacity_w: row.capacity_w,
            driver_id: row.driver_id,
            driver_version: row.driver_version,
            driver_sha256: digest("card_op.driver_sha256", row.driver_sha256)?,
            session: row.session,
            before_image: row.before_image,
            target_image: row.target_image,
            plan: row.plan,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = transfer, check_for_backend(Pg))]
pub(crate) struct TransferRow {
    debit: i32,
    credit: i32,
    amount_fen: i64,
    energy_wh: i64,
}

impl TryFrom<TransferRow> for Transfer {
    type Error = StoreError;
    fn try_from(row: TransferRow) -> Result<Self> {
        let account = |code: i32| {
            let code = i16::try_from(code).map_err(StoreError::inconsistent)?;
            LedgerAccount::try_from(code).map_err(StoreError::inconsistent)
        };
        Ok(Self {
            debit: account(row.debit)?,
            credit: account(row.credit)?,
            amount: Money::from_fen(row.amount_fen),
            energy: RealEnergy::from_wh(row.energy_wh),
        })
    }
}
