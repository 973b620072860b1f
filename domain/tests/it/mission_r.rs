//! Mission, section R: the rules and formulas, each once more under its own number. What a meter does by itself (R5, R8 and
//! R10 on the meter's side) is tested where the virtual meter is.

use dianka_domain::card::{CheckFault, independent_check};
use dianka_domain::counter::{CounterState, MeterVerdict, meter_verdict};
use dianka_domain::limits::{OverdraftVerdict, capacity_on_card, overdraft};
use dianka_domain::plan::{LoadForecast, PlanInput, PlanRefusal, plan};
use dianka_domain::units::{Multiplier, MultiplierError, Ratio};

use crate::card_layout::{open_a, purchase_card};
use crate::common::{buy, buy_adjusted, buy_first, buy_through, gb, jb, meter, real, times};

const fn ratio(primary: u32, secondary: u32) -> Ratio {
    Ratio { primary, secondary }
}

#[test]
fn mission_r1_multiplier_from_ratios_entered_as_pairs() {
    // The manual prints 200:5 as 10; it is 40.
    assert_eq!(Multiplier::from_ratios(ratio(3000, 100), ratio(200, 5)), Ok(times(1200)));
    assert_eq!(Multiplier::from_ratios(ratio(30, 1), ratio(10, 1)), Ok(times(300)));
    assert_eq!(Multiplier::from_ratios(Ratio::ONE, Ratio::ONE), Ok(Multiplier::ONE));
    // Only the product need be whole.
    assert_eq!(Multiplier::from_ratios(ratio(3, 2), ratio(10, 1)), Ok(times(15)));
}

#[test]
fn mission_r1_ratios_that_give_no_whole_multiplier_are_refused() {
    let uneven = Multiplier::from_ratios(ratio(100, 3), ratio(1, 1));
    assert_eq!(uneven, Err(MultiplierError::NotWhole { primary: 100, secondary: 3 }));
    assert_eq!(Multiplier::from_ratios(ratio(0, 1), Ratio::ONE), Err(MultiplierError::Zero));
    assert_eq!(Multiplier::from_ratios(ratio(1, 0), Ratio::ONE), Err(MultiplierError::Zero));
    assert_eq!(Multiplier::from_ratios(ratio(u32::MAX, 1), ratio(u32::MAX, 1)), Err(MultiplierError::TooLarge));
    assert_eq!(Multiplier::new(0), Err(MultiplierError::Zero));
}

#[test]
fn mission_r2_card_quantity() {
    assert_eq!(plan(&buy_through(30_000, 300), &gb()).unwrap().quantity, meter(100));
    assert_eq!(plan(&buy_adjusted(300, 12), &gb()).unwrap().quantity, meter(312));
    assert_eq!(plan(&buy_adjusted(300, -12), &gb()).unwrap().quantity, meter(288));
    assert!(matches!(
        plan(&buy_through(1000, 300), &gb()),
        Err(PlanRefusal::NotMultiple { lower, upper, .. }) if (lower, upper) == (real(900), real(1200))
    ));
}

#[test]
fn mission_r2_zero_and_negative_have_codes_of_their_own() {
    assert_eq!(plan(&buy(0), &gb()).unwrap_err().code(), "sale.quantity_zero");
    assert_eq!(plan(&buy(-1), &gb()).unwrap_err().code(), "sale.quantity_negative");
}

#[test]
fn mission_r3_preset_is_deducted_by_the_meter_or_by_the_system() {
    assert_eq!(plan(&buy_first(100, 12), &gb()).unwrap().quantity, meter(100));
    assert_eq!(plan(&buy_first(100, 12), &jb()).unwrap().quantity, meter(88));
    for facts in [gb(), jb()] {
        assert_eq!(plan(&buy_first(12, 12), &facts).unwrap_err().code(), "sale.preset_first");
    }
}

#[test]
fn mission_r4_jb_cards_carry_at_least_12_at_every_purchase() {
    assert!(matches!(plan(&buy(11), &jb()), Err(PlanRefusal::BelowMin { smallest: Some(s), .. }) if s == real(12)));
    assert_eq!(plan(&buy(12), &jb()).unwrap().quantity, meter(12));
    assert_eq!(plan(&buy(1), &gb()).unwrap().quantity, meter(1));
}

#[test]
fn mission_r5_alarm_is_10_percent_by_default() {
    assert_eq!(plan(&buy(300), &gb()).unwrap().alarm, meter(30));
    let set = PlanInput { alarm: Some(meter(50)), ..buy(300) };
    assert_eq!(plan(&set, &gb()).unwrap().alarm, meter(50));
}

#[test]
fn mission_r6_overdraft_raises_a_relay_check() {
    let verdict = overdraft(meter(-3), meter(0), meter(0), false, &gb());
    assert_eq!(verdict, Ok(OverdraftVerdict::CheckRelay { beyond: meter(3) }));
}

#[test]
fn mission_r7_hoarding_limit_warns_before_selling() {
    let input = PlanInput { hoarding_limit: meter(1000), last_remaining: Some(meter(700)), ..buy(400) };
    assert_eq!(plan(&input, &gb()).unwrap().load, LoadForecast::LoadsLater { insert_below: meter(600) });
}

#[test]
fn mission_r8_purchase_count() {
    assert_eq!(meter_verdict(6, 5), MeterVerdict::Takes);
    assert_eq!(meter_verdict(5, 5), MeterVerdict::AlreadyTaken);
    let sold = CounterState::opened().take(1).unwrap();
    assert_eq!((sold.sold, sold.acked), (1, 0));
    assert_eq!(sold.observe_returned(1).unwrap().acked, 1);
}

#[test]
fn mission_r9_the_cards_meter_number_must_be_the_meters() {
    let before = purchase_card(1234, 5, 300);
    let target = purchase_card(1234, 6, 300);
    assert_eq!(independent_check(&before, &target, &open_a(), meter(300), 6, 1234), Ok(()));
    let other = independent_check(&before, &target, &open_a(), meter(300), 6, 1235);
    assert_eq!(other, Err(CheckFault::Differs { field: "meter-no", expected: 1235, got: 1234 }));
}

/// The cut after 30 s is the meter's; what the card carries for it is decided here.
#[test]
fn mission_r10_capacity_on_the_card_is_the_meters_side() {
    assert_eq!(capacity_on_card(8800, times(1), &gb()), Ok(8800));
    assert_eq!(capacity_on_card(240_000, times(30), &gb()), Ok(8000));
}
