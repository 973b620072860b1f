//! Clear, preset, check and management cards, the supply, and the state.

use dianka_meter_engine::meter::{Meter, snapshot};
use dianka_meter_engine::refuse::{int, text};
use dianka_meter_tests::{BOTH, Bench, GB, JB, KWH, bought, plain, purchase, setup, written};
use dianka_sdk::meter::simulator::Setup;
use dianka_sdk::meter::types::{Content, Param};

fn insert(bench: &mut Bench, content: &Content) -> (String, String) {
    let outcome = bench.insert(&mut written(&bench.standard, content));
    (outcome.code, outcome.display)
}

fn code(bench: &mut Bench, kind: &str, params: Vec<Param>) -> String {
    insert(bench, &plain(kind, params)).0
}

fn break_supply(bench: &mut Bench, off: u64, on: u64) {
    bench.meter.power(false);
    bench.meter.pass(&bench.standard, off, 1000);
    bench.meter.power(true);
    bench.meter.pass(&bench.standard, on, 0);
}

/// Appendix 2 no. 9, with 4.1.1: half a minute off, then within two minutes, in its own area, by its factory number.
#[test]
fn clear() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        bench.buy(purchase(1, 300));
        bench.use_kwh(50);
        let own = || vec![int("meter-no", 1234)];
        assert_eq!(code(&mut bench, "clear", own()), "not-armed");
        break_supply(&mut bench, 29, 10);
        assert_eq!(code(&mut bench, "clear", own()), "not-armed");
        break_supply(&mut bench, 30, 121);
        assert_eq!(code(&mut bench, "clear", own()), "not-armed");
        break_supply(&mut bench, 30, 120);
        assert_eq!(code(&mut bench, "clear", Vec::new()), "assigned");
        assert_eq!(code(&mut bench, "clear", vec![int("meter-no", 1235)]), "wrong-meter");
        let abroad = Content { region: 2, ..plain("clear", own()) };
        assert_eq!(insert(&mut bench, &abroad).0, "wrong-region");
        assert_eq!(insert(&mut bench, &Content { system_code: 87, ..plain("clear", own()) }).0, "wrong-system");
        assert_eq!(bench.balance(), 250 * KWH);
        assert_eq!(insert(&mut bench, &plain("clear", own())), ("cleared".into(), "E=00".into()));

        let seen = snapshot(&standard, &bench.meter);
        assert_eq!((seen.meter_no, seen.user_no, seen.count, seen.balance_wh), (1234, 0, 0, 0));
        assert_eq!((seen.total_used_wh, seen.total_purchased_wh, seen.status), (0, 0, 0));
        assert!(!seen.relay_closed);
        // 50 hours of use, and the seconds since the breaks of the supply.
        assert_eq!(bench.meter.run_seconds, 50 * 3600 + 10 + 121 + 120);
        assert_eq!(bench.meter.errors, 0);
        // Now it is anybody's again, and the universal card works too.
        assert_eq!(code(&mut bench, "clear", Vec::new()), "cleared");
        assert_eq!(
            bench.insert(&mut written(&standard, &Content { user_no: 7, ..bought(purchase(1, 20)) })).code,
            "loaded"
        );
    }
}

/// Appendix 2 no. 10: universal, once for each meter, not for one in use.
#[test]
fn preset() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        assert!(!bench.meter.relay_closed());
        let card = Content { region: 0, ..plain("preset", vec![int("preset-wh", 12 * KWH)]) };
        assert_eq!(insert(&mut bench, &card).0, "preset");
        assert!(bench.meter.relay_closed());
        assert_eq!(snapshot(&standard, &bench.meter).preset_wh, 12 * KWH);
        bench.use_kwh(1);
        assert_eq!(insert(&mut bench, &card).0, "already-preset");
        assert_eq!(insert(&mut bench, &Content { region: 2, ..card.clone() }).0, "wrong-region");
        bench.buy(purchase(1, 50));
        assert_eq!(insert(&mut bench, &card).0, "assigned");
        let balance = if standard.id == GB.id { 49 } else { 61 };
        assert_eq!(bench.balance(), balance * KWH);
    }
    assert_eq!(JB.id, "jbt8382.open-a");
}

