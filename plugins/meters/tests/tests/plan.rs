//! Rules R1-R5 and sections 2.1-2.4 of the rules, by the drivers' own planning.

#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::plan::plan;
use dianka_meter_engine::refuse::int;
use dianka_meter_engine::{Standard, describe};
use dianka_meter_tests::{BOTH, GB, JB, KWH};
use dianka_sdk::meter::driver::{PlanRequest, QuantityPlan};
use proptest::prelude::*;

fn request(purchase_kwh: i64) -> PlanRequest {
    PlanRequest {
        purchase_real_wh: purchase_kwh * KWH,
        adjustment_real_wh: 0,
        multiplier: 1,
        preset_wh: 0,
        first: false,
        count: 2,
        hoard_wh: 0,
        alarm_wh: None,
    }
}

fn first(purchase_kwh: i64, preset_kwh: i64) -> PlanRequest {
    PlanRequest { first: true, count: 1, preset_wh: preset_kwh * KWH, ..request(purchase_kwh) }
}

fn kwh(standard: &Standard, request: &PlanRequest) -> i64 {
    plan(standard, request).unwrap().quantity_wh / KWH
}

fn code(standard: &Standard, request: &PlanRequest) -> String {
    plan(standard, request).unwrap_err().code
}

#[test]
fn multiplier_and_adjustment() {
    for standard in BOTH {
        let with = |q, a: i64, multiplier| PlanRequest { adjustment_real_wh: a * KWH, multiplier, ..request(q) };
        assert_eq!(kwh(&standard, &with(30_000, 0, 300)), 100);
        assert_eq!(kwh(&standard, &with(300, 12, 1)), 312);
        assert_eq!(kwh(&standard, &with(300, -12, 1)), 288);
        assert_eq!(kwh(&standard, &with(50_000, 3600, 200)), 268);
        let refusal = plan(&standard, &with(10_000, 0, 300)).unwrap_err();
        assert_eq!(refusal.code, "not-a-step");
        assert_eq!(refusal.params, [int("lower-real-wh", 9900 * KWH), int("upper-real-wh", 10_200 * KWH)]);
        assert_eq!(code(&standard, &with(100, -150, 1)), "below-minimum");
    }
    let refusal = plan(&GB, &PlanRequest { multiplier: 300, ..request(1000) }).unwrap_err();
    assert_eq!(refusal.params, [int("lower-real-wh", 900 * KWH), int("upper-real-wh", 1200 * KWH)]);
}

#[test]
fn who_deducts_the_preset() {
    let gb = plan(&GB, &first(100, 12)).unwrap();
    assert_eq!(gb, QuantityPlan { quantity_wh: 100 * KWH, alarm_wh: 10 * KWH, preset_deducted_wh: 0 });
    let jb = plan(&JB, &first(100, 12)).unwrap();
    assert_eq!(jb, QuantityPlan { quantity_wh: 88 * KWH, alarm_wh: 9 * KWH, preset_deducted_wh: 12 * KWH });
    for standard in BOTH {
        assert_eq!(code(&standard, &first(12, 12)), "preset-not-exceeded");
        assert_eq!(code(&standard, &first(10, 12)), "preset-not-exceeded");
    }
    assert_eq!(kwh(&GB, &first(13, 12)), 13);
    // 12 on the display are 3,600 real kWh at x 300.
    let through = PlanRequest { multiplier: 300, ..first(30_000, 12) };
    assert_eq!((kwh(&GB, &through), kwh(&JB, &through)), (100, 88));
}

#[test]
fn least_quantity() {
    assert_eq!(code(&JB, &first(20, 12)), "below-minimum");
    assert_eq!(kwh(&JB, &first(24, 12)), 12);
    assert_eq!(code(&JB, &request(11)), "below-minimum");
    assert_eq!(kwh(&JB, &request(12)), 12);
    assert_eq!(kwh(&GB, &request(1)), 1);
    let recovered = |q| PlanRequest { adjustment_real_wh: -95 * KWH, ..request(q) };
    assert_eq!(code(&JB, &recovered(100)), "below-minimum");
    assert_eq!(kwh(&JB, &recovered(107)), 12);
    assert_eq!(code(&JB, &PlanRequest { multiplier: 300, ..request(3300) }), "below-minimum");
    assert_eq!(kwh(&JB, &PlanRequest { multiplier: 300, ..request(3600) }), 12);
}

