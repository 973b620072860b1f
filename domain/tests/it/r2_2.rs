//! Rules 2.2: adjustment 找补电量.

use dianka_domain::ledger::{LedgerAccount, SaleFigures, postings_adjustment, postings_confirm};
use dianka_domain::plan::{PlanInput, PlanRefusal, plan};
use dianka_domain::units::{MeterEnergy, Money};

use crate::common::{buy, buy_adjusted, gb, jb, meter, real, times};

/// What a fitter reads off an old display is meter energy; the old meter's multiplier makes it real.
#[test]
fn r2_2_unit_trap_12_on_the_display_are_3600_real_kwh_at_300() {
    let display: MeterEnergy = meter(12);
    assert_eq!(display.to_real(times(300)), Ok(real(3600)));
    assert_eq!(display.to_real(times(1)), Ok(real(12)));
}

#[test]
fn r2_2_the_seeds_12_makes_312_only_at_multiplier_1() {
    for (old, written) in [(1, 312), (300, 3900)] {
        let adjustment_pending = meter(12).to_real(times(old)).unwrap();
        let input = PlanInput { adjustment_pending, ..buy(300) };
        assert_eq!(plan(&input, &gb()).unwrap().quantity, meter(written));
    }
}

#[test]
fn r2_2_sign_positive_is_owed_to_the_customer_negative_is_recovered() {
    assert_eq!(plan(&buy_adjusted(300, 12), &gb()).unwrap().quantity, meter(312));
    assert_eq!(plan(&buy_adjusted(300, -12), &gb()).unwrap().quantity, meter(288));
}

#[test]
fn r2_2_applied_once() {
    let first = plan(&buy_adjusted(300, 12), &gb()).unwrap();
    let pending = first.pending_after(real(12)).unwrap();
    assert_eq!(pending, real(0));
    let next = PlanInput { adjustment_pending: pending, ..buy(300) };
    assert_eq!(plan(&next, &gb()).unwrap().quantity, meter(300));
}

#[test]
fn r2_2_restored_when_its_sale_is_reversed() {
    let plan = plan(&buy_adjusted(100, -150), &jb()).unwrap();
    let pending = plan.pending_after(real(-150)).unwrap();
    assert_eq!(pending.checked_add(plan.adjustment_net().unwrap()), Ok(real(-150)));
}

#[test]
fn r2_2_larger_than_the_purchase_jb_applies_88_writes_12_pending_62() {
    let plan = plan(&buy_adjusted(100, -150), &jb()).unwrap();
    assert_eq!((plan.adjustment_used, plan.quantity), (real(-88), meter(12)));
    assert_eq!(plan.pending_after(real(-150)), Ok(real(-62)));
    assert_eq!(plan.carry, real(0));
}

#[test]
fn r2_2_larger_than_the_purchase_gb_applies_99_writes_1_pending_51() {
    let plan = plan(&buy_adjusted(100, -150), &gb()).unwrap();
    assert_eq!((plan.adjustment_used, plan.quantity), (real(-99), meter(1)));
    assert_eq!(plan.pending_after(real(-150)), Ok(real(-51)));
}

#[test]
fn r2_2_share_of_half_applies_50_writes_50_pending_100() {
    for facts in [gb(), jb()] {
        let input = PlanInput { recover_share_permille: 500, ..buy_adjusted(100, -150) };
        let plan = plan(&input, &facts).unwrap();
        assert_eq!((plan.adjustment_used, plan.quantity), (real(-50), meter(50)));
        assert_eq!(plan.pending_after(real(-150)), Ok(real(-100)));
    }
}

#[test]
fn r2_2_within_the_share_it_is_taken_whole() {
    let input = PlanInput { recover_share_permille: 500, ..buy_adjusted(100, -50) };
    let plan = plan(&input, &gb()).unwrap();
    assert_eq!((plan.adjustment_used, plan.quantity), (real(-50), meter(50)));
}

#[test]
fn r2_2_a_share_of_nothing_recovers_nothing() {
    let input = PlanInput { recover_share_permille: 0, ..buy_adjusted(100, -50) };
    let plan = plan(&input, &gb()).unwrap();
    assert_eq!((plan.adjustment_used, plan.quantity), (real(0), meter(100)));
    assert_eq!(plan.pending_after(real(-50)), Ok(real(-50)));
}

#[test]
fn r2_2_in_part_through_transformers_recovers_what_makes_a_whole_step() {
    // Half of 1000 may go: what stays must be 600 = 2 x 300, so 400 are recovered.
    let input =
        PlanInput { recover_share_permille: 500, adjustment_pending: real(-1500), multiplier: times(300), ..buy(1000) };
    let plan = plan(&input, &gb()).unwrap();
    assert_eq!((plan.adjustment_used, plan.quantity), (real(-400), meter(2)));
}

#[test]
fn r2_2_a_purchase_that_cannot_recover_and_write_is_refused() {
    let refusal = plan(&buy_adjusted(5, -150), &jb()).unwrap_err();
    assert!(matches!(refusal, PlanRefusal::BelowMin { smallest: Some(s), .. } if s == real(12)), "{refusal:?}");
}

/// It shows as kWh with 0 yuan: energy moves, money does not.
#[test]
fn r2_2_posted_as_energy_without_money() {
    let planned = plan(&buy_adjusted(300, 12), &gb()).unwrap();
    let figures = SaleFigures::of_plan(Money::from_fen(15_000), real(300), &planned, times(1)).unwrap();
    let rows = postings_confirm(&figures).unwrap();
    let row = rows.iter().find(|row| row.debit == LedgerAccount::Adjustment).unwrap();
    assert_eq!((row.credit, row.amount, row.energy), (LedgerAccount::EnergyOnCards, Money::ZERO, real(12)));
    assert!(postings_adjustment(real(12)).unwrap().iter().all(|row| row.amount == Money::ZERO));
}
