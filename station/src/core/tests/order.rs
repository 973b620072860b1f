//! The order of a write that goes well, and what is refused before anything is touched.

use super::bench::{
    Did, NEW_CODE, OLD_CODE, Rig, SEAL, SEALED, blank_image, card, new_image, old_image, opened_image, password,
    refresh as seal_again, task,
};
use crate::core::{Ended, Run};
use crate::proto::{Hex, JournalStage, TicketOutcome};
use dianka_domain::card::password::Trust;

fn written(image: &[u8]) -> TicketOutcome {
    TicketOutcome::Written { image1: Hex(image.to_vec()), image2: Hex(image.to_vec()), tries: Some(3) }
}

fn run(offset: usize, bytes: &[u8]) -> Did {
    Did::Write(Run { offset, bytes: bytes.to_vec() })
}

fn code_of(ended: &Ended) -> String {
    match &ended.outcome {
        TicketOutcome::Refused { code, .. } => code.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_sale_is_written_in_the_order_of_the_protocol() {
    let mut rig = Rig::new(card(&old_image(), OLD_CODE, 7));
    let ended = rig.run(task(&old_image(), &new_image(), None));
    assert_eq!(ended, Ended { outcome: written(&new_image()), psc_changed: None });
    let expected = [
        Did::Journal(JournalStage::Received),
        Did::PowerCycle,
        Did::ReadAll,
        Did::Count,
        Did::Journal(JournalStage::Writing),
        Did::Present(OLD_CODE),
        Did::Count,
        run(SEAL, &[0xFF]),
        Did::ReadAll,
        run(0x3E, &[0x32, 0x11]),
        run(0x48, &[0x43, 0x00, 0xFF]),
        run(0x50, &[0x17]),
        run(0x62, &[0x16]),
        Did::ReadAll,
        run(SEAL, &[SEALED]),
        Did::PowerCycle,
        Did::ReadAll,
        Did::ReadAll,
        Did::Count,
    ];
    assert_eq!(rig.did, expected);
}

#[test]
fn a_new_card_gets_its_password_and_proves_it_before_the_seal() {
    let mut rig = Rig::new(card(&blank_image(), [0xFF; 3], 7));
    let ended = rig.run(task(&blank_image(), &opened_image(), Some(NEW_CODE)));
    assert_eq!(ended, Ended { outcome: written(&opened_image()), psc_changed: Some(true) });
    assert_eq!(rig.card.psc(), NEW_CODE);
    let from_change = rig.did.iter().position(|did| *did == Did::Change(NEW_CODE)).unwrap();
    let expected = [
        Did::Journal(JournalStage::ChangingCode),
        Did::Change(NEW_CODE),
        Did::PowerCycle,
        Did::Count,
        Did::Present(NEW_CODE),
        run(SEAL, &[SEALED]),
        Did::PowerCycle,
        Did::ReadAll,
        Did::ReadAll,
        Did::Count,
    ];
    assert_eq!(rig.did[from_change - 1..], expected);
    // A blank card's seal is erased already: no cycle is spent on it.
    assert!(!rig.did.contains(&run(SEAL, &[0xFF])));
}

#[test]
fn nothing_to_write_presents_nothing_and_still_proves_the_card() {
    let mut rig = Rig::new(card(&new_image(), OLD_CODE, 4));
    let ended = rig.run(task(&new_image(), &new_image(), None));
    let tries = Some(1);
    let image = Hex(new_image());
    let outcome = TicketOutcome::Written { image1: image.clone(), image2: image, tries };
    assert_eq!(ended, Ended { outcome, psc_changed: None });
    assert!(!rig.did.iter().any(|did| matches!(did, Did::Present(_) | Did::Write(_))));
}

#[test]
fn a_weak_seal_is_refreshed_when_the_ticket_says_so() {
    let mut rig = Rig::new(card(&new_image(), OLD_CODE, 7));
    let mut refresh = task(&new_image(), &new_image(), None);
    refresh.steps = seal_again(&new_image());
    refresh.password = Some(password(OLD_CODE, None));
    let ended = rig.run(refresh);
    assert_eq!(ended.outcome, written(&new_image()));
    let writes: Vec<_> = rig.did.iter().filter(|did| matches!(did, Did::Write(_))).collect();
    assert_eq!(writes, [&run(SEAL, &[0xFF]), &run(SEAL, &[SEALED])]);
}

#[test]
fn another_image_on_the_card_is_refused_and_shown() {
    let mut other = old_image();
    other[0xC4] ^= 1;
    let mut rig = Rig::new(card(&other, OLD_CODE, 7));
    let ended = rig.run(task(&old_image(), &new_image(), None));
    let image = Some(Hex(other.clone()));
    let outcome =
        TicketOutcome::Refused { code: "ticket.before_differs".into(), image, tries: None, detail: String::new() };
    assert_eq!(ended, Ended { outcome, psc_changed: None });
    assert_eq!(rig.card.image().to_vec(), other);
    assert_eq!(rig.card.cells().total(), 0);
}

#[test]
fn tries_decide_who_may_present() {
    let cases = [
        (7, Trust::VerifiedOnThisCard, true),
        (7, Trust::Derived, true),
        (6, Trust::VerifiedOnThisCard, true),
        (6, Trust::Derived, false),
        (4, Trust::VerifiedOnThisCard, false),
        (4, Trust::Derived, false),
        (0, Trust::VerifiedOnThisCard, false),
    ];
    for (counter, trust, may) in cases {
        let mut rig = Rig::new(card(&old_image(), OLD_CODE, counter));
        let mut task = task(&old_image(), &new_image(), None);
        task.trust = trust;
        let ended = rig.run(task);
        assert_eq!(matches!(ended.outcome, TicketOutcome::Written { .. }), may, "{counter} {trust:?}: {ended:?}");
        assert_eq!(rig.did.iter().any(|did| matches!(did, Did::Present(_))), may);
        if !may {
            assert_eq!(rig.card.cells().total(), 0, "nothing is spent");
        }
    }
}

#[test]
fn a_wrong_password_stops_after_one_try_and_says_what_is_left() {
    let mut rig = Rig::new(card(&old_image(), NEW_CODE, 7));
    let ended = rig.run(task(&old_image(), &new_image(), None));
    assert_eq!(code_of(&ended), "psc.wrong");
    assert!(matches!(ended.outcome, TicketOutcome::Refused { tries: Some(2), .. }));
    assert_eq!(rig.card.image().to_vec(), old_image());
}
