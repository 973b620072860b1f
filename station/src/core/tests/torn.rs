//! The card is pulled at every cell operation, with every half-written value that the physics allows, and is then
//! repaired by a second ticket, which is torn everywhere too.

use std::collections::BTreeSet;

use dianka_lab::card::Partial;
use dianka_lab::sle4442::Sle4442;

use super::bench::{
    NEW_CODE, OLD_CODE, Rig, SEAL, SEALED, blank_image, card, new_image, old_image, opened_image, password, refresh,
    task,
};
use crate::core::job::Task;
use crate::proto::{Hex, TicketOutcome};

/// Masks that stand for all half-written values: none, all, each single bit, and alternating ones. (All 256 are run
/// for the images of the real drivers in the workspace's own tests.)
fn masks() -> Vec<u8> {
    let mut masks = vec![0x00, 0xFF, 0x55, 0xAA, 0x0F, 0xF0];
    masks.extend((0..8).map(|bit| 1 << bit));
    masks
}

fn readable(image: &[u8]) -> bool {
    image[SEAL] == SEALED
}

/// Runs until the card was pulled; none when the tear came after the end.
fn pulled(card: Sle4442, task: Task, after: u32, mask: u8) -> Option<Sle4442> {
    let mut rig = Rig::torn_after(card, after, Partial::Mask(mask));
    let ended = rig.run(task);
    if rig.card.tear_is_pending() {
        assert!(matches!(ended.outcome, TicketOutcome::Written { .. }), "{ended:?}");
        return None;
    }
    match &ended.outcome {
        TicketOutcome::Torn { image: None, code, .. } => assert_eq!(code, "write.removed"),
        TicketOutcome::Refused { code, .. } => assert_eq!(code, "psc.torn"),
        other => panic!("pulled, and yet {other:?}"),
    }
    rig.card.forget_tear();
    rig.card.insert();
    rig.card.power_on().unwrap();
    Some(rig.card)
}

fn repair(found: &Sle4442, code: [u8; 3]) -> Task {
    let mut task = task(&found.image(), &new_image(), None);
    if found.image().to_vec() == new_image() {
        // The last write was never seen to end: refresh its seal.
        task.steps = refresh(&new_image());
    }
    task.password = Some(password(code, None));
    task
}

#[test]
fn a_sale_torn_anywhere_is_old_or_new_or_unreadable_and_is_repaired() {
    let mut states = BTreeSet::new();
    for mask in masks() {
        for after in 0.. {
            let begun = card(&old_image(), OLD_CODE, 7);
            let Some(found) = pulled(begun, task(&old_image(), &new_image(), None), after, mask) else { break };
            let image = found.image().to_vec();
            let fits = image == old_image() || image == new_image();
            assert!(fits || !readable(&image), "operation {after}, mask {mask:02x}");
            states.insert(image.clone());
            // The first repair works...
            let mut rig = Rig::new(card(&image, OLD_CODE, found.error_counter()));
            let ended = rig.run(repair(&found, OLD_CODE));
            let tries = Some(3);
            let target = Hex(new_image());
            assert_eq!(ended.outcome, TicketOutcome::Written { image1: target.clone(), image2: target, tries });
            // ... and wherever it is torn in turn, nothing third is readable.
            for again in (0..).step_by(3) {
                let begun = card(&image, OLD_CODE, found.error_counter());
                let Some(twice) = pulled(begun, repair(&found, OLD_CODE), again, mask) else { break };
                let image = twice.image().to_vec();
                assert!(
                    !readable(&image) || image == old_image() || image == new_image(),
                    "{after} {again} {mask:02x}"
                );
            }
        }
    }
    assert!(states.len() > 60, "only {} torn images were seen", states.len());
}

#[test]
fn an_opening_torn_anywhere_is_blank_or_new_or_unreadable() {
    for mask in masks() {
        for after in 0.. {
            let begun = card(&blank_image(), [0xFF; 3], 7);
            let task = task(&blank_image(), &opened_image(), Some(NEW_CODE));
            let Some(found) = pulled(begun, task, after, mask) else { break };
            let image = found.image().to_vec();
            assert!(image == opened_image() || !readable(&image), "operation {after}, mask {mask:02x}");
        }
    }
}

#[test]
fn three_tears_while_presenting_are_counted_not_risked() {
    // With the right password and a tear between spending the try and getting it back.
    let mut counter = 7;
    for left in [2, 1] {
        let begun = card(&old_image(), OLD_CODE, counter);
        let found = pulled(begun, task(&old_image(), &new_image(), None), 1, 0).unwrap();
        counter = found.error_counter();
        assert_eq!(counter.count_ones(), left);
        assert_eq!(found.image().to_vec(), old_image());
    }
    let mut rig = Rig::new(card(&old_image(), OLD_CODE, counter));
    let ended = rig.run(task(&old_image(), &new_image(), None));
    assert!(matches!(ended.outcome, TicketOutcome::Refused { tries: Some(1), .. }), "{ended:?}");
    assert_eq!(rig.card.cells().total(), 0, "the last try is never spent");
}