#[test]
fn alarm() {
    let alarm = |q, alarm_wh| plan(&GB, &PlanRequest { alarm_wh, ..request(q) }).unwrap().alarm_wh / KWH;
    assert_eq!(alarm(300, None), 30);
    assert_eq!(alarm(12, None), 2);
    assert_eq!(alarm(1, None), 1);
    assert_eq!(alarm(20, Some(30 * KWH)), 30);
    assert_eq!(alarm(20, Some(0)), 0);
    assert_eq!(code(&GB, &PlanRequest { alarm_wh: Some(500), ..request(20) }), "bad-input");
    assert_eq!(code(&GB, &PlanRequest { alarm_wh: Some(-KWH), ..request(20) }), "bad-input");
}

#[test]
fn limits() {
    let hoard = |q, limit: i64| PlanRequest { hoard_wh: limit * KWH, ..request(q) };
    assert_eq!(kwh(&GB, &hoard(999, 1000)), 999);
    assert_eq!(code(&GB, &hoard(1000, 1000)), "over-hoarding-limit");
    assert_eq!(kwh(&GB, &request(999_999)), 999_999);
    assert_eq!(code(&GB, &request(1_000_000)), "above-maximum");
    assert_eq!(code(&GB, &PlanRequest { count: 10_000, ..request(20) }), "count-exhausted");
    assert_eq!(code(&GB, &PlanRequest { count: 0, ..request(20) }), "bad-input");
    for wrong in [request(0), request(-20), PlanRequest { multiplier: 0, ..request(20) }] {
        assert_eq!(code(&GB, &wrong), "bad-input");
    }
    assert_eq!(
        code(&GB, &PlanRequest { purchase_real_wh: i64::MAX, adjustment_real_wh: 1, ..request(0) }),
        "bad-input"
    );
    assert_eq!(code(&JB, &PlanRequest { preset_wh: i64::MAX, multiplier: 9, ..request(1) }), "bad-input");
}

#[test]
fn facts() {
    let of = |standard: &Standard| describe::describe(standard);
    assert_eq!(of(&GB).id, "gbt18460.open-a");
    assert_eq!(of(&JB).id, "jbt8382.open-a");
    assert_eq!((of(&GB).facts.preset_deducted_by.as_str(), of(&GB).facts.quantity_min_wh), ("meter", 1000));
    assert_eq!((of(&JB).facts.preset_deducted_by.as_str(), of(&JB).facts.quantity_min_wh), ("system", 12_000));
    assert_eq!(of(&GB).facts.loads_at_hoarding_limit, Some(false));
    let ids = of(&GB).displays.iter().map(|item| item.id.clone()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids.len(), of(&GB).displays.len());
    assert!(of(&GB).displays.iter().all(|item| !item.meaning.zh.is_empty() && !item.meaning.en.is_empty()));
    assert_eq!(of(&GB).displays[18].lcd, "E=C07");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is lost: what is written, and what was deducted for the preset, is what was bought and adjusted.
    #[test]
    fn identity(
        q in 1_i64..=2_000_000, a in -5000_i64..=5000, multiplier in 1_u32..=400, preset in 0_i64..=30,
        is_first in any::<bool>(), hoard in 0_i64..=2000,
    ) {
        for standard in BOTH {
            let request = PlanRequest {
                adjustment_real_wh: a * KWH,
                multiplier,
                first: is_first,
                preset_wh: preset * KWH,
                hoard_wh: hoard * KWH,
                ..request(q)
            };
            if let Ok(plan) = plan(&standard, &request) {
                let m = i64::from(multiplier);
                prop_assert_eq!((plan.quantity_wh + plan.preset_deducted_wh) * m, (q + a) * KWH);
                prop_assert!(plan.quantity_wh >= standard.quantity_min_wh);
                prop_assert!(hoard == 0 || plan.quantity_wh < hoard * KWH);
                prop_assert!(plan.alarm_wh * 10 >= plan.quantity_wh);
                prop_assert!(plan.alarm_wh * 10 < plan.quantity_wh + 10 * KWH);
            }
        }
    }
}
