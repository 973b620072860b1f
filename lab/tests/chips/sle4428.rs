//! The SLE4428: its commands one by one, and what must hold for every sequence of them.

use dianka_lab::card::{Answer, CardError, Cell, Chip, Partial};
use dianka_lab::sle4428::{Sle4428, TRANSPORT_CODE};
use proptest::prelude::*;

const CODE: [u8; 2] = [0xA1, 0xB2];

fn powered() -> Sle4428 {
    let mut card = Sle4428::blank();
    card.power_on().unwrap();
    card
}

fn open() -> Sle4428 {
    let mut card = powered();
    assert_eq!(card.present(TRANSPORT_CODE).unwrap(), (0xFF, 2));
    card
}

fn at(card: &mut Sle4428, op: u8, address: u16, data: u8) -> Result<Answer, CardError> {
    card.command(Sle4428::control(op, address), address.to_be_bytes()[1], data)
}

fn read(card: &mut Sle4428, address: u16, length: usize) -> Vec<u8> {
    at(card, 0x0E, address, 0).unwrap().into_data()[..length].to_vec()
}

fn again(card: &mut Sle4428) {
    card.insert();
    card.power_on().unwrap();
}

/// A card with [`CODE`], powered.
fn coded() -> Sle4428 {
    let mut card = open();
    for (address, byte) in (0x3FE..).zip(CODE) {
        at(&mut card, 0x33, address, byte).unwrap();
    }
    again(&mut card);
    card
}

#[test]
fn a_blank_card_answers_as_its_maker_delivers_it() {
    let mut card = Sle4428::blank();
    assert!(matches!(at(&mut card, 0x0E, 0, 0), Err(CardError::NotPowered)));
    assert_eq!(card.power_on().unwrap(), [0x92, 0x23, 0x10, 0x91]);
    let main = at(&mut card, 0x0E, 0, 0).unwrap().into_data();
    assert_eq!(main.len(), 1024);
    assert_eq!(main[..4], [0x92, 0x23, 0x10, 0x91]);
    assert!(main[4..0x3FE].iter().all(|byte| *byte == 0xFF), "erased, and the counter is full");
    assert_eq!(main[0x3FE..], [0, 0], "the code is not shown");
    assert_eq!(card.cells().total(), 0);
}

#[test]
fn the_documented_sequence_opens_the_card_until_power_off() {
    let mut card = coded();
    assert!(matches!(at(&mut card, 0x33, 0x20, 1), Err(CardError::NoAccess)));
    // The bytes as the documents print them: F2 FD, CD FE, CD FF, F3 FD FF.
    for (control, low, data) in [(0xF2, 0xFD, 0xFE), (0xCD, 0xFE, CODE[0]), (0xCD, 0xFF, CODE[1])] {
        card.command(control, low, data).unwrap();
        assert!(!card.is_open());
    }
    assert_eq!(card.error_counter(), 0xFE);
    card.command(0xF3, 0xFD, 0xFF).unwrap();
    assert!(card.is_open());
    assert_eq!(read(&mut card, 0x3FD, 3), [0xFF, CODE[0], CODE[1]]);
    at(&mut card, 0x33, 0x2A5, 0x12).unwrap();
    card.power_off();
    card.power_on().unwrap();
    assert_eq!(read(&mut card, 0x3FD, 3), [0xFF, 0, 0]);
    assert!(matches!(at(&mut card, 0x33, 0x2A5, 0), Err(CardError::NoAccess)));
    assert_eq!(read(&mut card, 0x2A4, 3), [0xFF, 0x12, 0xFF]);
}

