//! The card model: its commands one by one, and what must hold for every sequence of them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use dianka_lab::card::{Answer, CardError, Cell, Chip, Partial};
use dianka_lab::sle4442::{Sle4442, TRANSPORT_CODE};
use proptest::prelude::*;

const CODE: [u8; 3] = [0xA1, 0xB2, 0xC3];

fn powered() -> Sle4442 {
    let mut card = Sle4442::blank();
    card.power_on().unwrap();
    card
}

fn open() -> Sle4442 {
    let mut card = powered();
    assert_eq!(card.present(TRANSPORT_CODE).unwrap(), (7, 2));
    card
}

fn data(card: &mut Sle4442, control: u8, address: u8) -> Vec<u8> {
    match card.command(control, address, 0).unwrap() {
        Answer::Data(data) => data,
        Answer::Done { .. } => panic!("command {control:02X} gave no data"),
    }
}

/// Takes the card out after a tear, puts it in again and powers it.
fn again(card: &mut Sle4442) {
    card.insert();
    card.power_on().unwrap();
}

#[test]
fn a_blank_card_answers_as_its_maker_delivers_it() {
    let mut card = Sle4442::blank();
    assert!(matches!(card.command(0x30, 0, 0), Err(CardError::NotPowered)));
    assert_eq!(card.power_on().unwrap(), [0xA2, 0x13, 0x10, 0x91]);
    let main = data(&mut card, 0x30, 0);
    assert_eq!(main.len(), 256);
    assert_eq!(main[..4], [0xA2, 0x13, 0x10, 0x91]);
    assert!(main[4..].iter().all(|b| *b == 0xFF));
    assert_eq!(data(&mut card, 0x30, 0xFE), [0xFF, 0xFF]);
    assert_eq!(data(&mut card, 0x34, 0), [0xFF; 4]);
    assert_eq!(data(&mut card, 0x31, 0), [7, 0, 0, 0]);
    assert_eq!(card.cells().total(), 0);
}

#[test]
fn the_documented_sequence_opens_the_card_until_power_off() {
    let mut card = powered();
    assert!(matches!(card.command(0x38, 0x20, 0x01), Err(CardError::NoAccess)));
    for step in [(0x39, 0, 0x06), (0x33, 1, 0xFF), (0x33, 2, 0xFF), (0x33, 3, 0xFF)] {
        card.command(step.0, step.1, step.2).unwrap();
        assert!(!card.is_open());
    }
    assert_eq!(card.error_counter(), 6);
    card.command(0x39, 0, 0xFF).unwrap();
    assert!(card.is_open());
    assert_eq!(data(&mut card, 0x31, 0), [7, 0xFF, 0xFF, 0xFF]);
    card.command(0x38, 0x20, 0x01).unwrap();
    card.power_off();
    card.power_on().unwrap();
    assert_eq!(data(&mut card, 0x31, 0), [7, 0, 0, 0]);
    assert!(matches!(card.command(0x38, 0x20, 0x02), Err(CardError::NoAccess)));
    assert_eq!(card.image()[0x20], 0x01);
}

#[test]
fn three_wrong_codes_kill_the_card_for_ever() {
    let mut card = powered();
    for left in [6, 4, 0] {
        assert_eq!(card.present([1, 2, 3]).unwrap().0, left);
    }
    assert_eq!(card.present(TRANSPORT_CODE).unwrap(), (0, 0));
    assert!(matches!(card.command(0x39, 0, 0x00), Err(CardError::Locked)));
    again(&mut card);
    assert_eq!(card.present(TRANSPORT_CODE).unwrap().0, 0);
    assert!(matches!(card.command(0x38, 0x20, 0), Err(CardError::NoAccess)));
    assert_eq!(data(&mut card, 0x30, 0).len(), 256, "a dead card still reads");
}

#[test]
fn the_right_code_after_two_wrong_ones_gives_all_three_tries_back() {
    let mut card = powered();
    card.present([1, 2, 3]).unwrap();
    card.present([1, 2, 3]).unwrap();
    assert_eq!(card.error_counter(), 4);
    assert_eq!(card.present(TRANSPORT_CODE).unwrap().0, 7);
    assert!(card.is_open());
}

#[test]
fn a_second_presentation_closes_the_access_of_the_first() {
    let mut card = open();
    assert_eq!(card.present([9, 9, 9]).unwrap().0, 6);
    assert!(!card.is_open());
    assert!(matches!(card.command(0x38, 0x20, 0), Err(CardError::NoAccess)));
}

