//! A Towitoko reader that clocks a card, and the trouble that every driver has to stand.

use dianka_reader_common::testing::suite::{self, Bench};
use dianka_reader_common::testing::{Card, Line, Reader, Shared};
use dianka_reader_common::{Chip, Session};
use dianka_towitoko::session::Towitoko;
use dianka_towitoko::wire::{Framing, checksum};

/// What the reader was told to do with the bytes that come next.
#[derive(Clone, Copy)]
enum Pending {
    Nothing,
    Atr,
    Main(usize),
    Security,
    Write { control: u8, address: u8 },
}

/// The chip's own verification: a bit spent, bytes that matched.
#[derive(Default)]
struct Verification {
    spent: bool,
    matched: usize,
}

/// A reader in order.
pub fn reader(card: Shared, framing: Framing) -> impl FnMut(&[u8]) -> Vec<u8> {
    let mut pending = Pending::Nothing;
    let mut verification = Verification::default();
    move |frame| {
        let Some(bytes) = unframed(frame, framing) else { return Vec::new() };
        let mut card = card.borrow_mut();
        let data = work(&mut card, &mut pending, &mut verification, bytes);
        let mut answer = data.clone();
        answer.push(checksum(1, &data));
        answer
    }
}

fn unframed(frame: &[u8], framing: Framing) -> Option<&[u8]> {
    let (sum, rest) = frame.split_last()?;
    if checksum(0, rest) != *sum {
        return None;
    }
    let bytes = match framing {
        Framing::Plain => rest,
        Framing::Counted => rest.split_first().filter(|(len, bytes)| usize::from(**len) == bytes.len())?.1,
    };
    (!bytes.is_empty()).then_some(bytes)
}

fn work(card: &mut Card, pending: &mut Pending, verification: &mut Verification, bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0x00] => return vec![0x88, 0x10],
        [0x03] => {
            let moved = std::mem::replace(&mut card.moved, false);
            return vec![u8::from(card.inserted) << 6 | u8::from(moved) << 7];
        }
        [0x60, 0x0F] => {
            let _ = card.power_on();
        }
        [0x61, 0x0F] => card.power_off(),
        [0x70, 0x80, 0x62, 0x0F] => *pending = Pending::Atr,
        [0x70, 0x64, 0x42, 0x30, at, 0x00, 0x65, 0x0F] => *pending = Pending::Main(usize::from(*at)),
        [0x70, 0x64, 0x42, 0x31, 0x00, 0x00, 0x65, 0x0F] => *pending = Pending::Security,
        [0x70, 0xA0, 0x42, control, low, 0x00, 0x80, 0x50, 0x0F] if control & 0x3F == 0x0E => {
            *pending = Pending::Main(usize::from(control >> 6) << 8 | usize::from(*low));
        }
        [0x7C, 0x64, 0x41, 0xA0, low, 0x64, 0x40, 0xA1, 0x0F] if card.chip == Chip::At24c02 => {
            *pending = Pending::Main(usize::from(*low));
        }
        [0x7C, 0x64, 0x41, ..] => *pending = Pending::Nothing,
        [0x72, 0x6E, address, control, 0x03, 0x0F] | [0x73, 0x67, 0x6E, address, control, 0x02, 0x0F] => {
            *pending = Pending::Write { control: *control, address: *address };
        }
        [fetch] if fetch >> 4 == 1 => return fetched(card, pending, usize::from(fetch & 15) + 1),
        [give, data @ .., 0x0F] if give >> 4 == 4 && data.len() == usize::from(give & 15) + 1 => {
            assert!(data.len() <= 14, "a block that the public drivers disagree about");
            let Pending::Write { control, address } = *pending else { panic!("no address for {bytes:02X?}") };
            clock(card, verification, control, address, data);
        }
        other => panic!("no reader gets {other:02X?}"),
    }
    Vec::new()
}

fn fetched(card: &Card, pending: &mut Pending, len: usize) -> Vec<u8> {
    assert!(len <= 15);
    let mut bytes = match *pending {
        _ if !card.alive() => Vec::new(),
        Pending::Atr => card.atr().map(|atr| atr.to_vec()).unwrap_or_default(),
        Pending::Main(at) => {
            *pending = Pending::Main(at + len);
            card.bytes(at, len)
        }
        Pending::Security => [&[card.counter][..], &card.code_seen()].concat(),
        _ => Vec::new(),
    };
    bytes.resize(len, 0xFF);
    bytes
}

/// The reader answers the same whether the card takes it or not.
fn clock(card: &mut Card, verification: &mut Verification, control: u8, address: u8, data: &[u8]) {
    if !card.alive() {
        return;
    }
    match (card.chip, control, address) {
        (Chip::Sle4442, 0x39, 0) | (Chip::Sle4428, 0xF2 | 0xF3, 0xFD) => count(card, verification, data[0]),
        (Chip::Sle4442, 0x33, 1) => verification.matched = usize::from(verification.spent && data == card.code) * 3,
        (Chip::Sle4428, 0xCD, 0xFE | 0xFF) => {
            let at = usize::from(address - 0xFE);
            assert_eq!(data.len(), 1);
            verification.matched += usize::from(verification.spent && data[0] == card.code[at]);
        }
        (Chip::Sle4442, 0x39, 1) => {
            let _ = card.change(data);
        }
        (Chip::Sle4442, 0x38, at) => {
            let _ = card.write(usize::from(at), data);
        }
        (Chip::Sle4428, control, at) if control & 0x3F == 0x33 => {
            assert!(usize::from(at) + data.len() <= 256, "the page does not count on");
            {
                let _ = card.write(usize::from(control >> 6) << 8 | usize::from(at), data);
            };
        }
        other => panic!("no card gets {other:02X?}"),
    }
}

fn count(card: &mut Card, verification: &mut Verification, value: u8) {
    let full = card.chip.full_counter();
    if value == 0xFF {
        if verification.matched == card.code.len() {
            card.counter = full;
            card.verified = true;
        }
        *verification = Verification::default();
    } else if card.counter & value != card.counter {
        assert_eq!((card.counter & !value).count_ones(), 1, "one bit at a time");
        card.counter &= value;
        card.presented += 1;
        *verification = Verification { spent: true, matched: 0 };
    }
}

pub struct Desk;
struct Fast;

impl Bench for Desk {
    type Commands = Towitoko<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = true;
    fn open(line: Line) -> Session<Towitoko<Line>> {
        Session::new(Towitoko::new(line))
    }
    fn line(session: &mut Session<Towitoko<Line>>) -> &mut Line {
        session.commands().link().port()
    }
    fn reader(card: Shared) -> Reader {
        Box::new(reader(card, Framing::Plain))
    }
}

impl Bench for Fast {
    type Commands = Towitoko<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = true;
    fn open(line: Line) -> Session<Towitoko<Line>> {
        Desk::open(line)
    }
    fn line(session: &mut Session<Towitoko<Line>>) -> &mut Line {
        Desk::line(session)
    }
    fn reader(card: Shared) -> Reader {
        Box::new(reader(card, Framing::Counted))
    }
}

#[test]
fn trouble() {
    suite::all::<Desk>();
}

#[test]
fn trouble_at_115200() {
    suite::all::<Fast>();
}
