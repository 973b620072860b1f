//! What the virtual meter does with purchase cards and with time: the rules of the manual, with their numbers.

#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::meter::{Meter, snapshot};
use dianka_meter_engine::refuse::int;
use dianka_meter_engine::{decode, encode};
use dianka_meter_tests::{BOTH, Bench, GB, JB, KWH, blank, bought, plain, purchase, setup, written};
use dianka_sdk::meter::types::{CardImage, Content, Purchase, Returned};

fn returned(bench: &Bench, card: &CardImage) -> Returned {
    decode::decode(&bench.standard, card).unwrap().returned.unwrap()
}

fn preset(bench: &mut Bench, kwh: i64) {
    let card = plain("preset", vec![int("preset-wh", kwh * KWH)]);
    assert_eq!(bench.insert(&mut written(&bench.standard, &card)).code, "preset");
}

/// Section 2.3: P = 12, u = 7, W = 100: both ways end at 93.
#[test]
fn preset_by_the_meter_and_by_the_system_end_equal() {
    let mut gb = Bench::new(GB);
    preset(&mut gb, 12);
    assert!(gb.meter.relay_closed());
    gb.use_kwh(7);
    assert_eq!(gb.balance(), -7 * KWH);
    assert_eq!(gb.buy(purchase(1, 100)).loaded_wh, 100 * KWH);
    assert_eq!(gb.balance(), 93 * KWH);

    let mut jb = Bench::new(JB);
    preset(&mut jb, 12);
    jb.use_kwh(7);
    assert_eq!(jb.balance(), 5 * KWH);
    assert_eq!(jb.buy(purchase(1, 88)).loaded_wh, 88 * KWH);
    assert_eq!(jb.balance(), 93 * KWH);
    // Both meters show 100 bought in all, and the books close.
    for bench in [&gb, &jb] {
        let seen = snapshot(&bench.standard, &bench.meter);
        assert_eq!(seen.total_purchased_wh, 100 * KWH);
        assert_eq!(seen.total_purchased_wh - seen.total_used_wh, seen.balance_wh);
        assert_eq!(seen.preset_wh, 0);
    }
}

#[test]
fn the_preset_runs_out() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        preset(&mut bench, 12);
        bench.use_kwh(20);
        assert!(!bench.meter.relay_closed());
        assert_eq!(snapshot(&standard, &bench.meter).total_used_wh, 12 * KWH);
    }
    // A first purchase that does not exceed it leaves a GB meter without supply: 10 - 12 = -2.
    let mut gb = Bench::new(GB);
    preset(&mut gb, 12);
    gb.use_kwh(20);
    gb.buy(purchase(1, 10));
    assert_eq!((gb.balance(), gb.meter.relay_closed()), (-2 * KWH, false));
}

#[test]
fn the_least_quantity() {
    assert_eq!(Bench::new(GB).buy(purchase(1, 1)).code, "loaded");
    assert_eq!(Bench::new(JB).buy(purchase(1, 12)).code, "loaded");
    // A card of 11 kWh that somebody else made.
    let mut small = written(&GB, &bought(purchase(1, 11)));
    let profile = i64::from(small.bytes.remove(0x20));
    assert_eq!(profile, GB.profile_id);
    small.bytes.insert(0x20, u8::try_from(JB.profile_id).unwrap());
    let sum = dianka_sdk::checksum::crc16(small.bytes.get(0x20..0x32).unwrap()).to_be_bytes();
    small.bytes.splice(0x32..0x34, sum);
    let mut bench = Bench::new(JB);
    assert_eq!(bench.insert(&mut small).code, "below-minimum");
    assert_eq!(bench.balance(), 0);
}

/// R8 and appendix 2 nos. 3 and 7: only the next number loads.
#[test]
fn purchase_numbers() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        assert_eq!(bench.buy(purchase(2, 100)).code, "count-ahead");
        assert_eq!(bench.buy(purchase(1, 100)).code, "loaded");
        assert_eq!(bench.buy(purchase(1, 100)).code, "count-behind");
        assert_eq!(bench.buy(purchase(3, 100)).code, "count-ahead");
        assert_eq!(bench.buy(purchase(2, 200)).code, "loaded");
        assert_eq!(bench.buy(purchase(1, 100)).code, "count-behind");
        assert_eq!(bench.balance(), 300 * KWH);
        assert_eq!(bench.meter.count, 2);
        // A card that was taken before is an ordinary visit; the others were errors.
        assert_eq!(bench.meter.errors, 3);
    }
}