#[test]
fn a_changed_code_is_the_only_one_from_then_on() {
    let mut card = open();
    for (address, byte) in (1..).zip(CODE) {
        card.command(0x39, address, byte).unwrap();
    }
    again(&mut card);
    assert_eq!(card.present(TRANSPORT_CODE).unwrap().0, 6);
    assert_eq!(card.present(CODE).unwrap().0, 7);
    assert_eq!(card.psc(), CODE);
}

#[test]
fn a_protected_byte_refuses_for_ever_and_its_neighbours_do_not() {
    let mut card = open();
    assert!(matches!(card.command(0x3C, 5, 0x00), Err(CardError::Differs(5))));
    card.command(0x38, 5, 0x55).unwrap();
    card.command(0x3C, 5, 0x55).unwrap();
    assert_eq!(data(&mut card, 0x34, 0), [0b1101_1111, 0xFF, 0xFF, 0xFF]);
    assert!(matches!(card.command(0x38, 5, 0x54), Err(CardError::Protected(5))));
    card.command(0x38, 4, 0x54).unwrap();
    card.command(0x38, 6, 0x54).unwrap();
    again(&mut card);
    card.present(TRANSPORT_CODE).unwrap();
    assert!(matches!(card.command(0x38, 5, 0x54), Err(CardError::Protected(5))));
    assert!(matches!(card.command(0x3C, 32, 0xFF), Err(CardError::Unknown { .. })));
}

#[test]
fn operations_are_counted_per_cell_and_what_changes_nothing_costs_nothing() {
    let mut card = open();
    let before = card.cells().total();
    let cell = Cell::main(0x40);
    for (value, operations) in [(0xFF, 0), (0x68, 1), (0x68, 0), (0x60, 1), (0x68, 2), (0xFF, 1)] {
        assert_eq!(card.command(0x38, 0x40, value).unwrap(), Answer::Done { operations }, "to {value:02X}");
    }
    assert_eq!(card.cells().wear(cell), 5);
    assert_eq!(card.cells().total() - before, 5);
    assert_eq!(
        card.cells().wear(Chip::Sle4442.error_counter().unwrap()),
        2,
        "one verification: a bit spent, the counter erased"
    );
    assert_eq!(card.cells().wear(Cell::main(0x41)), 0);
}

#[test]
fn a_tear_leaves_a_half_written_byte_and_a_card_that_must_be_inserted_again() {
    let mut card = open();
    card.command(0x38, 0x40, 0x0F).unwrap();
    // 0F to F0: erasing raises the high four bits, programming then lowers the low four.
    card.tear_after(1, Partial::Mask(0b0000_0011));
    assert!(matches!(card.command(0x38, 0x40, 0xF0), Err(CardError::Pulled)));
    assert_eq!(card.image()[0x40], 0b1111_1100);
    assert!(card.is_pulled() && !card.tear_is_pending());
    assert!(matches!(card.command(0x30, 0, 0), Err(CardError::Pulled)));
    assert!(matches!(card.power_on(), Err(CardError::Pulled)));
    again(&mut card);
    assert!(matches!(card.command(0x38, 0x40, 0xF0), Err(CardError::NoAccess)));
}

#[test]
fn a_torn_verification_spends_a_try_even_with_the_right_code() {
    let mut card = powered();
    for left in [6, 4, 0] {
        card.tear_after(1, Partial::Mask(0));
        assert!(matches!(card.present(TRANSPORT_CODE), Err(CardError::Pulled)));
        again(&mut card);
        assert_eq!(card.error_counter(), left);
    }
    assert_eq!(card.present(TRANSPORT_CODE).unwrap().0, 0, "three tears with the right code killed it");
}

/// One command at random, from values that matter.
fn command() -> impl Strategy<Value = (u8, u8, u8)> {
    (
        prop::sample::select(vec![0x30u8, 0x31, 0x33, 0x34, 0x38, 0x39, 0x3C]),
        0u8..5,
        prop::sample::select(vec![0u8, 4, 6, 7, 0xFF, 0xA1, 0xB2, 0xC3]),
    )
}

