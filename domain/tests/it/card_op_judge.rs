//! What the server makes of a station's result and of a card that comes in.

use dianka_domain::card::{CardImage, Layout};
use dianka_domain::card_op::{
    Among, Authorised, CardVerdict, CommitProof, EventNo, Fence, OpKind, OperatorId, Purpose, Report, SessionId,
    StationId, TICKETS_PER_SESSION, Verdict, VoidRefusal, Waiting, judge_among,
};

use crate::card_layout::{open_a, purchase_card, with};
use crate::card_op_rules::{authorised, order};

const FIRST: StationId = StationId(10);
const OTHER: StationId = StationId(11);
const ASKED: Purpose = Purpose::Restore { asked_by: OperatorId(3) };

/// A sale whose first ticket went to station 10, and `more` tickets to the stations and sessions given.
fn sale(more: &[(StationId, u128, Purpose)]) -> Authorised {
    let mut op = authorised(order(OpKind::Sale));
    for (station, session, purpose) in more {
        let at = EventNo::of_ticket(op.epoch() + 1);
        op = op.issue(*station, SessionId(*session), at, *purpose).unwrap();
    }
    op
}

fn before() -> CardImage {
    order(OpKind::Sale).before
}

fn target() -> CardImage {
    order(OpKind::Sale).target
}

fn torn() -> CardImage {
    with(&before(), 0x40, 0xff)
}

fn read_back(image: &CardImage) -> Report<'_> {
    Report::ReadBack { first: image, second: image, returned_count: None }
}

fn judged(op: &Authorised, epoch: u32, report: &Report<'_>) -> Verdict {
    op.judge_result(epoch, report, &open_a(), true)
}

#[test]
fn the_target_read_twice_commits_and_nothing_else_does() {
    let op = sale(&[]);
    assert!(matches!(judged(&op, 1, &read_back(&target())), Verdict::Commit(_)));
    let (old, new, half) = (before(), target(), torn());
    for wrong in [&old, &half, &purchase_card(9999, 6, 300)] {
        assert_eq!(judged(&op, 1, &read_back(wrong)), Verdict::Wait(Waiting::Unproven));
    }
    let differ = Report::ReadBack { first: &new, second: &half, returned_count: None };
    assert_eq!(judged(&op, 1, &differ), Verdict::Wait(Waiting::Unproven));
}

#[test]
fn r6_a_result_of_an_older_ticket_decides_nothing() {
    let op = sale(&[(OTHER, 21, Purpose::Write)]);
    let image = target();
    for report in [read_back(&image), Report::Refused, Report::Interrupted, Report::BrokeOff { here: Some(&image) }] {
        assert_eq!(judged(&op, 1, &report), Verdict::Wait(Waiting::Stale));
        assert_eq!(judged(&op, 3, &report), Verdict::Wait(Waiting::Stale), "nor one that was never issued");
    }
    assert!(matches!(judged(&op, 2, &read_back(&image)), Verdict::Commit(_)));
}

#[test]
fn a_write_that_broke_off_goes_on_while_the_card_is_there() {
    for purpose in [Purpose::Write, ASKED] {
        let op = sale(&[(FIRST, 20, purpose)]);
        for image in [before(), torn(), target()] {
            assert_eq!(judged(&op, 2, &Report::BrokeOff { here: Some(&image) }), Verdict::WriteOn(purpose));
        }
        let other = purchase_card(9999, 6, 300);
        assert_eq!(judged(&op, 2, &Report::BrokeOff { here: Some(&other) }), Verdict::Wait(Waiting::Unproven));
        assert_eq!(judged(&op, 2, &Report::BrokeOff { here: None }), Verdict::Wait(Waiting::BrokeOff));
        assert_eq!(judged(&op, 2, &Report::Refused), Verdict::Wait(Waiting::Refused));
        assert_eq!(judged(&op, 2, &Report::Interrupted), Verdict::Wait(Waiting::Interrupted));
    }
}

/// Any blank card looks like the one that was begun: that one may be whole, and in the customer's hand.
#[test]
fn the_first_sale_onto_a_card_is_never_voided() {
    let mut order = order(OpKind::Sale);
    order.before = CardImage::new(vec![0xff; 256]);
    let blank = order.before.clone();
    let op = authorised(order).issue(FIRST, SessionId(20), EventNo::of_ticket(2), ASKED).unwrap();
    assert_eq!(op.can_go_back(&open_a()), Err(VoidRefusal::FirstCard));
    assert_eq!(sale(&[]).can_go_back(&open_a()), Ok(()));
    let refused = Verdict::Wait(Waiting::NotVoided(VoidRefusal::FirstCard));
    assert_eq!(judged(&op, 2, &read_back(&blank)), refused);
}

