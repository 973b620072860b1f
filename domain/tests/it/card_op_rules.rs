//! The states of a card operation and the protocol's rules R1 to R16 (sale-protocol), as far as they are decided here.

use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{
    AuthoriseFacts, AuthoriseRefusal, Authorised, CancelReason, CardOp, CommitProof, EventNo, Fence, MeterId,
    NotItsReplacement, OpId, OpKind, OpState, OpenOp, Opening, OperatorId, Order, OrderError, Outcome, Prepared,
    Purpose, ReadBack, RestoreError, SessionId, StationId, StationView, Ticket, TicketRefusal, VoidRefusal,
    VoidRequest, WhyReadAgain, may_open,
};
use dianka_domain::counter::{CounterRefusal, CounterState};
use dianka_domain::ledger::SaleFigures;
use dianka_domain::units::Money;

use crate::card_layout::{open_a, purchase_card, with};
use crate::common::{meter, real};

const STATION: StationId = StationId(10);
const OTHER: StationId = StationId(11);
const SESSION: SessionId = SessionId(20);

pub fn order(kind: OpKind) -> Order {
    let sale = (kind == OpKind::Sale).then(|| SaleFigures {
        amount: Money::from_fen(15_000),
        purchase: real(300),
        adjustment_net: real(0),
        preset_deducted: real(0),
        on_card: real(300),
    });
    Order {
        id: OpId(if kind == OpKind::Sale { 1 } else { 2 }),
        kind,
        meter: MeterId(7),
        period: 1,
        count: 6,
        quantity: meter(300),
        card_generation: 1,
        before: purchase_card(1234, 5, 100),
        target: purchase_card(1234, 6, 300),
        sale,
    }
}

fn facts() -> AuthoriseFacts {
    AuthoriseFacts {
        session: Some(SESSION),
        card_generation: 1,
        price_holds: true,
        journals_complete: true,
        counter: CounterState { sold: 5, acked: 5, issue: 1 },
        at: EventNo(1),
    }
}

fn prepared(kind: OpKind) -> Prepared {
    Prepared::new(order(kind), STATION, SESSION).unwrap()
}

/// Authorised at event 1 with a first ticket for station 10.
pub fn authorised(order: Order) -> Authorised {
    Prepared::new(order, STATION, SESSION).unwrap().authorise(&facts()).unwrap()
}

fn sale() -> Authorised {
    authorised(order(OpKind::Sale))
}

fn read(at: u64) -> ReadBack {
    ReadBack { at: EventNo(at), reads_equal: true, returned_count: None }
}

fn fence(station: StationId, up_to_epoch: u32, at: u64) -> Fence {
    Fence { station, up_to_epoch, received: EventNo(at) }
}

fn request(seen: Seen, at: u64) -> VoidRequest {
    VoidRequest { asked_by: OperatorId(3), seen, read: read(at), journals_complete: true }
}

fn refused(facts: AuthoriseFacts) -> AuthoriseRefusal {
    let refused = prepared(OpKind::Sale).authorise(&facts).unwrap_err();
    assert_eq!(refused.state, prepared(OpKind::Sale), "the state stays as it was");
    refused.reason
}

#[test]
fn only_a_sale_carries_money() {
    let money = order(OpKind::Sale).sale;
    let with = |kind, sale| Prepared::new(Order { sale, ..order(kind) }, STATION, SESSION).unwrap_err();
    assert_eq!(with(OpKind::Sale, None), OrderError::SaleWithoutFigures);
    assert_eq!(with(OpKind::Replace, money), OrderError::FiguresWithoutSale);
    let zero = Prepared::new(Order { count: 0, ..order(OpKind::Sale) }, STATION, SESSION);
    assert_eq!(zero.unwrap_err(), OrderError::NoCount);
    let wrong = money.map(|figures| SaleFigures { on_card: real(301), ..figures });
    assert!(matches!(with(OpKind::Sale, wrong), OrderError::Figures(_)));
}

