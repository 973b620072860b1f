//! Drivers built against different versions of the contract, in one registry. No call names a version.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Carrier, Setup};
use dianka_plugin_host::{DriverState, verify_encode};

use crate::bench::{Bench, reason, row};
use crate::guest::{Component, MeterGuest, TokenAnswers, before, content, token_description, token_description_on};
use crate::shipped;

#[test]
fn a_driver_of_1_0_sells_beside_one_of_1_1() {
    let bench = Bench::new();
    bench.install(&MeterGuest::honest("old", "1.0.0").build(), "old.wasm");
    bench.install(&MeterGuest::honest("new", "1.0.0").against("1.1.0").build(), "new.wasm");
    // Of a contract that this host does not know yet: what it knows of it is served.
    bench.install(&MeterGuest::honest("newer", "1.0.0").against("1.7.0").build(), "newer.wasm");
    // A second opening takes what the first one compiled, and the contract with it.
    for registry in [bench.open(), bench.open()] {
        for id in ["old", "new", "newer"] {
            let driver = registry.meter(id).unwrap_or_else(|| panic!("{:#?}", registry.list()));
            let target = driver.encode(&content(), &before()).unwrap();
            assert_eq!(verify_encode(&driver, &content(), &before(), &target), Ok(()), "{id}");
            assert_eq!(driver.carrier(), Carrier::Card);
            assert_eq!(driver.token_facts(), None);
        }
    }
}

#[test]
fn the_shipped_drivers_of_1_0_and_1_1_work_side_by_side() {
    let registry = shipped::open();
    let card = registry.meter("gbt18460.open-a").unwrap();
    let token = registry.meter("sts.ea11").unwrap_or_else(|| panic!("{:#?}", registry.list()));
    assert_eq!((card.carrier(), token.carrier()), (Carrier::Card, Carrier::Token));
    assert!(token.token_facts().is_some());
    for driver in [card, token] {
        let setup = Setup { meter_no: 18, constant: 1600, system_code: 7, region: 8 };
        let state = driver.power(&driver.fresh(&setup).unwrap(), true).unwrap();
        let look = driver.look(&driver.pass(&state, 60, 100).unwrap()).unwrap();
        assert_eq!(look.meter_no, 18);
        let items = &driver.describe().displays;
        assert!(!look.lines.is_empty() && look.lines.iter().all(|line| items.iter().any(|item| item.id == line.id)));
    }
}

#[test]
fn the_carrier_and_the_interface_must_agree() {
    let tokens = TokenAnswers::honest();
    let toy = || MeterGuest::honest("toy", "1.0.0");
    let state = |component: Component| {
        let bench = Bench::new();
        let path = bench.install(&component, "toy.wasm");
        let info = row(&bench.open(), &path);
        (info.state, reason(&info).to_owned())
    };
    let refused = (DriverState::Refused, "driver-incompatible".to_owned());
    assert_eq!(state(toy().describing(token_description("toy")).build()), refused);
    assert_eq!(state(toy().describing(token_description("toy")).against("1.1.0").build()), refused);
    assert_eq!(state(toy().with_tokens(tokens.clone()).build()), refused);
    let unknown = TokenAnswers { digits_coding: "morse", ..tokens.clone() };
    assert_eq!(state(toy().describing(token_description("toy")).with_tokens(unknown).build()), refused);
    for (chip, size, writable) in [("sle4442", 9, false), ("token", 256, false), ("token", 9, true)] {
        let card = toy().describing(token_description_on("toy", chip, size, writable)).with_tokens(tokens.clone());
        assert_eq!(state(card.build()), refused, "{chip} {size} {writable}");
    }
    let good = toy().describing(token_description("toy")).with_tokens(tokens);
    assert_eq!(state(good.build()), (DriverState::Active, "none".to_owned()));
}

#[test]
fn half_of_the_optional_interface_is_no_driver() {
    // `facts` and nothing else: the world with tokens is asked for as soon as there is an interface of that name.
    let wit = include_str!("../../../wit/meter/1.1.0/meter.wit");
    let (head, tail) = wit.split_once("  /// The key of a meter. Refusals:").unwrap();
    let (_, tail) = tail.split_once("  read: func").unwrap();
    let (_, tail) = tail.split_once('\n').unwrap();
    let cut = format!("{head}{tail}");
    let whole = MeterGuest::honest("toy", "1.0.0").describing(token_description("toy"));
    let component = whole.with_tokens(TokenAnswers::honest()).build_by(&cut);
    let bench = Bench::new();
    let path = bench.install(&component, "toy.wasm");
    assert_eq!(reason(&row(&bench.open(), &path)), "wrong-contract");
    assert_eq!(bench.cached("cwasm").len(), 0);
}

#[test]
fn a_card_is_refused_by_a_driver_without_cards() {
    let registry = shipped::open();
    let driver = registry.meter("sts.ea11").unwrap();
    let unsupported = |result: Result<(), dianka_plugin_host::CallError>| match result {
        Err(dianka_plugin_host::CallError::Refusal(refusal)) => assert_eq!(refusal.code, "unsupported"),
        other => panic!("{other:?}"),
    };
    let card = CardImage::new(vec![0xff; 256]);
    unsupported(driver.decode(&card).map(drop));
    unsupported(driver.encode(&content(), &card).map(drop));
    unsupported(driver.access(&content()).map(drop));
    assert_eq!(driver.quarantine(), None);
}
