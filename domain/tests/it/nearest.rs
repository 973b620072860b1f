//! The planner against a slow one that tries every quantity: the same purchases can be sold, and the figures of a refusal
//! are the nearest purchases that can.

use dianka_domain::facts::{MeterFacts, PresetDeductedBy};
use dianka_domain::plan::{MoneyPlan, PlanInput, PlanRefusal, plan, plan_by_money, plan_with_carry};
use dianka_domain::units::{MeterEnergy, Money, Price, RealEnergy, Rounding};
use proptest::prelude::*;

use crate::common::{gb, times};

const FAR: i64 = 400;

/// A sale in single Wh, small enough to try everything.
#[derive(Debug, Clone)]
struct Small {
    facts: MeterFacts,
    input: PlanInput,
}

fn wh(value: i64) -> MeterEnergy {
    MeterEnergy::from_wh(value)
}

prop_compose! {
    fn small()(
        step in 1..4_i64, min in 0..15_i64, span in 1..30_i64, by_system in any::<bool>(), multiplier in 1..7_u32,
        adjustment in -60..60_i64, preset in 0..10_i64, first in any::<bool>(), hoard in prop_oneof![Just(0), 1..40_i64],
        share in prop_oneof![Just(1000_u32), Just(500), 0..=1000_u32], purchase in 1..150_i64,
    ) -> Small {
        let by = if by_system { PresetDeductedBy::System } else { PresetDeductedBy::Meter };
        let facts = MeterFacts {
            quantity_step_wh: wh(step),
            quantity_min_wh: wh(min),
            quantity_max_wh: wh(min + span + step),
            preset_deducted_by: by,
            ..gb()
        };
        let input = PlanInput {
            purchase: RealEnergy::from_wh(purchase),
            adjustment_pending: RealEnergy::from_wh(adjustment),
            multiplier: times(multiplier),
            preset_pending: wh(preset),
            first,
            count: 1,
            last_remaining: None,
            hoarding_limit: wh(hoard),
            alarm: None,
            recover_share_permille: share,
        };
        Small { facts, input }
    }
}

impl Small {
    fn at(&self, purchase: i64) -> PlanInput {
        PlanInput { purchase: RealEnergy::from_wh(purchase), ..self.input.clone() }
    }

    /// Quantity and adjustment used for a purchase, by trying every quantity: straight from the rules.
    fn slow(&self, purchase: i64) -> Option<(i64, i64)> {
        let (facts, input) = (&self.facts, &self.input);
        let by_system = facts.preset_deducted_by == PresetDeductedBy::System;
        let preset = input.preset_pending.wh();
        let deducted = if by_system { preset } else { 0 };
        let adjustment = input.adjustment_pending.wh();
        let cap = purchase * i64::from(input.recover_share_permille) / 1000;
        let in_part = -adjustment > cap;
        let fits = |quantity: &i64| {
            *quantity % facts.quantity_step_wh.wh() == 0
                && *quantity >= facts.quantity_min_wh.wh()
                && *quantity > 0
                && (input.hoarding_limit.is_zero() || *quantity < input.hoarding_limit.wh())
                && (by_system || !input.first || preset == 0 || *quantity > preset)
        };
        let used = |quantity: i64| (quantity + deducted) * i64::from(input.multiplier.get()) - purchase;
        // The least quantity comes first, and with it the most that may be recovered.
        (1..=facts.quantity_max_wh.wh())
            .filter(fits)
            .map(|quantity| (quantity, used(quantity)))
            .find(|(_, used)| if in_part { *used <= 0 && *used >= -cap } else { *used == adjustment })
    }

    fn sellable(&self, purchase: i64) -> bool {
        self.slow(purchase).is_some()
    }

    fn nearest_below(&self, purchase: i64) -> Option<RealEnergy> {
        (1..purchase).rev().find(|q| self.sellable(*q)).map(RealEnergy::from_wh)
    }