/// The replacement of a lost card: whichever of the two comes first loads, the other gains nothing.
#[test]
fn a_replacement_loads_once() {
    let mut bench = Bench::new(GB);
    let mut lost = written(&GB, &bought(purchase(1, 100)));
    let mut replacement = written(&GB, &Content { card_no: 2, ..bought(purchase(1, 100)) });
    assert_eq!(bench.insert(&mut replacement).loaded_wh, 100 * KWH);
    assert_eq!(bench.insert(&mut lost).loaded_wh, 0);
    assert_eq!(bench.balance(), 100 * KWH);
    // It brings back that the purchase was taken.
    assert_eq!(returned(&bench, &lost).count, 1);
}

#[test]
fn one_meter_one_customer() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        let insert = |bench: &mut Bench, change: &dyn Fn(&mut Content)| {
            let mut content = bought(purchase(1, 100));
            change(&mut content);
            let outcome = bench.insert(&mut written(&standard, &content));
            (outcome.code, outcome.display)
        };
        let error = |code: &str| (code.to_owned(), "E=C07".to_owned());
        assert_eq!(insert(&mut bench, &|c| c.system_code = 87), error("wrong-system"));
        assert_eq!(insert(&mut bench, &|c| c.region = 2), error("wrong-region"));
        assert_eq!(insert(&mut bench, &|c| c.purchase.as_mut().unwrap().meter_no = 1235), error("wrong-meter"));
        assert_eq!(bench.meter.user_no, 0);
        assert_eq!(insert(&mut bench, &|_| ()).0, "loaded");
        assert_eq!(bench.meter.user_no, 161);
        assert_eq!(insert(&mut bench, &|c| c.user_no = 162), error("wrong-user"));
        assert_eq!(bench.insert(&mut blank()).code, "unreadable");
        assert_eq!(bench.meter.errors, 5);
        assert_eq!(bench.balance(), 100 * KWH);
    }
}

/// The meter writes back on acceptance and on rejection, but not onto cards that are not its system's.
#[test]
fn write_back() {
    let mut bench = Bench::new(GB);
    let mut own = written(&GB, &bought(purchase(1, 100)));
    bench.insert(&mut own);
    let data = returned(&bench, &own);
    assert_eq!((data.user_no, data.meter_no, data.count), (161, 1234, 1));
    assert_eq!((data.remaining_wh, data.total_purchased_wh, data.total_used_wh), (100 * KWH, 100 * KWH, 0));
    assert_eq!((data.relay_open, data.status, data.errors), (false, 0, 0));

    // Somebody else's card says whose meter it was in.
    let mut other = written(&GB, &Content { user_no: 162, ..bought(Purchase { meter_no: 9, ..purchase(7, 50) }) });
    assert_eq!(bench.insert(&mut other).code, "wrong-meter");
    let data = returned(&bench, &other);
    assert_eq!((data.user_no, data.meter_no, data.count, data.errors), (161, 1234, 1, 1));

    for content in [Content { system_code: 87, ..bought(purchase(2, 50)) }, plain("check", Vec::new())] {
        let mut card = written(&GB, &content);
        let before = card.clone();
        bench.insert(&mut card);
        assert_eq!(card, before);
    }
    let mut torn = written(&GB, &bought(purchase(2, 50)));
    torn.bytes.splice(0x40..0x41, [0xFF]);
    let before = torn.clone();
    assert_eq!(bench.insert(&mut torn).code, "unreadable");
    assert_eq!(torn, before);

    // The next sale leaves what was written back where it is, and the meter then replaces it.
    let mut next = encode::encode(&GB, &bought(purchase(2, 60)), &own).unwrap();
    assert_eq!(returned(&bench, &next).count, 1);
    bench.meter.pass(&GB, 3600, 1234);
    assert_eq!(bench.insert(&mut next).code, "loaded");
    let data = returned(&bench, &next);
    assert_eq!((data.count, data.total_used_wh, data.remaining_wh), (2, 1200, 158_760));
    assert_eq!((data.power_w, data.errors), (1234, 3));
}