#[test]
fn check() {
    let mut bench = Bench::new(GB);
    assert_eq!(insert(&mut bench, &plain("check", Vec::new())), ("checked".into(), "表号,00001234".into()));
    let before = bench.meter.clone();
    code(&mut bench, "check", Vec::new());
    assert_eq!(bench.meter, before);
}

/// A suspended meter shows E=20, gives nothing and takes nothing until it is woken.
#[test]
fn management() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        bench.buy(purchase(1, 300));
        let order = |operation: &str| vec![text("operation", operation)];
        let bound = |meter| vec![text("operation", "suspend"), int("meter-no", meter)];
        assert_eq!(code(&mut bench, "management", bound(9)), "wrong-meter");
        assert_eq!(insert(&mut bench, &plain("management", bound(1234))), ("suspended".into(), "E=20".into()));
        assert_eq!((bench.meter.status(), bench.meter.relay_closed()), (0x20, false));
        bench.use_kwh(10);
        assert_eq!(bench.buy(purchase(2, 100)).code, "suspended");
        assert_eq!((bench.balance(), bench.meter.count), (300 * KWH, 1));
        assert_eq!(insert(&mut bench, &plain("management", order("wake"))), ("woken".into(), "E=00".into()));
        assert_eq!(bench.buy(purchase(2, 100)).code, "loaded");
    }
}

#[test]
fn initialise() {
    let order = || vec![text("operation", "initialise"), int("alarm-wh", 30 * KWH)];
    let mut bench = Bench::new(GB);
    assert_eq!(insert(&mut bench, &plain("management", order())), ("initialised".into(), "表号,00000161".into()));
    assert_eq!(bench.insert(&mut written(&GB, &Content { user_no: 7, ..bought(purchase(1, 20)) })).code, "wrong-user");
    assert_eq!(code(&mut bench, "management", order()), "assigned");
    assert_eq!(bench.buy(purchase(1, 20)).code, "loaded");
}

#[test]
fn without_supply() {
    let mut bench = Bench::new(GB);
    bench.buy(purchase(1, 300));
    bench.meter.power(false);
    bench.use_kwh(10);
    assert_eq!(bench.balance(), 300 * KWH);
    let card = written(&GB, &bought(purchase(2, 300)));
    assert_eq!(bench.meter.insert(&GB, &card).unwrap_err().code, "bad-state");
    let seen = snapshot(&GB, &bench.meter);
    assert!(!seen.powered && !seen.relay_closed && seen.lines.is_empty());
    bench.meter.power(true);
    assert!(bench.meter.relay_closed());
}

#[test]
fn a_state_is_what_this_driver_made() {
    let mut bench = Bench::new(GB);
    bench.buy(purchase(1, 300));
    bench.meter.pass(&GB, 77, 999);
    let state = bench.meter.to_bytes(&GB);
    assert_eq!(state, bench.meter.to_bytes(&GB));
    assert_eq!(Meter::from_bytes(&GB, &state).unwrap(), bench.meter);
    assert_eq!(Meter::from_bytes(&JB, &state).unwrap_err().code, "bad-state");
    for at in 0..state.len() {
        let mut damaged = state.clone();
        *damaged.get_mut(at).unwrap() ^= 0x10;
        assert_eq!(Meter::from_bytes(&GB, &damaged).unwrap_err().code, "bad-state");
        assert!(Meter::from_bytes(&GB, state.get(..at).unwrap()).is_err());
    }
}

#[test]
fn a_meter_that_no_card_could_name() {
    for wrong in [
        Setup { meter_no: 0, ..setup() },
        Setup { meter_no: 100_000_000, ..setup() },
        Setup { constant: 0, ..setup() },
        Setup { system_code: 10_000, ..setup() },
        Setup { region: 10_000, ..setup() },
    ] {
        assert_eq!(Meter::fresh(&wrong).unwrap_err().code, "bad-input");
    }
}
