//! An ACR30 that works a card, and the trouble that every driver has to stand.

use dianka_acr30::session::Acr30;
use dianka_acr30::wire::envelope;
use dianka_reader_common::testing::suite::{self, Bench};
use dianka_reader_common::testing::{Card, Line, Reader, Shared};
use dianka_reader_common::{Chip, Session};
use dianka_sdk::checksum::xor8;

/// The message in a frame, without its XOR.
pub fn message(frame: &[u8]) -> Vec<u8> {
    let digits = frame.strip_prefix(&[2]).and_then(|rest| rest.strip_suffix(&[3])).unwrap();
    let bytes = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    let mut bytes = bytes.collect::<Vec<_>>();
    let sum = bytes.pop().unwrap();
    assert_eq!(xor8(&bytes), sum, "{frame:02X?}");
    assert_eq!(usize::from(bytes[2]), bytes.len() - 3);
    bytes
}

pub fn answer(status: u16, data: &[u8]) -> Vec<u8> {
    let mut message = vec![1];
    message.extend(status.to_be_bytes());
    message.push(u8::try_from(data.len()).unwrap());
    message.extend(data);
    message.push(xor8(&message));
    envelope(&message)
}

/// A reader in order: type selected, card powered.
pub fn reader(card: Shared) -> impl FnMut(&[u8]) -> Vec<u8> {
    let mut selected = 0;
    move |frame| {
        let message = message(frame);
        let mut card = card.borrow_mut();
        let (status, data) = work(&mut card, &mut selected, message[1], &message[3..]);
        answer(status, &data)
    }
}

fn work(card: &mut Card, selected: &mut u8, ins: u8, data: &[u8]) -> (u16, Vec<u8>) {
    let done = |good: bool| if good { (0x9000, Vec::new()) } else { (0x6020, Vec::new()) };
    let kind = match card.chip {
        Chip::Sle4442 => 6,
        Chip::Sle4428 => 5,
        Chip::At24c02 => 2,
    };
    let at = |address: &[u8]| usize::from(address[0]) << 8 | usize::from(address[1]);
    match (ins, data) {
        (0x01, []) => {
            let state = if card.alive() { 3 } else { u8::from(card.inserted) };
            (0x9000, [b"ACR30S3.30".as_slice(), &[0xFF, 0xFF, 0x30, 0x67, *selected, state]].concat())
        }
        (0x02, [kind]) => {
            *selected = *kind;
            done(true)
        }
        (0x80, []) if !card.inserted => (0x6002, Vec::new()),
        (0x80, []) if *selected != kind => (0x6003, Vec::new()),
        (0x80, []) => {
            card.power_on();
            (0x9010, card.atr().map_or(Vec::new(), |atr| atr.to_vec()))
        }
        (0x81, []) => {
            card.power_off();
            done(true)
        }
        (_, _) if !card.inserted => (0x6002, Vec::new()),
        (_, _) if !card.alive() => (0x6004, Vec::new()),
        (0x90, [high, low, len]) => {
            let mut bytes = card.bytes(at(&[*high, *low]), usize::from(*len));
            if card.chip == Chip::Sle4442 && at(&[*high, *low]) < 32 {
                bytes.extend([0xFF; 4]);
            }
            (0x9000, bytes)
        }
        (0x91, [high, low, bytes @ ..]) => done(card.write(at(&[*high, *low]), bytes)),
        (0x92, _) if card.counter == 0 => {
            card.presented += 1;
            (0x6705, Vec::new())
        }
        (0x92, code) if Some(code.len()) == card.chip.code_len() => {
            let good = card.present(code);
            (if good { 0x9000 } else { 0x6201 }, vec![card.counter])
        }
        (0x93, code) if card.chip == Chip::Sle4442 => done(card.change(code)),
        other => panic!("no reader gets {other:02X?}"),
    }
}

pub struct Desk;

impl Bench for Desk {
    type Commands = Acr30<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = true;
    fn open(line: Line) -> Session<Acr30<Line>> {
        Session::new(Acr30::new(line))
    }
    fn line(session: &mut Session<Acr30<Line>>) -> &mut Line {
        session.commands().link().port()
    }
    fn reader(card: Shared) -> Reader {
        Box::new(reader(card))
    }
}

#[test]
fn trouble() {
    suite::all::<Desk>();
}