#[test]
fn eight_wrong_codes_kill_the_card_for_ever() {
    let mut card = powered();
    for left in (0..8).rev() {
        assert_eq!(card.present([1, 2]).unwrap().0.count_ones(), left);
        assert!(!card.is_open());
    }
    assert_eq!(card.present(TRANSPORT_CODE).unwrap(), (0, 0));
    again(&mut card);
    assert!(matches!(at(&mut card, 0x32, 0x3FD, 0), Err(CardError::Locked)));
    assert!(matches!(at(&mut card, 0x33, 0x3FD, 0xFF), Err(CardError::Locked)));
    assert!(matches!(at(&mut card, 0x33, 0x20, 0), Err(CardError::NoAccess)));
    assert_eq!(read(&mut card, 0, 4), [0x92, 0x23, 0x10, 0x91], "a dead card still reads");
}

#[test]
fn the_right_code_after_seven_wrong_ones_gives_all_tries_back() {
    let mut card = coded();
    for _ in 0..7 {
        card.present(TRANSPORT_CODE).unwrap();
    }
    assert_eq!(card.cells().tries(), Some(1));
    assert_eq!(card.present(CODE).unwrap().0, 0xFF);
    assert!(card.is_open());
    assert_eq!(card.present([9, 9]).unwrap().0, 0xFE);
    assert!(!card.is_open(), "a second presentation closes the access of the first");
}

#[test]
fn every_byte_has_a_protection_bit_that_is_for_good() {
    let mut card = open();
    for address in [4, 0x155, 0x3FC] {
        assert!(matches!(at(&mut card, 0x30, address, 0x11), Err(CardError::Differs(a)) if a == address));
        at(&mut card, 0x31, address, 0x55).unwrap();
        assert!(matches!(at(&mut card, 0x33, address, 0x54), Err(CardError::Protected(a)) if a == address));
        at(&mut card, 0x33, address - 1, 0x54).unwrap();
        at(&mut card, 0x30, address - 1, 0x54).unwrap();
        assert!(card.is_protected(address) && card.is_protected(address - 1) && !card.is_protected(address - 2));
    }
    assert!(matches!(at(&mut card, 0x30, 0x3FD, 0xFF), Err(CardError::Unknown { .. })), "the counter has none");
    again(&mut card);
    card.present(TRANSPORT_CODE).unwrap();
    assert!(matches!(at(&mut card, 0x33, 4, 0), Err(CardError::Protected(4))));
}

#[test]
fn reading_with_protection_bits_gives_nine_bits_for_a_byte() {
    let mut card = open();
    at(&mut card, 0x31, 0x11, 0x00).unwrap();
    at(&mut card, 0x33, 0x12, 0x81).unwrap();
    let packed = at(&mut card, 0x0C, 0x10, 0).unwrap().into_data();
    let bit = |n: usize| packed[n / 8] >> (n % 8) & 1;
    let byte = |n: usize| (0..8).map(|i| bit(9 * n + i) << i).sum::<u8>();
    assert_eq!([byte(0), byte(1), byte(2), byte(3)], [0xFF, 0x00, 0x81, 0xFF]);
    assert_eq!([bit(8), bit(17), bit(26), bit(35)], [1, 0, 1, 1]);
    assert_eq!(packed.len(), (9 * (1024 - 0x10_usize)).div_ceil(8));
}

#[test]
fn operations_are_counted_and_tears_leave_half_a_byte() {
    let mut card = open();
    for (value, operations) in [(0xFF, 0), (0x68, 1), (0x68, 0), (0x60, 1), (0x68, 2), (0xFF, 1)] {
        assert_eq!(at(&mut card, 0x33, 0x200, value).unwrap(), Answer::Done { operations }, "to {value:02X}");
    }
    assert_eq!(card.cells().wear(Cell::main(0x200)), 5);
    assert_eq!(card.cells().wear(Chip::Sle4428.error_counter().unwrap()), 2);
    card.tear_after(0, Partial::Mask(0b0000_0011));
    assert!(matches!(at(&mut card, 0x33, 0x200, 0xF0), Err(CardError::Pulled)));
    assert_eq!(card.image()[0x200], 0b1111_1100);
    assert!(card.is_pulled());
    again(&mut card);
    for left in (0..8).rev() {
        card.tear_after(1, Partial::Mask(0));
        assert!(matches!(card.present(TRANSPORT_CODE), Err(CardError::Pulled)));
        again(&mut card);
        assert_eq!(card.cells().tries(), Some(left), "a torn verification spends a try even with the right code");
    }
}

