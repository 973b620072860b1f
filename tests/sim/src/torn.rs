//! Torn cards: the host's own plan, as the station checks and orders it, torn at every byte write with every value that the
//! byte can be left with. What is left is put into the meter, read by the driver and told apart by the domain.

use std::collections::BTreeSet;

use dianka_domain::card::{CardImage, ERASED, Seen, WritePlan, classify};
use dianka_domain::units::MeterEnergy;
use dianka_lab::sle4442::Sle4442;
use dianka_plugin_host::meter::{CalendarDate, Content, Param, Purchase, Value};
use dianka_station::core::Steps;

use crate::chance::Chance;
use crate::standard::{IDS, Look, Standard, Standards};

/// What is on the card before, and what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new card gets its first purchase.
    Blank,
    /// The purchase before was taken by the meter.
    Used,
    /// It was not.
    Unused,
    /// It was not, and the same number is written with another quantity, as after a void.
    Corrected,
    /// An earlier write was torn anywhere.
    Torn,
    /// Every byte that the host may write holds something else, and the seal is broken.
    Foreign,
    /// A new card becomes a clear card.
    Clear,
    /// A new card becomes a preset card.
    Preset,
    /// A new card becomes a check card.
    Check,
    /// A new card becomes a management card.
    Management,
    /// A used purchase card becomes a clear card.
    UsedToClear,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Blank,
        Self::Used,
        Self::Unused,
        Self::Corrected,
        Self::Torn,
        Self::Foreign,
        Self::Clear,
        Self::Preset,
        Self::Check,
        Self::Management,
        Self::UsedToClear,
    ];
}

/// What came of one kind of card with one driver.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Torn cards tried.
    pub states: u64,
    /// Of them, those whose repair was torn as well.
    pub repairs: u64,
    /// Offsets at which a write was torn.
    pub offsets: BTreeSet<usize>,
    /// Loads of exactly the purchase before, and after.
    pub loaded: (u64, u64),
    /// The first wrong quantity, reading or finding.
    pub wrong: Option<String>,
}

/// One write.
struct Write {
    meter: Vec<u8>,
    before: CardImage,
    target: CardImage,
    /// What each of them does to the meter.
    effects: [(Vec<u8>, i64); 2],
    /// Whether the domain may be asked what it is (a sale onto a card as it was read).
    told_apart: bool,
}

/// Tears so many writes of a kind, with this driver (its place in [`IDS`]).
#[must_use]
pub fn torn(standards: &Standards, driver: usize, kind: Kind, writes: u64, seed: u64) -> Tally {
    let standard = &standards.all[driver];
    let mut chance = Chance::new(seed ^ (u64::try_from(driver).unwrap() << 32));
    let mut tally = Tally::default();
    for number in 0..writes {
        let write = make(standard, kind, &mut chance);
        let mut left = None;
        let pick = chance.draw() % 900;
        let mut seen = 0;
        states(standard, &write.before, &write.target, |at, cells| {
            tally.states += 1;
            tally.offsets.insert(at);
            look(standard, &write, cells, &mut tally);
            seen += 1;
            if seen <= pick {
                left = Some(CardImage::new(cells.to_vec()));
            }
        });
        // Every eighth is repaired from what is left, and that is torn everywhere too.
        if let Some(left) = left.filter(|left| number % 8 == 0 && *left != write.target) {
            states(standard, &left, &write.target, |_, cells| {
                tally.repairs += 1;
                look(standard, &write, cells, &mut tally);
            });
        }
    }
    tally
}

/// The offsets that no plan may write: a target that differs there is refused.
#[must_use]
pub fn never_written(standards: &Standards, driver: usize) -> BTreeSet<usize> {
    let standard = &standards.all[driver];
    let mut chance = Chance::new(1);
    let write = make(standard, Kind::Used, &mut chance);
    let refused = |at: &usize| {
        let mut bytes = write.target.bytes().to_vec();
        bytes[*at] ^= 1;
        WritePlan::build(&write.target, &CardImage::new(bytes), &standard.layout).is_err()
    };
    (0..write.target.len()).filter(refused).filter(|at| u32::try_from(*at) != Ok(standard.layout.seal_offset)).collect()
}

