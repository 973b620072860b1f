//! From a purchase to the quantity on the card.
//!
//! `W = (Q + A) / m - P`, where `W` is what the card will carry (meter energy), `Q` the purchase and `A` the adjustment
//! 找补电量 (real energy), `m` the multiplier 倍率 and `P` the preset 预置电量 where the system deducts it. Per account and
//! meter period, always: `Σ W·m = Σ Q + Σ A_used - Σ P·m` and `Σ A = Σ A_used + A_pending`. Nothing is rounded silently.

mod by_money;
mod refusal;
mod sale;
mod sellable;

pub use by_money::{MoneyPlan, plan_by_money};
pub use refusal::PlanRefusal;
pub use sale::{alarm_of, plan, plan_with_carry};

use serde::{Deserialize, Serialize};

use crate::units::{MeterEnergy, Multiplier, Overflow, RealEnergy};

/// Everything that a purchase is planned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInput {
    /// What is sold, real Wh. [`plan_by_money`] does not look at it.
    pub purchase: RealEnergy,
    /// Adjustment 找补电量 that waits for this purchase, real Wh: positive gives back, negative takes.
    pub adjustment_pending: RealEnergy,
    /// Multiplier 倍率.
    pub multiplier: Multiplier,
    /// Preset 预置电量 that was given to the meter and not yet deducted, meter Wh.
    pub preset_pending: MeterEnergy,
    /// Whether this is the first purchase of the meter's period.
    pub first: bool,
    /// The purchase number of this sale.
    pub count: u32,
    /// What the meter had left when it was last heard of, meter Wh; negative when overdrawn.
    pub last_remaining: Option<MeterEnergy>,
    /// Hoarding limit 囤积限量, meter Wh; 0 = none.
    pub hoarding_limit: MeterEnergy,
    /// Alarm level 报警电量 set by the account, meter Wh; none = the standard's share.
    pub alarm: Option<MeterEnergy>,
    /// The greatest share of a purchase, in thousandths, that a negative adjustment may take; 1000 as a rule. A negative
    /// adjustment within it is taken whole, or the sale is refused; a greater one is taken in part and the rest waits.
    pub recover_share_permille: u32,
}

/// The whole purchase may be taken by a negative adjustment (but for the least quantity that a card must carry).
pub const RECOVER_WHOLE_PERMILLE: u32 = 1000;

/// What the card will carry, and what happened to adjustment and preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Quantity on the card 写卡电量, meter Wh.
    pub quantity: MeterEnergy,
    /// The part of the pending adjustment that went into this sale, real Wh, with its sign.
    pub adjustment_used: RealEnergy,
    /// What this sale's rounding adds to the pending adjustment, real Wh, >= 0 (0 but for [`plan_with_carry`]). It is a
    /// use of `-carry` now and of `+carry` later: see [`Plan::adjustment_net`].
    pub carry: RealEnergy,
    /// Preset that the system deducts with this sale, meter Wh.
    pub preset_deducted: MeterEnergy,
    /// Alarm level on the card, meter Wh.
    pub alarm: MeterEnergy,
    /// Whether the meter will take the card.
    pub load: LoadForecast,
}

impl Plan {
    /// The `A_used` of the identities, real Wh: `adjustment_used - carry`. With it the purchase makes exactly the written
    /// quantity, so it is also what a driver's own planning is asked with.
    pub fn adjustment_net(&self) -> Result<RealEnergy, Overflow> {
        self.adjustment_used.checked_sub(self.carry)
    }

    /// The adjustment that waits for the next purchase when `before` waited for this one, real Wh:
    /// `before - adjustment_used + carry`.
    pub fn pending_after(&self, before: RealEnergy) -> Result<RealEnergy, Overflow> {
        before.checked_sub(self.adjustment_net()?)
    }

    /// Whether the meter will cut for the alarm as soon as it has taken this purchase onto an empty balance: warn.
    #[must_use]
    pub fn alarm_trips_at_once(&self) -> bool {
        self.alarm >= self.quantity
    }
}

/// Whether the meter will take the card, as far as the hoarding limit 囤积限量 decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "forecast")]
pub enum LoadForecast {
    /// At once.
    Loads,
    /// When enough has been used.
    LoadsLater {
        /// The card loads while the display shows less than this, meter Wh.
        insert_below: MeterEnergy,
    },
    /// There is a limit and the remaining quantity is not known.
    Unknown,
}