#[test]
fn r1_a_ticket_exists_only_after_authorisation() {
    let op = sale();
    assert_eq!(
        op.tickets(),
        [Ticket { epoch: 1, station: STATION, session: SESSION, issued: EventNo(1), purpose: Purpose::Write }]
    );
}

#[test]
fn prepared_may_be_cancelled() {
    let cancelled = prepared(OpKind::Sale).cancel(CancelReason::Expired);
    assert_eq!(cancelled.reason, CancelReason::Expired);
    assert_eq!(CardOp::Cancelled(cancelled).state(), OpState::Cancelled);
}

#[test]
fn r3_authorisation_needs_the_session_that_the_card_was_read_in() {
    for session in [None, Some(SessionId(21))] {
        assert_eq!(refused(AuthoriseFacts { session, ..facts() }), AuthoriseRefusal::SessionEnded);
    }
}

#[test]
fn r10_authorisation_needs_the_current_card() {
    let reason = refused(AuthoriseFacts { card_generation: 2, ..facts() });
    assert_eq!(reason, AuthoriseRefusal::CardReplaced { card: 1, current: 2 });
    assert_eq!(reason.code(), "card.replaced");
}

#[test]
fn r9_authorisation_needs_everything_loaded() {
    let unused = CounterState { sold: 5, acked: 4, issue: 1 };
    let reason = refused(AuthoriseFacts { counter: unused, ..facts() });
    assert_eq!(reason, AuthoriseRefusal::Counter(CounterRefusal::NotLoaded { sold: 5, acked: 4 }));
    let faster = CounterState { sold: 6, acked: 6, issue: 1 };
    let reason = refused(AuthoriseFacts { counter: faster, ..facts() });
    assert_eq!(reason, AuthoriseRefusal::Counter(CounterRefusal::Taken { count: 6, sold: 6 }));
}

#[test]
fn authorisation_needs_the_quoted_price_for_a_sale_only() {
    let changed = AuthoriseFacts { price_holds: false, ..facts() };
    assert_eq!(refused(changed), AuthoriseRefusal::PriceChanged);
    assert!(prepared(OpKind::Reissue).authorise(&changed).is_ok());
}

#[test]
fn r14_no_sale_while_journals_are_missing() {
    assert_eq!(refused(AuthoriseFacts { journals_complete: false, ..facts() }), AuthoriseRefusal::JournalsMissing);
}

#[test]
fn r12_the_target_read_back_commits() {
    let Outcome::Commit(done) = sale().evidence(Seen::New, &read(2)) else { panic!("not committed") };
    assert_eq!(done.proof, CommitProof::Image { at: EventNo(2) });
    assert_eq!(CardOp::Committed(done).state(), OpState::Committed);
}

#[test]
fn two_different_reads_decide_nothing() {
    let differ = ReadBack { reads_equal: false, ..read(2) };
    for seen in [Seen::New, Seen::Old, Seen::Torn] {
        let outcome = sale().evidence(seen, &differ);
        assert_eq!(outcome, Outcome::ReadAgain { op: sale(), why: WhyReadAgain::ReadsDiffer });
    }
}

#[test]
fn the_meters_count_commits_whatever_the_card_shows() {
    let taken = ReadBack { returned_count: Some(6), ..read(2) };
    for seen in [Seen::New, Seen::Old, Seen::Torn, Seen::Other] {
        let Outcome::Commit(done) = sale().evidence(seen, &taken) else { panic!("not committed") };
        assert_eq!(done.proof, CommitProof::TakenByMeter { returned_count: 6, at: EventNo(2) });
    }
    let not_yet = ReadBack { returned_count: Some(5), ..read(2) };
    assert!(matches!(sale().evidence(Seen::Old, &not_yet), Outcome::NewTicket { epoch: 2, .. }));
}

