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
