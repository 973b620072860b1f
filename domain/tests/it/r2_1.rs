//! Rules 2.1: multiplier and written quantity.

use dianka_domain::plan::{PlanInput, PlanRefusal, plan, plan_by_money, plan_with_carry};
use dianka_domain::units::{Money, Multiplier, Price, Ratio, Rounding};

use crate::common::{buy, buy_adjusted, buy_through, gb, meter, real, times};

#[test]
fn r2_1_seed_multiplier_30_times_10_is_300() {
    let (pt, ct) = (Ratio { primary: 3000, secondary: 100 }, Ratio { primary: 10, secondary: 1 });
    assert_eq!(Multiplier::from_ratios(pt, ct), Ok(times(300)));
}

#[test]
fn r2_1_row1_30000_over_300_writes_100() {
    let plan = plan(&buy_through(30_000, 300), &gb()).unwrap();
    assert_eq!((plan.quantity, plan.adjustment_used, plan.carry), (meter(100), real(0), real(0)));
}

#[test]
fn r2_1_row2_300_and_12_back_writes_312() {
    let plan = plan(&buy_adjusted(300, 12), &gb()).unwrap();
    assert_eq!((plan.quantity, plan.adjustment_used), (meter(312), real(12)));
}

#[test]
fn r2_1_row3_300_and_12_recovered_writes_288() {
    let plan = plan(&buy_adjusted(300, -12), &gb()).unwrap();
    assert_eq!((plan.quantity, plan.adjustment_used), (meter(288), real(-12)));
}

#[test]
fn r2_1_row4_1000_over_300_is_refused_with_neighbours() {
    let refusal = plan(&buy_through(1000, 300), &gb()).unwrap_err();
    assert_eq!(
        refusal,
        PlanRefusal::NotMultiple { wanted: real(1000), multiplier: times(300), lower: real(900), upper: real(1200) }
    );
    assert_eq!(refusal.code(), "sale.not_multiple");
    let figures = vec![("wanted_wh", 1_000_000), ("multiplier", 300), ("lower_wh", 900_000), ("upper_wh", 1_200_000)];
    assert_eq!(refusal.params(), figures);
    for neighbour in [900, 1200] {
        assert!(plan(&buy_through(neighbour, 300), &gb()).is_ok());
    }
}

#[test]
fn r2_1_row5_50000_and_3600_over_200_writes_268() {
    let input = PlanInput { adjustment_pending: real(3600), ..buy_through(50_000, 200) };
    assert_eq!(plan(&input, &gb()).unwrap().quantity, meter(268));
}

#[test]
fn r2_1_neighbours_take_the_adjustment_into_account() {
    // 1000 + 50 = 1050 = 3.5 x 300; 850 + 50 = 900 and 1150 + 50 = 1200.
    let input = PlanInput { adjustment_pending: real(50), ..buy_through(1000, 300) };
    let refusal = plan(&input, &gb()).unwrap_err();
    assert!(
        matches!(refusal, PlanRefusal::NotMultiple { lower, upper, .. } if (lower, upper) == (real(850), real(1150)))
    );
}

#[test]
fn r2_1_without_a_lower_neighbour_the_smallest_purchase_is_named() {
    let refusal = plan(&buy_through(100, 300), &gb()).unwrap_err();
    assert_eq!(
        refusal,
        PlanRefusal::BelowMin { wanted: real(100), quantity: meter(0), minimum: meter(1), smallest: Some(real(300)) }
    );
}

#[test]
fn r2_1_carry_1000_over_300_writes_3_and_carries_100() {
    let before = real(0);
    let plan = plan_with_carry(&buy_through(1000, 300), &gb()).unwrap();
    assert_eq!((plan.quantity, plan.adjustment_used, plan.carry), (meter(3), real(0), real(100)));
    // A_used -100 now and +100 pending: W·m = 900 = 1000 - 100.
    assert_eq!(plan.adjustment_net(), Ok(real(-100)));
    assert_eq!(plan.quantity.to_real(times(300)), Ok(real(900)));
    assert_eq!(plan.pending_after(before), Ok(real(100)));
}

#[test]
fn r2_1_what_was_carried_comes_with_the_next_purchase() {
    let input = PlanInput { adjustment_pending: real(100), ..buy_through(500, 300) };
    let plan = plan(&input, &gb()).unwrap();
    assert_eq!((plan.quantity, plan.adjustment_used), (meter(2), real(100)));
    assert_eq!(plan.pending_after(real(100)), Ok(real(0)));
}

