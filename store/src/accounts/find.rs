//! Finding accounts.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Account;
use crate::error::Result;
use crate::meters::last_beginning_with;
use crate::page::{Page, PageRequest};
use crate::rows::{AccountJoin, AccountRow};
use crate::schema::{account, area, card, meter, meter_type, tariff};
use crate::scope::Scoped;

/// Loads accounts with what they point at. A macro, since the type of the joined query cannot be named.
macro_rules! joined {
    ($condition:expr) => {
        account::table
            .inner_join(area::table.on(area::org_id.eq(account::org_id).and(area::area_id.eq(account::area_id))))
            .inner_join(meter::table.on(meter::org_id.eq(account::org_id).and(meter::meter_id.eq(account::meter_id))))
            .inner_join(
                meter_type::table
                    .on(meter_type::org_id.eq(account::org_id).and(meter_type::meter_type_id.eq(meter::meter_type_id))),
            )
            .inner_join(
                tariff::table.on(tariff::org_id.eq(account::org_id).and(tariff::tariff_id.eq(account::tariff_id))),
            )
            .left_join(
                card::table.on(card::org_id
                    .eq(account::org_id)
                    .and(card::account_id.eq(account::account_id))
                    .and(card::state.eq("current"))),
            )
            .filter($condition)
            .select((
                AccountRow::as_select(),
                area::name,
                (
                    meter::factory_no,
                    meter_type::meter_type_id,
                    meter_type::name,
                    meter_type::driver_id,
                    meter_type::driver_version,
                    meter_type::carrier,
                ),
                tariff::name,
                card::card_no.nullable(),
            ))
    };
}

/// One account.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn account_get(s: &mut Scoped, account_id: Uuid) -> Result<Account> {
    let org_id = s.org();
    let row: AccountJoin =
        joined!(account::org_id.eq(org_id).and(account::account_id.eq(account_id))).first(s.conn()).await?;
    row.try_into()
}

/// The account with this user number.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn account_by_user_no(s: &mut Scoped, user_no: i64) -> Result<Account> {
    let org_id = s.org();
    let row: AccountJoin =
        joined!(account::org_id.eq(org_id).and(account::user_no.eq(user_no))).first(s.conn()).await?;
    row.try_into()
}

/// The account that a card was issued to, whether or not it is still the current card.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn account_by_card_no(s: &mut Scoped, card_no: i64) -> Result<Account> {
    let org_id = s.org();
    let account_id: Uuid = card::table
        .filter(card::org_id.eq(org_id).and(card::card_no.eq(card_no)))
        .select(card::account_id)
        .first(s.conn())
        .await?;
    account_get(s, account_id).await
}

/// The rows that `q` looks for: user number, telephone or beginning of the factory number when it is all digits,
/// otherwise a part of name, unit or address.
fn wanted(org_id: Uuid, q: Option<&str>) -> account::BoxedQuery<'_, Pg> {
    let query = account::table.filter(account::org_id.eq(org_id)).into_boxed();
    let Some(q) = q.map(str::trim).filter(|q| !q.is_empty()) else {
        return query;
    };
    if q.bytes().all(|b| b.is_ascii_digit()) {
        let meters = meter::table
            .filter(meter::org_id.eq(org_id))
            .filter(meter::factory_no.ge(q.to_owned()))
            .filter(meter::factory_no.le(last_beginning_with(q)))
            .select(meter::meter_id);
        // Digits that do not fit are no user number: 0 is nobody's.
        let user_no = q.parse::<i64>().unwrap_or(0);
        return query
            .filter(account::user_no.eq(user_no).or(account::phone.eq(q)).or(account::meter_id.eq_any(meters)));
    }
    let pattern = format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    query.filter(
        account::name
            .ilike(pattern.clone())
            .or(account::unit.ilike(pattern.clone()))
            .or(account::address.ilike(pattern)),
    )
}

/// Accounts by user number.
///
/// # Errors
/// Those of every call.
pub async fn account_list(s: &mut Scoped, q: Option<&str>, page: PageRequest) -> Result<Page<Account>> {
    let org_id = s.org();
    let total = wanted(org_id, q).count().get_result(s.conn()).await?;
    let ids: Vec<Uuid> = wanted(org_id, q)
        .order(account::user_no)
        .limit(page.limit())
        .offset(page.offset())
        .select(account::account_id)
        .load(s.conn())
        .await?;
    let rows: Vec<AccountJoin> = joined!(account::org_id.eq(org_id).and(account::account_id.eq_any(ids)))
        .order(account::user_no)
        .load(s.conn())
        .await?;
    let items = rows.into_iter().map(Account::try_from).collect::<Result<_>>()?;
    Ok(Page { items, total })
}
