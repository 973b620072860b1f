//! Cards come, are read, and go; the reader's cable is pulled in the middle of it.

use std::time::Duration;

use dianka_lab::reader::ReaderOptions;
use dianka_station::proto::{FromStation, ReadOutcome, ReaderSettings, ReaderStatus, ToStation};

use crate::cpu_card::CpuCardReader;
use crate::desk::{DRIVER, Desk};
use crate::images::{CODE, TRANSPORT, blank, card, purchase};

#[test]
fn a_reader_says_its_name_and_a_card_is_read_whole() {
    let mut desk = Desk::start();
    desk.send(ToStation::Welcome(desk.server.welcome.clone()));
    let state = desk.wait_status(ReaderStatus::Ready);
    assert!(state.model.is_some_and(|model| !model.is_empty()));
    assert_eq!(state.driver_id, "ccid-serial");

    let seen = desk.insert(card(&purchase(5), CODE, 7));
    assert_eq!((seen.chip.as_str(), &seen.image.0, seen.tries), ("sle4442", &purchase(5), Some(3)));
    // Reading spends nothing.
    assert_eq!(desk.sim.look(|card| card.cells().total()), Some(0));
    desk.sim.remove();
    assert_eq!(desk.wait_out(), seen.session);

    // Another card, another session; the tries are told as they are.
    let next = desk.insert(card(&purchase(5), CODE, 4));
    assert_ne!(next.session, seen.session);
    assert_eq!(next.tries, Some(1));
}

#[test]
fn a_card_is_read_again_on_demand() {
    let mut desk = Desk::start();
    let code = |outcome| match outcome {
        ReadOutcome::Failed { code, .. } => code,
        ReadOutcome::Read(card) => panic!("{card:?}"),
    };
    assert_eq!(code(desk.read_card()), "card.none");
    let seen = desk.insert(card(&blank(), TRANSPORT, 7));
    let ReadOutcome::Read(again) = desk.read_card() else { panic!("not read") };
    assert_eq!(again, seen);
    desk.sim.unplug();
    desk.wait_out();
    desk.wait_status(ReaderStatus::Absent);
    assert_eq!(code(desk.read_card()), "reader.absent");
}

#[test]
fn a_card_exchanged_between_two_polls_is_a_new_session() {
    let mut desk = Desk::start();
    let first = desk.insert(card(&purchase(1), CODE, 7));
    desk.sim.remove().unwrap();
    desk.sim.insert(card(&purchase(2), CODE, 7)).unwrap();
    assert_eq!(desk.wait_out(), first.session);
    let second = desk.wait_card();
    assert_ne!(second.session, first.session);
    assert_eq!(second.image.0, purchase(2));
}

#[test]
fn a_card_exchanged_just_before_it_is_asked_for_is_a_new_session() {
    let mut desk = Desk::start();
    let mut former = desk.insert(card(&purchase(1), CODE, 7)).session;
    for count in 2..8 {
        desk.sim.remove().unwrap();
        desk.sim.insert(card(&purchase(count), CODE, 7)).unwrap();
        let ReadOutcome::Read(now) = desk.read_card() else { panic!("a card is in") };
        assert_eq!(now.image.0, purchase(count));
        assert_ne!(now.session, former, "tickets for the former card must not fit this one");
        former = now.session;
    }
}

#[test]
fn a_reader_unplugged_in_the_middle_of_reading_is_found_again_by_itself() {
    // Slow enough that the cable is pulled between two bytes of the card's answer.
    let mut desk = Desk::start_with(ReaderOptions { slow_ms_per_byte: 2, ..ReaderOptions::default() });
    for _ in 0..3 {
        desk.sim.insert(card(&purchase(7), CODE, 7)).unwrap();
        std::thread::sleep(Duration::from_millis(450));
        desk.sim.unplug();
        desk.wait("absent, and no card before", |message| match message {
            FromStation::CardIn(card) => panic!("the cable was pulled too late: {card:?}"),
            FromStation::State(state) => (state.state == ReaderStatus::Absent).then_some(()),
            _ => None,
        });
        desk.sim.replug().unwrap();
        desk.wait_status(ReaderStatus::Ready);
        let seen = desk.wait_card();
        assert_eq!(seen.image.0, purchase(7));
        desk.sim.remove().unwrap();
        assert_eq!(desk.wait_out(), seen.session);
    }
}

#[test]
fn noise_on_the_line_does_not_lose_the_card() {
    let options = ReaderOptions { nak_permille: 100, corrupt_permille: 60, ..ReaderOptions::default() };
    let mut desk = Desk::start_with(options);
    for number in 1..6 {
        let seen = desk.insert(card(&purchase(number), CODE, 7));
        assert_eq!(seen.image.0, purchase(number));
        desk.sim.remove().unwrap();
        desk.wait_out();
    }
}

#[test]
fn something_that_is_no_memory_card_is_complained_about_once() {
    let reader = CpuCardReader::start();
    let mut desk = Desk::start();
    let port = reader.port.clone();
    desk.send(ToStation::Configure(ReaderSettings { port, driver: DRIVER.into(), baud: None }));
    let complaint = |message| match message {
        FromStation::CardError { code, .. } => Some(code),
        _ => None,
    };
    assert_eq!(desk.wait("card-error", complaint), "card.unknown");
    desk.never("a second complaint, or a card", Duration::from_millis(600), |message| {
        matches!(message, FromStation::CardError { .. } | FromStation::CardIn(_)).then_some(())
    });
    let outcome = desk.read_card();
    assert!(matches!(&outcome, ReadOutcome::Failed { code, .. } if code == "card.unreadable"), "{outcome:?}");
    reader.remove();
    desk.wait("card-out", |message| matches!(message, FromStation::CardOut { session: None }).then_some(()));
}
