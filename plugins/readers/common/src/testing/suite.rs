//! The trouble that every driver has to stand: call [`all`] with a driver's [`Bench`].

mod damage;

use std::rc::Rc;

use dianka_sdk::reader::driver::{Error, ErrorKind};

use super::{Card, Line, Reader, Reply, Shared};
use crate::{Chip, Commands, Session};

/// How a driver is put on a scripted line.
pub trait Bench {
    type Commands: Commands;
    /// Chips that the driver can write.
    const CHIPS: &'static [Chip];
    /// Whether it reads the AT24C02.
    const READS_I2C: bool;
    fn open(line: Line) -> Session<Self::Commands>;
    fn line(session: &mut Session<Self::Commands>) -> &mut Line;
    /// A reader in order, with this card.
    fn reader(card: Shared) -> Reader;
}

type On<B> = Session<<B as Bench>::Commands>;
type Run<B> = fn(&mut On<B>, Chip) -> Result<(), Error>;

fn plain<B: Bench>(card: &Shared) -> Line {
    Line::saying(B::reader(Rc::clone(card)))
}

/// Probed and powered.
fn powered<B: Bench>(card: &Shared) -> On<B> {
    let mut session = B::open(plain::<B>(card));
    session.probe().unwrap();
    session.power_on().unwrap();
    session
}

fn sent<B: Bench>(session: &mut On<B>) -> usize {
    B::line(session).sent.len()
}

fn right(chip: Chip) -> Vec<u8> {
    vec![0xC5; chip.code_len().unwrap()]
}

fn wrong(chip: Chip) -> Vec<u8> {
    vec![0x3A; chip.code_len().unwrap()]
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it must not succeed"),
        Err(error) => error.kind,
    }
}

/// Everything below, for all chips.
pub fn all<B: Bench>() {
    for chip in B::CHIPS {
        a_sale::<B>(*chip, 0, 0);
        a_slow_line::<B>(*chip);
        a_wrong_code_spends_one_try::<B>(*chip);
        bounds::<B>(*chip);
        damage::answers_lost_and_damaged::<B>(*chip);
        a_card_that_is_pulled::<B>(*chip);
        noise::<B>(*chip);
        nothing_secret_is_logged::<B>(*chip);
        the_port_fails::<B>(*chip);
    }
    if B::READS_I2C {
        read_only::<B>();
    }
    nobody_there::<B>();
}

fn a_sale<B: Bench>(chip: Chip, delay_ms: u64, pace_ms: u64) {
    let card = Card::new(chip);
    let mut line = plain::<B>(&card);
    (line.delay_ms, line.pace_ms) = (delay_ms, pace_ms);
    let mut session = B::open(line);
    assert!(!session.probe().unwrap().model.is_empty());
    card.borrow_mut().inserted = false;
    assert!(!session.poll().unwrap());
    assert_eq!(kind(session.power_on()), ErrorKind::NoCard);
    card.borrow_mut().inserted = true;
    assert!(session.poll().unwrap());
    assert!(!card.borrow().powered, "a poll never powers");
    assert_eq!(kind(session.read(0, 1)), ErrorKind::NoCard, "nothing reaches a card without power");
    let info = session.power_on().unwrap();
    assert_eq!((info.chip.as_str(), info.size), (chip.name(), chip.size()));
    assert!(info.atr.ends_with(&card.borrow().atr().unwrap()), "{:02X?}", info.atr);
    let size = usize::try_from(chip.size()).unwrap();
    assert_eq!(session.read(0, chip.size()).unwrap(), card.borrow().cells[..size]);
    assert_eq!(session.read(0x7F, 3).unwrap(), card.borrow().cells[0x7F..0x82]);
    assert_eq!(session.read(chip.size(), 0).unwrap(), []);
    assert!(session.poll().unwrap());
    assert_eq!(card.borrow().presented, 0, "neither polls nor reads present");
    tries::<B>(&mut session, 3);
    session.present(&right(chip)).unwrap();
    tries::<B>(&mut session, 3);
    let news = (0..40).map(|at| at ^ 0x99).collect::<Vec<u8>>();
    session.write(0x43, &news).unwrap();
    assert_eq!(session.read(0x43, 40).unwrap(), news);
    assert_eq!(card.borrow().writes.len(), 40, "each cell once");
    session.change_code(&wrong(chip)).unwrap();
    session.power_off().unwrap();
    assert_eq!(kind(session.write(0x43, &[1])), ErrorKind::NoCard);
    session.power_on().unwrap();
    session.present(&wrong(chip)).unwrap();
    assert_eq!(card.borrow().presented, 2);
    assert_eq!(card.borrow().counter, chip.full_counter());
}

