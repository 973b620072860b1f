//! A reader that cannot tell the tries: the real `acr30` component over a pseudo-terminal, and a reader of this test's
//! own at its other end.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

use dianka_domain::card::password::Trust;
use dianka_lab::sle4442::Sle4442;
use dianka_station::proto::{
    CardSeen, FromStation, ReaderSettings, ReaderStatus, TicketOutcome, TicketResult, ToStation,
};
use serialport::{SerialPort as _, TTYPort};

use crate::desk::{Desk, Order};
use crate::images::{CODE, TRANSPORT, blank, card, purchase};

/// What is in the slot, and how often a password was presented to it.
#[derive(Default)]
struct Slot {
    card: Option<Sle4442>,
    presented: u32,
}

struct Acr30 {
    port: String,
    slot: Arc<Mutex<Slot>>,
    /// Keeps the terminal there between two openings.
    _slave: TTYPort,
}

impl Acr30 {
    fn start() -> Self {
        let (mut master, slave) = TTYPort::pair().unwrap();
        let port = slave.name().unwrap();
        master.set_timeout(std::time::Duration::from_secs(60)).unwrap();
        let slot = Arc::new(Mutex::new(Slot::default()));
        let inside = Arc::clone(&slot);
        // It ends with the test: its line fails when the slave is gone.
        std::thread::spawn(move || while serve(&mut master, &inside).is_ok() {});
        Self { port, slot, _slave: slave }
    }

    fn insert(&self, card: Sle4442) {
        self.slot.lock().unwrap().card = Some(card);
    }

    fn pull(&self) -> Sle4442 {
        let mut card = self.slot.lock().unwrap().card.take().unwrap();
        card.power_off();
        card
    }

    fn presented(&self) -> u32 {
        self.slot.lock().unwrap().presented
    }
}

/// One command in, one answer out: `02`, hexadecimal of `01 INS LEN data XOR`, `03`.
fn serve(line: &mut TTYPort, slot: &Mutex<Slot>) -> std::io::Result<()> {
    let mut text = Vec::new();
    let mut byte = [0];
    while byte[0] != 3 {
        line.read_exact(&mut byte)?;
        text.push(byte[0]);
    }
    let digits = String::from_utf8(text[1..text.len() - 1].to_vec()).map_err(std::io::Error::other)?;
    let message = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16));
    let message = message.collect::<Result<Vec<_>, _>>().map_err(std::io::Error::other)?;
    let (status, data) = answer(&mut slot.lock().unwrap(), message[1], &message[3..message.len() - 1]);
    let [sw1, sw2] = u16::to_be_bytes(status);
    let mut reply = vec![1, sw1, sw2, u8::try_from(data.len()).unwrap()];
    reply.extend(data);
    reply.push(reply.iter().fold(0, |sum, byte| sum ^ byte));
    let text = reply.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    line.write_all(&[b"\x02", text.as_bytes(), b"\x03"].concat())
}

fn answer(slot: &mut Slot, ins: u8, data: &[u8]) -> (u16, Vec<u8>) {
    let Slot { card, presented } = slot;
    let state = card.as_ref().map_or(0, |card| if card.is_powered() { 3 } else { 1 });
    let done = |good: bool| (if good { 0x9000 } else { 0x6020 }, Vec::new());
    match (ins, data, card) {
        (0x01, [], _) => (0x9000, [&[0; 15][..], &[state]].concat()),
        (0x02, [kind], _) => done(*kind == 6),
        (_, _, None) => (0x6002, Vec::new()),
        (0x80, [], Some(card)) => {
            card.power_off();
            (0x9010, card.power_on().unwrap().to_vec())
        }
        (0x81, [], Some(card)) => {
            card.power_off();
            done(true)
        }
        (_, _, Some(card)) if !card.is_powered() => (0x6004, Vec::new()),
        (0x90, [0, at, len], Some(card)) => {
            (0x9000, card.image()[usize::from(*at)..usize::from(*at) + usize::from(*len)].to_vec())
        }
        (0x91, [0, at, bytes @ ..], Some(card)) => {
            done((*at..).zip(bytes).all(|(at, byte)| card.command(0x38, at, *byte).is_ok()))
        }
        (0x92, code, Some(card)) => {
            *presented += 1;
            let (counter, _) = card.present(code.try_into().unwrap()).unwrap();
            (if counter == 7 { 0x9000 } else { 0x6201 }, vec![counter])
        }
        other => panic!("{ins:02X} {:02X?}", other.1),
    }
}

