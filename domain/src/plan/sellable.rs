//! Which purchases can be written at all: the lattice of real energies, and the nearest ones to a given figure.
//!
//! All figures are Wh in 128 bits. `U = m · step` is the real energy of one step on the card; a purchase is *whole* when it
//! uses the adjustment completely (`Q + A - P·m = k·U`), and *in part* when a negative adjustment exceeds the share of the
//! purchase that may be recovered: then any `k` with `Q - cap(Q) <= k·U + P·m <= Q` can be written, and the least such `k`
//! recovers most.

use super::{PlanInput, PlanRefusal};
use crate::exact::{add, ceil_div, floor_div, modulo, mul, sub};
use crate::facts::{MeterFacts, PresetDeductedBy};
use crate::units::Overflow;

const WHOLE: i128 = 1000;

/// The bounds of one sale.
pub(super) struct Sellable {
    /// Adjustment, real.
    pub adjustment: i128,
    /// Step of the written quantity, meter.
    pub step: i128,
    /// Real energy of one step.
    pub unit: i128,
    /// Preset that the system deducts, real (0 when the meter does it).
    pub deducted: i128,
    /// Preset that the purchase must exceed, real.
    pub must_exceed: i128,
    /// Least number of steps on the card.
    pub least: i128,
    /// Greatest number of steps that a card can carry.
    pub most: i128,
    /// Greatest number of steps that is also below the hoarding limit.
    pub most_loadable: i128,
    /// Greatest share recovered, thousandths.
    share: i128,
}

/// How the adjustment of a purchase is dealt with.
pub(super) enum Recovery {
    /// It is used completely.
    Whole,
    /// At most this much of it is recovered, real.
    InPart {
        /// Upper bound of what is recovered.
        cap: i128,
    },
}

impl Sellable {
    pub(super) fn of(input: &PlanInput, facts: &MeterFacts) -> Result<Self, PlanRefusal> {
        let step = i128::from(facts.quantity_step_wh.wh());
        let multiplier = i128::from(input.multiplier.get());
        let preset = i128::from(input.preset_pending.wh()).max(0);
        let by_system = facts.preset_deducted_by == PresetDeductedBy::System;
        // What is still to be deducted is deducted, so that it cannot be given away; what the meter nets concerns the
        // first purchase only.
        let deducted = if by_system { preset } else { 0 };
        let checked = if by_system || input.first { preset } else { 0 };
        let minimum = ceil_div(i128::from(facts.quantity_min_wh.wh()), step)?.max(1);
        let above_preset = if by_system { 1 } else { add(floor_div(checked, step)?, 1)? };
        let most = floor_div(i128::from(facts.quantity_max_wh.wh()), step)?;
        let limit = i128::from(input.hoarding_limit.wh());
        let below_limit = if limit > 0 { sub(ceil_div(limit, step)?, 1)? } else { most };
        Ok(Self {
            adjustment: i128::from(input.adjustment_pending.wh()),

            step,
            unit: mul(multiplier, step)?,
            deducted: mul(deducted, multiplier)?,
            must_exceed: mul(checked, multiplier)?,
            least: minimum.max(above_preset),
            most,
            most_loadable: most.min(below_limit),
            share: i128::from(input.recover_share_permille).min(WHOLE),
        })
    }

    pub(super) fn recovery(&self, purchase: i128) -> Result<Recovery, Overflow> {
        let cap = floor_div(mul(purchase, self.share)?, WHOLE)?;
        let owed = sub(0, self.adjustment)?;
        Ok(if owed <= cap.max(0) { Recovery::Whole } else { Recovery::InPart { cap } })
    }

    /// Real energy of `steps` on the card, before the system's deduction.
    pub(super) fn covers(&self, steps: i128) -> Result<i128, Overflow> {
        add(mul(steps, self.unit)?, self.deducted)
    }

    /// Least purchase from which on the adjustment is used completely; none = never.
    fn whole_from(&self) -> Result<Option<i128>, Overflow> {
        if self.adjustment >= 0 {
            return Ok(Some(1));
        }
        if self.share == 0 {
            return Ok(None);
        }
        Ok(Some(ceil_div(mul(sub(0, self.adjustment)?, WHOLE)?, self.share)?.max(1)))
    }

    /// The greatest purchase up to `bound` that can be sold.
    pub(super) fn at_most(&self, bound: i128) -> Result<Option<i128>, Overflow> {
        let whole_from = self.whole_from()?;
        if let Some(from) = whole_from {
            let steps =
                floor_div(sub(add(bound, self.adjustment)?, self.deducted)?, self.unit)?.min(self.most_loadable);
            let purchase = sub(self.covers(steps)?, self.adjustment)?;
            if steps >= self.least && purchase >= from {
                return Ok(Some(purchase));
            }
        }
        let bound = match whole_from {
            Some(from) => bound.min(sub(from, 1)?),
            None => bound,
        };
        let steps = floor_div(sub(bound, self.deducted)?, self.unit)?.min(self.most_loadable);
        if bound < 1 || steps < self.least {
            return Ok(None);
        }
        if self.share == WHOLE {
            return Ok(Some(bound));
        }
        // Q - cap(Q) <= K  <=>  Q·(1000 - share) <= 1000·K
        let reach = floor_div(mul(self.covers(steps)?, WHOLE)?, sub(WHOLE, self.share)?)?;
        Ok(Some(bound.min(reach)))
    }

    /// The smallest purchase from `bound` on that can be sold.
    pub(super) fn at_least(&self, bound: i128) -> Result<Option<i128>, Overflow> {
        let bound = bound.max(1);
        let whole_from = self.whole_from()?;
        if whole_from.is_none_or(|from| bound < from) {
            let purchase = self.in_part_at_least(bound)?;
            if let Some(purchase) = purchase
                && whole_from.is_none_or(|from| purchase < from)
            {
                return Ok(Some(purchase));
            }
        }
        let Some(from) = whole_from else { return Ok(None) };
        let bound = bound.max(from);
        let steps = ceil_div(sub(add(bound, self.adjustment)?, self.deducted)?, self.unit)?.max(self.least);
        let purchase = sub(self.covers(steps)?, self.adjustment)?;
        Ok((steps <= self.most_loadable).then_some(purchase))
    }

    /// The smallest purchase from `bound` on, if all purchases recovered in part.
    fn in_part_at_least(&self, bound: i128) -> Result<Option<i128>, Overflow> {
        let cap = floor_div(mul(bound, self.share)?, WHOLE)?;
        let here = self.in_part_steps(bound, cap)?;
        if self.covers(here)? <= bound {
            return Ok((here <= self.most_loadable).then_some(bound));
        }
        let next = ceil_div(sub(bound, self.deducted)?, self.unit)?.max(self.least);
        if next > self.most_loadable { Ok(None) } else { self.covers(next).map(Some) }
    }

    /// The least number of steps that recovers no more than `cap` of `purchase`.
    pub(super) fn in_part_steps(&self, purchase: i128, cap: i128) -> Result<i128, Overflow> {
        let floor = sub(sub(purchase, cap)?, self.deducted)?;
        Ok(ceil_div(floor, self.unit)?.max(self.least))
    }

    /// What `total` real energy (purchase and adjustment) makes on the card: whole steps and the real rest.
    pub(super) fn steps_of(&self, total: i128) -> Result<(i128, i128), Overflow> {
        let net = sub(total, self.deducted)?;
        Ok((floor_div(net, self.unit)?, modulo(net, self.unit)?))
    }
}
