//! Meters of the bench, on the real drivers: WebAssembly components loaded from files.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_lab::card::Partial;
use dianka_lab::world::{CardId, MeterId, NewMeter, Place, World, WorldError, WriteBack};
use dianka_plugin_host::meter::{CalendarDate, Content, MeterDriver, Purchase, kind};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{CallError, DriversDir, Registry, RegistryOptions, WallLimits};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

const SYSTEM: u32 = 86;

/// The drivers as `plugins/build` leaves them; built if they are not there.
static REGISTRY: LazyLock<(tempfile::TempDir, Registry)> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf();
    let drivers = root.join("target/drivers");
    let plugc = root.join("target/debug/dianka-plugc");
    if !drivers.join("gbt18460.open-a-1.0.0.wasm").exists() || !plugc.exists() {
        assert!(Command::new(root.join("plugins/build")).status().unwrap().success());
    }
    let cache = tempfile::tempdir().unwrap();
    let registry = Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: drivers, built_in: true }],
        cache_dir: cache.path().join("compiled"),
        cache_secret: None,
        plugc_path: plugc,
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })
    .unwrap();
    (cache, registry)
});

fn driver(id: &str) -> MeterDriver {
    let registry = &REGISTRY.1;
    registry.meter(id).unwrap_or_else(|| panic!("{id} is not there: {:#?}", registry.list()))
}

fn wh(kwh: i64) -> MeterEnergy {
    MeterEnergy::from_wh(kwh * 1000)
}

fn content(meter_no: u64, count: u32, kwh: i64) -> Content {
    Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: SYSTEM,
        region: 1,
        user_no: 161,
        card_no: 1,
        key_version: 1,
        purchase: Some(Purchase {
            meter_no,
            count,
            quantity_wh: wh(kwh),
            alarm_wh: wh(10),
            overdraft_wh: wh(0),
            hoard_wh: wh(9_999),
            limit_mode: 0,
            capacity_w: 0,
            preset_wh: wh(0),
            date: CalendarDate { year: 2024, month: 3, day: 15 },
        }),
        returned: None,
        params: Vec::new(),
    }
}

struct Bench {
    _dir: tempfile::TempDir,
    world: World,
    driver: MeterDriver,
    meter: MeterId,
    card: CardId,
}

impl Bench {
    /// A meter with factory number 1234 and a card in the drawer.
    fn new(id: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::open(dir.path()).unwrap();
        let driver = driver(id);
        let new =
            NewMeter { factory_no: 1_234, driver_id: id.to_owned(), constant: 1_600, system_code: SYSTEM, region: 1 };
        let meter = world.new_meter(&new, &driver).unwrap();
        let card = world.new_card("张三").unwrap();
        Self { _dir: dir, world, driver, meter, card }
    }

    /// Sells onto the card.
    fn sell(&self, count: u32, kwh: i64) {
        let before = CardImage::new(self.image());
        let target = self.driver.encode(&content(1_234, count, kwh), &before).unwrap();
        self.world.fill_card(self.card, target.bytes()).unwrap();
    }

    fn image(&self) -> Vec<u8> {
        self.world.card(self.card).unwrap().cells.image()
    }

    fn decode(&self) -> Content {
        self.driver.decode(&CardImage::new(self.image())).unwrap()
    }

    fn insert(&self) -> (String, MeterEnergy, WriteBack) {
        let done = self.world.insert_into_meter(self.card, self.meter, &self.driver).unwrap();
        (done.code, done.loaded_wh, done.write_back)
    }

    fn balance(&self) -> MeterEnergy {
        self.world.look(self.meter, &self.driver).unwrap().balance_wh
    }
}

fn a_purchase_goes_into_the_meter_and_returned_data_come_back(id: &str) {
    let bench = Bench::new(id);
    assert_eq!(bench.world.meters().unwrap()[0].card, None);
    let (code, loaded, write_back) = bench.insert();
    assert_eq!((code.as_str(), loaded, write_back), ("unreadable", wh(0), WriteBack::Nothing), "a blank card");
    bench.world.take(bench.card).unwrap();
    bench.sell(1, 100);
    assert!(bench.decode().returned.is_none());
    let (code, loaded, write_back) = bench.insert();
    assert_eq!((code.as_str(), loaded), ("loaded", wh(100)));
    assert!(matches!(write_back, WriteBack::Complete { operations } if operations > 10));
    assert_eq!(bench.world.card(bench.card).unwrap().place, Place::Meter(bench.meter));
    assert_eq!(bench.world.meter(bench.meter).unwrap().card, Some(bench.card));
    let returned = bench.decode().returned.unwrap();
    assert_eq!((returned.meter_no, returned.count, returned.remaining_wh), (1_234, 1, wh(100)));
    // Ten hours at 1 kW, then the card once more: nothing is loaded twice, and the reading goes home.
    bench.world.pass(bench.meter, &bench.driver, 36_000, 1_000).unwrap();
    assert_eq!(bench.balance(), wh(90));
    let (_, loaded, _) = bench.insert();
    assert_eq!(loaded, wh(0));
    let returned = bench.decode().returned.unwrap();
    assert_eq!((returned.count, returned.remaining_wh, returned.total_used_wh), (1, wh(90), wh(10)));
    bench.sell(2, 50);
    assert_eq!(bench.insert().1, wh(50));
    assert_eq!(bench.balance(), wh(140));
    bench.world.power(bench.meter, &bench.driver, false).unwrap();
    assert!(!bench.world.look(bench.meter, &bench.driver).unwrap().powered);
    let refused = bench.world.insert_into_meter(bench.card, bench.meter, &bench.driver);
    assert!(matches!(refused, Err(WorldError::Driver(CallError::Refusal(_)))));
}

