//! A whole sale through every reader: the real driver component over a pseudo-terminal, and at its other end the lab's
//! reader, which was written from the manuals and not from the driver.

use dianka_domain::card::password::Trust;
use dianka_lab::reader::{Protocol, ReaderOptions};
use dianka_station::proto::{CardSeen, TicketOutcome, TicketResult};

use crate::desk::{Desk, Order};
use crate::images::{CODE, TRANSPORT, blank, card, purchase};

const ALL: [Protocol; 5] =
    [Protocol::CcidSerial, Protocol::CcidAcs, Protocol::Acr30, Protocol::Crt571, Protocol::Towitoko];

fn is_written(result: &TicketResult, target: &[u8]) -> bool {
    matches!(&result.outcome, TicketOutcome::Written { image1, image2, .. } if image1.0 == target && image2.0 == target)
}

fn with(mut card: CardSeen, image: Vec<u8>) -> CardSeen {
    card.image.0 = image;
    card
}

#[test]
fn a_card_is_sold_onto_through_each_of_them() {
    for protocol in ALL {
        let mut desk = Desk::start_with(ReaderOptions::of(protocol));
        let seen = desk.insert(card(&purchase(1), CODE, 7));
        assert_eq!(seen.image.0, purchase(1), "{protocol:?}");
        let result = desk.write(&Order::sale(&seen, &purchase(2), CODE));
        assert!(is_written(&result, &purchase(2)), "{protocol:?}: {result:?}");
        assert_eq!(desk.sim.look(|card| card.image()).unwrap(), purchase(2), "{protocol:?}");
        desk.sim.remove().unwrap();
        desk.wait_out();
    }
}

#[test]
fn a_blank_card_is_opened_through_each_that_can_tell_the_tries() {
    for protocol in ALL.into_iter().filter(|protocol| *protocol != Protocol::Acr30) {
        let mut desk = Desk::start_with(ReaderOptions::of(protocol));
        let seen = desk.insert(card(&blank(), TRANSPORT, 7));
        assert_eq!(seen.tries, Some(3), "{protocol:?}");
        let opening =
            Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &purchase(1), TRANSPORT) };
        let result = desk.write(&opening);
        assert!(is_written(&result, &purchase(1)), "{protocol:?}: {result:?}");
        assert_eq!(result.psc_changed, Some(true), "{protocol:?}");
        let result = desk.write(&Order::sale(&with(seen, purchase(1)), &purchase(2), CODE));
        assert!(is_written(&result, &purchase(2)), "{protocol:?}: {result:?}");
    }
}

#[test]
fn a_wrong_password_costs_one_try_and_no_more() {
    for protocol in ALL {
        let mut desk = Desk::start_with(ReaderOptions::of(protocol));
        let seen = desk.insert(card(&purchase(1), CODE, 7));
        let result = desk.write(&Order::sale(&seen, &purchase(2), [0x11, 0x22, 0x33]));
        assert!(!is_written(&result, &purchase(2)), "{protocol:?}: {result:?}");
        let (image, counter) = desk.sim.look(|card| (card.image(), card.error_counter())).unwrap();
        assert_eq!((image, counter.map(u8::count_ones)), (purchase(1), Some(2)), "{protocol:?}: {result:?}");
    }
}
