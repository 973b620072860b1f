//! From a purchase to the quantity on the token: `W = (Q + A) / m - P`.
//!
//! `Q` purchase and `A` adjustment are real energy, `W` and the preset `P` meter energy, `m` the multiplier. Nothing is
//! rounded: what does not divide is refused with its neighbours. An alarm level is given back as it came, since a token
//! does not carry one; a hoarding limit is the seller's, since the meter knows none.

use crate::contract::driver::{PlanRequest, QuantityPlan};
use crate::contract::types::Refusal;
use crate::describe;
use crate::refuse::{refuse, refuse_with};

/// The quantity that the token will carry.
///
/// # Errors
/// `bad-input`, `preset-not-exceeded`, `below-minimum`, `above-maximum`, `over-hoarding-limit` and `not-a-step`, each with
/// its figures.
pub fn plan(request: &PlanRequest) -> Result<QuantityPlan, Refusal> {
    let positive = request.purchase_real_wh > 0 && request.multiplier > 0 && request.count > 0;
    let alarm_wh = request.alarm_wh.unwrap_or(0);
    if !positive || request.preset_wh < 0 || request.hoard_wh < 0 || alarm_wh < 0 {
        return Err(refuse("bad-input", "purchase, multiplier and count are above 0, preset and limits not below"));
    }
    let split = Split::of(request).ok_or_else(|| refuse("bad-input", "the figures are too large"))?;
    bounds(request, &split)?;
    if split.over != 0 {
        let lower = request.purchase_real_wh.saturating_sub(split.over);
        let figures = [("lower-real-wh", lower), ("upper-real-wh", lower.saturating_add(split.unit))];
        return Err(refuse_with("not-a-step", "the quantity does not divide by the multiplier", &figures));
    }
    Ok(QuantityPlan { quantity_wh: split.quantity, alarm_wh, preset_deducted_wh: request.preset_wh })
}

/// A purchase on the grid of the token's steps.
struct Split {
    /// Whole steps, cut off, meter Wh.
    quantity: i64,
    /// Purchase and adjustment, real Wh.
    total: i64,
    /// The preset, real Wh.
    preset: i64,
    /// What lies beyond the whole steps, real Wh.
    over: i64,
    /// One step, real Wh.
    unit: i64,
}

impl Split {
    fn of(request: &PlanRequest) -> Option<Self> {
        let multiplier = i64::from(request.multiplier);
        let unit = describe::STEP_WH.checked_mul(multiplier)?;
        let total = request.purchase_real_wh.checked_add(request.adjustment_real_wh)?;
        let preset = request.preset_wh.checked_mul(multiplier)?;
        let net = total.checked_sub(preset)?;
        let quantity = net.checked_div_euclid(unit)?.checked_mul(describe::STEP_WH)?;
        Some(Self { quantity, total, preset, over: net.checked_rem_euclid(unit)?, unit })
    }
}

fn bounds(request: &PlanRequest, split: &Split) -> Result<(), Refusal> {
    let facts = describe::facts();
    let quantity = split.quantity;
    if request.preset_wh > 0 && split.total <= split.preset {
        let figures = [("preset-wh", request.preset_wh), ("preset-real-wh", split.preset)];
        return Err(refuse_with("preset-not-exceeded", "the first purchase must exceed the preset", &figures));
    }
    // The least that a purchase between two steps could be rounded up to decides whether it is too small.
    let reached = if split.over == 0 { quantity } else { quantity.saturating_add(facts.quantity_step_wh) };
    if reached < facts.quantity_min_wh {
        let figures = [("minimum-wh", facts.quantity_min_wh), ("quantity-wh", quantity)];
        return Err(refuse_with("below-minimum", "less than a token can carry", &figures));
    }
    if quantity > facts.quantity_max_wh {
        let figures = [("maximum-wh", facts.quantity_max_wh), ("quantity-wh", quantity)];
        return Err(refuse_with("above-maximum", "more than one token carries exactly; sell two", &figures));
    }
    if request.hoard_wh > 0 && quantity >= request.hoard_wh {
        let figures = [("hoard-wh", request.hoard_wh), ("quantity-wh", quantity)];
        return Err(refuse_with("over-hoarding-limit", "more than the seller's limit", &figures));
    }
    Ok(())
}
