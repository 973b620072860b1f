//! The card is pulled at every cell operation of an opening and of a sale, put back, and completed.

use dianka_domain::card::password::Trust;
use dianka_domain::card::{CardImage, Seen, classify};
use dianka_lab::card::Partial;
use dianka_lab::reader::SlotView;
use dianka_station::proto::{CardSeen, TicketOutcome, TicketResult};

use crate::desk::{Desk, Order};
use crate::images::{CODE, TRANSPORT, blank, card, layout, purchase};

/// Runs the order with the card pulled after so many cell operations. None when it was written before that.
fn pulled(desk: &mut Desk, order: &Order, operations: u32) -> Option<(TicketResult, CardSeen)> {
    assert!(desk.sim.tear_after(operations, Partial::Seeded(u64::from(operations))));
    let result = desk.write(order);
    if desk.sim.slot() == SlotView::Card {
        assert!(matches!(result.outcome, TicketOutcome::Written { .. }), "{result:?}");
        return None;
    }
    desk.wait_out();
    assert!(desk.sim.reinsert());
    let seen = desk.wait_card();
    assert_ne!(seen.session, order.card.session);
    Some((result, seen))
}

fn kind(seen: &CardSeen, before: &[u8], target: &[u8]) -> Seen {
    let image = |bytes: &[u8]| CardImage::new(bytes.to_vec());
    classify(&image(&seen.image.0), &image(before), &image(target), &layout())
}

#[test]
fn a_sale_pulled_at_every_cell_is_reported_and_completed() {
    let (before, target) = (purchase(1), purchase(2));
    let mut desk = Desk::start();
    let mut kinds = Vec::new();
    for operations in 0.. {
        let seen = desk.insert(card(&before, CODE, 7));
        let order = Order::sale(&seen, &target, CODE);
        let Some((result, found)) = pulled(&mut desk, &order, operations) else { break };
        let kind = kind(&found, &before, &target);
        match &result.outcome {
            TicketOutcome::Refused { code, .. } => {
                assert_eq!((code.as_str(), kind), ("psc.torn", Seen::Old), "{operations}");
            }
            TicketOutcome::Torn { code, image: None, .. } => {
                assert_eq!(code, "write.removed");
                assert_ne!(kind, Seen::Other, "operation {operations}: {found:?}");
            }
            other => panic!("operation {operations}: {other:?}"),
        }
        kinds.push(kind);
        // A new ticket with what is there, in the new session.
        let again = Order { epoch: 2, card: found, ..order };
        let result = desk.write(&again);
        assert!(matches!(&result.outcome, TicketOutcome::Written { image2, .. } if image2.0 == target), "{result:?}");
        assert_eq!(desk.image(), target);
        assert_eq!(desk.sim.look(|card| (card.error_counter(), card.psc())), Some((Some(7), CODE.to_vec())));
        desk.sim.remove().unwrap();
        desk.wait_out();
    }
    assert!(kinds.len() > 60, "only {} operations", kinds.len());
    assert!(kinds.contains(&Seen::Old) && kinds.contains(&Seen::Torn), "{kinds:?}");
}

#[test]
fn an_opening_pulled_at_every_cell_never_shows_a_third_content() {
    let (before, target) = (blank(), purchase(1));
    let mut desk = Desk::start();
    let mut in_doubt = 0;
    for operations in 0.. {
        let seen = desk.insert(card(&before, TRANSPORT, 7));
        let order = Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &target, TRANSPORT) };
        let Some((result, found)) = pulled(&mut desk, &order, operations) else { break };
        let kind = kind(&found, &before, &target);
        assert_ne!(kind, Seen::Other, "operation {operations}: {result:?} {found:?}");
        // Which password holds is known, except where its change itself was torn.
        let psc = desk.sim.look(|card| card.psc()).unwrap();
        match result.psc_changed {
            None => assert_eq!(psc, TRANSPORT, "operation {operations}"),
            Some(true) => assert_eq!(psc, CODE, "operation {operations}"),
            Some(false) => in_doubt += 1,
        }
        desk.sim.remove().unwrap();
        desk.wait_out();
    }
    assert!(in_doubt > 0);
}
