//! Accounts: opening, search, and what a sale is decided on.

use chrono::{DateTime, Utc};
use dianka_domain::counter::CounterState;
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Ratio, RealEnergy};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::meters::meter_assign;
use crate::page::{Page, PageRequest};
use crate::rows::{AccountJoin, AccountRow, signed};
use crate::schema::{account, area, card, meter, meter_type, number_counter, tariff};
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Whether an account may buy.
    AccountStatus {
        /// It may.
        Open = "open",
        /// Suspended 报停.
        Suspended = "suspended",
        /// Closed 销户.
        Closed = "closed",
    }
}

/// Limit mode 限容方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub enum LimitMode {
    /// 0: none.
    None,
    /// 1: cut after 30 s over the capacity.
    Cut,
}

impl From<LimitMode> for i32 {
    fn from(mode: LimitMode) -> Self {
        match mode {
            LimitMode::None => 0,
            LimitMode::Cut => 1,
        }
    }
}

impl TryFrom<i32> for LimitMode {
    type Error = StoreError;
    fn try_from(mode: i32) -> Result<Self> {
        match mode {
            0 => Ok(Self::None),
            1 => Ok(Self::Cut),
            other => Err(StoreError::inconsistent(format_args!("limit mode {other}"))),
        }
    }
}

/// The meter of an account, with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMeter {
    /// The meter.
    pub meter_id: Uuid,
    /// Factory number 厂号.
    pub factory_no: String,
    /// Its type.
    pub meter_type_id: Uuid,
    /// Its type's name.
    pub meter_type_name: String,
    /// Driver that speaks for it.
    pub driver_id: String,
    /// The driver's version in service.
    pub driver_version: String,
}

/// An account with what a sale is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub account_id: Uuid,
    /// User number 用户号, 1 to 99 999 999.
    pub user_no: i64,
    /// Customer's name.
    pub name: String,
    /// Unit 单位.
    pub unit: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Area it stands in.
    pub area_id: Uuid,
    /// That area's name.
    pub area_name: String,
    /// Its meter.
    pub meter: AccountMeter,
    /// Its tariff.
    pub tariff_id: Uuid,
    /// That tariff's name.
    pub tariff_name: String,
    /// PT ratio.
    pub pt: Ratio,
    /// CT ratio.
    pub ct: Ratio,
    /// Multiplier 倍率.
    pub multiplier: Multiplier,
    /// Limit mode 限容方式.
    pub limit_mode: LimitMode,
    /// Contracted capacity, W.
    pub capacity_w: i64,
    /// The meter's period that the counter belongs to.
    pub period: u32,
    /// Purchase counter: sold, proven taken, generation of the current card.
    pub counter: CounterState,
    /// Adjustment 找补电量 that waits for the next purchase, real Wh.
    pub adjustment_pending_wh: RealEnergy,
    /// Preset 预置电量 given and not yet deducted, meter Wh.
    pub preset_pending_wh: MeterEnergy,
    /// Hoarding limit of its own, meter Wh.
    pub hoard_wh: Option<MeterEnergy>,
    /// Alarm level of its own, meter Wh.
    pub alarm_wh: Option<MeterEnergy>,
    /// Overdraft limit of its own, meter Wh.
    pub overdraft_wh: Option<MeterEnergy>,
    /// What a decision names to be accepted.
    pub version: i64,
    /// Whether it may buy.
    pub status: AccountStatus,
    /// Money of all committed sales.
    pub total_fen: Money,
    /// Real energy of all committed sales.
    pub total_wh: RealEnergy,
    /// Number of its current card.
    pub card_no: Option<i64>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}

/// An account to be opened 开户配表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id.
    pub account_id: Uuid,
    /// Id of its first card's record.
    pub card_id: Uuid,
    /// User number; `None`: the next free one.
    pub user_no: Option<i64>,
    /// Customer's name.
    pub name: String,
    /// Unit 单位.
    pub unit: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Area it stands in.
    pub area_id: Uuid,
    /// A meter in stock.
    pub meter_id: Uuid,
    /// Its tariff.
    pub tariff_id: Uuid,
    /// PT ratio.
    pub pt: Ratio,
    /// CT ratio.
    pub ct: Ratio,
    /// Multiplier 倍率 of these ratios.
    pub multiplier: Multiplier,
    /// Limit mode 限容方式.
    pub limit_mode: LimitMode,
    /// Contracted capacity, W.
    pub capacity_w: i64,
    /// Preset 预置电量 given to the meter and not yet deducted, meter Wh.
    pub preset_pending_wh: MeterEnergy,
    /// Hoarding limit of its own, meter Wh.
    pub hoard_wh: Option<MeterEnergy>,
    /// Alarm level of its own, meter Wh.
    pub alarm_wh: Option<MeterEnergy>,
    /// Overdraft limit of its own, meter Wh.
    pub overdraft_wh: Option<MeterEnergy>,
    /// When.
    pub opened_at: DateTime<Utc>,
}

/// User numbers have 8 digits on a card.
const USER_NUMBERS: std::ops::RangeInclusive<i64> = 1..=99_999_999;

/// Opens an account: assigns the meter, gives it a user number and a first card (not yet written, transport code).
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
async fn next_number(s: &mut Scoped, name: &str) -> Result<i64> {
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
            .filter(meter::factory_no.ge(format!("{q:0<8}")))
            .filter(meter::factory_no.le(format!("{q:9<8}")))
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
