//! Every command of a write fails in every way.

use super::bench::{Did, NEW_CODE, OLD_CODE, Rig, SEAL, blank_image, card, new_image, old_image, opened_image, task};
use crate::core::{Ended, FailureKind};
use crate::proto::TicketOutcome;
use dianka_domain::card::ERASED;

const KINDS: [FailureKind; 10] = [
    FailureKind::NoCard,
    FailureKind::WrongCode,
    FailureKind::Locked,
    FailureKind::Refused,
    FailureKind::Verify,
    FailureKind::Garbled,
    FailureKind::Port,
    FailureKind::Unsupported,
    FailureKind::Driver,
    FailureKind::Journal,
];

fn sale() -> Rig {
    Rig::new(card(&old_image(), OLD_CODE, 7))
}

fn opening() -> Rig {
    Rig::new(card(&blank_image(), [0xFF; 3], 7))
}

fn run_sale(rig: &mut Rig) -> Ended {
    rig.run(task(&old_image(), &new_image(), None))
}

fn run_opening(rig: &mut Rig) -> Ended {
    rig.run(task(&blank_image(), &opened_image(), Some(NEW_CODE)))
}

/// What may be believed of a result, whatever failed.
fn check(rig: &Rig, ended: &Ended, context: &str) {
    let opening = rig.did.contains(&Did::Present([0xFF; 3])) || rig.card.psc() != OLD_CODE;
    let (before, target, old_code) =
        if opening { (&blank_image(), &opened_image(), &[0xFF; 3]) } else { (&old_image(), &new_image(), &OLD_CODE) };
    let image = rig.card.image().to_vec();
    let wrote = rig.did.iter().any(|did| matches!(did, Did::Write(_) | Did::Change(_)));
    match &ended.outcome {
        TicketOutcome::Written { image1, .. } => {
            assert_eq!(&image, target, "{context}");
            assert_eq!(image1.0, image, "{context}");
        }
        TicketOutcome::Refused { .. } => {
            assert!(!wrote, "refused after a write: {context}");
            assert_eq!(&image, before, "{context}");
        }
        TicketOutcome::Torn { image: seen, .. } => {
            assert!(wrote, "torn before a write: {context}");
            assert!(seen.as_ref().is_none_or(|seen| seen.0 == image), "{context}");
        }
        TicketOutcome::Interrupted { .. } => panic!("a running job does not say that: {context}"),
    }
    assert!(&image == before || &image == target || image[SEAL] == ERASED, "a readable third image: {context}");
    match ended.psc_changed {
        None => assert_eq!(&rig.card.psc(), old_code, "{context}"),
        Some(true) => assert_eq!(rig.card.psc(), NEW_CODE, "{context}"),
        Some(false) => {}
    }
}

#[test]
fn every_command_of_a_sale_may_fail() {
    let mut good = sale();
    run_sale(&mut good);
    for at in 0..good.did.len() {
        for kind in KINDS.into_iter().filter(|kind| can_fail(&good.did[at], *kind)) {
            let mut rig = sale();
            rig.fail_at = Some((at, kind));
            let ended = run_sale(&mut rig);
            check(&rig, &ended, &format!("{:?} fails as {kind:?}", good.did[at]));
        }
    }
}

#[test]
fn every_command_of_an_opening_may_fail() {
    let mut good = opening();
    run_opening(&mut good);
    for at in 0..good.did.len() {
        for kind in KINDS.into_iter().filter(|kind| can_fail(&good.did[at], *kind)) {
            let mut rig = opening();
            rig.fail_at = Some((at, kind));
            let ended = run_opening(&mut rig);
            check(&rig, &ended, &format!("{:?} fails as {kind:?}", good.did[at]));
        }
    }
}

fn can_fail(did: &Did, kind: FailureKind) -> bool {
    match kind {
        FailureKind::WrongCode | FailureKind::Locked => matches!(did, Did::Present(_)),
        FailureKind::Journal => matches!(did, Did::Journal(_)),
        _ => !matches!(did, Did::Journal(_)),
    }
}

#[test]
fn an_answer_lost_on_the_line_does_not_lose_the_write() {
    let mut good = sale();
    run_sale(&mut good);
    for at in 0..good.did.len() {
        let mut rig = sale();
        rig.lose_answer_at = Some(at);
        let ended = run_sale(&mut rig);
        check(&rig, &ended, &format!("{:?} unanswered", good.did[at]));
        if matches!(good.did[at], Did::Write(_)) {
            assert!(matches!(ended.outcome, TicketOutcome::Written { .. }), "{:?}: {ended:?}", good.did[at]);
        }
    }
}

#[test]
fn a_body_that_reads_wrong_is_written_again_and_the_seal_waits() {
    let mut good = sale();
    run_sale(&mut good);
    let reads: Vec<usize> = (0..good.did.len()).filter(|at| good.did[*at] == Did::ReadAll).collect();
    for at in reads {
        let mut rig = sale();
        rig.garble_read_at = Some(at);
        let ended = run_sale(&mut rig);
        check(&rig, &ended, &format!("read {at} garbled"));
    }
}

#[test]
fn a_write_that_never_takes_ends_torn_with_the_seal_erased() {
    // Writes of byte 50 are answered, and change nothing.
    let mut rig = sale();
    rig.stuck = Some(0x50);
    let ended = run_sale(&mut rig);
    let TicketOutcome::Torn { code, image, .. } = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(code, "write.unverified");
    assert_eq!(image.as_ref().unwrap().0[SEAL], ERASED);
    let writes = rig.did.iter().filter(|did| matches!(did, Did::Write(run) if run.offset == 0x50)).count();
    assert_eq!(writes, 3, "once, and at most twice again");
}
