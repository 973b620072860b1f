//! Reading sales.

use chrono::{DateTime, NaiveDate, Utc};
use dianka_domain::ledger::Transfer;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::facts::{CardOpFacts, SaleFacts};
use crate::error::{Result, StoreError};
use crate::rows::{CardOpRow, SaleJoin, TransferRow, unsigned};
use crate::schema::{account, card_op, meter, operator, sale, sale_open, sale_outcome, site, token_op, transfer};
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Where a sale stands.
    SaleState {
        /// Paid and durable; the card is not proven yet.
        Authorised = "authorised",
        /// The card carries it, or the meter has taken it.
        Committed = "committed",
        /// Proven undone.
        Voided = "voided",
    }
}

/// How a sale ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleEnd {
    /// Where.
    pub workstation_id: Uuid,
    /// The day that it counts in.
    pub day: NaiveDate,
    /// Receipt number of that workstation, if committed.
    pub receipt_no: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A sale with the names that it is shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// What was sold.
    pub facts: SaleFacts,
    /// Where it stands.
    pub state: SaleState,
    /// How it ended.
    pub end: Option<SaleEnd>,
    /// User number of the account.
    pub user_no: i64,
    /// Customer's name.
    pub account_name: String,
    /// Factory number of the meter.
    pub factory_no: String,
    /// Name of the site.
    pub site_name: String,
    /// Name of the operator.
    pub operator_name: String,
    /// Driver that made the card's image or the token.
    pub driver_id: String,
    /// Its version.
    pub driver_version: String,
    /// What carries the energy.
    pub carried: Carried,
}

/// What carries the energy of a sale to the meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// A card.
    Card {
        /// Its number.
        card_no: i64,
    },
    /// A token.
    Token {
        /// What the customer types, without spaces.
        digits: String,
        /// What makes it another token than all others of the meter.
        identifier: u64,
    },
}

/// A sale that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSale {
    /// The sale.
    pub sale_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// The newest ticket's epoch.
    pub epoch: u32,
    /// Since when.
    pub opened_at: DateTime<Utc>,
}

/// Loads sales with the names that they are shown with. A macro, since the type of the joined query cannot be named.
macro_rules! joined {
    ($condition:expr) => {
        sale::table
            .inner_join(
                account::table.on(account::org_id.eq(sale::org_id).and(account::account_id.eq(sale::account_id))),
            )
            .inner_join(meter::table.on(meter::org_id.eq(sale::org_id).and(meter::meter_id.eq(sale::meter_id))))
            .inner_join(site::table.on(site::org_id.eq(sale::org_id).and(site::site_id.eq(sale::site_id))))
            .inner_join(
                operator::table.on(operator::org_id.eq(sale::org_id).and(operator::operator_id.eq(sale::operator_id))),
            )
            .left_join(card_op::table.on(card_op::org_id.eq(sale::org_id).and(card_op::op_id.eq(sale::sale_id))))
            .left_join(token_op::table.on(token_op::org_id.eq(sale::org_id).and(token_op::sale_id.eq(sale::sale_id))))
            .left_join(
                sale_outcome::table
                    .on(sale_outcome::org_id.eq(sale::org_id).and(sale_outcome::sale_id.eq(sale::sale_id))),
            )
            .filter($condition)
            .select((
                $crate::rows::SaleRow::as_select(),
                (account::user_no, account::name),
                meter::factory_no,
                site::name,
                operator::name,
                (card_op::driver_id, card_op::driver_version, card_op::card_no).nullable(),
                (token_op::driver_id, token_op::driver_version, token_op::digits, token_op::identifier).nullable(),
                Option::<$crate::rows::SaleOutcomeRow>::as_select(),
            ))
    };
}
pub(crate) use joined;

pub(crate) fn parsed(rows: Vec<SaleJoin>) -> Result<Vec<Sale>> {
    rows.into_iter().map(Sale::try_from).collect()
}