#[test]
fn gbt18460_loads_counts_down_and_writes_back() {
    a_purchase_goes_into_the_meter_and_returned_data_come_back("gbt18460.open-a");
}

#[test]
fn jbt8382_loads_counts_down_and_writes_back() {
    a_purchase_goes_into_the_meter_and_returned_data_come_back("jbt8382.open-a");
}

/// Every operation of the write-back torn, each in four ways: the card never says anything but what it said before or
/// what the meter meant; the energy is in the meter exactly once; inserting once more mends the card.
#[test]
fn a_torn_write_back_is_no_returned_data_and_is_mended_by_the_next_insertion() {
    let bench = Bench::new("gbt18460.open-a");
    let (mut count, mut balance, mut torn) = (0, 0, 0);
    for at in 0.. {
        let before = torn;
        for partial in [Partial::Mask(0), Partial::Mask(0xFF), Partial::Seeded(at.into()), Partial::Mask(0x55)] {
            // Twenty kWh bought, seven used since the card was here last: most returned figures change.
            bench.world.pass(bench.meter, &bench.driver, 7 * 3_600, 1_000).unwrap();
            balance = if count == 0 { 20 } else { balance + 20 - 7 };
            count += 1;
            bench.sell(count, 20);
            let sold = bench.decode();
            bench.world.tear_writeback_after(bench.meter, at, partial).unwrap();
            let (code, loaded, write_back) = bench.insert();
            assert_eq!((code.as_str(), loaded, bench.balance()), ("loaded", wh(20), wh(balance)));
            let says_all =
                |c: &Content| c.returned.as_ref().is_some_and(|r| (r.count, r.remaining_wh) == (count, wh(balance)));
            if write_back == WriteBack::Torn {
                torn += 1;
                assert_eq!(bench.world.card(bench.card).unwrap().place, Place::Drawer);
                let seen = bench.decode();
                assert_eq!(seen.purchase, sold.purchase);
                assert!(seen.returned == sold.returned || seen.returned.is_none() || says_all(&seen), "{seen:?}");
            }
            let (_, loaded, write_back) = bench.insert();
            assert_eq!((loaded, bench.balance()), (wh(0), wh(balance)), "never twice");
            assert!(matches!(write_back, WriteBack::Complete { .. } | WriteBack::Nothing), "{write_back:?}");
            assert!(says_all(&bench.decode()));
        }
        if torn == before {
            // The write-back had no operation as late as this one: all of them were torn.
            assert!(at > 15, "only {at} operations");
            break;
        }
    }
}

#[test]
fn meters_are_told_apart_by_factory_number_and_hold_one_card() {
    let bench = Bench::new("gbt18460.open-a");
    let new = |factory_no| NewMeter {
        factory_no,
        driver_id: "gbt18460.open-a".to_owned(),
        constant: 1_600,
        system_code: SYSTEM,
        region: 1,
    };
    assert!(matches!(bench.world.new_meter(&new(1_234), &bench.driver), Err(WorldError::FactoryNoTaken(1_234))));
    let second = bench.world.new_meter(&new(77), &bench.driver).unwrap();
    assert_eq!(second, MeterId(2));
    assert!(matches!(bench.world.look(MeterId(3), &bench.driver), Err(WorldError::NoMeter(MeterId(3)))));
    bench.sell(1, 100);
    let done = bench.world.insert_into_meter(bench.card, second, &bench.driver).unwrap();
    assert_eq!((done.code.as_str(), done.accepted), ("wrong-meter", false));
    let other = bench.world.new_card("李四").unwrap();
    assert!(matches!(
        bench.world.insert_into_meter(other, second, &bench.driver),
        Err(WorldError::Occupied { card, .. }) if card == bench.card
    ));
    // A locked card is read and loaded, and keeps its lock.
    let mut held = bench.world.hold(bench.card).unwrap();
    held.power_on().unwrap();
    for _ in 0..3 {
        held.present(&[1, 2, 3]).unwrap();
    }
    drop(held);
    let (code, loaded, write_back) = bench.insert();
    assert_eq!((code.as_str(), loaded, write_back), ("loaded", wh(100), WriteBack::Refused));
}
