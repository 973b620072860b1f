//! Rules 2.5: purchase counter and lost cards.

use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{EventNo, OpKind, Outcome, ReadBack};
use dianka_domain::counter::{
    CounterRefusal, CounterState, MeterVerdict, NextCount, NotLoadedAdvice, Proof, Reissue, advice_not_loaded,
    meter_verdict,
};
use dianka_domain::facts::MeterFacts;

use crate::card_op_rules::{authorised, order};
use crate::common::gb;

fn state(sold: u32, acked: u32) -> CounterState {
    CounterState { sold, acked, issue: 1 }
}

#[test]
fn r2_5_the_meter_loads_only_its_next_count() {
    assert_eq!(meter_verdict(5, 4), MeterVerdict::Takes);
    assert_eq!(meter_verdict(5, 5), MeterVerdict::AlreadyTaken);
    assert_eq!(meter_verdict(6, 4), MeterVerdict::Skipped { waits_for: 5 });
}

#[test]
fn r2_5_sale_needs_everything_loaded_and_the_current_card() {
    assert_eq!(state(5, 5).may_sell(1, &gb()), Ok(NextCount { count: 6, warn_left: None }));
    assert_eq!(CounterState::opened().may_sell(1, &gb()).unwrap().count, 1);
    let old = state(5, 5).may_sell(0, &gb());
    assert_eq!(old, Err(CounterRefusal::NotCurrentCard { card: 0, current: 1 }));
}

#[test]
fn r2_5_unused_card_is_refused() {
    let refusal = state(5, 4).may_sell(1, &gb()).unwrap_err();
    assert_eq!(refusal, CounterRefusal::NotLoaded { sold: 5, acked: 4 });
    assert_eq!(refusal.code(), "card.not_loaded");
    assert_eq!(state(5, 4).take(6), Err(refusal));
    // Returned data prove it, and the sale may go on.
    let learnt = state(5, 4).observe_returned(5).unwrap();
    assert_eq!(learnt.may_sell(1, &gb()).unwrap().count, 6);
}

#[test]
fn r2_5_lost_not_inserted_writes_image_5_again_and_the_first_card_wins() {
    let reissue = state(5, 4).replace_lost().unwrap();
    assert_eq!(reissue, Reissue { count: 5, issue: 2, state: CounterState { sold: 5, acked: 4, issue: 2 } });
    // Whichever of the two cards comes first is taken, the other one is not.
    assert_eq!(meter_verdict(reissue.count, 4), MeterVerdict::Takes);
    assert_eq!(meter_verdict(5, 5), MeterVerdict::AlreadyTaken);
    // The old card is no longer sold to.
    assert!(matches!(reissue.state.may_sell(1, &gb()), Err(CounterRefusal::NotCurrentCard { .. })));
}

#[test]
fn r2_5_lost_after_insertion_or_lying_writes_image_5_again_without_gain() {
    let reissue = state(5, 5).replace_lost().unwrap();
    assert_eq!((reissue.count, reissue.issue), (5, 2));
    assert_eq!(meter_verdict(reissue.count, 5), MeterVerdict::AlreadyTaken);
}

#[test]
fn r2_5_nothing_was_sold_so_nothing_is_written_again() {
    assert_eq!(CounterState::opened().replace_lost(), Err(CounterRefusal::NothingToWriteAgain { count: 0 }));
}

#[test]
fn r2_5_sale_after_a_replacement_waits_until_it_was_inserted_once() {
    let replaced = state(5, 4).replace_lost().unwrap().state;
    assert!(matches!(replaced.may_sell(2, &gb()), Err(CounterRefusal::NotLoaded { sold: 5, acked: 4 })));
    // Whether the meter took it or rejected it, it writes back that it has taken 5.
    let learnt = replaced.observe_returned(5).unwrap();
    assert_eq!(learnt.may_sell(2, &gb()).unwrap().count, 6);
}

#[test]
fn r2_5_without_write_back_on_rejection_another_proof_serves() {
    let silent = MeterFacts { writes_back_on_rejection: Some(false), ..gb() };
    let talks = MeterFacts { writes_back_on_rejection: Some(true), ..gb() };
    assert_eq!(advice_not_loaded(true, &silent), NotLoadedAdvice::InsertOrProve);
    assert_eq!(advice_not_loaded(true, &gb()), NotLoadedAdvice::InsertOrProve);
    assert_eq!(advice_not_loaded(true, &talks), NotLoadedAdvice::InsertOnce);
    assert_eq!(advice_not_loaded(false, &silent), NotLoadedAdvice::InsertOnce);

    let open = state(5, 4);
    for proof in [Proof::ReturnedOnCard, Proof::ReadingCard, Proof::RemoteReading] {
        assert_eq!(open.prove(5, proof, &talks).unwrap().acked, 5);
        assert_eq!(open.prove(5, proof, &silent).unwrap().acked, 5);
    }
    for proof in [Proof::InspectorPhoto, Proof::Supervisor] {
        assert_eq!(open.prove(5, proof, &silent).unwrap().acked, 5);
        assert!(matches!(open.prove(5, proof, &talks), Err(CounterRefusal::NotLoaded { .. })));
    }
}

