//! Meters: stock 电表入库 and search.

use dianka_domain::units::MeterEnergy;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::page::{Page, PageRequest};
use crate::rows::MeterRow;
use crate::schema::{account, meter};
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Where a meter is in its life.
    MeterStatus {
        /// In stock, waiting for assignment 待配表.
        Stock = "stock",
        /// Feeds an account.
        Assigned = "assigned",
        /// Taken down.
        Removed = "removed",
        /// Scrapped.
        Scrapped = "scrapped",
    }
}

/// A meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Its id.
    pub meter_id: Uuid,
    /// Factory number 厂号, 8 digits; of a keypad meter 11 or 13.
    pub factory_no: String,
    /// Its type.
    pub meter_type_id: Uuid,
    /// Where it is.
    pub status: MeterStatus,
    /// Start reading 起度, meter Wh.
    pub start_reading_wh: MeterEnergy,
    /// Its period: each clearing begins another.
    pub period: u32,
    /// The account that it feeds.
    pub account_id: Option<Uuid>,
}

/// A meter to go into stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeter {
    /// Its id.
    pub meter_id: Uuid,
    /// Factory number 厂号, 8 digits; of a keypad meter 11 or 13.
    pub factory_no: String,
    /// Its type.
    pub meter_type_id: Uuid,
    /// Start reading 起度, meter Wh.
    pub start_reading_wh: MeterEnergy,
}

/// Which meters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeterFilter {
    /// Only these.
    pub status: Option<MeterStatus>,
    /// Beginning of the factory number.
    pub q: Option<String>,
}

/// Takes a meter into stock.
///
/// # Errors
/// [`StoreError::Conflict`] `meter_factory_no_key`; [`StoreError::Reference`] for an unknown type;
/// [`StoreError::Invalid`] when the number has neither 8 nor 11 nor 13 digits.
pub async fn meter_stock_add(s: &mut Scoped, new: &NewMeter) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(meter::table)
        .values((
            meter::org_id.eq(org_id),
            meter::meter_id.eq(new.meter_id),
            meter::factory_no.eq(&new.factory_no),
            meter::meter_type_id.eq(new.meter_type_id),
            meter::status.eq(MeterStatus::Stock.as_str()),
            meter::start_reading_wh.eq(new.start_reading_wh.wh()),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// The last factory number, in order, that begins with these digits: the longest ones have 13.
pub(crate) fn last_beginning_with(digits: &str) -> String {
    format!("{digits:9<13}")
}

fn wanted(org_id: Uuid, filter: &MeterFilter) -> meter::BoxedQuery<'_, Pg> {
    let mut query = meter::table.filter(meter::org_id.eq(org_id)).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(meter::status.eq(status.as_str()));
    }
    match filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        // As a range, not LIKE: row-level security lets an index serve only operators that cannot leak.
        Some(q) if q.bytes().all(|b| b.is_ascii_digit()) => {
            let last = last_beginning_with(q);
            query.filter(meter::factory_no.ge(q.to_owned())).filter(meter::factory_no.le(last))
        }
        Some(q) => query.filter(meter::factory_no.eq(q)),
        None => query,
    }
}

/// Meters by factory number.
///
/// # Errors
/// Those of every call.
pub async fn meter_list(s: &mut Scoped, filter: &MeterFilter, page: PageRequest) -> Result<Page<Meter>> {
    let org_id = s.org();
    let total = wanted(org_id, filter).count().get_result(s.conn()).await?;
    let rows: Vec<MeterRow> = wanted(org_id, filter)
        .order(meter::factory_no)
        .limit(page.limit())
        .offset(page.offset())
        .select(MeterRow::as_select())
        .load(s.conn())
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    let found: Vec<Uuid> = rows.iter().map(|row| row.meter_id).collect();
    let feeding: Vec<(Uuid, Uuid)> = account::table
        .filter(account::org_id.eq(org_id).and(account::meter_id.eq_any(found)).and(account::status.ne("closed")))
        .select((account::meter_id, account::account_id))
        .load(s.conn())
        .await?;
    for row in rows {
        let account_id = feeding.iter().find(|(meter_id, _)| *meter_id == row.meter_id).map(|(_, account)| *account);
        items.push(Meter::try_from((row, account_id))?);
    }
    Ok(Page { items, total })
}

/// One meter.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn meter_get(s: &mut Scoped, meter_id: Uuid) -> Result<Meter> {
    let org_id = s.org();
    let row: MeterRow = meter::table
        .filter(meter::org_id.eq(org_id).and(meter::meter_id.eq(meter_id)))
        .select(MeterRow::as_select())
        .first(s.conn())
        .await?;
    let account_id = account_of(s, meter_id).await?;
    (row, account_id).try_into()
}

/// The meter with this factory number.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn meter_by_factory_no(s: &mut Scoped, factory_no: &str) -> Result<Meter> {
    let org_id = s.org();
    let row: MeterRow = meter::table
        .filter(meter::org_id.eq(org_id).and(meter::factory_no.eq(factory_no)))
        .select(MeterRow::as_select())
        .first(s.conn())
        .await?;
    let account_id = account_of(s, row.meter_id).await?;
    (row, account_id).try_into()
}

async fn account_of(s: &mut Scoped, meter_id: Uuid) -> Result<Option<Uuid>> {
    let org_id = s.org();
    let found = account::table
        .filter(account::org_id.eq(org_id).and(account::meter_id.eq(meter_id)).and(account::status.ne("closed")))
        .select(account::account_id)
        .first(s.conn())
        .await
        .optional()?;
    Ok(found)
}

/// Locks a meter that waits in stock and assigns it; returns its period.
pub(crate) async fn meter_assign(s: &mut Scoped, meter_id: Uuid) -> Result<i32> {
    let org_id = s.org();
    let this = meter::org_id.eq(org_id).and(meter::meter_id.eq(meter_id));
    let found: Option<(String, i32)> = meter::table
        .filter(this)
        .select((meter::status, meter::period))
        .for_no_key_update()
        .first(s.conn())
        .await
        .optional()?;
    let (status, period) =
        found.ok_or_else(|| StoreError::Reference { constraint: "account_meter_fkey".to_owned() })?;
    if MeterStatus::try_from(status.as_str())? != MeterStatus::Stock {
        return Err(StoreError::conflict("meter_not_in_stock"));
    }
    diesel::update(meter::table.filter(meter::org_id.eq(org_id).and(meter::meter_id.eq(meter_id))))
        .set(meter::status.eq(MeterStatus::Assigned.as_str()))
        .execute(s.conn())
        .await?;
    Ok(period)
}
