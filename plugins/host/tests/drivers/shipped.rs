//! The drivers that we ship, through the same gate and under the same limits.

use std::path::PathBuf;

use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{AccessRule, Carrier, Content, MeterDriver, Setup, kind};
use dianka_plugin_host::package::{Kind, Policy};
use dianka_plugin_host::{CallError, DriverState, DriversDir, Registry, verify_encode};

use crate::bench::Bench;
use crate::built::shipped;
use crate::guest::content;

/// A registry over them. Its cache outlives the tests, as compiling them is what takes the time here.
pub fn open() -> Registry {
    let mut options = Bench::new().options();
    options.policy = Policy::default();
    options.cache_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compiled-drivers");
    options.drivers_dirs = vec![DriversDir { path: shipped(), built_in: true }];
    Registry::open(options).unwrap()
}

/// Those whose carrier is a card; the others are in `tokens`.
fn card_drivers() -> Vec<MeterDriver> {
    open().meters().into_iter().filter(|driver| driver.carrier() == Carrier::Card).collect()
}

/// A purchase of `count` for a card that the maker delivered.
fn sale(count: u32) -> Content {
    let mut content = content();
    let purchase = content.purchase.as_mut().unwrap();
    purchase.count = count;
    purchase.hoard_wh = MeterEnergy::from_wh(900_000);
    content
}

#[test]
fn all_of_them_are_active_and_their_sales_pass_the_checks() {
    let registry = open();
    let list = registry.list();
    assert!(list.iter().all(|info| info.state == DriverState::Active), "{list:#?}");
    assert!(list.iter().filter(|info| info.kind == Some(Kind::Meter)).count() >= 3);
    for (reader, counts) in [("ccid-serial", true), ("acr30", false), ("crt571", true), ("towitoko", true)] {
        let driver = registry.reader(reader).unwrap_or_else(|| panic!("{reader} does not load"));
        assert_eq!(driver.describe().reads_error_counter, counts, "{reader}");
        assert!(["sle4442", "sle4428"].iter().all(|chip| driver.describe().chips.iter().any(|known| known == chip)));
    }

    for driver in card_drivers() {
        let blank = CardImage::new(vec![0xff; 256]);
        assert_eq!(driver.decode(&blank).unwrap().kind, kind::BLANK);
        let first = driver.encode(&sale(1), &blank).unwrap();
        assert_eq!(verify_encode(&driver, &sale(1), &blank, &first), Ok(()), "{}", driver.about().id);
        let second = driver.encode(&sale(2), &first).unwrap();
        assert_eq!(verify_encode(&driver, &sale(2), &first, &second), Ok(()), "{}", driver.about().id);

        assert!(matches!(driver.access(&driver.decode(&blank).unwrap()), Ok(AccessRule::Transport(_))));
        assert!(matches!(driver.access(&sale(1)), Ok(AccessRule::Derived(_))));
    }
}

#[test]
fn their_virtual_meters_take_a_purchase_once_and_speak_for_it() {
    for driver in card_drivers() {
        let setup = Setup { meter_no: 12_345_678, constant: 1600, system_code: 7, region: 8 };
        let fresh = driver.fresh(&setup).unwrap();
        let state = driver.power(&fresh, true).unwrap();
        let card = driver.encode(&sale(1), &CardImage::new(vec![0xff; 256])).unwrap();
        let loaded = driver.insert(&state, &card).unwrap();
        assert!(loaded.accepted, "{loaded:?}");
        assert_eq!(loaded.loaded_wh, MeterEnergy::from_wh(100_000));

        let returned = driver.decode(&loaded.card).unwrap().returned.unwrap();
        assert_eq!((returned.meter_no, returned.count), (12_345_678, 1));
        assert!(!driver.insert(&loaded.state, &loaded.card).unwrap().accepted);

        // The returned data stay where they are when the next purchase is sold over them.
        let next = driver.encode(&sale(2), &loaded.card).unwrap();
        assert_eq!(verify_encode(&driver, &sale(2), &loaded.card, &next), Ok(()));
        let later = driver.pass(&loaded.state, 3600, 1000).unwrap();
        assert_eq!(driver.look(&later).unwrap().balance_wh, MeterEnergy::from_wh(99_000));
        let twin = driver.restore(&setup, sale(1).purchase.as_ref().unwrap(), &returned).unwrap();
        assert!(driver.insert(&twin, &next).unwrap().accepted);
    }
}

#[test]
fn a_torn_card_is_refused() {
    for driver in card_drivers() {
        let card = driver.encode(&sale(1), &CardImage::new(vec![0xff; 256])).unwrap();
        let mut torn = card.into_bytes();
        torn[0x40] = 0xff;
        assert!(matches!(driver.decode(&CardImage::new(torn)), Err(CallError::Refusal(_))));
    }
}
