//! Chips with other tries than three, and readers that do not tell them.

use dianka_domain::card::password::Trust;

use super::bench::{Did, NEW_CODE, OLD_CODE, Rig, SEAL, card, new_image, old_image, task};
use crate::core::{Chip, Ended, FailureKind};
use crate::proto::TicketOutcome;

/// Writes with what the reader tells before a presentation and after it.
fn run(chip: Chip, trust: Trust, told: [Option<u8>; 2], blind: bool) -> (Rig, Ended) {
    let mut rig = Rig::new(card(&old_image(), OLD_CODE, 7));
    rig.told = Some(told);
    let mut task = task(&old_image(), &new_image(), None);
    (task.chip, task.trust, task.blind) = (Some(chip), trust, blind);
    let ended = rig.run(task);
    (rig, ended)
}

fn presented(rig: &Rig) -> usize {
    rig.did.iter().filter(|did| matches!(did, Did::Present(_))).count()
}

fn code(ended: &Ended) -> &str {
    match &ended.outcome {
        TicketOutcome::Written { .. } => "written",
        TicketOutcome::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_tries_of_each_chip() {
    use Chip::{Sle4428, Sle4442};
    use Trust::{Derived, VerifiedOnThisCard};
    for (chip, trust, told, ends) in [
        (Sle4442, Derived, 3, "written"),
        (Sle4442, Derived, 2, "card.tries_low"),
        (Sle4442, VerifiedOnThisCard, 1, "card.tries_low"),
        (Sle4442, VerifiedOnThisCard, 0, "card.locked"),
        (Sle4442, VerifiedOnThisCard, 8, "card.error_counter"),
        // Eight, as the contract tells them (3 and more) and as they are.
        (Sle4428, Derived, 3, "written"),
        (Sle4428, Derived, 8, "written"),
        (Sle4428, Derived, 7, "written"),
        (Sle4428, Derived, 2, "card.tries_low"),
        (Sle4428, VerifiedOnThisCard, 2, "written"),
        (Sle4428, VerifiedOnThisCard, 1, "card.tries_low"),
        (Sle4428, VerifiedOnThisCard, 0, "card.locked"),
        (Sle4428, VerifiedOnThisCard, 9, "card.error_counter"),
    ] {
        let all = if told > 3 { 8 } else { 3 };
        let (rig, ended) = run(chip, trust, [Some(told), Some(all)], false);
        assert_eq!(code(&ended), ends, "{chip:?} {trust:?} {told}");
        assert_eq!(presented(&rig), usize::from(ends == "written"));
    }
}

#[test]
fn a_verified_password_gives_back_all_tries_of_its_chip() {
    for (chip, after, ends) in [
        (Chip::Sle4442, 3, "written"),
        (Chip::Sle4442, 2, "psc.counter"),
        (Chip::Sle4442, 8, "psc.counter"),
        (Chip::Sle4428, 3, "written"),
        (Chip::Sle4428, 8, "written"),
        (Chip::Sle4428, 7, "psc.counter"),
        (Chip::Sle4428, 2, "psc.counter"),
    ] {
        let (rig, ended) = run(chip, Trust::VerifiedOnThisCard, [Some(3), Some(after)], false);
        assert_eq!(code(&ended), ends, "{chip:?} {after}");
        assert_eq!(rig.did.iter().any(|did| matches!(did, Did::Write(_))), ends == "written");
    }
}

/// Only a ticket that was taken for such a reader goes on without the tries; one for a reader that fails to tell stops.
#[test]
fn without_the_tries() {
    let (rig, ended) = run(Chip::Sle4442, Trust::VerifiedOnThisCard, [None, None], false);
    assert_eq!((code(&ended), presented(&rig)), ("card.tries_unknown", 0));
    let (rig, ended) = run(Chip::Sle4442, Trust::VerifiedOnThisCard, [None, None], true);
    assert!(matches!(ended.outcome, TicketOutcome::Written { tries: None, .. }), "{ended:?}");
    assert_eq!(presented(&rig), 1);
    // What is told all the same is obeyed.
    let (rig, ended) = run(Chip::Sle4442, Trust::VerifiedOnThisCard, [Some(1), None], true);
    assert_eq!((code(&ended), presented(&rig)), ("card.tries_low", 0));
}

/// Whatever fails, the password goes out once, and a wrong one stops before the first byte.
#[test]
fn without_the_tries_one_presentation_whatever_fails() {
    let (good, _) = run(Chip::Sle4442, Trust::VerifiedOnThisCard, [None, None], true);
    for at in 0..good.did.len() {
        for kind in [FailureKind::NoCard, FailureKind::Garbled, FailureKind::Port, FailureKind::Refused] {
            let mut rig = Rig::new(card(&old_image(), OLD_CODE, 7));
            (rig.told, rig.fail_at) = (Some([None, None]), Some((at, kind)));
            let mut task = task(&old_image(), &new_image(), None);
            task.blind = true;
            rig.run(task);
            assert!(presented(&rig) <= 1, "{:?} fails as {kind:?}", good.did[at]);
        }
    }
    let mut rig = Rig::new(card(&old_image(), NEW_CODE, 7));
    rig.told = Some([None, None]);
    let mut task = task(&old_image(), &new_image(), None);
    task.blind = true;
    let ended = rig.run(task);
    assert_eq!((code(&ended), presented(&rig)), ("psc.wrong", 1));
    assert_eq!(rig.card.error_counter().count_ones(), 2);
    assert_eq!(rig.card.image()[SEAL], old_image()[SEAL]);
}