fn tries<B: Bench>(session: &mut On<B>, expected: u8) {
    match session.error_counter() {
        Ok(tries) => assert_eq!(tries, expected),
        Err(error) => {
            assert!(!B::Commands::READS_COUNTER, "{error:?}");
            assert_eq!(error.kind, ErrorKind::Unsupported);
        }
    }
}

fn a_slow_line<B: Bench>(chip: Chip) {
    a_sale::<B>(chip, 200, 1);
    a_sale::<B>(chip, 90, 12);
}

fn a_wrong_code_spends_one_try<B: Bench>(chip: Chip) {
    let card = Card::new(chip);
    let mut session = powered::<B>(&card);
    let full = card.borrow().counter.count_ones();
    for spent in 1..=full {
        let left = full - spent;
        let expected = if left == 0 { ErrorKind::Locked } else { ErrorKind::WrongCode };
        let told = kind(session.present(&wrong(chip)));
        // A reader that says "wrong" of the last try too is right as well.
        assert!(told == expected || told == ErrorKind::WrongCode, "{told:?} with {left} left");
        assert_eq!((card.borrow().presented, card.borrow().counter.count_ones()), (spent, left));
        tries::<B>(&mut session, u8::try_from(left.min(3)).unwrap());
    }
    assert_eq!(kind(session.present(&right(chip))), ErrorKind::Locked);
    assert_eq!(kind(session.write(0x40, &[1])), ErrorKind::Refused);
    assert!(card.borrow().writes.is_empty());
}

fn bounds<B: Bench>(chip: Chip) {
    let card = Card::new(chip);
    let mut session = powered::<B>(&card);
    let before = sent::<B>(&mut session);
    let size = chip.size();
    for (offset, len) in [(0, size + 1), (size, 1), (u32::MAX, 1), (1, u32::MAX)] {
        assert_eq!(kind(session.read(offset, len)), ErrorKind::BadInput);
    }
    assert_eq!(kind(session.write(size - 1, &[1, 2])), ErrorKind::BadInput);
    for code in [&[][..], &[1], &[1, 2, 3, 4]] {
        assert_eq!(kind(session.present(code)), ErrorKind::BadInput);
        assert_eq!(kind(session.change_code(code)), ErrorKind::BadInput);
    }
    assert_eq!(sent::<B>(&mut session), before, "nothing of it went out");
}

fn a_card_that_is_pulled<B: Bench>(chip: Chip) {
    let runs: [Run<B>; 4] = [
        |s, _| s.read(0, 20).map(|_| ()),
        |s, chip| s.present(&right(chip)),
        |s, _| s.write(0x40, &[1]),
        |s, chip| s.change_code(&wrong(chip)),
    ];
    for run in runs {
        for back in [false, true] {
            let card = Card::new(chip);
            let mut session = powered::<B>(&card);
            session.present(&right(chip)).unwrap();
            card.borrow_mut().presented = 0;
            card.borrow_mut().bounce();
            card.borrow_mut().inserted = back;
            assert_eq!(kind(run(&mut session, chip)), ErrorKind::NoCard, "{chip:?}, back: {back}");
            let before = sent::<B>(&mut session);
            assert_eq!(kind(run(&mut session, chip)), ErrorKind::NoCard);
            assert_eq!(sent::<B>(&mut session), before, "nothing goes to a card that has to be powered again");
            assert_eq!(card.borrow().presented, 0);
            assert!(card.borrow().writes.is_empty());
            // Looked at in between, it is no more powered than before.
            let card = Card::new(chip);
            let mut session = powered::<B>(&card);
            card.borrow_mut().bounce();
            card.borrow_mut().inserted = back;
            assert_eq!(session.poll().unwrap(), back);
            assert_eq!(kind(run(&mut session, chip)), ErrorKind::NoCard);
        }
    }
}

