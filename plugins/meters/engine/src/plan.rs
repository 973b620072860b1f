//! From a purchase to the quantity on the card: `W = (Q + A) / m`, less the preset where the system deducts it.
//!
//! `Q` purchase and `A` adjustment are real energy, `W` and the preset meter energy, `m` the multiplier. Nothing is
//! rounded: what does not divide is refused with its neighbours.

use dianka_sdk::meter::driver::{PlanRequest, QuantityPlan};
use dianka_sdk::meter::types::Refusal;

use crate::describe;
use crate::profile::{PresetBy, Standard};
use crate::refuse::{refuse, refuse_with};

/// The quantity that the card will carry. The adjustment of the request is used whole: how much of a debt one purchase
/// recovers was decided by who asks.
///
/// # Errors
/// `bad-input`, `count-exhausted`, `preset-not-exceeded`, `below-minimum`, `above-maximum`, `over-hoarding-limit`
/// (equality with the limit counts as over it) and `not-a-step`, each with its figures.
pub fn plan(standard: &Standard, request: &PlanRequest) -> Result<QuantityPlan, Refusal> {
    let facts = describe::facts(standard);
    let positive = request.purchase_real_wh > 0 && request.multiplier > 0 && request.count > 0;
    if !positive || request.preset_wh < 0 || request.hoard_wh < 0 {
        return Err(refuse("bad-input", "purchase, multiplier and count are above 0, preset and limits not below"));
    }
    if request.count > facts.count_max {
        let figures = [("count", request.count.into()), ("max", facts.count_max.into())];
        return Err(refuse_with("count-exhausted", "the card cannot carry such a purchase number", &figures));
    }
    let by_system = standard.preset_by == PresetBy::System;
    let deducted = if by_system { request.preset_wh } else { 0 };
    let split = Split::of(request, facts.quantity_step_wh, deducted);
    let split = split.ok_or_else(|| refuse("bad-input", "the figures are too large"))?;
    bounds(standard, request, &split)?;
    if split.over != 0 {
        let lower = request.purchase_real_wh.saturating_sub(split.over);
        let figures = [("lower-real-wh", lower), ("upper-real-wh", lower.saturating_add(split.unit))];
        return Err(refuse_with("not-a-step", "the quantity does not divide by the multiplier", &figures));
    }
    let alarm_wh = match request.alarm_wh {
        None => alarm(split.quantity, &facts),
        Some(fixed) if fixed >= 0 && fixed.checked_rem(facts.quantity_step_wh) == Some(0) => fixed,
        Some(fixed) => {
            let figures = [("alarm-wh", fixed), ("step", facts.quantity_step_wh)];
            return Err(refuse_with("bad-input", "the alarm level is a whole number of steps", &figures));
        }
    };
    Ok(QuantityPlan { quantity_wh: split.quantity, alarm_wh, preset_deducted_wh: deducted })
}

/// A purchase on the grid of the card's steps.
struct Split {
    /// Whole steps, cut off, meter Wh.
    quantity: i64,
    /// Purchase and adjustment, real Wh.
    total: i64,
    /// What is beyond the last whole step, real Wh.
    over: i64,
    /// One step, real Wh.
    unit: i64,
}

impl Split {
    fn of(request: &PlanRequest, step: i64, deducted: i64) -> Option<Self> {
        let multiplier = i64::from(request.multiplier);
        let unit = step.checked_mul(multiplier)?;
        let total = request.purchase_real_wh.checked_add(request.adjustment_real_wh)?;
        let net = total.checked_sub(deducted.checked_mul(multiplier)?)?;
        let quantity = net.checked_div_euclid(unit)?.checked_mul(step)?;
        Some(Self { quantity, total, over: net.checked_rem_euclid(unit)?, unit })
    }
}

fn bounds(standard: &Standard, request: &PlanRequest, split: &Split) -> Result<(), Refusal> {
    let facts = describe::facts(standard);
    let quantity = split.quantity;
    // The least that a purchase between two steps could be rounded up to decides whether it is too small.
    let reached = if split.over == 0 { quantity } else { quantity.saturating_add(facts.quantity_step_wh) };
    let preset = if standard.preset_by == PresetBy::System || request.first { request.preset_wh } else { 0 };
    let covered = preset.saturating_mul(request.multiplier.into());
    if preset > 0 && split.total <= covered {
        let figures = [("preset-wh", preset), ("preset-real-wh", covered)];
        return Err(refuse_with("preset-not-exceeded", "the first purchase must exceed the preset", &figures));
    }
    let whole_preset = preset.checked_div(facts.quantity_step_wh).unwrap_or(0);
    let above_preset = whole_preset.saturating_add(1).saturating_mul(facts.quantity_step_wh);
    let least = match standard.preset_by {
        PresetBy::System => facts.quantity_min_wh,
        PresetBy::Meter => facts.quantity_min_wh.max(above_preset),
    };
    if reached < least {
        let figures = [("minimum-wh", least), ("quantity-wh", quantity)];
        return Err(refuse_with("below-minimum", "the card would carry less than the meter takes", &figures));
    }
    if quantity > facts.quantity_max_wh {
        let figures = [("maximum-wh", facts.quantity_max_wh), ("quantity-wh", quantity)];
        return Err(refuse_with("above-maximum", "the card cannot carry such a quantity", &figures));
    }
    if request.hoard_wh > 0 && quantity >= request.hoard_wh {
        let figures = [("hoard-wh", request.hoard_wh), ("quantity-wh", quantity)];
        return Err(refuse_with("over-hoarding-limit", "the meter could never take the card", &figures));
    }
    Ok(())
}

/// The standard's share of the written quantity, rounded up to a step.
fn alarm(quantity: i64, facts: &dianka_sdk::meter::types::Facts) -> i64 {
    let share = quantity.saturating_mul(facts.alarm_permille.into());
    let grid = facts.quantity_step_wh.saturating_mul(1000).max(1);
    let steps = share.saturating_add(grid.saturating_sub(1)).div_euclid(grid);
    steps.saturating_mul(facts.quantity_step_wh).max(facts.alarm_min_wh)
}
