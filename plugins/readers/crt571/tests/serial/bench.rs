//! A CRT-571 that works a card, and the trouble that every driver has to stand.

use dianka_crt571::session::Crt571;
use dianka_reader_common::testing::suite::{self, Bench};
use dianka_reader_common::testing::{Card, Line, Reader, Shared};
use dianka_reader_common::{Chip, Session};
use dianka_sdk::checksum::xor8;

/// A frame of the reader around this body.
pub fn frame(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0xF2, 0x00];
    out.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    out.extend(body);
    out.push(0x03);
    out.push(xor8(&out));
    out
}

/// A reader in order. It answers the host's ACK with nothing.
pub fn reader(card: Shared) -> impl FnMut(&[u8]) -> Vec<u8> {
    move |sent| {
        if sent == [0x06] {
            return Vec::new();
        }
        assert_eq!(xor8(sent), 0, "{sent:02X?}");
        let [0xF2, 0x00, high, low, body @ .., 0x03, _] = sent else { panic!("no reader gets {sent:02X?}") };
        assert_eq!(usize::from(*high) << 8 | usize::from(*low), body.len());
        let [0x43, cm, pm, data @ ..] = body else { panic!("no reader gets {body:02X?}") };
        let mut card = card.borrow_mut();
        let body = match work(&mut card, [*cm, *pm], data) {
            Ok(data) => {
                let st0 = if card.inserted { b'2' } else { b'0' };
                [&[0x50, *cm, *pm, st0, b'0', b'0'][..], &data].concat()
            }
            Err(code) => [&[0x4E, *cm, *pm][..], code].concat(),
        };
        [vec![0x06], frame(&body)].concat()
    }
}

fn work(card: &mut Card, command: [u8; 2], data: &[u8]) -> Result<Vec<u8>, &'static [u8]> {
    match command {
        [0x30, 0x33] => Ok(b"CRT-571 V1.05".to_vec()),
        [0x31, 0x30] => Ok(Vec::new()),
        [0x53, 0x30] if card.atr().is_some() && card.power_on() => Ok(card.atr().unwrap().to_vec()),
        [0x53, 0x30] => Err(b"63"),
        [0x53, 0x31] => {
            card.power_off();
            Ok(Vec::new())
        }
        _ if !card.alive() => Err(b"65"),
        [0x53, 0x33] if card.chip == Chip::Sle4442 => Ok(sle4442(card, data)),
        [0x53, 0x34] if card.chip == Chip::Sle4428 => Ok(sle4428(card, data)),
        other => panic!("no reader gets {other:02X?}"),
    }
}

fn ok(good: bool) -> Vec<u8> {
    if good { vec![0x90, 0x00] } else { vec![0x6F, 0x00] }
}

fn presented(card: &mut Card, code: &[u8]) -> Vec<u8> {
    let locked = card.counter == 0;
    match card.present(code) {
        true => vec![0x90, 0x00],
        false if locked || card.counter == 0 => vec![0x6F, 0x02],
        false => vec![0x6F, 0x01],
    }
}

fn with_status(mut data: Vec<u8>) -> Vec<u8> {
    data.extend([0x90, 0x00]);
    data
}

fn sle4442(card: &mut Card, apdu: &[u8]) -> Vec<u8> {
    match apdu {
        [0x00, 0xB0, 0x00, at, len] => with_status(card.bytes(usize::from(*at), usize::from(*len))),
        [0x00, 0xB0, 0x02, 0x00, 0x04] => with_status([&[card.counter][..], &card.code_seen()].concat()),
        [0x00, 0x20, 0x03, 0x01, 0x03, code @ ..] if code.len() == 3 => presented(card, code),
        [0x00, 0xD0, 0x02, 0x01, 0x03, code @ ..] if code.len() == 3 => ok(card.change(code)),
        [0x00, 0xD0, 0x00, at, len, bytes @ ..] if usize::from(*len) == bytes.len() => {
            ok(card.write(usize::from(*at), bytes))
        }
        other => panic!("no reader gets {other:02X?}"),
    }
}

fn sle4428(card: &mut Card, apdu: &[u8]) -> Vec<u8> {
    let at = |high: &u8, low: &u8| usize::from(*high) << 8 | usize::from(*low);
    match apdu {
        [0x00, 0xB0, high, low, len] => with_status(card.bytes(at(high, low), usize::from(*len))),
        [0x00, 0x20, 0x00, 0x00, 0x02, code @ ..] if code.len() == 2 => presented(card, code),
        [0x00, 0xD0, high, low, len, bytes @ ..] if usize::from(*len) == bytes.len() => {
            ok(card.write(at(high, low), bytes))
        }
        other => panic!("no reader gets {other:02X?}"),
    }
}

pub struct Desk;

impl Bench for Desk {
    type Commands = Crt571<Line>;
    const CHIPS: &'static [Chip] = &[Chip::Sle4442, Chip::Sle4428];
    const READS_I2C: bool = false;
    fn open(line: Line) -> Session<Crt571<Line>> {
        Session::new(Crt571::new(line))
    }
    fn line(session: &mut Session<Crt571<Line>>) -> &mut Line {
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