/// Whatever comes in, every call ends, within few frames, and nothing is told to be done.
fn noise<B: Bench>(chip: Chip) {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..300 {
        let len = usize::try_from(next() % 90).unwrap();
        let bytes = (0..len).map(|_| u8::try_from(next() >> 56).unwrap()).collect::<Vec<_>>();
        let card = Card::new(chip);
        let mut good = B::reader(Rc::clone(&card));
        let fine = Rc::new(std::cell::Cell::new(true));
        let still = Rc::clone(&fine);
        let mut session =
            B::open(Line::new(move |_, frame| Reply::Bytes(if still.get() { good(frame) } else { bytes.clone() })));
        session.probe().unwrap();
        session.power_on().unwrap();
        fine.set(false);
        let before = sent::<B>(&mut session);
        assert!(session.present(&right(chip)).is_err());
        assert!(sent::<B>(&mut session) - before < 20);
        let _ = session.read(0, 8);
        let _ = session.poll();
        let _ = session.probe();
        assert!(sent::<B>(&mut session) - before < 200);
        assert_eq!(card.borrow().presented, 0);
    }
}

fn nothing_secret_is_logged<B: Bench>(chip: Chip) {
    let card = Card::new(chip);
    let mut session = powered::<B>(&card);
    let error = session.present(&wrong(chip)).unwrap_err();
    session.present(&right(chip)).unwrap();
    session.change_code(&wrong(chip)).unwrap();
    let said = (B::line(&mut session).log.join("\n") + &error.message + &error.code).to_lowercase();
    for secret in ["c5", "3a", "197", "58"] {
        assert!(!said.contains(secret), "{said}");
    }
}

fn the_port_fails<B: Bench>(chip: Chip) {
    let card = Card::new(chip);
    let mut good = B::reader(Rc::clone(&card));
    let open = Rc::new(std::cell::Cell::new(true));
    let still = Rc::clone(&open);
    let mut session = B::open(Line::new(move |_, frame| match still.get() {
        true => Reply::Bytes(good(frame)),
        false => Reply::Closed,
    }));
    session.probe().unwrap();
    session.power_on().unwrap();
    open.set(false);
    assert_eq!(kind(session.read(0, 8)), ErrorKind::Port);
    assert_eq!(kind(session.poll()), ErrorKind::Port);
    assert_eq!(kind(session.probe()), ErrorKind::Port);
}

fn read_only<B: Bench>() {
    let card = Card::new(Chip::At24c02);
    let mut session = powered::<B>(&card);
    assert_eq!(session.read(0, 256).unwrap(), card.borrow().cells[..256]);
    assert_eq!(session.read(0xF0, 16).unwrap(), card.borrow().cells[0xF0..256]);
    let before = sent::<B>(&mut session);
    assert_eq!(kind(session.write(0, &[1])), ErrorKind::Unsupported);
    assert_eq!(kind(session.present(&[0xFF; 3])), ErrorKind::Unsupported);
    assert_eq!(kind(session.change_code(&[0xFF; 3])), ErrorKind::Unsupported);
    assert_eq!(kind(session.error_counter()), ErrorKind::Unsupported);
    assert_eq!(sent::<B>(&mut session), before, "nothing of it went out");
    let card = Card::new(Chip::At24c02);
    let mut session = powered::<B>(&card);
    card.borrow_mut().bounce();
    card.borrow_mut().inserted = false;
    assert!(!session.poll().unwrap());
    assert_eq!(kind(session.read(0, 1)), ErrorKind::NoCard);
}

fn nobody_there<B: Bench>() {
    let mut session = B::open(Line::saying(|_| Vec::new()));
    assert_eq!(kind(session.probe()), ErrorKind::NoAnswer);
    for noise in [b"ERROR\r\n".to_vec(), vec![0x55; 5000], vec![0x03; 2000], (0..=255).rev().collect()] {
        let mut session = B::open(Line::saying(move |_| noise.clone()));
        let told = kind(session.probe());
        assert!(matches!(told, ErrorKind::NotThisProtocol | ErrorKind::Garbled), "{told:?}");
    }
}
