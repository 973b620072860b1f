//! Replacement cards 补卡: a new card with the purchase that was last sold.
//!
//! ```text
//! begin ──▶ open ──▶ confirm ──▶ committed      (evidence: its own card reads as the target; an open sale ends with it)
//!             │ ▲
//!             │ └── ticket_add: a new ticket, next epoch
//! ```
//!
//! There is no way back: the old card is blocked from the beginning on.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::accounts::next_number;
use crate::error::{Result, StoreError};
use crate::rows::{digest, to_sql};
use crate::sales::{CardOpFacts, Ended, SaleConfirm, unknown_code};
use crate::schema::{replacement, replacement_open, replacement_outcome};
use crate::scope::{Scoped, repeated};
use crate::store::Store;
use crate::text_enum::text_enum;
use crate::wire::{self, CardOpWire, ReplacementWire, TransferWire, code};

text_enum! {
    /// Why a card is replaced.
    ReplacementReason {
        /// The customer has lost it.
        Lost = "lost",
        /// It cannot be read or written any more.
        Damaged = "damaged",
        /// Its password's tries are used up.
        Locked = "locked",
    }
}

/// A replacement as it was decided. Frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacementFacts {
    /// The client's id: its idempotency key.
    pub op_id: Uuid,
    /// Whose card.
    pub account_id: Uuid,
    /// The sale whose purchase it repeats: the open one, or else the last one.
    pub sale_id: Uuid,
    /// Why.
    pub reason: ReplacementReason,
    /// The card that does not count any more.
    pub old_card_no: i64,
    /// Where it was asked for.
    pub workstation_id: Uuid,
    /// Who did it.
    pub operator_id: Uuid,
    /// SHA-256 of the request: the same id with another content is refused.
    pub request_hash: [u8; 32],
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A replacement to be begun, with the decision that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReplacement {
    /// The account's version that the decision was made on.
    pub account_version: i64,
    /// What was decided.
    pub facts: ReplacementFacts,
    /// Id of the new card's row; its number and generation are in `op`.
    pub card_id: Uuid,
    /// What is written onto the card.
    pub op: CardOpFacts,
    /// The first ticket (epoch 1).
    pub ticket: serde_json::Value,
}

/// What a begin did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplacementBegun {
    /// It is begun now.
    New,
    /// It was before, by the same request. It may have ended meanwhile: read it.
    Replayed,
    /// Another one of this account is open.
    OtherOpen,
}

/// A replacement with how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What was decided.
    pub facts: ReplacementFacts,
    /// The new card's number.
    pub card_no: i64,
    /// When its card was proven; none while it is open.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Takes a card number for a replacement. One that is not used in the end stays unused.
///
/// # Errors
/// Those of every call.
pub async fn card_no_next(s: &mut Scoped) -> Result<i64> {
    next_number(s, "card_no").await
}

/// Begins a replacement: the old card is blocked, the new one is the account's. In the caller's transaction, so that what
/// is noted beside it is noted if and only if this is. The id makes it safe to repeat.
///
/// # Errors
/// [`StoreError::NotFound`] for an unknown account; [`StoreError::StaleDecision`]; [`StoreError::ReplayMismatch`];
/// [`StoreError::AccountNotOpen`].
pub async fn replacement_begin(s: &mut Scoped, new: &NewReplacement) -> Result<ReplacementBegun> {
    let org = s.org();
    let call = wire::replacement_begin(
        org,
        new.account_version,
        ReplacementWire { facts: new.facts.clone(), card_id: new.card_id },
        CardOpWire(new.op.clone()),
        &new.ticket,
    );
    match select(call).get_result(s.conn()).await? {
        code::DONE => Ok(ReplacementBegun::New),
        code::REPLAYED => Ok(ReplacementBegun::Replayed),
        code::OTHER_OPEN => Ok(ReplacementBegun::OtherOpen),
        code::NO_ROW => Err(StoreError::NotFound),
        code::STALE => Err(StoreError::StaleDecision),
        code::OTHER_BODY => Err(StoreError::ReplayMismatch),
        code::ACCOUNT_NOT_OPEN => Err(StoreError::AccountNotOpen),
        other => Err(unknown_code("replacement_begin", other)),
    }
}

