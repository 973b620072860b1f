//! Limits that travel on the purchase card beside the quantity: overdraft 赊欠, contracted capacity 限容, and the cap on
//! purchases before a price change.

use serde::{Deserialize, Serialize};

use crate::facts::{MeterFacts, PresetDeductedBy};
use crate::units::{MeterEnergy, Multiplier, Overflow, RealEnergy};

/// What a returned balance says about the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "overdraft")]
pub enum OverdraftVerdict {
    /// Not below what the meter may supply on credit.
    Normal,
    /// The meter supplied more than it may: check the relay. The sale is allowed; the meter nets the overdraft itself, so
    /// it must not be charged as an adjustment too.
    CheckRelay {
        /// How much more, meter Wh, > 0.
        beyond: MeterEnergy,
    },
}

/// Judges a returned balance (negative when overdrawn) against the overdraft limit 赊欠限量 (0 = none). Before the first
/// purchase, a meter that nets the preset itself may also be down by the preset.
pub fn overdraft(
    balance: MeterEnergy,
    limit: MeterEnergy,
    preset_pending: MeterEnergy,
    before_first: bool,
    facts: &MeterFacts,
) -> Result<OverdraftVerdict, Overflow> {
    let nets_preset = before_first && facts.preset_deducted_by == PresetDeductedBy::Meter;
    let allowed = if nets_preset { limit.max(preset_pending) } else { limit }.max(MeterEnergy::ZERO);
    let beyond = balance.checked_neg()?.checked_sub(allowed)?;
    Ok(if beyond.is_positive() { OverdraftVerdict::CheckRelay { beyond } } else { OverdraftVerdict::Normal })
}

/// A contracted capacity that a card of this meter cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{on_card_w} W are more than the {max_w} W that a card can carry")]
pub struct CapacityRefusal {
    /// What the card would carry, W on the meter's side.
    pub on_card_w: u64,
    /// The most that it can carry, W.
    pub max_w: u32,
}

impl CapacityRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "account.capacity"
    }
}

/// The contracted capacity as the card carries it: through transformers the meter sees the secondary side, so it is divided
/// by the multiplier, cut off to whole watts (the meter then cuts a little early, never late).
pub fn capacity_on_card(contract_w: u64, multiplier: Multiplier, facts: &MeterFacts) -> Result<u32, CapacityRefusal> {
    let max_w = facts.capacity_max_w;
    // A multiplier is never 0.
    let on_card_w = contract_w.checked_div(u64::from(multiplier.get())).unwrap_or(contract_w);
    match u32::try_from(on_card_w) {
        Ok(watts) if watts <= max_w => Ok(watts),
        _ => Err(CapacityRefusal { on_card_w, max_w }),
    }
}

/// The most that an account may buy in an announced window before a price change: purchase baseline 购电基准 (kWh per kW) x
/// contracted capacity.
pub fn window_cap(baseline_kwh_per_kw: u32, contract_w: u64) -> Result<RealEnergy, Overflow> {
    // kWh/kW are hours; hours x W = Wh.
    let wh = u64::from(baseline_kwh_per_kw).checked_mul(contract_w).ok_or(Overflow)?;
    i64::try_from(wh).map(RealEnergy::from_wh).map_err(|_| Overflow)
}