/// One command at random, from values that matter.
fn command() -> impl Strategy<Value = (u8, u16, u8)> {
    (
        prop::sample::select(vec![0x30_u8, 0x31, 0x32, 0x33, 0x0C, 0x0D, 0x0E]),
        prop::sample::select(vec![0_u16, 0x20, 0x3FC, 0x3FD, 0x3FE, 0x3FF]),
        prop::sample::select(vec![0_u8, 0xFE, 0x7F, 0xFF, CODE[0], CODE[1]]),
    )
}

/// Commands at random, whole right sequences, and right sequences with one step changed, left out or put between.
fn commands() -> impl Strategy<Value = Vec<(u8, u16, u8)>> {
    let right = vec![(0x32, 0x3FD, 0xFE), (0x0D, 0x3FE, CODE[0]), (0x0D, 0x3FF, CODE[1]), (0x33, 0x3FD, 0xFF)];
    let near = (Just(right.clone()), 0_usize..4, command(), 0_u8..3).prop_map(|(mut steps, at, other, how)| {
        match how {
            0 => steps[at] = other,
            1 => drop(steps.remove(at)),
            _ => steps.insert(at, other),
        }
        steps
    });
    let piece = prop_oneof![4 => command().prop_map(|c| vec![c]), 1 => Just(right), 3 => near];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// No sequence of commands that lacks the documented one opens the card, and without access nothing changes but
    /// that counter bits fall.
    #[test]
    fn nothing_but_the_sequence_opens_the_card(commands in commands()) {
        let mut card = coded();
        let mut last: Vec<(u8, u16, u8, u8, Vec<u8>)> = Vec::new();
        for (op, address, byte) in commands {
            let (was_open, counter, image, code) = (card.is_open(), card.error_counter(), card.image(), card.psc());
            let _ = at(&mut card, op, address, byte);
            last.push((op, address, byte, counter, code.clone()));
            if card.is_open() && !was_open {
                let tail = &last[last.len().saturating_sub(4)..];
                prop_assert_eq!(tail.len(), 4);
                prop_assert!(tail[0].0 == 0x32 && tail[0].1 == 0x3FD && tail[0].3 & !tail[0].2 != 0);
                for (step, (address, expected)) in tail[1..3].iter().zip((0x3FE..).zip(&code)) {
                    prop_assert_eq!((step.0, step.1, step.2), (0x0D, address, *expected));
                }
                prop_assert!(tail[3].0 == 0x33 && tail[3].1 == 0x3FD);
            }
            if !was_open && !card.is_open() {
                prop_assert_eq!(card.error_counter() & !counter, 0, "the counter rose without access");
                prop_assert_eq!(&card.image()[..0x3FD], &image[..0x3FD], "main memory changed without access");
                prop_assert_eq!(card.psc(), code, "the code changed without access");
            }
        }
    }

    /// Presentations with wrong codes spend one try each; the right code, while one is left, restores all eight.
    #[test]
    fn the_error_counter_counts_wrong_codes(right in prop::collection::vec(prop::bool::weighted(0.2), 1..20)) {
        let mut card = coded();
        let mut tries = 8;
        for right in right {
            let dead = tries == 0;
            let (counter, _) = card.present(if right { CODE } else { [1, 1] }).unwrap();
            tries = if dead { 0 } else if right { 8 } else { tries - 1 };
            prop_assert_eq!(counter.count_ones(), tries);
            prop_assert_eq!(card.is_open(), right && !dead);
            card.power_off();
            card.power_on().unwrap();
        }
    }
}
