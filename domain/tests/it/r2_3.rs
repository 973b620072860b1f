//! Rules 2.3: preset 预置, GB/T 18460 against JB/T 8382.

use dianka_domain::plan::{PlanInput, PlanRefusal, plan};

use crate::common::{buy_adjusted, buy_first, gb, jb, meter, real, times};

/// P = 12, u = 7 used before the first purchase, Q = 100: both end at W - u = 93.
#[test]
fn r2_3_both_standards_end_at_93() {
    let (preset, used) = (meter(12), meter(7));
    let of = |facts| plan(&buy_first(100, 12), &facts).unwrap();

    let by_meter = of(gb());
    assert_eq!((by_meter.quantity, by_meter.preset_deducted), (meter(100), meter(0)));
    // The meter stands at -u and nets it.
    assert_eq!(by_meter.quantity.checked_sub(used), Ok(meter(93)));

    let by_system = of(jb());
    assert_eq!((by_system.quantity, by_system.preset_deducted), (meter(88), meter(12)));
    // The meter stands at P - u.
    let end = preset.checked_sub(used).unwrap().checked_add(by_system.quantity);
    assert_eq!(end, Ok(meter(93)));
}

#[test]
fn r2_3_the_flag_belongs_to_the_standard_never_both_never_neither() {
    for facts in [gb(), jb()] {
        let plan = plan(&buy_first(100, 12), &facts).unwrap();
        let deducted = plan.quantity.checked_add(plan.preset_deducted);
        assert_eq!(deducted, Ok(meter(100)));
    }
}

#[test]
fn r2_3_jb_unit_a_preset_of_12_at_300_takes_3600_real() {
    let input = PlanInput { multiplier: times(300), ..buy_first(30_000, 12) };
    let plan = plan(&input, &jb()).unwrap();
    assert_eq!((plan.quantity, plan.preset_deducted), (meter(88), meter(12)));
    let missing = real(30_000).checked_sub(plan.quantity.to_real(times(300)).unwrap());
    assert_eq!(missing, Ok(real(3600)));
}

#[test]
fn r2_3_gb_first_purchase_of_10_does_not_exceed_the_preset() {
    let refusal = plan(&buy_first(10, 12), &gb()).unwrap_err();
    assert_eq!(refusal, PlanRefusal::PresetFirst { wanted: real(10), preset: meter(12), smallest: Some(real(13)) });
    assert_eq!(refusal.code(), "sale.preset_first");
}

#[test]
fn r2_3_equal_to_the_preset_is_not_more_than_it() {
    for (facts, smallest) in [(gb(), 13), (jb(), 24)] {
        let refusal = plan(&buy_first(12, 12), &facts).unwrap_err();
        assert!(matches!(refusal, PlanRefusal::PresetFirst { smallest: Some(s), .. } if s == real(smallest)));
        assert!(plan(&buy_first(smallest, 12), &facts).is_ok());
    }
}

#[test]
fn r2_3_gb_the_preset_concerns_the_first_purchase_only() {
    let input = PlanInput { first: false, count: 2, ..buy_first(10, 12) };
    assert_eq!(plan(&input, &gb()).unwrap().quantity, meter(10));
}

#[test]
fn r2_3_jb_20_leave_8_and_the_smallest_first_purchase_is_24() {
    let refusal = plan(&buy_first(20, 12), &jb()).unwrap_err();
    assert_eq!(
        refusal,
        PlanRefusal::BelowMin { wanted: real(20), quantity: meter(8), minimum: meter(12), smallest: Some(real(24)) }
    );
    assert_eq!(plan(&buy_first(24, 12), &jb()).unwrap().quantity, meter(12));
}

#[test]
fn r2_3_jb_at_300_every_purchase_is_at_least_3600_real() {
    let input = |kwh| PlanInput { multiplier: times(300), ..buy_adjusted(kwh, 0) };
    let refusal = plan(&input(3300), &jb()).unwrap_err();
    assert!(matches!(refusal, PlanRefusal::BelowMin { smallest: Some(s), .. } if s == real(3600)));
    assert_eq!(plan(&input(3600), &jb()).unwrap().quantity, meter(12));
}

#[test]
fn r2_3_jb_100_less_95_leave_5_and_the_smallest_purchase_is_107() {
    let refusal = plan(&buy_adjusted(100, -95), &jb()).unwrap_err();
    assert_eq!(
        refusal,
        PlanRefusal::BelowMin { wanted: real(100), quantity: meter(5), minimum: meter(12), smallest: Some(real(107)) }
    );
    assert_eq!(refusal.code(), "sale.below_min");
    assert_eq!(plan(&buy_adjusted(107, -95), &jb()).unwrap().quantity, meter(12));
}

/// A meter whose preset card was never used: "preset given" is a fact of the installation record.
#[test]
fn r2_3_a_preset_that_was_not_given_is_not_deducted() {
    let plan = plan(&buy_first(100, 0), &jb()).unwrap();
    assert_eq!((plan.quantity, plan.preset_deducted), (meter(100), meter(0)));
}

/// A preset given again after a clear is deducted again, whichever purchase that is.
#[test]
fn r2_3_jb_a_preset_that_is_still_pending_is_never_given_away() {
    let input = PlanInput { first: false, count: 7, ..buy_first(100, 12) };
    assert_eq!(plan(&input, &jb()).unwrap().quantity, meter(88));
}
