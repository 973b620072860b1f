//! Cards torn out in the middle of a write: at every step of the sealed order and with every value that the byte being
//! written can be left at, the meter loads nothing, or exactly the purchase before or the purchase after.

#![expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::meter::{Limits, Meter};
use dianka_meter_engine::{Standard, decode, encode};
use dianka_meter_tests::chance::Chance;
use dianka_meter_tests::torn::{Write, every_state, sealed};
use dianka_meter_tests::{Bench, GB, JB, KWH, blank, bought, written};
use dianka_sdk::meter::types::{CalendarDate, CardImage, Content, Purchase};

const SEAL: usize = 0x40;
const RETURNED: usize = 0xC0;
/// Sales per driver and kind of card before the sale.
const SALES: u64 = 2000;

/// What is on the card before the sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    Blank,
    Used,
    Unused,
    /// Unused, and written again with the same number and another quantity, as after a reversal.
    Corrected,
}

/// One sale: the card before and after, and the meter that it belongs to.
struct Sale {
    meter: Meter,
    before: CardImage,
    target: CardImage,
    old: Option<Purchase>,
    new: Purchase,
    /// What the driver reads from the card before and after.
    readings: [Content; 2],
}

#[derive(Debug, Default)]
struct Tally {
    states: u64,
    loaded_old: u64,
    loaded_new: u64,
}

fn purchase(chance: &mut Chance, count: u32) -> Purchase {
    let mut kwh = |low, high| i64::try_from(chance.within(low, high)).unwrap() * KWH;
    let (quantity_wh, alarm_wh, overdraft_wh) = (kwh(12, 9999), kwh(0, 500), kwh(0, 100));
    let (hoard_wh, preset_wh) = (kwh(100_000, 999_999), kwh(0, 20));
    Purchase {
        meter_no: 1234,
        count,
        quantity_wh,
        alarm_wh,
        overdraft_wh,
        hoard_wh,
        limit_mode: u8::try_from(chance.within(0, 1)).unwrap(),
        capacity_w: u32::try_from(chance.within(1, 9999)).unwrap() * 10,
        preset_wh,
        date: CalendarDate {
            year: u16::try_from(chance.within(2024, 2026)).unwrap(),
            month: u8::try_from(chance.within(1, 12)).unwrap(),
            day: u8::try_from(chance.within(1, 28)).unwrap(),
        },
    }
}

/// A customer who mostly buys under the same terms.
fn next_purchase(chance: &mut Chance, last: &Purchase, count: u32) -> Purchase {
    let fresh = purchase(chance, count);
    if chance.within(0, 3) == 0 {
        return fresh;
    }
    Purchase { count, quantity_wh: fresh.quantity_wh, date: fresh.date, ..*last }
}

fn sale(standard: Standard, previous: Previous, chance: &mut Chance) -> Sale {
    let count = match previous {
        Previous::Blank => 1,
        _ => u32::try_from(chance.within(1, 9998)).unwrap(),
    };
    let mut bench = Bench::new(standard);
    let first = purchase(chance, count);
    if previous == Previous::Blank {
        let target = encode::encode(&standard, &bought(first), &blank()).unwrap();
        return finish(&standard, bench.meter, (blank(), target), (None, first));
    }
    bench.meter.count = count - 1;
    bench.meter.user_no = if count > 1 { 161 } else { 0 };
    let mut before = written(&standard, &bought(first));
    if previous == Previous::Used {
        assert_eq!(bench.insert(&mut before).code, "loaded");
        bench.meter.pass(&standard, chance.within(0, 3_000_000), 1500);
    }
    let again = if previous == Previous::Corrected { count } else { count + 1 };
    let new = next_purchase(chance, &first, again);
    let target = encode::encode(&standard, &bought(new), &before).unwrap();
    finish(&standard, bench.meter, (before, target), (Some(first), new))
}

fn finish(
    standard: &Standard,
    meter: Meter,
    (before, target): (CardImage, CardImage),
    (old, new): (Option<Purchase>, Purchase),
) -> Sale {
    let readings = [&before, &target].map(|image| decode::decode(standard, image).unwrap());
    Sale { meter, before, target, old, new, readings }
}

fn took(meter: &Meter, purchase: &Purchase) -> bool {
    let limits = Limits {
        quantity_wh: purchase.quantity_wh,
        alarm_wh: purchase.alarm_wh,
        overdraft_wh: purchase.overdraft_wh,
        hoard_wh: purchase.hoard_wh,
        limit_mode: purchase.limit_mode,
        capacity_w: purchase.capacity_w,
        date: meter.limits.date,
    };
    let date = &purchase.date;
    let number = i64::from(date.year - 2000) * 10_000 + i64::from(date.month) * 100 + i64::from(date.day);
    meter.limits == limits && meter.count == purchase.count && meter.limits.date == number && meter.user_no == 161
}

