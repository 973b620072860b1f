//! Analysis: what was sold where and when. Rollups and the deltas that are not folded yet are read in one statement, so the
//! figures are never stale.

use chrono::{Datelike, Days, Months, NaiveDate};
use dianka_domain::units::{Money, RealEnergy};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Date, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::page::{Page, PageRequest};
use crate::rows::{AreaSalesRow, SaleJoin};
use crate::sales::{Sale, joined, parsed};
use crate::schema::{account, area_closure, card_op, meter, operator, sale, sale_outcome, site, token_op};
use crate::scope::Scoped;

/// How long a period of the analysis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Days.
    Day,
    /// Calendar months.
    Month,
}

/// Sales of an area and everything below it, in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSales {
    /// The area.
    pub area_id: Uuid,
    /// Its name.
    pub area_name: String,
    /// The day, or the first day of the month.
    pub period: NaiveDate,
    /// Committed sales.
    pub sales: i64,
    /// Real energy.
    pub energy_wh: RealEnergy,
    /// Money.
    pub amount_fen: Money,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaQuestion {
    /// Days or months.
    pub period: Period,
    /// First day; with months, its whole month.
    pub from: NaiveDate,
    /// Last day; with months, its whole month.
    pub to: NaiveDate,
    /// One row for each area directly below this one (and one for what stands in itself); `None`: below none.
    pub parent: Option<Uuid>,
}

/// `{table}` and `{column}` are of this program.
const AREA_SALES: &str = "
WITH figures AS (
    SELECT area_id, {column} AS period, sales, energy_wh, amount_fen
    FROM {table} WHERE org_id = $1 AND {column} BETWEEN $2 AND $3
    UNION ALL
    SELECT area_id, {delta} AS period, 1, energy_wh, amount_fen
    FROM rollup_delta WHERE org_id = $1 AND day BETWEEN $2 AND $3
), shown AS (
    SELECT a.area_id, a.name, c.descendant_id
    FROM area a JOIN area_closure c ON c.org_id = a.org_id AND c.ancestor_id = a.area_id
    WHERE a.org_id = $1 AND a.parent_id IS NOT DISTINCT FROM $4
    UNION ALL
    SELECT a.area_id, a.name, a.area_id FROM area a WHERE a.org_id = $1 AND a.area_id = $4
)
SELECT s.area_id, s.name AS area_name, f.period, sum(f.sales)::INT8 AS sales, sum(f.energy_wh)::INT8 AS energy_wh,
    sum(f.amount_fen)::INT8 AS amount_fen
FROM figures f JOIN shown s ON s.descendant_id = f.area_id
GROUP BY s.area_id, s.name, f.period
ORDER BY f.period, s.name, s.area_id";

/// Sales by area and period.
///
/// # Errors
/// Those of every call.
pub async fn analysis_by_area(s: &mut Scoped, question: &AreaQuestion) -> Result<Vec<AreaSales>> {
    let org_id = s.org();
    let (table, column, delta, from, to) = match question.period {
        Period::Day => ("rollup_day", "day", "day", question.from, question.to),
        Period::Month => (
            "rollup_month",
            "month",
            "date_trunc('month', day)::DATE",
            first_of_month(question.from)?,
            last_of_month(question.to)?,
        ),
    };
    let sql = AREA_SALES.replace("{table}", table).replace("{column}", column).replace("{delta}", delta);
    let rows: Vec<AreaSalesRow> = sql_query(sql)
        .bind::<SqlUuid, _>(org_id)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .bind::<Nullable<SqlUuid>, _>(question.parent)
        .load(s.conn())
        .await?;
    Ok(rows.into_iter().map(AreaSales::from).collect())
}

fn first_of_month(day: NaiveDate) -> Result<NaiveDate> {
    day.with_day(1).ok_or_else(|| StoreError::Invalid { constraint: format!("date {day}") })
}

fn last_of_month(day: NaiveDate) -> Result<NaiveDate> {
    first_of_month(day)?
        .checked_add_months(Months::new(1))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .ok_or_else(|| StoreError::Invalid { constraint: format!("date {day}") })
}

/// The committed sales behind a figure: of an area and everything below it, of the days `from` to `to`, newest first.
///
/// # Errors
/// Those of every call.
pub async fn analysis_detail(
    s: &mut Scoped,
    area_id: Uuid,
    from: NaiveDate,
    to: NaiveDate,
    page: PageRequest,
) -> Result<Page<Sale>> {
    let org_id = s.org();
    let behind = || {
        sale_outcome::table
            .inner_join(
                area_closure::table.on(area_closure::org_id
                    .eq(sale_outcome::org_id)
                    .and(area_closure::descendant_id.eq(sale_outcome::area_id))),
            )
            .filter(area_closure::org_id.eq(org_id).and(area_closure::ancestor_id.eq(area_id)))
            .filter(sale_outcome::outcome.eq("committed").and(sale_outcome::day.between(from, to)))
    };
    let total = behind().count().get_result(s.conn()).await?;
    let ids: Vec<Uuid> = behind()
        .order((sale_outcome::day.desc(), sale_outcome::at.desc(), sale_outcome::sale_id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(sale_outcome::sale_id)
        .load(s.conn())
        .await?;
    let rows: Vec<SaleJoin> = joined!(sale::org_id.eq(org_id).and(sale::sale_id.eq_any(ids)))
        .order((sale_outcome::day.desc(), sale_outcome::at.desc(), sale::sale_id.desc()))
        .load(s.conn())
        .await?;
    Ok(Page { items: parsed(rows)?, total })
}