/// A replacement carries the sale's number and quantity and nothing else closes the sale.
#[test]
fn r2_5_a_replacement_is_equal_in_value() {
    let sale = authorised(order(OpKind::Sale)).replacement_opened();
    let mut other = order(OpKind::Replace);
    let read = ReadBack { at: EventNo(9), reads_equal: true, returned_count: None };
    let commit = |order| match authorised(order).evidence(Seen::New, &read) {
        Outcome::Commit(done) => done,
        other => panic!("{other:?}"),
    };
    assert!(sale.clone().closed_by_replacement(&commit(other.clone())).is_ok());
    other.quantity = crate::common::meter(301);
    assert!(sale.closed_by_replacement(&commit(other)).is_err());
}

#[test]
fn r2_5_a_replacement_image_is_repeated_as_it_is_byte_for_byte() {
    let sale = order(OpKind::Sale);
    let blank = CardImage::new(vec![0xff; sale.target.len()]);
    let layout = crate::card_layout::open_a();
    assert_eq!(sale.target_on(&sale.target, &layout), sale.target);
    let onto_blank = sale.target_on(&blank, &layout);
    for at in 0..layout.size {
        let expected = if layout.is_returned(at) { Some(0xff) } else { sale.target.at(at) };
        assert_eq!(onto_blank.at(at), expected);
    }
}

#[test]
fn r2_5_two_replacements_of_5_are_harmless_and_the_earlier_is_refused_at_the_window() {
    let first = state(5, 4).replace_lost().unwrap();
    let second = first.state.replace_lost().unwrap();
    assert_eq!((second.count, second.issue), (5, 3));
    for old in [1, 2] {
        let refusal = second.state.may_sell(old, &gb());
        assert_eq!(refusal, Err(CounterRefusal::NotCurrentCard { card: old, current: 3 }));
    }
}

#[test]
fn r2_5_skipped_meter_4_card_6_reissues_5_then_6() {
    assert_eq!(meter_verdict(6, 4), MeterVerdict::Skipped { waits_for: 5 });
    // 5 had been taken for loaded on a person's word; the meter knows better.
    let reissue = state(6, 5).reissue_previous(4).unwrap();
    assert_eq!((reissue.count, reissue.state.acked), (5, 4));
    assert_eq!(reissue.state.skipped(4).collect::<Vec<_>>(), [5, 6]);
    // The next sale waits for both.
    assert!(reissue.state.may_sell(reissue.issue, &gb()).is_err());
    let after_5 = reissue.state.observe_returned(5).unwrap();
    assert_eq!(after_5.reissue_previous(5).unwrap().count, 6);
    assert!(after_5.observe_returned(6).unwrap().may_sell(2, &gb()).is_ok());
}

#[test]
fn r2_5_two_windows_at_once_the_second_gets_a_conflict() {
    let before = state(5, 5);
    let count = before.may_sell(1, &gb()).unwrap().count;
    let after = before.take(count).unwrap();
    assert_eq!(after, state(6, 5));
    let second = after.observe_returned(6).unwrap().take(count);
    assert_eq!(second, Err(CounterRefusal::Taken { count: 6, sold: 6 }));
    assert_eq!(after.take(count), Err(CounterRefusal::NotLoaded { sold: 6, acked: 5 }));
}

#[test]
fn r2_5_rollover_warns_from_9900_and_stops_after_9999() {
    let at = |sold| state(sold, sold).may_sell(1, &gb());
    assert_eq!(at(9898), Ok(NextCount { count: 9899, warn_left: None }));
    assert_eq!(at(9899), Ok(NextCount { count: 9900, warn_left: Some(99) }));
    assert_eq!(at(9998), Ok(NextCount { count: 9999, warn_left: Some(0) }));
    let refusal = at(9999).unwrap_err();
    assert_eq!(refusal, CounterRefusal::Exhausted { max: 9999 });
    assert_eq!(refusal.code(), "sale.count_exhausted");
    // Also where the driver knows what follows: the period is renewed before numbers repeat.
    let wraps = MeterFacts { count_wraps_to: Some(0), ..gb() };
    assert!(state(9999, 9999).may_sell(1, &wraps).is_err());
}

#[test]
fn r2_5_a_meter_ahead_of_the_books_or_behind_itself_is_refused() {
    let ahead = state(5, 4).observe_returned(6).unwrap_err();
    assert_eq!((ahead, ahead.code()), (CounterRefusal::CountAhead { returned: 6, sold: 5 }, "card.count_ahead"));
    let behind = state(5, 4).observe_returned(3).unwrap_err();
    assert_eq!((behind, behind.code()), (CounterRefusal::CountBehind { returned: 3, acked: 4 }, "card.count_behind"));
    assert!(matches!(state(5, 4).reissue_previous(6), Err(CounterRefusal::CountAhead { .. })));
}

/// A voided number must be sold again, or the meter waits for it for ever.
#[test]
fn r2_5_a_voided_number_is_used_again() {
    let sold = state(5, 5).take(6).unwrap();
    let back = sold.give_back(6).unwrap();
    assert_eq!(back.may_sell(1, &gb()).unwrap().count, 6);
    assert!(sold.observe_returned(6).unwrap().give_back(6).is_err());
    assert!(sold.give_back(5).is_err());
}
