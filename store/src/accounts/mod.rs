//! Accounts: opening, search, and what a sale is decided on.

mod find;
mod open;

use chrono::{DateTime, Utc};
use dianka_domain::counter::CounterState;
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Ratio, RealEnergy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::meter_types::Carrier;
use crate::text_enum::text_enum;

pub use find::{account_by_card_no, account_by_user_no, account_get, account_list};
pub(crate) use open::next_number;
pub use open::{account_open, account_status_set};

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
    /// How purchases reach it.
    pub carrier: Carrier,
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
    /// Number of its current card; none where the meter takes tokens.
    pub card_no: Option<i64>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}

/// An account to be opened 开户配表.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id.
    pub account_id: Uuid,
    /// Id of its first card's record; not used where the meter takes tokens.
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