fn purchase(chance: &mut Chance, count: u32) -> Purchase {
    let mut kwh = |least: usize, most: usize| {
        MeterEnergy::from_wh(1000 * i64::try_from(least + chance.below(most - least)).unwrap())
    };
    let (quantity_wh, alarm_wh, overdraft_wh) = (kwh(12, 9999), kwh(0, 500), kwh(0, 100));
    let (hoard_wh, preset_wh) = (kwh(100_000, 999_999), kwh(0, 20));
    let day = u8::try_from(1 + chance.below(28)).unwrap();
    let limit_mode = u8::try_from(chance.below(2)).unwrap();
    let capacity_w = u32::try_from(10 + 10 * chance.below(9998)).unwrap();
    let date = CalendarDate { year: 2024, month: 3, day };
    Purchase {
        meter_no: 1234,
        count,
        quantity_wh,
        alarm_wh,
        overdraft_wh,
        hoard_wh,
        limit_mode,
        capacity_w,
        preset_wh,
        date,
    }
}

fn sold(purchase: Purchase) -> Content {
    Standard::content(161, 1, purchase)
}

#[expect(clippy::too_many_lines, reason = "one arm a kind of card")]
fn make(standard: &Standard, kind: Kind, chance: &mut Chance) -> Write {
    let virgin = CardImage::new(Sle4442::blank().image());
    let mut meter = standard.fresh(1234);
    let count = 1 + u32::try_from(chance.below(3)).unwrap();
    let mut card = virgin.clone();
    for earlier in 1..count {
        let target = standard.encode(&sold(purchase(chance, earlier)), &card).unwrap();
        (meter, card, _) = standard.insert(&meter, &target);
    }
    let last = purchase(chance, count);
    let unused = standard.encode(&sold(last.clone()), &card).unwrap();
    let (after, used, loaded) = standard.insert(&meter, &unused);
    assert_eq!(loaded, last.quantity_wh.wh());
    let next = purchase(chance, count + 1);
    let mut told_apart = true;
    let service = |kind: &str, params: Vec<(&str, Value)>| {
        let params = params.into_iter().map(|(name, value)| Param { name: name.into(), value }).collect();
        Content { kind: kind.into(), purchase: None, params, ..sold(last.clone()) }
    };
    let (meter, before, target) = match kind {
        Kind::Blank => {
            let meter = standard.fresh(1234);
            let target = standard.encode(&sold(purchase(chance, 1)), &virgin).unwrap();
            (meter, virgin, target)
        }
        Kind::Used => {
            let target = standard.encode(&sold(next), &used).unwrap();
            (standard.pass(&after, chance.draw() % 100_000, 1500), used, target)
        }
        Kind::Unused => {
            let target = standard.encode(&sold(next), &unused).unwrap();
            (meter, unused, target)
        }
        Kind::Corrected => {
            let target = standard.encode(&sold(Purchase { count, ..next }), &unused).unwrap();
            (meter, unused, target)
        }
        Kind::Torn => {
            let target = standard.encode(&sold(next), &used).unwrap();
            let (mut torn, mut number) = (used.clone(), 0);
            let pick = chance.draw() % 700;
            states(standard, &used, &target, |_, cells| {
                if number == pick {
                    torn = CardImage::new(cells.to_vec());
                }
                number += 1;
            });
            told_apart = false;
            (after, torn, target)
        }
        Kind::Foreign => {
            let target = standard.encode(&sold(next), &used).unwrap();
            let mut bytes = target.bytes().to_vec();
            for (at, byte) in bytes.iter_mut().enumerate() {
                if u32::try_from(at).is_ok_and(|at| standard.layout.is_writable(at)) {
                    *byte = byte.wrapping_add(1 + u8::try_from(chance.below(255)).unwrap());
                }
            }
            told_apart = false;
            (after, CardImage::new(bytes), target)
        }
        Kind::Clear => (after, virgin.clone(), encode(standard, &service("clear", Vec::new()), &virgin)),
        Kind::Preset => {
            let wh = 1000 * i64::try_from(1 + chance.below(200)).unwrap();
            let content = service("preset", vec![("preset-wh", Value::Int(wh))]);
            (standard.fresh(1234), virgin.clone(), encode(standard, &content, &virgin))
        }
        Kind::Check => (after, virgin.clone(), encode(standard, &service("check", Vec::new()), &virgin)),
        Kind::Management => {
            let content = service("management", vec![("operation", Value::Text("suspend".into()))]);
            (after, virgin.clone(), encode(standard, &content, &virgin))
        }
        Kind::UsedToClear => {
            let meter_no = i64::from(1234_u32);
            let content = service("clear", vec![("meter-no", Value::Int(meter_no))]);
            let target = encode(standard, &content, &used);
            (after, used, target)
        }
    };
    let effects = [&before, &target].map(|card| {
        let (meter, _, loaded) = standard.insert(&meter, card);
        (meter, loaded)
    });
    Write { meter, before, target, effects, told_apart }
}

