//! An account as the page sees it.

use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::MeterEnergy;
use dianka_store::{self as store, Account, AccountStatus, Scoped, StoreError};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether an account may buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AccountStatus)]
pub enum StatusView {
    /// It may.
    Open,
    /// Suspended 报停.
    Suspended,
    /// Closed 销户.
    Closed,
}

/// The meter of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountMeter {
    /// Id.
    pub id: Uuid,
    /// Factory number 厂号.
    pub factory_no: String,
    /// Its type's id.
    pub meter_type_id: Uuid,
    /// Its type's name.
    pub meter_type: String,
    /// Driver that speaks for it.
    pub driver_id: String,
    /// `card` or `token`: how purchases reach it.
    pub carrier: String,
}

/// The tariff of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountTariff {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Today's price, 10⁻⁶ yuan per kWh; none: no version has begun.
    pub price_micro: Option<i64>,
}

/// An account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// Id.
    pub id: Uuid,
    /// User number 用户号, 8 digits.
    pub user_no: String,
    /// Customer's name.
    pub name: String,
    /// Unit 单位.
    pub unit: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// The area that it stands in.
    pub area_id: Uuid,
    /// That area's name.
    pub area_name: String,
    /// Whether it may buy.
    pub status: StatusView,
    /// Its meter.
    pub meter: AccountMeter,
    /// Its tariff.
    pub tariff: AccountTariff,
    /// Multiplier 倍率 = PT x CT.
    pub multiplier: u32,
    /// PT ratio, primary.
    pub pt_primary: u32,
    /// PT ratio, secondary.
    pub pt_secondary: u32,
    /// CT ratio, primary.
    pub ct_primary: u32,
    /// CT ratio, secondary.
    pub ct_secondary: u32,
    /// Limit mode 限容方式: 0 none, 1 cut after 30 s over the capacity.
    pub limit_mode: i32,
    /// Contracted capacity.
    pub capacity_w: i64,
    /// Highest purchase number sold.
    pub sold_count: u32,
    /// Highest purchase number that the meter has provably taken; 0 where it takes tokens, since nothing comes back.
    pub acked_count: u32,
    /// Adjustment 找补电量 waiting for the next purchase, real energy.
    pub adjustment_pending_wh: i64,
    /// Preset 预置电量 given and not yet deducted, meter energy.
    pub preset_pending_wh: i64,
    /// Hoarding limit of its own, meter energy.
    pub hoard_wh: Option<i64>,
    /// Alarm level of its own, meter energy.
    pub alarm_wh: Option<i64>,
    /// Overdraft limit of its own, meter energy.
    pub overdraft_wh: Option<i64>,
    /// Rises with every change that a decision in flight must not survive.
    pub version: i64,
    /// Number of its current card; none where the meter takes tokens.
    pub card_no: Option<i64>,
}

/// A user number as people write it.
#[must_use]
pub fn eight_digits(number: i64) -> String {
    format!("{number:08}")
}

/// Today's prices by tariff.
pub type Prices = HashMap<Uuid, TariffVersion<Uuid>>;

impl AccountView {
    /// With the prices of the day.
    #[must_use]
    pub fn new(account: &Account, prices: &Prices) -> AccountView {
        let meter = &account.meter;
        AccountView {
            id: account.account_id,
            user_no: eight_digits(account.user_no),
            name: account.name.clone(),
            unit: account.unit.clone(),
            address: account.address.clone(),
            phone: account.phone.clone(),
            area_id: account.area_id,
            area_name: account.area_name.clone(),
            status: account.status.into(),
            meter: AccountMeter {
                id: meter.meter_id,
                factory_no: meter.factory_no.clone(),
                meter_type_id: meter.meter_type_id,
                meter_type: meter.meter_type_name.clone(),
                driver_id: meter.driver_id.clone(),
                carrier: meter.carrier.as_str().to_owned(),
            },
            tariff: AccountTariff {
                id: account.tariff_id,
                name: account.tariff_name.clone(),
                price_micro: prices.get(&account.tariff_id).map(|version| version.price.micro()),
            },
            multiplier: account.multiplier.get(),
            pt_primary: account.pt.primary,
            pt_secondary: account.pt.secondary,
            ct_primary: account.ct.primary,
            ct_secondary: account.ct.secondary,
            limit_mode: account.limit_mode.into(),
            capacity_w: account.capacity_w,
            sold_count: account.counter.sold,
            acked_count: account.counter.acked,
            adjustment_pending_wh: account.adjustment_pending_wh.wh(),
            preset_pending_wh: account.preset_pending_wh.wh(),
            hoard_wh: account.hoard_wh.map(MeterEnergy::wh),
            alarm_wh: account.alarm_wh.map(MeterEnergy::wh),
            overdraft_wh: account.overdraft_wh.map(MeterEnergy::wh),
            version: account.version,
            card_no: account.card_no,
        }
    }

    /// Reads today's price with it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load(s: &mut Scoped, account: &Account, today: Date) -> Result<AccountView, StoreError> {
        let price = match store::tariff_version_at(s, account.tariff_id, today).await {
            Ok(version) => Prices::from([(account.tariff_id, version)]),
            Err(StoreError::NotFound) => Prices::new(),
            Err(error) => return Err(error),
        };
        Ok(AccountView::new(account, &price))
    }
}

impl From<AccountStatus> for StatusView {
    fn from(status: AccountStatus) -> StatusView {
        match status {
            AccountStatus::Open => StatusView::Open,
            AccountStatus::Suspended => StatusView::Suspended,
            AccountStatus::Closed => StatusView::Closed,
        }
    }
}