#[test]
fn r4_old_or_torn_gets_a_new_ticket_of_a_higher_epoch() {
    for seen in [Seen::Old, Seen::Torn] {
        let Outcome::NewTicket { op, epoch } = sale().evidence(seen, &read(2)) else { panic!("no ticket") };
        assert_eq!(epoch, 2);
        let op = op.issue(OTHER, SessionId(21), EventNo(3), Purpose::Write).unwrap();
        assert_eq!((op.epoch(), op.tickets().len()), (2, 2));
        assert!(matches!(op.evidence(seen, &read(4)), Outcome::NewTicket { epoch: 3, .. }));
    }
    assert!(matches!(sale().evidence(Seen::Other, &read(2)), Outcome::OtherCard { .. }));
}

#[test]
fn r4_a_chain_that_does_not_rise_is_not_an_operation() {
    let ticket =
        |epoch, at| Ticket { epoch, station: STATION, session: SESSION, issued: EventNo(at), purpose: Purpose::Write };
    let restore = |tickets| Authorised::restore(order(OpKind::Sale), tickets, Vec::new(), false);
    assert!(restore(vec![ticket(1, 1), ticket(2, 5)]).is_ok());
    assert_eq!(restore(Vec::new()), Err(RestoreError::NoTicket));
    assert_eq!(restore(vec![ticket(1, 1), ticket(1, 5)]), Err(RestoreError::EpochsDoNotRise));
    assert_eq!(restore(vec![ticket(1, 5), ticket(2, 5)]), Err(RestoreError::EpochsDoNotRise));
    assert_eq!(sale().issue(STATION, SESSION, EventNo(1), Purpose::Write), Err(RestoreError::EpochsDoNotRise));
    assert_eq!(
        restore(vec![ticket(u32::MAX, 1)]).unwrap().issue(STATION, SESSION, EventNo(2), Purpose::Write),
        Err(RestoreError::EpochsDoNotRise)
    );
}

#[test]
fn r6_a_reading_before_the_newest_ticket_decides_nothing() {
    let op = || sale().issue(OTHER, SessionId(21), EventNo(5), Purpose::Write).unwrap();
    for seen in [Seen::New, Seen::Old, Seen::Torn] {
        for at in [4, 5] {
            let outcome = op().evidence(seen, &read(at));
            assert_eq!(outcome, Outcome::ReadAgain { op: op(), why: WhyReadAgain::Stale });
        }
    }
    assert!(matches!(op().evidence(Seen::New, &read(6)), Outcome::Commit(_)));
    // What the meter took cannot be undone, so it counts whenever it was read.
    let taken = ReadBack { returned_count: Some(6), ..read(4) };
    assert!(matches!(op().evidence(Seen::Old, &taken), Outcome::Commit(_)));
}

#[test]
fn r2_r3_r4_a_station_runs_a_ticket_once_in_its_session_on_the_expected_card() {
    let ticket = sale().tickets()[0];
    let before = purchase_card(1234, 5, 100);
    let view = StationView { station: STATION, session: SESSION, highest_epoch: 0, card: &before };
    assert_eq!(ticket.admit(&before, &view), Ok(()));
    let no = |view: StationView<'_>| ticket.admit(&before, &view).unwrap_err();
    assert_eq!(no(StationView { station: OTHER, ..view }), TicketRefusal::OtherStation);
    assert_eq!(no(StationView { session: SessionId(21), ..view }), TicketRefusal::SessionEnded);
    assert_eq!(no(StationView { highest_epoch: 1, ..view }), TicketRefusal::OldEpoch { epoch: 1, highest: 1 });
    for changed in [with(&before, 0xc0, 0x68), with(&before, 0x40, 0xff), purchase_card(1234, 6, 300)] {
        assert_eq!(no(StationView { card: &changed, ..view }), TicketRefusal::BeforeDiffers);
    }
}

#[test]
fn a_void_needs_fences_a_restored_card_and_somebody_who_asks() {
    let op = sale().fence(fence(STATION, 1, 2));
    let voided = op.void(request(Seen::Old, 3)).unwrap();
    assert_eq!(voided.request.asked_by, OperatorId(3));
    assert_eq!(CardOp::Voided(voided).state(), OpState::Voided);
}

fn void_refusal(op: Authorised, request: VoidRequest) -> VoidRefusal {
    let refused = op.clone().void(request).unwrap_err();
    assert_eq!(refused.state, op, "the state stays as it was");
    refused.reason
}