fn at_the_reader() -> (Desk, Acr30) {
    let reader = Acr30::start();
    let mut desk = Desk::start();
    let settings = ReaderSettings { port: reader.port.clone(), driver: "acr30".into(), baud: None };
    desk.send(ToStation::Configure(settings));
    let state = desk.wait("the reader", |message| match message {
        FromStation::State(state) if state.state == ReaderStatus::Ready && state.driver_id == "acr30" => Some(state),
        _ => None,
    });
    assert!(state.detail.unwrap().contains("cannot tell the tries"));
    (desk, reader)
}

fn inserted(desk: &mut Desk, reader: &Acr30, card: Sle4442) -> CardSeen {
    reader.insert(card);
    let seen = desk.wait_card();
    assert_eq!((seen.chip.as_str(), seen.tries), ("sle4442", None));
    seen
}

fn refused(result: &TicketResult) -> &str {
    match &result.outcome {
        TicketOutcome::Refused { code, .. } => code,
        other => panic!("not refused: {other:?}"),
    }
}

fn is_written(result: &TicketResult, target: &[u8]) -> bool {
    matches!(&result.outcome, TicketOutcome::Written { image1, tries: None, .. } if image1.0 == target)
}

#[test]
fn a_password_that_verified_is_presented_once_in_an_insertion() {
    let (mut desk, reader) = at_the_reader();
    let seen = inserted(&mut desk, &reader, card(&purchase(1), CODE, 7));
    assert!(is_written(&desk.write(&Order::sale(&seen, &purchase(2), CODE)), &purchase(2)));
    assert_eq!(reader.presented(), 1);

    // The card stays in: not a second time.
    let mut now = seen.clone();
    now.image.0 = purchase(2);
    assert_eq!(refused(&desk.write(&Order::sale(&now, &purchase(3), CODE))), "psc.once");
    // Nor after the reader was lost and found, which gives the same card a new session.
    let settings = ReaderSettings { port: reader.port.clone(), driver: "acr30".into(), baud: None };
    desk.send(ToStation::Configure(settings));
    let again = desk.wait_card();
    assert_ne!(again.session, seen.session);
    assert_eq!(refused(&desk.write(&Order::sale(&again, &purchase(3), CODE))), "psc.once");
    assert_eq!(reader.presented(), 1);

    // Out and in again: a new insertion.
    let card = reader.pull();
    desk.wait_out();
    let seen = inserted(&mut desk, &reader, card);
    assert!(is_written(&desk.write(&Order::sale(&seen, &purchase(3), CODE)), &purchase(3)));
    assert_eq!(reader.presented(), 2);
}

#[test]
fn a_password_that_never_verified_is_not_presented() {
    let (mut desk, reader) = at_the_reader();
    let seen = inserted(&mut desk, &reader, card(&purchase(1), CODE, 7));
    let derived = Order { trust: Trust::Derived, ..Order::sale(&seen, &purchase(2), CODE) };
    assert_eq!(refused(&desk.write(&derived)), "card.tries_unknown");
    reader.pull();
    desk.wait_out();
    let seen = inserted(&mut desk, &reader, card(&blank(), TRANSPORT, 7));
    let sale = Order::sale(&seen, &purchase(1), TRANSPORT);
    let opening = Order { change_to: Some(CODE), trust: Trust::Transport, ..sale.clone() };
    assert_eq!(refused(&desk.write(&opening)), "card.tries_unknown");
    assert_eq!(reader.presented(), 0);
}

/// However often it is put in, and over a restart: one try, and no more.
#[test]
fn a_password_that_did_not_verify_is_not_presented_again() {
    let (mut desk, reader) = at_the_reader();
    let seen = inserted(&mut desk, &reader, card(&purchase(1), [1, 2, 3], 7));
    assert_eq!(refused(&desk.write(&Order::sale(&seen, &purchase(2), CODE))), "psc.wrong");
    for restart in [false, true] {
        let card = reader.pull();
        desk.wait_out();
        if restart {
            // It remembers which reader it was given.
            desk.restart();
            let state = desk.wait_status(ReaderStatus::Ready);
            assert_eq!(state.driver_id, "acr30");
        }
        let seen = inserted(&mut desk, &reader, card);
        assert_eq!(refused(&desk.write(&Order::sale(&seen, &purchase(2), CODE))), "card.tries_unknown");
    }
    assert_eq!(reader.presented(), 1);
    assert_eq!(reader.pull().error_counter().count_ones(), 2);
}
