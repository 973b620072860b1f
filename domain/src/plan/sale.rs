//! Planning a purchase by energy.

use super::sellable::{Recovery, Sellable};
use super::{LoadForecast, Plan, PlanInput, PlanRefusal};
use crate::exact::{add, ceil_div, mul, narrow, sub};
use crate::facts::{MeterFacts, PresetDeductedBy};
use crate::units::{MeterEnergy, Overflow, RealEnergy};

/// Plans a purchase of exactly `input.purchase`. What does not divide by the multiplier is refused with its two writable
/// neighbours.
pub fn plan(input: &PlanInput, facts: &MeterFacts) -> Result<Plan, PlanRefusal> {
    plan_sale(input, facts, Rest::Refuse)
}

/// Plans a purchase of exactly `input.purchase` for a customer who insists on it: what does not divide is cut off to a
/// whole step on the card and the rest is carried into the adjustment of the next purchase.
pub fn plan_with_carry(input: &PlanInput, facts: &MeterFacts) -> Result<Plan, PlanRefusal> {
    plan_sale(input, facts, Rest::Carry)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Refuse,
    Carry,
}

/// Steps on the card, adjustment used and carry, both real Wh.
struct Written {
    steps: i128,
    used: i128,
    carry: i128,
}

fn plan_sale(input: &PlanInput, facts: &MeterFacts, rest: Rest) -> Result<Plan, PlanRefusal> {
    check_input(input, facts)?;
    let sellable = Sellable::of(input, facts)?;
    let purchase = i128::from(input.purchase.wh());
    let written = match sellable.recovery(purchase)? {
        Recovery::Whole => write_whole(&sellable, purchase, rest),
        Recovery::InPart { cap } => write_in_part(&sellable, purchase, cap, rest),
    };
    let written = written.map_err(|shortfall| shortfall.refusal(&sellable, input, facts))?;
    finish(&sellable, &written, input, facts)
}

/// What can be said before anything is computed.
pub(super) fn check_input(input: &PlanInput, facts: &MeterFacts) -> Result<(), PlanRefusal> {
    if input.purchase.is_zero() {
        return Err(PlanRefusal::QuantityZero);
    }
    if input.purchase.is_negative() {
        return Err(PlanRefusal::QuantityNegative { wanted: input.purchase });
    }
    if input.count == 0 || input.count > facts.count_max {
        return Err(PlanRefusal::CountExhausted { count: input.count, max: facts.count_max });
    }
    Ok(())
}

/// Why a purchase cannot be written, before the figures of the alternatives are worked out.
enum Shortfall {
    BelowLeast { whole: bool, steps: i128 },
    NotMultiple { whole: bool, steps: i128 },
    TooMuch { steps: i128 },
    Overflow,
}

impl From<Overflow> for Shortfall {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

fn write_whole(sellable: &Sellable, purchase: i128, rest: Rest) -> Result<Written, Shortfall> {
    let (steps, over) = sellable.steps_of(add(purchase, sellable.adjustment)?)?;
    let reached = if over == 0 || rest == Rest::Carry { steps } else { add(steps, 1)? };
    if reached < sellable.least {
        return Err(Shortfall::BelowLeast { whole: true, steps });
    }
    if steps > sellable.most_loadable {
        return Err(Shortfall::TooMuch { steps });
    }
    if over != 0 && rest == Rest::Refuse {
        return Err(Shortfall::NotMultiple { whole: true, steps });
    }
    Ok(Written { steps, used: sellable.adjustment, carry: over })
}

fn write_in_part(sellable: &Sellable, purchase: i128, cap: i128, rest: Rest) -> Result<Written, Shortfall> {
    let steps = sellable.in_part_steps(purchase, cap)?;
    let used = sub(sellable.covers(steps)?, purchase)?;
    if used > 0 {
        let (fits, over) = sellable.steps_of(purchase)?;
        if fits < sellable.least {
            return Err(Shortfall::BelowLeast { whole: false, steps: fits });
        }
        return match rest {
            Rest::Refuse => Err(Shortfall::NotMultiple { whole: false, steps: fits }),
            // Nothing can be recovered without going over the share: the rest is carried, as for any other purchase.
            Rest::Carry => within(sellable, Written { steps: fits, used: 0, carry: over }),
        };
    }
    within(sellable, Written { steps, used, carry: 0 })
}

fn within(sellable: &Sellable, written: Written) -> Result<Written, Shortfall> {
    if written.steps > sellable.most_loadable { Err(Shortfall::TooMuch { steps: written.steps }) } else { Ok(written) }
}

impl Shortfall {
    fn refusal(self, sellable: &Sellable, input: &PlanInput, facts: &MeterFacts) -> PlanRefusal {
        self.figures(sellable, input, facts).unwrap_or_else(PlanRefusal::from)
    }

