//! Adjustments 找补电量: entered with a reason and an author, pending until the next purchase.

use chrono::{DateTime, Utc};
use dianka_domain::ledger::Transfer;
use dianka_domain::units::RealEnergy;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::schema::{account, adjustment, transfer};
use crate::scope::Scoped;

/// An adjustment to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdjustment {
    /// Its id.
    pub adjustment_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// Real Wh: positive gives back, negative takes. Not 0.
    pub energy_wh: RealEnergy,
    /// Why.
    pub reason: String,
    /// Who entered it.
    pub operator_id: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
    /// What it moves in the ledger (`dianka_domain::ledger::postings_adjustment`).
    pub transfers: Vec<Transfer>,
}

/// An adjustment as it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct AdjustmentRow {
    adjustment_id: Uuid,
    energy_wh: i64,
    reason: String,
    operator_id: Uuid,
    created_at: DateTime<Utc>,
}

/// An adjustment that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its id.
    pub adjustment_id: Uuid,
    /// Real Wh.
    pub energy_wh: RealEnergy,
    /// Why.
    pub reason: String,
    /// Who entered it.
    pub operator_id: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Enters an adjustment: it waits on the account for the next purchase. A decision in flight does not survive it.
///
/// # Errors
/// [`StoreError::NotFound`] for an unknown account; [`StoreError::Conflict`] `adjustment_pkey` when the id was used.
pub async fn adjustment_add(s: &mut Scoped, new: &NewAdjustment) -> Result<()> {
    let org_id = s.org();
    let this = account::org_id.eq(org_id).and(account::account_id.eq(new.account_id));
    let changed = diesel::update(account::table.filter(this))
        .set((
            account::adjustment_pending_wh.eq(account::adjustment_pending_wh + new.energy_wh.wh()),
            account::version.eq(account::version + 1_i64),
        ))
        .execute(s.conn())
        .await?;
    if changed != 1 {
        return Err(StoreError::NotFound);
    }
    diesel::insert_into(adjustment::table)
        .values((
            adjustment::org_id.eq(org_id),
            adjustment::adjustment_id.eq(new.adjustment_id),
            adjustment::account_id.eq(new.account_id),
            adjustment::energy_wh.eq(new.energy_wh.wh()),
            adjustment::reason.eq(&new.reason),
            adjustment::operator_id.eq(new.operator_id),
            adjustment::created_at.eq(new.created_at),
        ))
        .execute(s.conn())
        .await?;
    for (line, moved) in (1_i32..).zip(&new.transfers) {
        diesel::insert_into(transfer::table)
            .values((
                transfer::org_id.eq(org_id),
                transfer::event_id.eq(new.adjustment_id),
                transfer::step.eq("adjustment"),
                transfer::line.eq(line),
                transfer::debit.eq(i32::from(moved.debit.code())),
                transfer::credit.eq(i32::from(moved.credit.code())),
                transfer::amount_fen.eq(moved.amount.fen()),
                transfer::energy_wh.eq(moved.energy.wh()),
                transfer::at.eq(new.created_at),
            ))
            .execute(s.conn())
            .await?;
    }
    Ok(())
}

/// The account's adjustments, the newest first.
///
/// # Errors
/// Those of every call.
pub async fn adjustment_list(s: &mut Scoped, account_id: Uuid) -> Result<Vec<Adjustment>> {
    let org_id = s.org();
    let rows: Vec<AdjustmentRow> = adjustment::table
        .filter(adjustment::org_id.eq(org_id).and(adjustment::account_id.eq(account_id)))
        .order(adjustment::adjustment_id.desc())
        .select((
            adjustment::adjustment_id,
            adjustment::energy_wh,
            adjustment::reason,
            adjustment::operator_id,
            adjustment::created_at,
        ))
        .load(s.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Adjustment {
            adjustment_id: row.adjustment_id,
            energy_wh: RealEnergy::from_wh(row.energy_wh),
            reason: row.reason,
            operator_id: row.operator_id,
            created_at: row.created_at,
        })
        .collect())
}
