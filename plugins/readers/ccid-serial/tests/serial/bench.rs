//! A reader in order, the recorded line, and the trouble that every driver has to stand.

use dianka_ccid_serial::session::Ccid;
use dianka_ccid_serial::wire::{Envelope, Message};
use dianka_reader_common::testing::suite::{self, Bench};
use dianka_reader_common::testing::{Card, Line, Reader, Reply, Shared, hex};
use dianka_reader_common::{Chip, Session};
use dianka_sdk::checksum::xor8;

pub fn open(line: Line) -> Session<Ccid<Line>> {
    Session::new(Ccid::new(line))
}

/// Pairs of frames of the host and of the reader.
pub fn transcript() -> Vec<(Vec<u8>, Vec<u8>)> {
    let text = include_str!("../data/gempctwin_sle4442.txt");
    let lines = text.lines().map(|line| {
        let (side, bytes) = line.trim().split_once(' ').unwrap();
        (side.to_owned(), hex(bytes))
    });
    let lines = lines.collect::<Vec<_>>();
    lines
        .chunks(2)
        .map(|pair| match pair {
            [(h, host), (r, reader)] if h == "H" && r == "R" => (host.clone(), reader.clone()),
            other => panic!("not a pair of host and reader: {other:?}"),
        })
        .collect()
}

/// The frame under another sequence number.
pub fn renumbered(frame: &[u8], seq: u8) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[8] = seq;
    let sum_at = frame.len() - 1;
    frame[sum_at] = xor8(&frame[..sum_at]);
    frame
}

/// Answers as the transcript's reader did, whatever the sequence number.
pub fn replay() -> Line {
    let pairs = transcript();
    Line::new(move |_, frame| {
        let seq = frame[8];
        let exact = pairs.iter().find(|(host, _)| host == frame);
        let found = exact.or_else(|| pairs.iter().find(|(host, _)| renumbered(host, seq) == frame));
        let (_, reader) = found.unwrap_or_else(|| panic!("the transcript has no {frame:02X?}"));
        Reply::Bytes(renumbered(reader, seq))
    })
}

/// A reader's answer to `frame` with these status and error bytes.
pub fn answer(kind: u8, frame: &[u8], status: [u8; 2], data: &[u8]) -> Vec<u8> {
    let [status, error] = status;
    Message { kind, seq: frame[8], specific: [status, error, 0], data: data.to_vec() }.to_wire(Envelope::GemPc)
}

/// A reader of one envelope that works a card.
fn reader(card: Shared, envelope: Envelope) -> impl FnMut(&[u8]) -> Vec<u8> {
    move |frame| {
        // Another envelope, or another speed: nothing that it would answer.
        let message = match (envelope, frame) {
            (Envelope::GemPc, [3, 6, message @ .., _]) => message,
            (Envelope::Acs, [2, message @ .., _, 3]) => message,
            _ => return Vec::new(),
        };
        let mut card = card.borrow_mut();
        let (kind, status, data) = work(&mut card, message[0], &message[10..]);
        let answer = Message { kind, seq: message[6], specific: [status, 0, 0], data }.to_wire(envelope);
        if envelope == Envelope::Acs { [&[2, 0, 0, 3][..], &answer].concat() } else { answer }
    }
}

fn state(card: &Card) -> u8 {
    if card.alive() { 0 } else { 2 - u8::from(card.inserted) }
}

fn work(card: &mut Card, kind: u8, data: &[u8]) -> (u8, u8, Vec<u8>) {
    match kind {
        0x6B => (0x83, 0, b"GemTwin-V2.00-GG04".to_vec()),
        0x65 => (0x81, state(card), Vec::new()),
        0x63 => {
            card.power_off();
            (0x81, state(card), Vec::new())
        }
        0x62 if card.power_on() => {
            let atr = card.atr().map_or(vec![0x3B, 0x00], |atr| [&[0x3B, 0x04][..], &atr].concat());
            (0x80, 0, atr)
        }
        0x62 => (0x80, 0x42, Vec::new()),
        0x6F if !card.alive() => (0x80, 0x40 | state(card), Vec::new()),
        0x6F => (0x80, 0, apdu(card, data)),
        other => panic!("no reader gets {other:02X}"),
    }
}

fn apdu(card: &mut Card, apdu: &[u8]) -> Vec<u8> {
    let ok = |good: bool| if good { vec![0x90, 0x00] } else { vec![0x63, 0x00] };
    let at = |high: u8, low: u8| usize::from(high) << 8 | usize::from(low);
    let data = |mut data: Vec<u8>| {
        data.extend([0x90, 0x00]);
        data
    };
    match (card.chip, apdu) {
        (chip, [0xFF, 0xA4, 0, 0, 1, kind]) => {
            let right = match chip {
                Chip::Sle4442 => 6,
                Chip::Sle4428 => 5,
                Chip::At24c02 => 1,
            };
            ok(*kind == right)
        }
        (_, [0xFF, 0xB0, high, low, len]) => data(card.bytes(at(*high, *low), usize::from(*len))),
        (Chip::Sle4442, [0xFF, 0xB1, 0, 0, 4]) => data([&[card.counter][..], &card.code_seen()].concat()),
        (Chip::Sle4428, [0xFF, 0xB1, 0, 0, 3]) => data([&[card.counter][..], &card.code_seen()].concat()),
        (Chip::Sle4442 | Chip::Sle4428, [0xFF, 0x20, 0, 0, len, code @ ..]) if usize::from(*len) == code.len() => {
            card.present(code);
            vec![0x90, card.counter]
        }
        (Chip::Sle4442, [0xFF, 0xD2, 0, 1, 3, code @ ..]) => ok(card.change(code)),
        (_, [0xFF, 0xD0, high, low, len, bytes @ ..]) if usize::from(*len) == bytes.len() => {
            ok(card.write(at(*high, *low), bytes))
        }
        other => panic!("no reader gets {other:02X?}"),
    }
}

struct GemPc;
struct Acs;

impl Bench for GemPc {
    type Commands = Ccid<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = true;
    fn open(line: Line) -> Session<Ccid<Line>> {
        open(line)
    }
    fn line(session: &mut Session<Ccid<Line>>) -> &mut Line {
        session.commands().link().port()
    }
    fn reader(card: Shared) -> Reader {
        Box::new(reader(card, Envelope::GemPc))
    }
}

impl Bench for Acs {
    type Commands = Ccid<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = true;
    fn open(line: Line) -> Session<Ccid<Line>> {
        open(line)
    }
    fn line(session: &mut Session<Ccid<Line>>) -> &mut Line {
        session.commands().link().port()
    }
    fn reader(card: Shared) -> Reader {
        Box::new(reader(card, Envelope::Acs))
    }
}

#[test]
fn trouble_in_the_gempc_envelope() {
    suite::all::<GemPc>();
}

#[test]
fn trouble_in_the_acs_envelope() {
    suite::all::<Acs>();
}

/// The envelope that answered is asked first from then on.
#[test]
fn the_envelope_is_remembered() {
    let mut session = open(Line::saying(reader(Card::new(Chip::Sle4442), Envelope::Acs)));
    session.probe().unwrap();
    session.probe().unwrap();
    let line = session.into_commands().into_port();
    assert_eq!(line.settings.iter().map(|line| line.baud).collect::<Vec<_>>(), [115_200, 9600, 9600]);
    assert_eq!(line.settings[1], dianka_ccid_serial::describe::ACS);
}
