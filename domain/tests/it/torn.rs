//! Torn cards: every step of a write, every half-written byte, and the repair of what is left.

use dianka_domain::card::{CardImage, Layout, Seen, Step, WritePlan, classify};
use proptest::prelude::*;

use crate::card_layout::{open_a, purchase_card, with};

/// A used or blank card, and the same card with a new purchase and some other writable bytes changed.
pub fn before_and_target() -> impl Strategy<Value = (CardImage, CardImage)> {
    let purchase = (1..10_000_u64, 0..1_000_000_u64);
    let others = prop::collection::vec((0x20..0xc0_usize, any::<u8>()), 0..6);
    (any::<bool>(), purchase.clone(), purchase, others).prop_map(|(blank, (c1, q1), (c2, q2), others)| {
        let mut before = purchase_card(1234, c1, q1);
        if blank {
            let mut bytes = before.into_bytes();
            bytes[0x20..].fill(0xff);
            before = CardImage::new(bytes);
        }
        let mut target = purchase_card(1234, c2, q2);
        for (at, byte) in others {
            if at != 0x40 {
                target = with(&target, at, byte);
            }
        }
        (before, target)
    })
}

/// Single byte writes of a plan, in order.
fn byte_writes(plan: &WritePlan) -> Vec<(usize, u8)> {
    let of = |step: &Step| match step {
        Step::EraseSeal { offset } => vec![(*offset, 0xff)],
        Step::WriteSeal { offset, value } => vec![(*offset, *value)],
        Step::WriteBody { offset, bytes } => (*offset..).zip(bytes.iter().copied()).collect(),
        Step::VerifyBody { .. } | Step::PowerCycle | Step::ReadTwice => Vec::new(),
    };
    plan.steps().iter().flat_map(of).map(|(at, byte)| (usize::try_from(at).unwrap(), byte)).collect()
}

/// The card after all of a plan.
pub fn full_run(before: &CardImage, plan: &WritePlan) -> CardImage {
    byte_writes(plan).into_iter().fold(before.clone(), |card, (at, byte)| with(&card, at, byte))
}

/// What a byte can show while it is written: erasing sets bits one by one in any order, programming then clears those that
/// the new value does not have.
fn half_written(old: u8, new: u8) -> impl Iterator<Item = u8> {
    (0..=255_u8).filter(move |seen| seen & old == old || seen & new == new)
}

/// Every state that a card can be left in by tearing it out of a plan, with the writes that were complete.
fn torn_states(before: &CardImage, plan: &WritePlan, mut look: impl FnMut(&CardImage)) {
    let mut card = before.clone();
    for (at, byte) in byte_writes(plan) {
        for half in half_written(card.bytes()[at], byte) {
            look(&with(&card, at, half));
        }
        card = with(&card, at, byte);
        look(&card);
    }
}

fn assert_safe(seen: &CardImage, before: &CardImage, target: &CardImage, layout: &Layout) {
    let is_old = seen == before;
    let is_new = seen == target;
    assert!(is_old || is_new || !layout.is_sealed(seen), "a sealed card that is neither old nor new: {seen}");
    let expected = if is_new {
        Seen::New
    } else if is_old {
        Seen::Old
    } else {
        Seen::Torn
    };
    assert_eq!(classify(seen, before, target, layout), expected);
}

#[test]
fn every_torn_state_of_a_sale_is_old_new_or_unsealed() {
    let layout = open_a();
    for (before, target) in [
        (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288)),
        (purchase_card(1234, 9, 999), purchase_card(1234, 10, 100_000)),
        (purchase_card(1234, 5, 300), purchase_card(1234, 5, 300)),
    ] {
        let plan = WritePlan::build(&before, &target, &layout).unwrap();
        torn_states(&before, &plan, |seen| assert_safe(seen, &before, &target, &layout));
    }
}

/// A torn card whose repair is torn again is still old, new or torn.
#[test]
fn every_torn_repair_of_every_torn_state_is_safe() {
    let layout = open_a();
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 308));
    let plan = WritePlan::build(&before, &target, &layout).unwrap();
    let mut states = 0_u64;
    torn_states(&before, &plan, |torn| {
        let repair = WritePlan::build(torn, &target, &layout).unwrap();
        assert_eq!(&full_run(torn, &repair), &target);
        torn_states(torn, &repair, |seen| {
            states += 1;
            assert!(seen == &before || seen == &target || !layout.is_sealed(seen));
            assert_ne!(classify(seen, &before, &target, &layout), Seen::Other);
        });
    });
    assert!(states > 100_000, "{states}");
}

/// A restore writes the old image over a torn one by the same plan.
#[test]
fn a_torn_card_can_be_restored() {
    let layout = open_a();
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let plan = WritePlan::build(&before, &target, &layout).unwrap();
    torn_states(&before, &plan, |torn| {
        let restore = WritePlan::build(torn, &before, &layout).unwrap();
        assert_eq!(&full_run(torn, &restore), &before);
    });
}

#[test]
fn what_the_meter_wrote_back_does_not_matter() {
    let layout = open_a();
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let written_back = |card: &CardImage| with(&with(card, 0xc0, 0x68), 0xc5, 0x42);
    assert_eq!(classify(&written_back(&target), &before, &target, &layout), Seen::New);
    assert_eq!(classify(&written_back(&before), &before, &target, &layout), Seen::Old);
    let torn = with(&before, 0x40, 0xff);
    assert_eq!(classify(&written_back(&torn), &before, &target, &layout), Seen::Torn);
}

#[test]
fn anything_else_is_other() {
    let layout = open_a();
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let seen = |card: &CardImage| classify(card, &before, &target, &layout);
    // Sealed and neither: another purchase.
    assert_eq!(seen(&purchase_card(1234, 7, 288)), Seen::Other);
    assert_eq!(seen(&purchase_card(1234, 6, 289)), Seen::Other);
    // Unsealed, but something differs that this operation does not change: another card.
    assert_eq!(seen(&with(&with(&before, 0x40, 0xff), 0x47, 0x77)), Seen::Other);
    assert_eq!(seen(&with(&with(&before, 0x40, 0xff), 0x00, 0x00)), Seen::Other);
    assert_eq!(seen(&CardImage::new(vec![0xff; 256])), Seen::Other);
    assert_eq!(seen(&CardImage::new(vec![0xff; 255])), Seen::Other);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_prefix_of_every_plan_is_old_new_or_unsealed((before, target) in before_and_target()) {
        let layout = open_a();
        let plan = WritePlan::build(&before, &target, &layout).unwrap();
        torn_states(&before, &plan, |seen| {
            assert!(seen == &before || seen == &target || !layout.is_sealed(seen));
            assert_ne!(classify(seen, &before, &target, &layout), Seen::Other);
        });
    }
}
