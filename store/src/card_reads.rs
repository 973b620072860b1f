//! Card readings: every reading is stored whole; what the meter returned 返写 with it raises what is proven taken.

use chrono::{DateTime, Utc};
use dianka_domain::units::MeterEnergy;
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{CardReadRow, signed};
use crate::schema::card_read;
use crate::scope::{Scoped, repeated};
use crate::store::Store;
use crate::wire::{self, CardReadWire};

/// What the meter wrote onto the card.
#[derive(Debug, Clone, PartialEq)]
pub struct Returned {
    /// Purchase number that it has taken.
    pub count: u32,
    /// Remaining, meter Wh; negative when overdrawn.
    pub remaining_wh: Option<MeterEnergy>,
    /// Total used, meter Wh.
    pub total_used_wh: Option<MeterEnergy>,
    /// Total purchased, meter Wh.
    pub total_purchased_wh: Option<MeterEnergy>,
    /// Overdraft, meter Wh.
    pub overdraft_wh: Option<MeterEnergy>,
    /// Power, W.
    pub power_w: Option<i64>,
    /// Status word.
    pub status_word: Option<u16>,
    /// Everything else that the driver decoded.
    pub details: serde_json::Value,
}

/// A reading of a card.
#[derive(Debug, Clone, PartialEq)]
pub struct CardRead {
    /// Its id.
    pub read_id: Uuid,
    /// The account that the card belongs to, if it is one of ours.
    pub account_id: Option<Uuid>,
    /// Card number, if it carries one of ours.
    pub card_no: Option<i64>,
    /// Where it was read.
    pub workstation_id: Uuid,
    /// Who was at the counter.
    pub operator_id: Option<Uuid>,
    /// The card session.
    pub session: String,
    /// What kind of card it is, as the server says.
    pub kind: String,
    /// The whole card.
    pub image: Vec<u8>,
    /// Tries left, 0 to 3.
    pub tries: u8,
    /// What the meter returned.
    pub returned: Option<Returned>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A reading to be stored.
pub type NewCardRead = CardRead;

/// What a reading proves about the account's counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acked {
    /// The purchase number that is proven taken.
    pub count: u32,
    /// The period that it belongs to.
    pub period: u32,
}

/// What storing a reading did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// Stored.
    Stored,
    /// Stored, and the account's proven number was raised: its version has changed.
    AckedRaised,
    /// Stored, but it claims a number that was never sold; the account is unchanged.
    BeyondSold,
    /// It was stored before.
    Replayed,
}

impl Store {
    /// Stores a reading in one round trip, and raises what is proven taken by it. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError::Reference`] for an unknown account.
    pub async fn reading_record(&self, org: Uuid, read: &NewCardRead, acked: Option<Acked>) -> Result<Recorded> {
        let count = acked.map(|acked| signed("acked", acked.count)).transpose()?;
        let period = acked.map(|acked| signed("period", acked.period)).transpose()?;
        let answer: i64 = repeated!(self.reading_record_once(org, read, count, period).await)?;
        match answer {
            1 => Ok(Recorded::Stored),
            2 => Ok(Recorded::AckedRaised),
            3 => Ok(Recorded::BeyondSold),
            4 => Ok(Recorded::Replayed),
            other => Err(StoreError::inconsistent(format_args!("reading_record answered {other}"))),
        }
    }

    async fn reading_record_once(
        &self,
        org: Uuid,
        read: &NewCardRead,
        acked: Option<i32>,
        period: Option<i32>,
    ) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::reading_record(org, CardReadWire(read.clone()), acked, period);
        Ok(select(call).get_result(&mut *session).await?)
    }
}

/// The account's newest readings, at most `limit`.
///
/// # Errors
/// Those of every call.
pub async fn card_read_list(s: &mut Scoped, account_id: Uuid, limit: u32) -> Result<Vec<CardRead>> {
    let org_id = s.org();
    let rows: Vec<CardReadRow> = card_read::table
        .filter(card_read::org_id.eq(org_id).and(card_read::account_id.eq(account_id)))
        .order(card_read::read_id.desc())
        .limit(i64::from(limit))
        .select(CardReadRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(CardRead::try_from).collect()
}

/// The account's newest reading that brought returned data.
///
/// # Errors
/// Those of every call.
pub async fn card_read_last_returned(s: &mut Scoped, account_id: Uuid) -> Result<Option<CardRead>> {
    let org_id = s.org();
    let row: Option<CardReadRow> = card_read::table
        .filter(card_read::org_id.eq(org_id).and(card_read::account_id.eq(account_id)))
        .filter(card_read::returned_count.is_not_null())
        .order(card_read::read_id.desc())
        .select(CardReadRow::as_select())
        .first(s.conn())
        .await
        .optional()?;
    row.map(CardRead::try_from).transpose()
}
