//! Rules 2.4: alarm, overdraft, hoarding limit, capacity.

use dianka_domain::limits::{OverdraftVerdict, capacity_on_card, overdraft, window_cap};
use dianka_domain::plan::{LoadForecast, PlanInput, PlanRefusal, plan};

use crate::common::{buy, buy_first, buy_through, gb, jb, meter, real, times};

#[test]
fn r2_4_alarm_of_300_is_30_and_of_12_is_2() {
    for (quantity, alarm) in [(300, 30), (12, 2), (1, 1), (10, 1), (11, 2)] {
        assert_eq!(plan(&buy(quantity), &gb()).unwrap().alarm, meter(alarm), "{quantity}");
    }
}

#[test]
fn r2_4_alarm_is_a_share_of_what_is_written() {
    assert_eq!(plan(&buy_through(30_000, 300), &gb()).unwrap().alarm, meter(10));
    assert_eq!(plan(&buy_first(100, 12), &jb()).unwrap().alarm, meter(9));
}

#[test]
fn r2_4_alarm_of_the_driver_stands_above_the_default() {
    let facts = dianka_domain::facts::MeterFacts { alarm_permille: 50, alarm_min_wh: meter(5), ..gb() };
    assert_eq!(plan(&buy(300), &facts).unwrap().alarm, meter(15));
    assert_eq!(plan(&buy(20), &facts).unwrap().alarm, meter(5));
}

#[test]
fn r2_4_fixed_alarm_30_with_20_written_trips_at_once() {
    let fixed = |kwh| plan(&PlanInput { alarm: Some(meter(30)), ..buy(kwh) }, &gb()).unwrap();
    assert_eq!(fixed(20).alarm, meter(30));
    assert!(fixed(20).alarm_trips_at_once());
    assert!(fixed(30).alarm_trips_at_once());
    assert!(!fixed(31).alarm_trips_at_once());
}

#[test]
fn r2_4_overdraft_is_normal_down_to_its_limit() {
    let of = |balance, limit| overdraft(meter(balance), meter(limit), meter(0), false, &gb()).unwrap();
    assert_eq!(of(0, 0), OverdraftVerdict::Normal);
    assert_eq!(of(-10, 10), OverdraftVerdict::Normal);
    assert_eq!(of(-11, 10), OverdraftVerdict::CheckRelay { beyond: meter(1) });
    assert_eq!(of(-1, 0), OverdraftVerdict::CheckRelay { beyond: meter(1) });
}

#[test]
fn r2_4_before_the_first_gb_purchase_it_is_normal_down_to_the_preset() {
    let of = |balance, first, facts| overdraft(meter(balance), meter(0), meter(12), first, &facts).unwrap();
    assert_eq!(of(-12, true, gb()), OverdraftVerdict::Normal);
    assert_eq!(of(-13, true, gb()), OverdraftVerdict::CheckRelay { beyond: meter(1) });
    assert_eq!(of(-12, false, gb()), OverdraftVerdict::CheckRelay { beyond: meter(12) });
    // A JB meter counts its preset as a real balance: below 0 it is overdrawn.
    assert_eq!(of(-1, true, jb()), OverdraftVerdict::CheckRelay { beyond: meter(1) });
}

/// The meter nets it from the next purchase: it must not be charged as an adjustment too.
#[test]
fn r2_4_an_overdraft_does_not_change_what_is_written() {
    let overdrawn = PlanInput { last_remaining: Some(meter(-5)), ..buy(100) };
    assert_eq!(plan(&overdrawn, &gb()).unwrap().quantity, meter(100));
}

fn hoarding(kwh: i64, limit: i64, remaining: Option<i64>) -> Result<LoadForecast, PlanRefusal> {
    let input = PlanInput { hoarding_limit: meter(limit), last_remaining: remaining.map(meter), ..buy(kwh) };
    plan(&input, &gb()).map(|plan| plan.load)
}

#[test]
fn r2_4_a_more_than_the_limit_can_never_load_and_is_refused() {
    let refusal = hoarding(1001, 1000, Some(0)).unwrap_err();
    assert_eq!(
        refusal,
        PlanRefusal::OverHoard {
            wanted: real(1001),
            quantity: meter(1001),
            limit: meter(1000),
            greatest: Some(real(999))
        }
    );
    assert_eq!(refusal.code(), "sale.over_hoard");
}

#[test]
fn r2_4_equality_with_the_limit_is_never_sold_to() {
    assert!(matches!(hoarding(1000, 1000, Some(0)), Err(PlanRefusal::OverHoard { .. })));
    // Not even where the driver says that it loads, nor onto an overdrawn meter.
    let facts = dianka_domain::facts::MeterFacts { loads_at_hoarding_limit: Some(true), ..gb() };
    let input = PlanInput { hoarding_limit: meter(1000), last_remaining: Some(meter(-5)), ..buy(1000) };
    assert!(matches!(plan(&input, &facts), Err(PlanRefusal::OverHoard { .. })));
    assert_eq!(hoarding(999, 1000, Some(0)), Ok(LoadForecast::Loads));
}

#[test]
fn r2_4_b_limit_1000_remaining_700_written_400_loads_below_600() {
    assert_eq!(hoarding(400, 1000, Some(700)), Ok(LoadForecast::LoadsLater { insert_below: meter(600) }));
    // After 100 are used the sum equals the limit: not yet. One more, and it loads.
    assert_eq!(hoarding(400, 1000, Some(600)), Ok(LoadForecast::LoadsLater { insert_below: meter(600) }));
    assert_eq!(hoarding(400, 1000, Some(599)), Ok(LoadForecast::Loads));
}

#[test]
fn r2_4_the_limit_is_meter_energy() {
    let through =
        |kwh| PlanInput { hoarding_limit: meter(1000), last_remaining: Some(meter(0)), ..buy_through(kwh, 300) };
    assert!(plan(&through(299_700), &gb()).is_ok());
    let refusal = plan(&through(300_000), &gb()).unwrap_err();
    assert!(matches!(refusal, PlanRefusal::OverHoard { greatest: Some(g), .. } if g == real(299_700)));
}

#[test]
fn r2_4_an_unknown_remaining_quantity_is_said_to_be_unknown() {
    assert_eq!(hoarding(400, 1000, None), Ok(LoadForecast::Unknown));
    assert_eq!(hoarding(400, 0, None), Ok(LoadForecast::Loads));
}

#[test]
fn r2_4_a_meter_that_was_never_loaded_holds_at_most_its_preset() {
    let first = |kwh| PlanInput { hoarding_limit: meter(1000), ..buy_first(kwh, 12) };
    assert_eq!(plan(&first(999), &gb()).unwrap().load, LoadForecast::Loads);
    assert_eq!(plan(&first(999), &jb()).unwrap().load, LoadForecast::Loads);
    assert_eq!(plan(&first(1000), &jb()).unwrap().load, LoadForecast::Unknown);
}

#[test]
fn r2_4_cap_before_a_price_change_is_50_times_8_kw() {
    assert_eq!(window_cap(50, 8000), Ok(real(400)));
}

#[test]
fn r2_4_capacity_above_99_99_kw_is_not_representable_directly_but_through_transformers() {
    assert_eq!(capacity_on_card(99_990, times(1), &gb()), Ok(99_990));
    let refusal = capacity_on_card(100_000, times(1), &gb()).unwrap_err();
    assert_eq!((refusal.on_card_w, refusal.max_w), (100_000, 99_990));
    assert_eq!(capacity_on_card(2_400_000, times(300), &gb()), Ok(8000));
}