#[test]
fn r2_1_carry_changes_nothing_where_it_divides() {
    assert_eq!(plan_with_carry(&buy_through(900, 300), &gb()), plan(&buy_through(900, 300), &gb()));
}

/// Rounding twice gave away 1.04 kWh here: 100 yuan at 0.5683 buy 175.96 kWh, which is no whole kWh on a x300 meter.
#[test]
fn r2_1_double_rounding_gives_nothing_away() {
    let (money, price) = (Money::from_fen(10_000), Price::from_micro(568_300));
    let refusal = plan_by_money(money, price, &buy_through(0, 300), &gb()).unwrap_err();
    assert!(matches!(refusal, PlanRefusal::BelowMin { smallest: Some(s), .. } if s == real(300)));

    let sold = plan_by_money(money, price, &buy(0), &gb()).unwrap();
    assert_eq!((sold.purchase, sold.plan.quantity), (real(175), meter(175)));
    assert_eq!((sold.billed, sold.change), (Money::from_fen(9945), Money::from_fen(55)));
}

/// Rounding to one decimal made 0.04 kWh vanish here.
#[test]
fn r2_1_single_rounding_loses_nothing() {
    let (money, price) = (Money::from_fen(10_000), Price::from_micro(570_000));
    let sold = plan_by_money(money, price, &buy(0), &gb()).unwrap();
    assert_eq!((sold.purchase, sold.billed, sold.change), (real(175), Money::from_fen(9975), Money::from_fen(25)));
    assert_eq!(price.amount(sold.purchase, Rounding::HalfUp), Ok(sold.billed));
}

/// The same money through carry: the customer pays for all of it, and the rest is his.
#[test]
fn r2_1_money_into_carry_is_exact() {
    let price = Price::from_micro(568_300);
    let bought = price.energy_for(Money::from_fen(100_000)).unwrap();
    let input = PlanInput { purchase: bought, ..buy_through(0, 300) };
    let plan = plan_with_carry(&input, &gb()).unwrap();
    assert_eq!(plan.quantity, meter(5));
    let out = plan.quantity.to_real(times(300)).unwrap().checked_add(plan.carry);
    assert_eq!(out, Ok(bought));
}

#[test]
fn r2_1_led_meters_hold_four_digits() {
    let led = dianka_domain::facts::MeterFacts { quantity_max_wh: meter(9999), ..gb() };
    assert!(plan(&buy(9999), &led).is_ok());
    let refusal = plan(&buy(10_000), &led).unwrap_err();
    assert_eq!(refusal, PlanRefusal::TooLarge { wanted: real(10_000), greatest: Some(real(9999)), limit: meter(9999) });
    assert_eq!(refusal.code(), "sale.too_large");
}

#[test]
fn r2_1_upper_bound_is_most_written_times_m_less_adjustment() {
    for (adjustment, greatest) in [(0, 299_999_700), (600, 299_999_100), (-600, 300_000_300)] {
        let input = PlanInput { adjustment_pending: real(adjustment), ..buy_through(300_000_600, 300) };
        let refusal = plan(&input, &gb()).unwrap_err();
        assert!(
            matches!(refusal, PlanRefusal::TooLarge { greatest: Some(g), .. } if g == real(greatest)),
            "{refusal:?}"
        );
        let bound = PlanInput { purchase: real(greatest), ..input };
        assert_eq!(plan(&bound, &gb()).unwrap().quantity, meter(999_999));
    }
}

#[test]
fn r2_1_between_the_last_step_and_the_bound_only_the_lower_neighbour_is_left() {
    let refusal = plan(&buy_through(299_999_800, 300), &gb()).unwrap_err();
    assert!(matches!(refusal, PlanRefusal::TooLarge { greatest: Some(g), .. } if g == real(299_999_700)));
}

/// Rules 2.8, beside it: purchase by money.
#[test]
fn r2_8_100_yuan_at_0_56_writes_178_for_99_68_and_returns_0_32() {
    let sold = plan_by_money(Money::from_fen(10_000), Price::from_micro(560_000), &buy(0), &gb()).unwrap();
    assert_eq!(sold.plan.quantity, meter(178));
    assert_eq!((sold.billed, sold.change), (Money::from_fen(9968), Money::from_fen(32)));
}
