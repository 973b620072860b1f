//! The write plan: which steps, in which order, and what every torn state of them shows.

use dianka_domain::card::{ByteRange, CardImage, Seen, Step, WritePlan, WritePlanError, classify};
use proptest::prelude::*;

use crate::card_layout::{open_a, purchase_card, with};
use crate::torn::{before_and_target, full_run};

#[test]
fn a_sale_erases_the_seal_writes_the_changes_verifies_and_seals() {
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let plan = WritePlan::build(&before, &target, &open_a()).unwrap();
    let checksum = target.at(0x62).unwrap();
    assert_eq!(
        plan.steps(),
        [
            Step::EraseSeal { offset: 0x40 },
            Step::WriteBody { offset: 0x4d, bytes: vec![0x06] },
            Step::WriteBody { offset: 0x4f, bytes: vec![0x02, 0x88] },
            Step::WriteBody { offset: 0x62, bytes: vec![checksum] },
            Step::VerifyBody {
                ranges: vec![ByteRange { offset: 0, len: 0x40 }, ByteRange { offset: 0x41, len: 0xbf }]
            },
            Step::WriteSeal { offset: 0x40, value: 0x68 },
            Step::PowerCycle,
            Step::ReadTwice,
        ]
    );
    assert_eq!(plan.writes(), 6);
}

#[test]
fn nothing_to_write_is_an_empty_plan() {
    let card = purchase_card(1234, 5, 300);
    let plan = WritePlan::build(&card, &card, &open_a()).unwrap();
    assert!(plan.is_empty());
    assert_eq!((plan.steps(), plan.writes()), (&[][..], 0));
}

#[test]
fn a_broken_seal_alone_is_repaired() {
    let target = purchase_card(1234, 5, 300);
    for seal in [0xff, 0x00, 0x69, 0xe8] {
        let plan = WritePlan::build(&with(&target, 0x40, seal), &target, &open_a()).unwrap();
        let writes: Vec<_> = plan.steps().iter().filter(|s| !matches!(s, Step::VerifyBody { .. })).collect();
        let expected = [
            &Step::EraseSeal { offset: 0x40 },
            &Step::WriteSeal { offset: 0x40, value: 0x68 },
            &Step::PowerCycle,
            &Step::ReadTwice,
        ];
        assert_eq!(writes, expected);
    }
    assert_eq!(WritePlan::refresh(&open_a()).writes(), 2);
}

#[test]
fn what_must_not_be_written_has_no_plan() {
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let build = |target: &CardImage| WritePlan::build(&before, target, &open_a()).unwrap_err();
    assert_eq!(build(&with(&target, 0x40, 0xff)), WritePlanError::TargetNotSealed);
    assert_eq!(build(&with(&target, 0x1f, 0)), WritePlanError::NotWritable { at: 0x1f });
    assert_eq!(build(&with(&target, 0xc0, 0x68)), WritePlanError::ReturnedTouched { at: 0xc0 });
    assert_eq!(build(&CardImage::new(vec![0; 255])), WritePlanError::WrongSize { expected: 256, got: 255 });
    assert_eq!(
        WritePlan::build(&CardImage::new(vec![]), &target, &open_a()),
        Err(WritePlanError::WrongSize { expected: 256, got: 0 })
    );
}

#[test]
fn a_blank_card_gets_all_of_it() {
    let (blank, target) = (with(&CardImage::new(vec![0xff; 256]), 0, 0xff), purchase_card(1234, 1, 300));
    let mut target = target.into_bytes();
    target[..0x20].fill(0xff);
    let target = CardImage::new(target);
    let plan = WritePlan::build(&blank, &target, &open_a()).unwrap();
    assert_eq!(full_run(&blank, &plan), target);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_steps_lead_from_before_to_target((before, target) in before_and_target()) {
        let plan = WritePlan::build(&before, &target, &open_a()).unwrap();
        prop_assert_eq!(full_run(&before, &plan), target);
    }

    #[test]
    fn every_step_has_its_place((before, target) in before_and_target()) {
        let layout = open_a();
        let plan = WritePlan::build(&before, &target, &layout).unwrap();
        if before == target {
            prop_assert!(plan.is_empty());
            return Ok(());
        }
        let (body, frame): (Vec<_>, Vec<_>) =
            plan.steps().iter().partition(|step| matches!(step, Step::WriteBody { .. }));
        assert!(matches!(plan.steps().first(), Some(Step::EraseSeal { .. })));
        assert!(matches!(
            frame.as_slice(),
            [Step::EraseSeal { .. }, Step::VerifyBody { .. }, Step::WriteSeal { .. }, Step::PowerCycle, Step::ReadTwice]
        ));
        let mut end = None;
        for step in body {
            let Step::WriteBody { offset, bytes } = step else { unreachable!() };
            // Ascending, with a gap between runs, only changed bytes, never the seal.
            prop_assert!(end.is_none_or(|end| *offset > end));
            for (at, byte) in (*offset..).zip(bytes) {
                prop_assert_ne!(at, layout.seal_offset);
                prop_assert_eq!(target.at(at), Some(*byte));
                prop_assert_ne!(before.at(at), Some(*byte));
                prop_assert!(layout.is_writable(at) && !layout.is_returned(at));
            }
            let ended = *offset + u32::try_from(bytes.len()).unwrap();
            end = Some(ended);
        }
        prop_assert_eq!(classify(&full_run(&before, &plan), &before, &target, &layout), Seen::New);
    }
}