impl Store {
    /// Ends a replacement whose card is proven; `sale` is how the sale that it repeats is confirmed, if that one is open.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::StaleDecision`] when the evidence names another ticket than the newest;
    /// [`StoreError::Inconsistent`] when it neither is open nor has ended.
    pub async fn replacement_confirm(
        &self,
        org: Uuid,
        op_id: Uuid,
        evidence: &serde_json::Value,
        sale: &SaleConfirm,
    ) -> Result<Ended> {
        let day = to_sql(sale.day)?;
        match repeated!(self.replacement_confirm_once(org, op_id, evidence, sale, day).await)? {
            code::DONE => Ok(Ended::Now),
            code::REPLAYED => Ok(Ended::Before),
            code::NO_ROW => Err(StoreError::NotFound),
            code::STALE => Err(StoreError::StaleDecision),
            code::NOT_OPEN => {
                Err(StoreError::inconsistent(format_args!("replacement {op_id} is neither open nor ended")))
            }
            other => Err(unknown_code("replacement_confirm", other)),
        }
    }

    async fn replacement_confirm_once(
        &self,
        org: Uuid,
        op_id: Uuid,
        evidence: &serde_json::Value,
        sale: &SaleConfirm,
        day: NaiveDate,
    ) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::replacement_confirm(
            org,
            op_id,
            sale.workstation_id,
            day,
            sale.at,
            evidence,
            &sale.document,
            TransferWire::all(&sale.transfers),
        );
        Ok(select(call).get_result(&mut *session).await?)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = replacement, check_for_backend(diesel::pg::Pg))]
struct Row {
    op_id: Uuid,
    account_id: Uuid,
    sale_id: Uuid,
    reason: String,
    old_card_no: i64,
    card_no: i64,
    workstation_id: Uuid,
    operator_id: Uuid,
    request_hash: Vec<u8>,
    created_at: DateTime<Utc>,
}

fn parsed((row, ended_at): (Row, Option<DateTime<Utc>>)) -> Result<Replacement> {
    Ok(Replacement {
        facts: ReplacementFacts {
            op_id: row.op_id,
            account_id: row.account_id,
            sale_id: row.sale_id,
            reason: ReplacementReason::try_from(row.reason.as_str())?,
            old_card_no: row.old_card_no,
            workstation_id: row.workstation_id,
            operator_id: row.operator_id,
            request_hash: digest("replacement.request_hash", row.request_hash)?,
            created_at: row.created_at,
        },
        card_no: row.card_no,
        ended_at,
    })
}

macro_rules! with_end {
    ($condition:expr) => {
        replacement::table
            .left_join(
                replacement_outcome::table.on(replacement_outcome::org_id
                    .eq(replacement::org_id)
                    .and(replacement_outcome::op_id.eq(replacement::op_id))),
            )
            .filter($condition)
            .select((Row::as_select(), replacement_outcome::at.nullable()))
    };
}

/// One replacement.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn replacement_get(s: &mut Scoped, op_id: Uuid) -> Result<Replacement> {
    let org_id = s.org();
    let row = with_end!(replacement::org_id.eq(org_id).and(replacement::op_id.eq(op_id))).first(s.conn()).await?;
    parsed(row)
}

/// The replacements of an account, the newest first, at most `limit`.
///
/// # Errors
/// Those of every call.
pub async fn replacement_by_account(s: &mut Scoped, account_id: Uuid, limit: u32) -> Result<Vec<Replacement>> {
    let org_id = s.org();
    let rows: Vec<(Row, Option<DateTime<Utc>>)> =
        with_end!(replacement::org_id.eq(org_id).and(replacement::account_id.eq(account_id)))
            .order((replacement::created_at.desc(), replacement::op_id.desc()))
            .limit(i64::from(limit))
            .load(s.conn())
            .await?;
    rows.into_iter().map(parsed).collect()
}

/// The account's open replacement.
///
/// # Errors
/// Those of every call.
pub async fn replacement_open_by_account(s: &mut Scoped, account_id: Uuid) -> Result<Option<Uuid>> {
    let org_id = s.org();
    let open = replacement_open::table
        .filter(replacement_open::org_id.eq(org_id).and(replacement_open::account_id.eq(account_id)))
        .select(replacement_open::op_id)
        .first(s.conn())
        .await;
    Ok(open.optional()?)
}

/// All open replacements, the oldest first.
///
/// # Errors
/// Those of every call.
pub async fn replacement_open_list(s: &mut Scoped) -> Result<Vec<Replacement>> {
    let org_id = s.org();
    let open: Vec<Uuid> = replacement_open::table
        .filter(replacement_open::org_id.eq(org_id))
        .order(replacement_open::opened_at)
        .select(replacement_open::op_id)
        .load(s.conn())
        .await?;
    let rows: Vec<(Row, Option<DateTime<Utc>>)> =
        with_end!(replacement::org_id.eq(org_id).and(replacement::op_id.eq_any(open)))
            .order(replacement::created_at)
            .load(s.conn())
            .await?;
    rows.into_iter().map(parsed).collect()
}