#[test]
fn r5_every_station_that_ever_had_a_ticket_is_fenced_first() {
    let missing = VoidRefusal::NotFenced { station: STATION };
    assert_eq!(void_refusal(sale(), request(Seen::Old, 9)), missing);
    // The promise of a station that came back under another identity is not the old one's (R15).
    assert_eq!(void_refusal(sale().fence(fence(OTHER, 9, 2)), request(Seen::Old, 9)), missing);

    let two = sale().issue(OTHER, SessionId(21), EventNo(2), Purpose::Write).unwrap().fence(fence(STATION, 1, 3));
    assert_eq!(two.unfenced(), [OTHER]);
    assert_eq!(void_refusal(two.clone(), request(Seen::Old, 9)), VoidRefusal::NotFenced { station: OTHER });
    assert!(two.fence(fence(OTHER, 2, 4)).void(request(Seen::Old, 9)).is_ok());

    // A promise that does not cover the newest ticket is none.
    let again = sale().fence(fence(STATION, 1, 2)).issue(STATION, SESSION, EventNo(3), Purpose::Write).unwrap();
    assert_eq!(void_refusal(again, request(Seen::Old, 9)), missing);
}

#[test]
fn r6_the_card_is_read_after_the_newest_ticket_and_all_fences() {
    let op = || sale().fence(fence(STATION, 1, 5));
    for at in [4, 5] {
        assert_eq!(void_refusal(op(), request(Seen::Old, at)), VoidRefusal::ReadTooEarly);
    }
    let differ = VoidRequest { read: ReadBack { reads_equal: false, ..read(6) }, ..request(Seen::Old, 6) };
    assert_eq!(void_refusal(op(), differ), VoidRefusal::ReadsDiffer);
    assert!(op().void(request(Seen::Old, 6)).is_ok());
}

#[test]
fn a_card_that_is_not_restored_voids_nothing() {
    let op = || sale().fence(fence(STATION, 1, 2));
    for seen in [Seen::New, Seen::Torn, Seen::Other] {
        assert_eq!(void_refusal(op(), request(seen, 3)), VoidRefusal::NotRestored { seen });
    }
    let taken = VoidRequest { read: ReadBack { returned_count: Some(6), ..read(3) }, ..request(Seen::Old, 3) };
    assert_eq!(void_refusal(op(), taken), VoidRefusal::TakenByMeter);
    let missing = VoidRequest { journals_complete: false, ..request(Seen::Old, 3) };
    assert_eq!(void_refusal(op(), missing), VoidRefusal::JournalsMissing);
}

#[test]
fn r8_after_a_replacement_forward_only() {
    let op = sale().fence(fence(STATION, 1, 2)).replacement_opened();
    assert!(op.is_replaced());
    assert_eq!(void_refusal(op.clone(), request(Seen::Old, 3)), VoidRefusal::Replaced);
    assert!(matches!(op.evidence(Seen::New, &read(4)), Outcome::Commit(_)));
}

#[test]
fn r16_a_replacement_stays_open_until_its_own_card_is_verified() {
    let replacement = || authorised(order(OpKind::Replace));
    // The old card's late report, or the meter that took the number from it, does not close the replacement.
    let taken = ReadBack { returned_count: Some(6), ..read(2) };
    for seen in [Seen::Old, Seen::Torn] {
        assert!(matches!(replacement().evidence(seen, &taken), Outcome::NewTicket { .. }));
    }
    assert!(matches!(replacement().evidence(Seen::Other, &taken), Outcome::OtherCard { .. }));
    let Outcome::Commit(done) = replacement().evidence(Seen::New, &taken) else { panic!("not committed") };

    let closed = sale().replacement_opened().closed_by_replacement(&done).unwrap();
    assert_eq!(closed.proof, CommitProof::Replacement { by: OpId(2) });
    // Not a sale that no replacement was opened for, and not by another number.
    assert_eq!(sale().closed_by_replacement(&done).unwrap_err().reason, NotItsReplacement);
    let next = authorised(Order { count: 7, ..order(OpKind::Replace) });
    let Outcome::Commit(other) = next.evidence(Seen::New, &read(2)) else { panic!("not committed") };
    assert!(sale().replacement_opened().closed_by_replacement(&other).is_err());
}