    fn nearest_above(&self, purchase: i64) -> Option<RealEnergy> {
        (purchase + 1..purchase + FAR).find(|q| self.sellable(*q)).map(RealEnergy::from_wh)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    #[test]
    fn the_planner_agrees_with_trying_everything(small in small()) {
        let purchase = small.input.purchase.wh();
        let below = small.nearest_below(purchase);
        let above = small.nearest_above(purchase);
        match (plan(&small.input, &small.facts), small.slow(purchase)) {
            (Ok(plan), Some(expected)) => {
                prop_assert_eq!((plan.quantity.wh(), plan.adjustment_used.wh()), expected);
                prop_assert_eq!(plan.carry, RealEnergy::ZERO);
            }
            (Err(refusal), None) => match refusal {
                PlanRefusal::NotMultiple { lower, upper, .. } => {
                    prop_assert_eq!((Some(lower), Some(upper)), (below, above));
                }
                PlanRefusal::BelowMin { smallest, .. } | PlanRefusal::PresetFirst { smallest, .. } => {
                    prop_assert_eq!(smallest, above);
                }
                PlanRefusal::TooLarge { greatest, .. } | PlanRefusal::OverHoard { greatest, .. } => {
                    prop_assert_eq!(greatest, below);
                }
                other => prop_assert!(false, "{:?}", other),
            },
            (got, expected) => prop_assert!(false, "{:?} instead of {:?}", got, expected),
        }
    }

    #[test]
    fn carry_keeps_the_purchase_and_writes_no_more_than_it(small in small()) {
        let carried = plan_with_carry(&small.input, &small.facts);
        if let Ok(exact) = plan(&small.input, &small.facts) {
            prop_assert_eq!(carried.clone(), Ok(exact));
        }
        if let Ok(plan) = carried {
            let m = i64::from(small.input.multiplier.get());
            let out = (plan.quantity.wh() + plan.preset_deducted.wh()) * m;
            let net = plan.adjustment_net().unwrap().wh();
            prop_assert_eq!(out, small.input.purchase.wh() + net);
            let unit = m * small.facts.quantity_step_wh.wh();
            prop_assert!((0..unit).contains(&plan.carry.wh()));
        }
    }

    #[test]
    fn by_money_sells_the_most_that_the_money_pays_for(
        small in small(), money in 1..450_i64, price in 10_000_000..300_000_000_i64,
    ) {
        let (money, price) = (Money::from_fen(money), Price::from_micro(price));
        let affordable = |q: &i64| price.amount(RealEnergy::from_wh(*q), Rounding::HalfUp).unwrap() <= money;
        let most = (1..500).rev().find(affordable).unwrap_or(0);
        let best = (1..=most).rev().find(|q| small.sellable(*q));
        match plan_by_money(money, price, &small.input, &small.facts) {
            Ok(MoneyPlan { purchase, plan: planned, billed, change }) => {
                prop_assert_eq!(Some(purchase.wh()), best);
                prop_assert_eq!(Ok(planned), plan(&small.at(purchase.wh()), &small.facts));
                prop_assert_eq!(price.amount(purchase, Rounding::HalfUp), Ok(billed));
                prop_assert_eq!(billed.checked_add(change), Ok(money));
            }
            // More money than may be sold for is refused, not silently cut down.
            Err(PlanRefusal::TooLarge { greatest, .. } | PlanRefusal::OverHoard { greatest, .. }) => {
                prop_assert_eq!(greatest.map(RealEnergy::wh), best);
            }
            Err(PlanRefusal::BelowMin { smallest, .. } | PlanRefusal::PresetFirst { smallest, .. }) => {
                prop_assert_eq!(smallest, small.nearest_above(most));
                prop_assert!(!small.sellable(most));
            }
            Err(PlanRefusal::QuantityZero) => prop_assert_eq!(most, 0),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn figures_at_the_end_of_64_bits_are_refused_not_wrapped() {
    for purchase in [i64::MAX, i64::MAX - 1] {
        let input = PlanInput { purchase: RealEnergy::from_wh(purchase), ..crate::common::buy(1) };
        assert!(matches!(plan(&input, &gb()), Err(PlanRefusal::TooLarge { .. })));
    }
    let input = PlanInput { adjustment_pending: RealEnergy::from_wh(i64::MIN), ..crate::common::buy(100) };
    assert!(plan(&input, &gb()).is_ok_and(|plan| plan.quantity.wh() == 1000));
    // The smallest purchase of such a meter is more than can be said.
    let most = MeterEnergy::from_wh(i64::MAX);
    let huge = MeterFacts { quantity_step_wh: wh(1), quantity_min_wh: most, quantity_max_wh: most, ..gb() };
    let input = crate::common::buy_through(1, 2);
    assert_eq!(plan(&input, &huge).unwrap_err().code(), "sale.overflow");
}

#[test]
fn money_without_a_price_buys_no_definite_energy() {
    let refusal = plan_by_money(Money::from_fen(1), Price::from_micro(0), &crate::common::buy(0), &gb());
    assert_eq!(refusal, Err(PlanRefusal::Overflow));
    let of = |fen| plan_by_money(Money::from_fen(fen), Price::from_micro(500_000), &crate::common::buy(0), &gb());
    assert_eq!(of(0).unwrap_err().code(), "sale.quantity_zero");
    assert_eq!(of(-1).unwrap_err().code(), "sale.quantity_negative");
    // One fen buys 20 Wh: something, but no kWh.
    assert!(matches!(of(1), Err(PlanRefusal::BelowMin { smallest: Some(s), .. }) if s.wh() == 1000));
}

#[test]
fn senseless_facts_are_refused() {
    let facts = MeterFacts { quantity_step_wh: MeterEnergy::ZERO, ..gb() };
    assert!(facts.validate().is_err());
    assert_eq!(plan(&crate::common::buy(1), &facts), Err(PlanRefusal::Overflow));
    assert_eq!(gb().validate(), Ok(()));
    assert_eq!(crate::common::jb().validate(), Ok(()));
    let crossed = MeterFacts { quantity_min_wh: gb().quantity_max_wh, quantity_max_wh: wh(1000), ..gb() };
    assert!(crossed.validate().is_err());
}

#[test]
fn a_number_beyond_the_card_is_refused() {
    for count in [0, 10_000] {
        let input = PlanInput { count, ..crate::common::buy(1) };
        let refusal = plan(&input, &gb()).unwrap_err();
        assert_eq!(refusal, PlanRefusal::CountExhausted { count, max: 9999 });
        assert_eq!(refusal.code(), "sale.count_exhausted");
    }
}