/// Inserts one torn card into the sale's meter and lets the driver read it; stops at the first wrong load or reading.
fn look(standard: &Standard, sale: &Sale, cells: &[u8], tally: &mut Tally) {
    tally.states += 1;
    let image = CardImage { chip: sale.before.chip.clone(), bytes: cells.to_vec() };
    let read = decode::decode(standard, &image);
    assert!(read.as_ref().is_ok_and(|read| sale.readings.contains(read)) || read.is_err(), "reads as {read:?}");
    let mut meter = sale.meter.clone();
    let mut inserted = image.bytes;
    let verdict = meter.take(standard, &mut inserted).unwrap();
    if verdict.loaded_wh == 0 {
        assert_eq!(meter.balance_ws, sale.meter.balance_ws);
        assert_eq!((meter.count, meter.user_no), (sale.meter.count, sale.meter.user_no));
        return;
    }
    let gained = (meter.balance_ws - sale.meter.balance_ws) / 3600;
    assert_eq!(gained, verdict.loaded_wh);
    if cells == sale.target.bytes {
        assert!(took(&meter, &sale.new) && gained == sale.new.quantity_wh);
        tally.loaded_new += 1;
    } else {
        let old = sale.old.as_ref().unwrap();
        assert_eq!(cells, sale.before.bytes);
        assert!(took(&meter, old) && gained == old.quantity_wh);
        tally.loaded_old += 1;
    }
}

fn torn(standard: Standard, seed: u64) {
    let mut chance = Chance::new(seed);
    let mut all = 0;
    for previous in [Previous::Blank, Previous::Used, Previous::Unused, Previous::Corrected] {
        let (mut once, mut twice) = (Tally::default(), Tally::default());
        for number in 0..SALES {
            let sale = sale(standard, previous, &mut chance);
            let writes = sealed(&sale.before.bytes, &sale.target.bytes, SEAL);
            // One of the torn cards is repaired, and that is torn as well.
            let pick = chance.next();
            let mut left = Vec::new();
            let mut number_of_states = 0_u64;
            every_state(&sale.before.bytes, &writes, |cells| {
                look(&standard, &sale, cells, &mut once);
                number_of_states += 1;
                if pick.is_multiple_of(number_of_states) {
                    left = cells.to_vec();
                }
            });
            if number.is_multiple_of(4) {
                let repair = sealed(&left, &sale.target.bytes, SEAL);
                every_state(&left, &repair, |cells| look(&standard, &sale, cells, &mut twice));
            }
        }
        println!(
            "{} previous {previous:?}: {SALES} sales, {} torn states, {} torn repairs; loaded the old purchase {}, the new {}, a wrong quantity 0",
            standard.id,
            once.states,
            twice.states,
            once.loaded_old + twice.loaded_old,
            once.loaded_new + twice.loaded_new,
        );
        assert!(once.states > SALES * 200);
        // The finished write loads, unless an earlier purchase was never taken.
        assert_eq!(once.loaded_new > 0, previous != Previous::Unused);
        assert_eq!(once.loaded_old > 0, matches!(previous, Previous::Unused | Previous::Corrected));
        all += once.states + twice.states;
    }
    println!("{}: {all} states, 0 wrong quantities", standard.id);
    assert!(all > 10_000_000);
}

#[test]
fn torn_sales_of_gbt18460() {
    torn(GB, 18460);
}

#[test]
fn torn_sales_of_jbt8382() {
    torn(JB, 8382);
}

/// The meter's own write, with its first byte erased first and set last: reads as none, as before, or as after.
#[test]
fn torn_write_backs() {
    let mut chance = Chance::new(1);
    let mut states = 0_u64;
    for standard in [GB, JB] {
        for with_earlier in [false, true] {
            for _ in 0..300 {
                let mut sale = sale(standard, Previous::Corrected, &mut chance);
                if with_earlier {
                    // A rejected insertion has written returned data already.
                    sale.meter.suspended = true;
                    sale.meter.take(&standard, &mut sale.before.bytes).unwrap();
                    sale.meter.suspended = false;
                }
                let before = decode::decode(&standard, &sale.before).unwrap();
                let mut after_bytes = sale.before.bytes.clone();
                sale.meter.take(&standard, &mut after_bytes).unwrap();
                let after_image = CardImage { bytes: after_bytes, ..sale.before.clone() };
                let after = decode::decode(&standard, &after_image).unwrap();
                assert!(after.returned.is_some());
                let none = Content { returned: None, ..before.clone() };
                let writes: Vec<Write> = sealed(&sale.before.bytes, &after_image.bytes, RETURNED);
                every_state(&sale.before.bytes, &writes, |cells| {
                    states += 1;
                    let image = CardImage { bytes: cells.to_vec(), ..sale.before.clone() };
                    let read = decode::decode(&standard, &image).unwrap();
                    assert!(read == none || read == before || read == after, "{read:?}");
                });
            }
        }
    }
    println!("torn write-backs: {states} states, each reads as none, as before or as after");
    assert!(states > 1_000_000);
}

/// That the test would notice: in ascending order of addresses, as a simple library writes, wrong quantities do load.
#[test]
fn an_unsealed_order_would_be_caught() {
    let mut chance = Chance::new(2);
    let mut wrong = 0_u64;
    for _ in 0..200 {
        let sale = sale(GB, Previous::Unused, &mut chance);
        let bytes = (0..256).filter(|at| sale.before.bytes[*at] != sale.target.bytes[*at]);
        // From the end, so that the sum is written first and the number last.
        let writes = bytes.rev().map(|offset| Write { offset, value: sale.target.bytes[offset] }).collect::<Vec<_>>();
        every_state(&sale.before.bytes, &writes, |cells| {
            let mut meter = sale.meter.clone();
            let mut cells = cells.to_vec();
            let loaded = meter.take(&GB, &mut cells).unwrap().loaded_wh;
            if loaded != 0 && loaded != sale.old.as_ref().unwrap().quantity_wh {
                wrong += 1;
            }
        });
    }
    println!("without a seal: {wrong} wrong loads");
    assert!(wrong > 0);
}
