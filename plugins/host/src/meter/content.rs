//! What a card says, and what a sale asks for.
//!
//! Energies are meter energy unless a name says `real`; power is watts.

use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use serde::{Deserialize, Serialize};

use super::refusal::Param;

/// Kinds of cards that the host knows. Others pass through as they are.
pub mod kind {
    /// A virgin card.
    pub const BLANK: &str = "blank";
    /// A customer's card.
    pub const PURCHASE: &str = "purchase";
    /// Clears a meter.
    pub const CLEAR: &str = "clear";
    /// Gives a meter its preset quantity.
    pub const PRESET: &str = "preset";
    /// Checks a meter.
    pub const CHECK: &str = "check";
    /// Carries readings home.
    pub const READING: &str = "reading";
    /// Sets a meter up.
    pub const MANAGEMENT: &str = "management";
}

/// A day of the calendar. Not checked: it comes from a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CalendarDate {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// Everything that a purchase tells the meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// The meter's factory number.
    pub meter_no: u64,
    /// The purchase number.
    pub count: u32,
    /// What is loaded, Wh.
    pub quantity_wh: MeterEnergy,
    /// Alarm level, Wh.
    pub alarm_wh: MeterEnergy,
    /// Overdraft limit, Wh; 0 = none.
    pub overdraft_wh: MeterEnergy,
    /// Hoarding limit, Wh; 0 = none.
    pub hoard_wh: MeterEnergy,
    /// 0 = no limit, 1 = cut after 30 s over capacity.
    pub limit_mode: u8,
    /// Contracted capacity, W.
    pub capacity_w: u32,
    /// Preset quantity, Wh.
    pub preset_wh: MeterEnergy,
    /// Day of purchase.
    pub date: CalendarDate,
}

/// What the meter wrote back. It speaks for the purchase on the card only if its user and meter are that purchase's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The user that the meter belongs to.
    pub user_no: u64,
    /// The meter that wrote.
    pub meter_no: u64,
    /// The last purchase number that the meter took.
    pub count: u32,
    /// Used since the meter was cleared, Wh.
    pub total_used_wh: MeterEnergy,
    /// 0 when the meter is overdrawn, Wh.
    pub remaining_wh: MeterEnergy,
    /// Used beyond what was paid, Wh, >= 0.
    pub overdraft_wh: MeterEnergy,
    /// Loaded since the meter was cleared, Wh.
    pub total_purchased_wh: MeterEnergy,
    /// Power at that moment, W.
    pub power_w: u32,
    /// Whether the supply was cut.
    pub relay_open: bool,
    /// Status word: 0 = in order.
    pub status: u32,
    /// Rejected insertions.
    pub errors: u32,
}

/// All that a card says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// One of [`kind`].
    pub kind: String,
    /// The seller's system.
    pub system_code: u32,
    /// The region.
    pub region: u32,
    /// The customer's number.
    pub user_no: u64,
    /// The card's number: a replacement has another one.
    pub card_no: u32,
    /// Version of the key that the card's password is derived with.
    pub key_version: u8,
    /// The purchase on it.
    pub purchase: Option<Purchase>,
    /// What the meter wrote back.
    pub returned: Option<Returned>,
    /// What later versions of a standard add.
    pub params: Vec<Param>,
}

/// What a sale asks the standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRequest {
    /// What is sold, real Wh.
    pub purchase_real_wh: RealEnergy,
    /// Adjustment, real Wh: positive gives back, negative takes.
    pub adjustment_real_wh: RealEnergy,
    /// PT ratio x CT ratio.
    pub multiplier: Multiplier,
    /// Preset that was given to the meter and not yet deducted, Wh.
    pub preset_wh: MeterEnergy,
    /// Whether this is the first purchase of the meter's period.
    pub first: bool,
    /// The purchase number.
    pub count: u32,
    /// Hoarding limit, Wh; 0 = none.
    pub hoard_wh: MeterEnergy,
    /// Set by the account, Wh; none for the standard's share.
    pub alarm_wh: Option<MeterEnergy>,
}

/// What the card will carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuantityPlan {
    /// The quantity, Wh.
    pub quantity_wh: MeterEnergy,
    /// The alarm level, Wh.
    pub alarm_wh: MeterEnergy,
    /// What the system subtracted for the preset, Wh (0 when the meter does it).
    pub preset_deducted_wh: MeterEnergy,
}

/// How a card's password comes about. The driver never sees key or password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRule {
    /// The card still has its maker's transport code, which is this.
    Transport(Vec<u8>),
    /// The key provider derives it.
    Derived(Derivation),
}

/// The password is the first `len` bytes of HMAC-SHA256(key in `slot`, `message`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    /// Name of the key, never the key.
    pub slot: String,
    /// What is authenticated.
    pub message: Vec<u8>,
    /// Length of the password, bytes.
    pub len: u32,
}