    fn figures(self, sellable: &Sellable, input: &PlanInput, facts: &MeterFacts) -> Result<PlanRefusal, Overflow> {
        let wanted = input.purchase;
        let above = || smallest_above(sellable, wanted);
        let below = || greatest_up_to(sellable, sub(i128::from(wanted.wh()), 1)?);
        Ok(match self {
            Self::Overflow => PlanRefusal::Overflow,
            Self::NotMultiple { whole, steps } => match (below()?, above()?) {
                (Some(lower), Some(upper)) => {
                    PlanRefusal::NotMultiple { wanted, multiplier: input.multiplier, lower, upper }
                }
                (Some(_), None) => Self::TooMuch { steps: add(steps, 1)? }.figures(sellable, input, facts)?,
                (None, _) => Self::BelowLeast { whole, steps }.figures(sellable, input, facts)?,
            },
            Self::BelowLeast { whole, steps } => {
                let adjusted = if whole { sellable.adjustment } else { 0 };
                let total = add(i128::from(wanted.wh()), adjusted)?;
                if sellable.must_exceed > 0 && total <= sellable.must_exceed {
                    PlanRefusal::PresetFirst { wanted, preset: input.preset_pending, smallest: above()? }
                } else {
                    let minimum = meter(sellable, sellable.least)?;
                    PlanRefusal::BelowMin { wanted, quantity: meter(sellable, steps)?, minimum, smallest: above()? }
                }
            }
            Self::TooMuch { steps } if steps > sellable.most => {
                PlanRefusal::TooLarge { wanted, greatest: below()?, limit: facts.quantity_max_wh }
            }
            Self::TooMuch { steps } => PlanRefusal::OverHoard {
                wanted,
                quantity: meter(sellable, steps)?,
                limit: input.hoarding_limit,
                greatest: below()?,
            },
        })
    }
}

fn meter(sellable: &Sellable, steps: i128) -> Result<MeterEnergy, Overflow> {
    narrow(mul(steps, sellable.step)?).map(MeterEnergy::from_wh)
}

fn smallest_above(sellable: &Sellable, wanted: RealEnergy) -> Result<Option<RealEnergy>, Overflow> {
    let found = sellable.at_least(add(i128::from(wanted.wh()), 1)?)?;
    found.map(|wh| narrow(wh).map(RealEnergy::from_wh)).transpose()
}

pub(super) fn greatest_up_to(sellable: &Sellable, bound: i128) -> Result<Option<RealEnergy>, Overflow> {
    let found = sellable.at_most(bound)?;
    found.map(|wh| narrow(wh).map(RealEnergy::from_wh)).transpose()
}

fn finish(sellable: &Sellable, written: &Written, input: &PlanInput, facts: &MeterFacts) -> Result<Plan, PlanRefusal> {
    let quantity = meter(sellable, written.steps)?;
    let by_system = facts.preset_deducted_by == PresetDeductedBy::System;
    Ok(Plan {
        quantity,
        adjustment_used: RealEnergy::from_wh(narrow(written.used)?),
        carry: RealEnergy::from_wh(narrow(written.carry)?),
        preset_deducted: if by_system { input.preset_pending.max(MeterEnergy::ZERO) } else { MeterEnergy::ZERO },
        alarm: match input.alarm {
            Some(fixed) => fixed,
            None => alarm_of(quantity, facts)?,
        },
        load: forecast(quantity, input, facts)?,
    })
}

/// The standard's alarm level: its share of the written quantity, rounded up to a whole step, and at least its minimum.
pub fn alarm_of(quantity: MeterEnergy, facts: &MeterFacts) -> Result<MeterEnergy, Overflow> {
    let step = i128::from(facts.quantity_step_wh.wh());
    let share = mul(i128::from(quantity.wh()), i128::from(facts.alarm_permille))?;
    let steps = ceil_div(share, mul(step, 1000)?)?;
    let wh = narrow(mul(steps, step)?)?;
    Ok(MeterEnergy::from_wh(wh).max(facts.alarm_min_wh))
}

/// The limit is not reached at equality for any meter that we know of, so equality counts as "not yet".
fn forecast(quantity: MeterEnergy, input: &PlanInput, facts: &MeterFacts) -> Result<LoadForecast, Overflow> {
    let limit = input.hoarding_limit;
    if !limit.is_positive() {
        return Ok(LoadForecast::Loads);
    }
    let insert_below = limit.checked_sub(quantity)?;
    let at_most = match (input.last_remaining, input.first, facts.preset_deducted_by) {
        (Some(remaining), _, _) => remaining,
        // A meter that was never loaded holds at most its preset; one that nets the preset itself holds nothing.
        (None, true, PresetDeductedBy::System) => input.preset_pending,
        (None, true, PresetDeductedBy::Meter) => MeterEnergy::ZERO,
        (None, false, _) => return Ok(LoadForecast::Unknown),
    };
    Ok(if at_most < insert_below {
        LoadForecast::Loads
    } else if input.last_remaining.is_none() {
        LoadForecast::Unknown
    } else {
        LoadForecast::LoadsLater { insert_below }
    })
}
