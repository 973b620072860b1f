//! Tickets that run, that are refused, and that are repeated.

use std::time::Duration;

use dianka_domain::card::password::Trust;
use dianka_station::proto::{FromStation, Step, TicketOutcome, TicketResult, ToStation};
use uuid::Uuid;

use crate::desk::{Desk, Order};
use crate::images::{CODE, TRANSPORT, blank, card, purchase};

fn is_written(result: &TicketResult, target: &[u8]) -> bool {
    matches!(&result.outcome, TicketOutcome::Written { image1, image2, tries: Some(3) }
        if image1.0 == target && image2.0 == target)
}

fn refused(result: &TicketResult) -> (&str, Option<u8>) {
    match &result.outcome {
        TicketOutcome::Refused { code, tries, .. } => (code, *tries),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_card_is_opened_and_sold_onto() {
    let mut desk = Desk::start();
    let seen = desk.insert(card(&blank(), TRANSPORT, 7));
    let opening =
        Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &purchase(1), TRANSPORT) };
    let result = desk.write(&opening);
    assert!(is_written(&result, &purchase(1)), "{result:?}");
    assert_eq!(result.psc_changed, Some(true));
    assert_eq!(desk.sim.look(|card| (card.image(), card.psc())), Some((purchase(1), CODE.to_vec())));

    // The card stayed in: the same session, and the next sale.
    let mut now = seen.clone();
    now.image.0 = purchase(1);
    let wear = desk.sim.look(|card| card.cells().total()).unwrap();
    let mut steps = Vec::new();
    let sale = Order::sale(&now, &purchase(2), CODE);
    let ticket = desk.server.ticket(&sale, &desk.hello.box_public_key);
    desk.send(ToStation::Write(ticket.clone()));
    let result = desk.wait("result", |message| match message {
        FromStation::Progress { step, .. } => {
            steps.push(step);
            None
        }
        FromStation::TicketResult(result) if result.op == sale.op => Some(result),
        _ => None,
    });
    assert!(is_written(&result, &purchase(2)), "{result:?}");
    assert_eq!(
        steps,
        [Step::Compare, Step::Present, Step::EraseSeal, Step::Body, Step::VerifyBody, Step::Seal, Step::ReadBack]
    );

    // The same ticket again: the same answer, and not one cell touched.
    let worn = desk.sim.look(|card| card.cells().total()).unwrap();
    assert!(worn > wear);
    desk.send(ToStation::Write(ticket));
    assert_eq!(desk.result(sale.op, 1), result);
    assert_eq!(desk.sim.look(|card| card.cells().total()), Some(worn));
}

#[test]
fn a_result_is_said_again_until_it_is_acknowledged() {
    let mut desk = Desk::start();
    let seen = desk.insert(card(&purchase(1), CODE, 7));
    let order = Order::sale(&seen, &purchase(2), CODE);
    let ticket = desk.server.ticket(&order, &desk.hello.box_public_key);
    desk.send(ToStation::Write(ticket));
    let result = desk.result(order.op, 1);
    let seq = desk.hello.journal_seq;
    desk.restart();
    assert!(desk.hello.journal_seq >= seq + 3);
    assert_eq!(desk.result(order.op, 1), result);
    desk.send(ToStation::AckResult { op: order.op, epoch: 1 });
    // The acknowledgement is in the journal before anything that is asked later.
    desk.read_card();
    desk.restart();
    desk.never("a result that was acknowledged", Duration::from_millis(500), |message| {
        matches!(message, FromStation::TicketResult(_)).then_some(())
    });
}

#[test]
fn a_wrong_password_costs_one_try_and_the_last_two_are_kept() {
    let mut desk = Desk::start();
    let seen = desk.insert(card(&purchase(1), CODE, 7));
    let wrong = Order { trust: Trust::Derived, ..Order::sale(&seen, &purchase(2), [1, 2, 3]) };
    assert_eq!(refused(&desk.write(&wrong)), ("psc.wrong", Some(2)));
    assert_eq!(desk.image(), purchase(1));

    // In this session no password is presented any more, not even the right one.
    assert_eq!(refused(&desk.write(&Order::sale(&seen, &purchase(2), CODE))), ("psc.closed", None));
    let found = desk.sim.remove().unwrap();
    desk.wait_out();
    let seen = desk.insert(found);
    // Two tries: a password that never verified on this card is not presented, whoever asks.
    for trust in [Trust::Derived, Trust::Transport] {
        let again = Order { trust, ..Order::sale(&seen, &purchase(2), CODE) };
        assert_eq!(refused(&desk.write(&again)), ("card.tries_low", Some(2)));
    }
    assert_eq!(desk.sim.look(|card| card.error_counter().map(u8::count_ones)), Some(Some(2)));
    // One that did is, and gives the tries back.
    let right = Order::sale(&seen, &purchase(2), CODE);
    let result = desk.write(&right);
    assert!(is_written(&result, &purchase(2)), "{result:?}");

    // One try left: never.
    desk.sim.remove().unwrap();
    desk.wait_out();
    let seen = desk.insert(card(&purchase(1), CODE, 4));
    assert_eq!(refused(&desk.write(&Order::sale(&seen, &purchase(2), CODE))), ("card.tries_low", Some(1)));
    desk.sim.remove().unwrap();
    desk.wait_out();
    let seen = desk.insert(card(&purchase(1), CODE, 0));
    assert_eq!(refused(&desk.write(&Order::sale(&seen, &purchase(2), CODE))), ("card.locked", Some(0)));
    assert_eq!(desk.sim.look(|card| card.cells().total()), Some(0));
}