#[test]
fn r7_one_open_sale_per_meter() {
    let open = |kind, state| [OpenOp { id: OpId(1), kind, state }];
    let no = |kind, open: &[OpenOp]| may_open(kind, open).unwrap_err().open;
    for state in [OpState::Prepared, OpState::Authorised] {
        assert_eq!(no(OpKind::Sale, &open(OpKind::Sale, state)), OpId(1));
        assert_eq!(no(OpKind::Sale, &open(OpKind::Replace, state)), OpId(1));
        assert_eq!(no(OpKind::Reissue, &open(OpKind::Replace, state)), OpId(1));
        assert_eq!(no(OpKind::Clear, &open(OpKind::Sale, state)), OpId(1));
    }
    for state in [OpState::Committed, OpState::Voided, OpState::Cancelled] {
        assert_eq!(may_open(OpKind::Sale, &open(OpKind::Sale, state)), Ok(Opening::default()));
    }
    assert_eq!(may_open(OpKind::Check, &open(OpKind::Sale, OpState::Authorised)), Ok(Opening::default()));
    assert_eq!(may_open(OpKind::Restore, &open(OpKind::Sale, OpState::Authorised)), Ok(Opening::default()));
}

#[test]
fn r7_a_replacement_beside_a_sale_takes_its_number_and_quantity() {
    let sale = |state| [OpenOp { id: OpId(1), kind: OpKind::Sale, state }];
    let beside = |state| may_open(OpKind::Replace, &sale(state)).unwrap();
    assert_eq!(beside(OpState::Authorised), Opening { cancels: None, takes_over: Some(OpId(1)) });
    assert_eq!(beside(OpState::Prepared), Opening { cancels: Some(OpId(1)), takes_over: None });
}

#[test]
fn r13_a_repair_writes_the_frozen_image_and_leaves_what_the_meter_wrote() {
    let (order, layout) = (order(OpKind::Sale), open_a());
    let torn = with(&with(&order.before, 0x40, 0xff), 0xc3, 0x77);
    assert_eq!(order.classify(&torn, &layout), Seen::Torn);
    let plan = order.repair(&torn, &layout).unwrap();
    let repaired = crate::torn::full_run(&torn, &plan);
    assert_eq!(repaired, with(&order.target, 0xc3, 0x77));
    assert_eq!(repaired, order.target_on(&torn, &layout));
    assert_eq!(order.classify(&repaired, &layout), Seen::New);
    let restored = crate::torn::full_run(&torn, &order.restore(&torn, &layout).unwrap());
    assert_eq!(order.classify(&restored, &layout), Seen::Old);
    assert!(order.repair(&CardImage::new(vec![0xff; 3]), &layout).is_err());
}

#[test]
fn r14_a_signed_ticket_brings_back_what_the_database_lost() {
    let ticket = Ticket { epoch: 4, station: STATION, session: SESSION, issued: EventNo(40), purpose: Purpose::Write };
    let op = Authorised::adopt(order(OpKind::Sale), ticket).unwrap();
    assert_eq!(op.epoch(), 4);
    assert!(matches!(op.evidence(Seen::New, &read(41)), Outcome::Commit(_)));
}

#[test]
fn codes_for_storage_are_stable_and_distinct() {
    assert_eq!(OpKind::ALL.map(OpKind::code), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(OpState::ALL.map(OpState::code), [1, 2, 3, 4, 5]);
    for kind in OpKind::ALL {
        assert_eq!(OpKind::try_from(kind.code()), Ok(kind));
    }
    for state in OpState::ALL {
        assert_eq!(OpState::try_from(state.code()), Ok(state));
    }
    assert!(OpKind::try_from(0).is_err() && OpState::try_from(6).is_err());
    assert!(OpState::Authorised.is_open() && !OpState::Voided.is_open());
}