/// Section 2.4: limit 1000, remaining 700, purchase 400. Equality does not load.
#[test]
fn hoarding() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        bench.buy(Purchase { alarm_wh: 0, ..purchase(1, 700) });
        let second = Purchase { hoard_wh: 1000 * KWH, ..purchase(2, 400) };
        assert_eq!(bench.buy(second).code, "over-hoarding-limit");
        bench.use_kwh(100);
        assert_eq!(bench.balance(), 600 * KWH);
        assert_eq!(bench.buy(second).code, "over-hoarding-limit");
        bench.meter.pass(&standard, 1, 1);
        assert_eq!(bench.buy(second).code, "loaded");
        assert_eq!(bench.balance(), 1000 * KWH - 1);
    }
}

#[test]
fn nothing_is_stored_that_the_display_cannot_show() {
    let mut bench = Bench::new(GB);
    bench.buy(purchase(1, 999_999));
    assert_eq!(bench.buy(purchase(2, 1)).code, "over-hoarding-limit");
    bench.use_kwh(1);
    assert_eq!(bench.buy(purchase(2, 1)).code, "loaded");
}

/// Appendix 2 no. 5: 300 kWh, alarm at 30: the meter cuts, the card resumes it, then it runs to 0.
#[test]
fn alarm() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        let mut card = written(&standard, &bought(purchase(1, 300)));
        bench.insert(&mut card);
        bench.meter.pass(&standard, 1_000_000_000, 777);
        // Exactly at the alarm level, whatever the load.
        assert_eq!(bench.balance(), 30 * KWH);
        let seen = snapshot(&standard, &bench.meter);
        assert_eq!((seen.relay_closed, seen.alarm, seen.status, seen.power_w), (false, true, 0x01, 0));
        bench.use_kwh(5);
        assert_eq!(bench.balance(), 30 * KWH);
        let outcome = bench.insert(&mut card);
        assert_eq!((outcome.code.as_str(), outcome.accepted, outcome.loaded_wh), ("resumed", false, 0));
        assert_eq!(returned(&bench, &card).status, 0);
        assert!(bench.meter.relay_closed());
        bench.use_kwh(40);
        assert_eq!((bench.balance(), bench.meter.relay_closed()), (0, false));
        // No card but a new purchase helps now, and the alarm is armed again.
        assert_eq!(bench.insert(&mut card).code, "count-behind");
        assert!(!bench.meter.relay_closed());
        bench.buy(purchase(2, 100));
        assert!(bench.meter.relay_closed());
        bench.use_kwh(100);
        assert_eq!(bench.balance(), 10 * KWH);
    }
}

#[test]
fn an_alarm_above_the_quantity_trips_at_once() {
    let mut bench = Bench::new(GB);
    let mut card = written(&GB, &bought(Purchase { alarm_wh: 30 * KWH, ..purchase(1, 20) }));
    assert_eq!(bench.insert(&mut card).code, "loaded");
    assert!(!bench.meter.relay_closed());
    assert_eq!(bench.insert(&mut card).code, "resumed");
    assert!(bench.meter.relay_closed());
}

/// Appendix 2 no. 6 and R6.
#[test]
fn overdraft() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        let mut card = written(&standard, &bought(Purchase { overdraft_wh: 5 * KWH, ..purchase(1, 20) }));
        bench.insert(&mut card);
        bench.use_kwh(100);
        bench.insert(&mut card);
        bench.use_kwh(100);
        assert_eq!((bench.balance(), bench.meter.relay_closed()), (-5 * KWH, false));
        bench.insert(&mut card);
        let data = returned(&bench, &card);
        assert_eq!((data.remaining_wh, data.overdraft_wh, data.relay_open), (0, 5 * KWH, true));
        assert_eq!(data.total_used_wh, 25 * KWH);
        // The next purchase pays it.
        bench.buy(purchase(2, 100));
        assert_eq!(bench.balance(), 95 * KWH);
    }
}

