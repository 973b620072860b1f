//! Opening an account, and changing whether it may buy.

use dianka_domain::units::MeterEnergy;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Account, AccountStatus, NewAccount, account_get};
use crate::error::{Result, StoreError};
use crate::meter_types::Carrier;
use crate::meters::meter_assign;
use crate::rows::signed;
use crate::schema::{account, card, number_counter};
use crate::scope::Scoped;

/// User numbers have 8 digits on a card.
const USER_NUMBERS: std::ops::RangeInclusive<i64> = 1..=99_999_999;

/// Opens an account: assigns the meter, gives it a user number and, where the meter takes cards, a first card (not yet
/// written, transport code).
///
/// # Errors
/// [`StoreError::Conflict`] `meter_not_in_stock`, `account_user_no_key`, `account_pkey`; [`StoreError::Reference`] for an
/// unknown meter, area or tariff; [`StoreError::Invalid`] for a user number that has no 8 digits.
pub async fn account_open(s: &mut Scoped, new: &NewAccount) -> Result<Account> {
    let org_id = s.org();
    let period = meter_assign(s, new.meter_id).await?;
    let user_no = match new.user_no {
        Some(user_no) => user_no,
        None => next_user_no(s).await?,
    };
    if !USER_NUMBERS.contains(&user_no) {
        return Err(StoreError::Invalid { constraint: format!("account.user_no {user_no}") });
    }
    diesel::insert_into(account::table)
        .values((
            (
                account::org_id.eq(org_id),
                account::account_id.eq(new.account_id),
                account::user_no.eq(user_no),
                account::name.eq(&new.name),
                account::unit.eq(&new.unit),
                account::address.eq(&new.address),
                account::phone.eq(&new.phone),
                account::area_id.eq(new.area_id),
                account::meter_id.eq(new.meter_id),
                account::tariff_id.eq(new.tariff_id),
            ),
            (
                account::pt_primary.eq(signed("account.pt_primary", new.pt.primary)?),
                account::pt_secondary.eq(signed("account.pt_secondary", new.pt.secondary)?),
                account::ct_primary.eq(signed("account.ct_primary", new.ct.primary)?),
                account::ct_secondary.eq(signed("account.ct_secondary", new.ct.secondary)?),
                account::multiplier.eq(signed("account.multiplier", new.multiplier.get())?),
                account::limit_mode.eq(i32::from(new.limit_mode)),
                account::capacity_w.eq(new.capacity_w),
                account::period.eq(period),
                account::preset_pending_wh.eq(new.preset_pending_wh.wh()),
                account::hoard_wh.eq(new.hoard_wh.map(MeterEnergy::wh)),
                account::alarm_wh.eq(new.alarm_wh.map(MeterEnergy::wh)),
                account::overdraft_wh.eq(new.overdraft_wh.map(MeterEnergy::wh)),
                account::opened_at.eq(new.opened_at),
            ),
        ))
        .execute(s.conn())
        .await?;
    let account = account_get(s, new.account_id).await?;
    if account.meter.carrier == Carrier::Token {
        return Ok(account);
    }
    let card_no = next_number(s, "card_no").await?;
    diesel::insert_into(card::table)
        .values((
            card::org_id.eq(org_id),
            card::card_id.eq(new.card_id),
            card::card_no.eq(card_no),
            card::account_id.eq(new.account_id),
            card::generation.eq(1_i32),
            card::state.eq("current"),
            card::psc_state.eq("transport"),
        ))
        .execute(s.conn())
        .await?;
    account_get(s, new.account_id).await
}

/// Takes the next number of a counter.
pub(crate) async fn next_number(s: &mut Scoped, name: &str) -> Result<i64> {
    let org_id = s.org();
    let this = number_counter::org_id.eq(org_id).and(number_counter::name.eq(name.to_owned()));
    let after: i64 = diesel::update(number_counter::table.filter(this))
        .set(number_counter::next.eq(number_counter::next + 1_i64))
        .returning(number_counter::next)
        .get_result(s.conn())
        .await?;
    Ok(after.saturating_sub(1))
}

/// The next user number that nobody chose by hand before.
async fn next_user_no(s: &mut Scoped) -> Result<i64> {
    let org_id = s.org();
    loop {
        let user_no = next_number(s, "user_no").await?;
        let taken: bool = diesel::select(diesel::dsl::exists(
            account::table.filter(account::org_id.eq(org_id).and(account::user_no.eq(user_no))),
        ))
        .get_result(s.conn())
        .await?;
        if !taken {
            return Ok(user_no);
        }
    }
}

/// Suspends, resumes or closes an account. A decision in flight does not survive it.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn account_status_set(s: &mut Scoped, account_id: Uuid, status: AccountStatus) -> Result<()> {
    let org_id = s.org();
    let this = account::org_id.eq(org_id).and(account::account_id.eq(account_id));
    let changed = diesel::update(account::table.filter(this))
        .set((account::status.eq(status.as_str()), account::version.eq(account::version + 1_i64)))
        .execute(s.conn())
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