#[test]
fn another_card_or_another_content_is_not_written() {
    let mut desk = Desk::start();
    let first = desk.insert(card(&purchase(1), CODE, 7));
    let mut differs = Order::sale(&first, &purchase(2), CODE);
    differs.card.image.0 = purchase(9);
    let result = desk.write(&differs);
    assert_eq!(refused(&result).0, "ticket.before_differs");
    let TicketOutcome::Refused { image: Some(image), .. } = &result.outcome else { panic!("{result:?}") };
    assert_eq!(image.0, purchase(1));

    desk.sim.remove().unwrap();
    desk.wait_out();
    assert_eq!(refused(&desk.write(&Order::sale(&first, &purchase(2), CODE))).0, "ticket.dead_session");
    desk.insert(card(&purchase(1), CODE, 7));
    // The same content in a new session: the old session's ticket is dead all the same.
    assert_eq!(refused(&desk.write(&Order::sale(&first, &purchase(2), CODE))).0, "ticket.dead_session");
    assert_eq!(desk.sim.look(|card| card.cells().total()), Some(0));
}

#[test]
fn a_ticket_of_another_server_is_not_even_answered() {
    let mut desk = Desk::start();
    let seen = desk.insert(card(&purchase(1), CODE, 7));
    let order = Order::sale(&seen, &purchase(2), CODE);
    let mut ticket = desk.server.ticket(&order, &desk.hello.box_public_key);
    ticket.signature.0[10] ^= 1;
    desk.send(ToStation::Write(ticket));
    desk.never("an answer", Duration::from_millis(500), |message| {
        matches!(message, FromStation::TicketResult(_)).then_some(())
    });
    // Its epoch is not spent: the real one runs.
    let result = desk.write(&order);
    assert!(is_written(&result, &purchase(2)), "{result:?}");
    let older = Order { epoch: 0, ..order };
    assert_eq!(refused(&desk.write(&older)).0, "ticket.stale_epoch");
    assert_eq!(desk.image(), purchase(2));
}

#[test]
fn a_virtual_workstation_has_its_reader_on_the_bench() {
    use dianka_lab::world::{Place, World};
    use dianka_station::proto::BenchCommand;

    let dir = tempfile::tempdir().unwrap();
    let world = World::open(&dir.path().join("bench")).unwrap();
    let card = world.new_card("A").unwrap();
    let mut desk = Desk::on_bench(dir, 7);
    let ask = |desk: &mut Desk, cmd| {
        let request = Uuid::new_v4();
        desk.send(ToStation::Bench { request, cmd });
        desk.wait("bench-answer", |message| match message {
            FromStation::BenchAnswer { request: answered, ok, code, .. } if answered == request => Some((ok, code)),
            _ => None,
        })
    };
    let done = (true, None);
    assert_eq!(ask(&mut desk, BenchCommand::InsertCard { card_id: card.0 }), done);
    let seen = desk.wait_card();
    assert_eq!(seen.image.0, blank());
    assert_eq!(world.card(card).unwrap().place, Place::Reader(7));

    assert_eq!(ask(&mut desk, BenchCommand::PullAfter { cells: 6 }), done);
    let order = Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &purchase(1), TRANSPORT) };
    let result = desk.write(&order);
    assert!(matches!(result.outcome, TicketOutcome::Torn { .. }), "{result:?}");
    desk.wait_out();
    let start = std::time::Instant::now();
    while world.card(card).unwrap().place != Place::Drawer {
        assert!(start.elapsed() < Duration::from_secs(5), "the pulled card lies in the drawer");
        std::thread::sleep(Duration::from_millis(5));
    }

    assert_eq!(ask(&mut desk, BenchCommand::InsertCard { card_id: card.0 }), done);
    let seen = desk.wait_card();
    let again = Order { epoch: 2, card: seen, ..order };
    let result = desk.write(&again);
    assert!(is_written(&result, &purchase(1)), "{result:?}");
    assert_eq!(world.card(card).unwrap().cells.bytes()[..256], purchase(1));
    assert_eq!(ask(&mut desk, BenchCommand::Unplug), done);
    desk.wait_out();
    assert_eq!(ask(&mut desk, BenchCommand::Replug), done);
    desk.wait_card();
    assert_eq!(ask(&mut desk, BenchCommand::RemoveCard), done);
    desk.wait_out();
    assert_eq!(ask(&mut desk, BenchCommand::InsertCard { card_id: 999 }), (false, Some("bench.unknown".into())));
}