/// R10: more than the contracted 8.80 kW for 30 s without a break.
#[test]
fn capacity() {
    let limited = |mode| {
        let mut bench = Bench::new(GB);
        bench.buy(Purchase { limit_mode: mode, capacity_w: 8800, ..purchase(1, 300) });
        bench
    };
    let mut bench = limited(1);
    bench.meter.pass(&GB, 29, 8801);
    assert!(bench.meter.relay_closed());
    bench.meter.pass(&GB, 1, 8801);
    assert!(!bench.meter.relay_closed());
    assert_eq!(bench.meter.status(), 0x04);
    let used = bench.meter.used_ws;
    assert_eq!(used, 30 * 8801);
    bench.meter.pass(&GB, 1000, 8801);
    assert_eq!(bench.meter.used_ws, used);
    assert_eq!(bench.buy(purchase(1, 300)).code, "resumed");
    assert!(bench.meter.relay_closed());

    // A break starts the count anew, the capacity itself is allowed, and one long stretch cuts after 30 s too.
    let mut bench = limited(1);
    for _ in 0..10 {
        bench.meter.pass(&GB, 29, 20_000);
        bench.meter.pass(&GB, 1, 8800);
    }
    assert!(bench.meter.relay_closed());
    bench.meter.pass(&GB, 100_000, 8800);
    assert!(bench.meter.relay_closed());
    let used = bench.meter.used_ws;
    bench.meter.pass(&GB, 3600, 20_000);
    assert_eq!(bench.meter.used_ws - used, 30 * 20_000);

    let mut bench = limited(0);
    bench.meter.pass(&GB, 3600, 20_000);
    assert!(bench.meter.relay_closed());
    assert_eq!(bench.balance(), 280 * KWH);
}

/// A small load in short stretches uses exactly what it uses in one.
#[test]
fn remainders_are_kept() {
    let mut long = Bench::new(GB);
    let mut short = Bench::new(GB);
    for bench in [&mut long, &mut short] {
        bench.buy(purchase(1, 100));
    }
    long.meter.pass(&GB, 100_000, 7);
    for _ in 0..100_000 {
        let state = short.meter.to_bytes(&GB);
        short.meter = Meter::from_bytes(&GB, &state).unwrap();
        short.meter.pass(&GB, 1, 7);
    }
    assert_eq!(long.meter.used_ws, 700_000);
    assert_eq!(long.meter.to_bytes(&GB), short.meter.to_bytes(&GB));
    long.meter.pass(&GB, u64::MAX, u32::MAX);
    assert_eq!(long.balance(), 10 * KWH);
}

/// What a sale is tried on before it is made.
#[test]
fn restored_from_what_it_wrote() {
    for standard in BOTH {
        let mut bench = Bench::new(standard);
        let last = Purchase { overdraft_wh: 3 * KWH, ..purchase(1, 300) };
        let mut card = written(&standard, &bought(last));
        bench.insert(&mut card);
        bench.meter.pass(&standard, 12_345, 4321);
        bench.insert(&mut card);
        let data = returned(&bench, &card);
        let mut twin = Meter::restore(&standard, &setup(), &last, &data).unwrap();
        assert_eq!((twin.count, twin.user_no), (1, 161));
        assert_eq!(twin.balance_wh(), bench.balance().div_euclid(10) * 10);
        assert_eq!(twin.limits, bench.meter.limits);
        // It writes the same back, and takes the next card as the meter does.
        let mut again = written(&standard, &bought(last));
        twin.insert(&standard, &again).map(|outcome| again = outcome.card).unwrap();
        assert_eq!(returned(&bench, &again), data);
        let next = written(&standard, &bought(Purchase { hoard_wh: 500 * KWH, ..purchase(2, 190) }));
        let outcome = twin.insert(&standard, &next).unwrap();
        assert_eq!(outcome.code, bench.insert(&mut next.clone()).code);
        assert_eq!(outcome.code, "loaded");
        let wrong = Returned { meter_no: 9, ..data };
        assert_eq!(Meter::restore(&standard, &setup(), &last, &wrong).unwrap_err().code, "bad-input");
    }
}