#[test]
fn r5_a_restored_card_voids_only_with_every_other_station_fenced() {
    let op = sale(&[(OTHER, 21, ASKED)]);
    let restored = before();
    let refused = Verdict::Wait(Waiting::NotVoided(VoidRefusal::NotFenced { station: FIRST }));
    assert_eq!(judged(&op, 2, &read_back(&restored)), refused);
    // The promise came after the restoring had been ordered: what was read may be older than it.
    let late = op.clone().fence(Fence { station: FIRST, up_to_epoch: 1, received: EventNo::after_ticket(2) });
    let early = Verdict::Wait(Waiting::NotVoided(VoidRefusal::ReadTooEarly));
    assert_eq!(judged(&late, 2, &read_back(&restored)), early);
    let fenced = op.fence(Fence { station: FIRST, up_to_epoch: 1, received: EventNo::after_ticket(1) });
    assert!(matches!(judged(&fenced, 2, &read_back(&restored)), Verdict::Void(_)));
    // With a journal missing (a database that lost its tail), or the purchase taken, it is not.
    let missing = fenced.judge_result(2, &read_back(&restored), &open_a(), false);
    assert_eq!(missing, Verdict::Wait(Waiting::NotVoided(VoidRefusal::JournalsMissing)));
    let taken = Report::ReadBack { first: &restored, second: &restored, returned_count: Some(6) };
    assert_eq!(judged(&fenced, 2, &taken), Verdict::Wait(Waiting::NotVoided(VoidRefusal::TakenByMeter)));
    for image in [target(), torn()] {
        assert!(matches!(
            judged(&fenced, 2, &read_back(&image)),
            Verdict::Wait(Waiting::NotVoided(VoidRefusal::NotRestored { .. }))
        ));
    }
}

#[test]
fn whoever_restores_needs_no_promise_of_itself() {
    let op = sale(&[(FIRST, 22, ASKED)]);
    assert!(matches!(judged(&op, 2, &read_back(&before())), Verdict::Void(_)));
    // A restored card under a ticket that was to write is no void: nobody asked.
    assert_eq!(judged(&sale(&[]), 1, &read_back(&before())), Verdict::Wait(Waiting::Unproven));
}

#[test]
fn a_card_that_comes_in_is_written_on_forward() {
    let layout: Layout = open_a();
    for op in [sale(&[]), sale(&[(OTHER, 21, ASKED)])] {
        for image in [before(), torn(), target()] {
            assert_eq!(op.judge_card(&image, &layout, false, Some(5)), CardVerdict::WriteOn);
        }
        assert_eq!(op.judge_card(&before(), &layout, true, None), CardVerdict::Ask);
        assert_eq!(op.judge_card(&purchase_card(9999, 6, 300), &layout, false, None), CardVerdict::NotMine);
        let CardVerdict::Commit(done) = op.judge_card(&before(), &layout, false, Some(6)) else { panic!("taken") };
        let at = EventNo::after_ticket(op.epoch());
        assert_eq!(done.proof, CommitProof::TakenByMeter { returned_count: 6, at });
    }
}

#[test]
fn a_session_has_its_share_of_tickets() {
    let mut op = sale(&[]);
    let here = SessionId(20);
    for _ in 1..TICKETS_PER_SESSION {
        assert!(op.may_write_in(here));
        let at = EventNo::of_ticket(op.epoch() + 1);
        op = op.issue(FIRST, here, at, Purpose::Write).unwrap();
    }
    assert!(!op.may_write_in(here) && op.may_write_in(SessionId(21)));
}

/// Two customers open their accounts at once; the write of one card breaks off. Nothing on it says whose it is.
#[test]
fn a_torn_new_card_is_nobodys_when_two_are_being_made() {
    let layout = open_a();
    let blank = CardImage::new(vec![0xff; 256]);
    let opening = |count, quantity| {
        let mut order = order(OpKind::Sale);
        (order.before, order.target) = (blank.clone(), purchase_card(1234, count, quantity));
        order.target =
            CardImage::new((0..256).map(|at| if at < 0x20 { 0xff } else { order.target.bytes()[at] }).collect());
        authorised(order)
    };
    let (one, other) = (opening(1, 300), opening(1, 288));
    let torn = with(&one.order().target, 0x40, 0xff);
    let said = |ops: &[&Authorised], image: &CardImage| {
        let each = ops.iter().enumerate().map(|(number, op)| {
            (number, op.judge_card(image, &layout, false, None), op.may_be_anothers(image, &layout))
        });
        judge_among(each)
    };
    assert_eq!(said(&[&one], &torn), Among::This(0, CardVerdict::WriteOn));
    // The seal is torn off and so is the quantity: both may have begun so.
    let early = with(&CardImage::new(vec![0xff; 256]), 0x41, one.order().target.bytes()[0x41]);
    assert_eq!(said(&[&other, &one], &early), Among::Ask(vec![0, 1]));
    // A byte that only one of them writes tells.
    assert_eq!(said(&[&other, &one], &torn), Among::This(1, CardVerdict::WriteOn));
    assert_eq!(
        said(&[&other, &one], &one.order().target),
        Among::This(1, CardVerdict::WriteOn),
        "a whole card says whose it is"
    );
    // A card that carried its account before is known by what the write does not change.
    let used = sale(&[]);
    assert_eq!(said(&[&used], &self::torn()), Among::This(0, CardVerdict::WriteOn));
    assert!(!used.may_be_anothers(&self::torn(), &layout));
    assert_eq!(said(&[], &torn), Among::Nothing);
}