/// Commands at random, whole right sequences, and right sequences with one step changed, left out or put between.
fn commands() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    let right = vec![(0x39, 0, 6), (0x33, 1, CODE[0]), (0x33, 2, CODE[1]), (0x33, 3, CODE[2]), (0x39, 0, 0xFF)];
    let near = (Just(right.clone()), 0usize..5, command(), 0u8..3).prop_map(|(mut steps, at, other, how)| {
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
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No sequence of commands that lacks the documented one opens the card, and the error counter never rises
    /// without access.
    #[test]
    fn nothing_but_the_sequence_opens_the_card(commands in commands()) {
        let mut card = Sle4442::with(&Sle4442::blank().image(), CODE, 7);
        card.power_on().unwrap();
        let mut last: Vec<(u8, u8, u8, u8)> = Vec::new();
        for (control, address, byte) in commands {
            let (was_open, counter, image) = (card.is_open(), card.error_counter(), card.image());
            let _ = card.command(control, address, byte);
            last.push((control, address, byte, counter));
            if card.is_open() && !was_open {
                let tail = &last[last.len().saturating_sub(5)..];
                prop_assert_eq!(tail.len(), 5);
                prop_assert!(tail[0].0 == 0x39 && tail[0].1 == 0 && tail[0].3 & !tail[0].2 != 0);
                for (step, (address, expected)) in tail[1..4].iter().zip((1..).zip(CODE)) {
                    prop_assert_eq!((step.0, step.1, step.2), (0x33, address, expected));
                }
                prop_assert!(tail[4].0 == 0x39 && tail[4].1 == 0);
            }
            if !was_open && !card.is_open() {
                prop_assert_eq!(card.error_counter() & !counter, 0, "the counter rose without access");
                prop_assert_eq!(card.image(), image, "main memory changed without access");
            }
        }
    }

    /// The compare steps in any order but 1, 2, 3 never verify, even with the right bytes.
    #[test]
    fn the_wrong_order_never_verifies(order in Just(vec![1u8, 2, 3]).prop_shuffle(), extra in prop::option::of(1u8..4)) {
        let mut steps = order.clone();
        steps.extend(extra);
        prop_assume!(steps != [1, 2, 3]);
        let mut card = powered();
        card.command(0x39, 0, 6).unwrap();
        for address in steps {
            let _ = card.command(0x33, address, 0xFF);
        }
        let _ = card.command(0x39, 0, 0xFF);
        prop_assert!(!card.is_open());
        prop_assert_eq!(card.error_counter(), 6);
    }

    /// Presentations with wrong codes spend one try each; the right code, while one is left, restores all three.
    #[test]
    fn the_error_counter_counts_wrong_codes(right in prop::collection::vec(any::<bool>(), 1..12)) {
        let mut card = powered();
        let mut tries = 3;
        for right in right {
            let dead = tries == 0;
            let (counter, _) = card.present(if right { TRANSPORT_CODE } else { [1, 1, 1] }).unwrap();
            tries = if dead { 0 } else if right { 3 } else { tries - 1 };
            prop_assert_eq!(counter.count_ones(), tries);
            prop_assert_eq!(card.is_open(), right && !dead);
            card.power_off();
            card.power_on().unwrap();
        }
    }

    /// A torn rewrite leaves only states between old and erased, or between erased and new, in the torn byte; all
    /// other bytes are either old or new, in order.
    #[test]
    fn a_torn_write_touches_one_byte(
        old in prop::collection::vec(any::<u8>(), 8), new in prop::collection::vec(any::<u8>(), 8),
        after in 0u32..16, seed in any::<u64>(),
    ) {
        let mut card = open();
        for (address, byte) in (0x40..).zip(&old) {
            card.command(0x38, address, *byte).unwrap();
        }
        card.tear_after(after, Partial::Seeded(seed));
        let mut torn = None;
        for (address, byte) in (0x40..).zip(&new) {
            if card.command(0x38, address, *byte).is_err() {
                torn = Some(usize::from(address));
                break;
            }
        }
        for (address, (old, new)) in (0x40usize..).zip(old.iter().zip(&new)) {
            let is = card.image()[address];
            match torn {
                Some(at) if address == at => {
                    let erasing = is & old == *old;
                    let programming = is & new == *new;
                    prop_assert!(erasing || programming, "{old:02X} to {new:02X} left {is:02X}");
                }
                Some(at) if address > at => prop_assert_eq!(is, *old),
                _ => prop_assert_eq!(is, *new),
            }
        }
        prop_assert_eq!(torn.is_some(), card.is_pulled());
    }
}