/// One sale.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn sale_get(s: &mut Scoped, sale_id: Uuid) -> Result<Sale> {
    let org_id = s.org();
    let row: SaleJoin = joined!(sale::org_id.eq(org_id).and(sale::sale_id.eq(sale_id))).first(s.conn()).await?;
    row.try_into()
}

/// What a sale writes onto the card: the frozen images and the plan.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn card_op_get(s: &mut Scoped, sale_id: Uuid) -> Result<CardOpFacts> {
    let org_id = s.org();
    card_op::table
        .filter(card_op::org_id.eq(org_id).and(card_op::op_id.eq(sale_id)))
        .select(CardOpRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// The newest sales of an account, at most `limit`.
///
/// # Errors
/// Those of every call.
pub async fn sale_by_account(s: &mut Scoped, account_id: Uuid, limit: u32) -> Result<Vec<Sale>> {
    let org_id = s.org();
    let rows: Vec<SaleJoin> = joined!(sale::org_id.eq(org_id).and(sale::account_id.eq(account_id)))
        // By time: the ids are the client's, and not every client makes them rise.
        .order((sale::created_at.desc(), sale::sale_id.desc()))
        .limit(i64::from(limit))
        .load(s.conn())
        .await?;
    parsed(rows)
}

type OpenColumns = (Uuid, Uuid, i32, DateTime<Utc>);

fn open_sale((sale_id, account_id, epoch, opened_at): OpenColumns) -> Result<OpenSale> {
    Ok(OpenSale { sale_id, account_id, epoch: unsigned("sale_open.epoch", epoch)?, opened_at })
}

/// The account's open sale.
///
/// # Errors
/// Those of every call.
pub async fn sale_open_by_account(s: &mut Scoped, account_id: Uuid) -> Result<Option<OpenSale>> {
    let org_id = s.org();
    let found: Option<OpenColumns> = sale_open::table
        .filter(sale_open::org_id.eq(org_id).and(sale_open::account_id.eq(account_id)))
        .select((sale_open::sale_id, sale_open::account_id, sale_open::epoch, sale_open::opened_at))
        .first(s.conn())
        .await
        .optional()?;
    found.map(open_sale).transpose()
}

/// All open sales, the oldest first.
///
/// # Errors
/// Those of every call.
pub async fn sale_open_list(s: &mut Scoped) -> Result<Vec<(OpenSale, Sale)>> {
    let org_id = s.org();
    let open: Vec<OpenColumns> = sale_open::table
        .filter(sale_open::org_id.eq(org_id))
        .order(sale_open::opened_at)
        .select((sale_open::sale_id, sale_open::account_id, sale_open::epoch, sale_open::opened_at))
        .load(s.conn())
        .await?;
    let ids: Vec<Uuid> = open.iter().map(|(sale_id, ..)| *sale_id).collect();
    let rows: Vec<SaleJoin> = joined!(sale::org_id.eq(org_id).and(sale::sale_id.eq_any(ids))).load(s.conn()).await?;
    let mut sales = parsed(rows)?;
    open.into_iter()
        .map(|columns| {
            let open = open_sale(columns)?;
            let at = sales.iter().position(|sale| sale.facts.sale_id == open.sale_id);
            let at =
                at.ok_or_else(|| StoreError::inconsistent(format_args!("open sale {} has no row", open.sale_id)))?;
            Ok((open, sales.swap_remove(at)))
        })
        .collect()
}

/// What a sale or adjustment moved in the ledger, in the order in which it did.
///
/// # Errors
/// Those of every call.
pub async fn transfer_list(s: &mut Scoped, event_id: Uuid) -> Result<Vec<Transfer>> {
    let org_id = s.org();
    let rows: Vec<TransferRow> = transfer::table
        .filter(transfer::org_id.eq(org_id).and(transfer::event_id.eq(event_id)))
        .order((transfer::at, transfer::step, transfer::line))
        .select(TransferRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(Transfer::try_from).collect()
}
