//! Cards as records: whose, which generation, what is known of their password.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::CardRow;
use crate::schema::card;
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Whether a card is in use.
    CardState {
        /// The account's card: the only one that is written.
        Current = "current",
        /// Lost or replaced.
        Blocked = "blocked",
        /// Given back.
        Returned = "returned",
    }
}

text_enum! {
    /// Whose password the card answers to.
    PscState {
        /// The maker's transport code: never written by us.
        Transport = "transport",
        /// Ours: it has verified on this very card.
        Ours = "ours",
        /// Not known.
        Unknown = "unknown",
    }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub card_id: Uuid,
    /// Card number, unique in the organisation.
    pub card_no: i64,
    /// The account that it was issued to.
    pub account_id: Uuid,
    /// Its generation: the account's `counter.issue` at the time.
    pub generation: u32,
    /// In use or not.
    pub state: CardState,
    /// Whose password.
    pub psc_state: PscState,
    /// Tries left when last read, 0 to 3.
    pub tries_seen: Option<u8>,
    /// Sales written onto it.
    pub writes: u32,
}

/// The account's current card.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn card_current(s: &mut Scoped, account_id: Uuid) -> Result<Card> {
    let org_id = s.org();
    card::table
        .filter(card::org_id.eq(org_id).and(card::account_id.eq(account_id)).and(card::state.eq("current")))
        .select(CardRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// The card with this number.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn card_by_no(s: &mut Scoped, card_no: i64) -> Result<Card> {
    let org_id = s.org();
    card::table
        .filter(card::org_id.eq(org_id).and(card::card_no.eq(card_no)))
        .select(CardRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// Records what is known of a card's password now.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn card_psc_set(s: &mut Scoped, card_no: i64, psc_state: PscState) -> Result<()> {
    let org_id = s.org();
    let changed = diesel::update(card::table.filter(card::org_id.eq(org_id).and(card::card_no.eq(card_no))))
        .set(card::psc_state.eq(psc_state.as_str()))
        .execute(s.conn())
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// What a card was last written with.
#[derive(Debug, Clone, PartialEq, Eq, diesel::QueryableByName)]
pub struct CardSample {
    /// The whole card as it was proven.
    #[diesel(sql_type = diesel::sql_types::Bytea)]
    pub image: Vec<u8>,
    /// The card's number.
    #[diesel(sql_type = diesel::sql_types::Int8)]
    pub card_no: i64,
    /// The purchase number on it.
    #[diesel(sql_type = diesel::sql_types::Int4)]
    pub count: i32,
    /// The quantity on it, meter Wh.
    #[diesel(sql_type = diesel::sql_types::Int8)]
    pub quantity_wh: i64,
}

/// The last sale's card of accounts with this meter type, one for each account, at most `limit`.
///
/// # Errors
/// Those of every call.
pub async fn card_sample(s: &mut Scoped, meter_type_id: Uuid, limit: u32) -> Result<Vec<CardSample>> {
    let org_id = s.org();
    let query = diesel::sql_query(
        "SELECT op.target_image AS image, op.card_no, last.count, last.quantity_wh
        FROM meter m
        JOIN account a ON a.org_id = m.org_id AND a.meter_id = m.meter_id AND a.status <> 'closed' AND a.sold > 0
        CROSS JOIN LATERAL (
            SELECT s.sale_id, s.count, s.quantity_wh
            FROM sale s
            JOIN sale_outcome o ON o.org_id = s.org_id AND o.sale_id = s.sale_id AND o.outcome = 'committed'
            WHERE s.org_id = a.org_id AND s.account_id = a.account_id AND s.count = a.sold AND s.period = a.period
            LIMIT 1
        ) last
        JOIN card_op op ON op.org_id = a.org_id AND op.op_id = last.sale_id
        WHERE m.org_id = $1 AND m.meter_type_id = $2 AND m.status = 'assigned'
        LIMIT $3",
    );
    Ok(query
        .bind::<diesel::sql_types::Uuid, _>(org_id)
        .bind::<diesel::sql_types::Uuid, _>(meter_type_id)
        .bind::<diesel::sql_types::Int8, _>(i64::from(limit))
        .load(s.conn())
        .await?)
}