fn encode(standard: &Standard, content: &Content, before: &CardImage) -> CardImage {
    standard.encode(content, before).unwrap()
}

/// Every card that a write can leave, with the offset at which it was torn.
fn states(standard: &Standard, before: &CardImage, target: &CardImage, mut each: impl FnMut(usize, &[u8])) {
    let plan = WritePlan::build(before, target, &standard.layout).unwrap();
    let Some(steps) = Steps::check(&plan, before.bytes(), target.bytes()).unwrap() else { return };
    let erase = steps.erase_seal.then_some((steps.seal, ERASED));
    let body = steps.body.iter().flat_map(|run| (run.offset..).zip(run.bytes.iter().copied()));
    let writes: Vec<(usize, u8)> = erase.into_iter().chain(body).chain([(steps.seal, steps.seal_value)]).collect();
    let mut cells = before.bytes().to_vec();
    for (at, new) in writes {
        let old = cells[at];
        for half in 0..=u8::MAX {
            if half & old == old || half & new == new {
                cells[at] = half;
                each(at, &cells);
            }
        }
        cells[at] = new;
        each(at, &cells);
    }
}

fn look(standard: &Standard, write: &Write, cells: &[u8], tally: &mut Tally) {
    let card = CardImage::new(cells.to_vec());
    let (is_old, is_new) = (card == write.before, card == write.target);
    let (meter, _, loaded) = standard.insert(&write.meter, &card);
    if loaded != 0 {
        if is_new && (&meter, loaded) == (&write.effects[1].0, write.effects[1].1) {
            tally.loaded.1 += 1;
        } else if is_old && (&meter, loaded) == (&write.effects[0].0, write.effects[0].1) {
            tally.loaded.0 += 1;
        } else {
            tally.wrong.get_or_insert(format!("{loaded} Wh from {card}"));
        }
    } else if !is_old && !is_new && standard.taken(&meter) != standard.taken(&write.meter) {
        tally.wrong.get_or_insert(format!("the meter changed by {card}"));
    }
    let readable = matches!(standard.look(&card), Look::Content(_) | Look::Blank);
    if readable && !is_old && !is_new {
        tally.wrong.get_or_insert(format!("it decodes: {card}"));
    }
    if write.told_apart {
        let seen = classify(&card, &write.before, &write.target, &standard.layout);
        let meant = if is_new {
            Seen::New
        } else if is_old {
            Seen::Old
        } else {
            Seen::Torn
        };
        if seen != meant {
            tally.wrong.get_or_insert(format!("told to be {seen:?}: {card}"));
        }
    }
}

/// Tears so many writes of every kind with both drivers and prints a line for each: true when nothing was wrong.
#[must_use]
pub fn table(writes: u64) -> bool {
    let standards = Standards::native();
    let (mut states, mut repairs, mut wrong) = (0, 0, 0);
    for (driver, id) in IDS.iter().enumerate() {
        let never = never_written(&standards, driver);
        let mut torn_at = BTreeSet::new();
        for kind in Kind::ALL {
            let tally = torn(&standards, driver, kind, writes, 20_260_100);
            println!(
                "{id:16} {:12} {writes:6} writes, {:9} torn, {:9} torn repairs, {:3} offsets, loaded before {:6} after \
                 {:6}, wrong: {}",
                format!("{kind:?}"),
                tally.states,
                tally.repairs,
                tally.offsets.len(),
                tally.loaded.0,
                tally.loaded.1,
                tally.wrong.as_deref().unwrap_or("0"),
            );
            states += tally.states;
            repairs += tally.repairs;
            wrong += u64::from(tally.wrong.is_some());
            torn_at.extend(tally.offsets);
        }
        let all = torn_at.len() + never.len();
        println!(
            "{id:16} offsets torn at: {}, refused by every plan: {}, together {all} of 256",
            torn_at.len(),
            never.len()
        );
        wrong += u64::from(all != 256 || torn_at.intersection(&never).next().is_some());
    }
    println!("torn writes: {} states, of them {repairs} of torn repairs, {wrong} wrong", states + repairs);
    wrong == 0
}
