//! Frames that the research names, where a reader is looked for, and what is sent once only.

use std::rc::Rc;

use crate::bench::{Desk, reader};
use dianka_reader_common::Chip;
use dianka_reader_common::testing::suite::Bench;
use dianka_reader_common::testing::{Card, Line, hex};
use dianka_sdk::reader::driver::ErrorKind;
use dianka_towitoko::cards;
use dianka_towitoko::describe::{FAST, KARTENZWERG, LINE};
use dianka_towitoko::wire::{Framing, checksum, command, receive};

fn fast(frames: &[(Vec<u8>, usize)]) -> Vec<Vec<u8>> {
    frames.iter().map(|(bytes, _)| command(Framing::Counted, bytes)).collect()
}

fn all(frames: &[&str]) -> Vec<Vec<u8>> {
    frames.iter().map(|frame| hex(frame)).collect()
}

#[test]
fn frames_at_115200() {
    let chip = Chip::Sle4442;
    assert_eq!(fast(&cards::reset())[1], hex("04 70 80 62 0F 0B"));
    assert_eq!(command(Framing::Counted, &[0x17]), hex("01 17 29"));
    assert_eq!(fast(&cards::read(chip, 0, 15)), all(&["08 70 64 42 30 00 00 65 0F B1", "01 1E 3B"]));
    assert_eq!(fast(&cards::read_security(chip)), all(&["08 70 64 42 31 00 00 65 0F 91", "01 13 21"]));
    assert_eq!(fast(&cards::write_counter(chip, 6)), all(&["06 72 6E 00 39 03 0F F6", "03 40 06 0F 3B"]));
    assert_eq!(fast(&cards::compare(chip, &[0xFF; 3])), all(&["06 72 6E 01 33 03 0F B6", "05 42 FF FF FF 0F D7"]));
    assert_eq!(fast(&cards::write_counter(chip, 0xFF)), all(&["06 72 6E 00 39 03 0F F6", "03 40 FF 0F DC"]));
    let write = cards::write(chip, 0x20, &hex("DE AD BE EF"));
    assert_eq!(fast(&write), all(&["06 72 6E 20 38 03 0F FC", "06 43 DE AD BE EF 0F F9"]));
    let change = cards::write_code(chip, &hex("A1 B2 C3"));
    assert_eq!(fast(&change), all(&["06 72 6E 01 39 03 0F E6", "05 42 A1 B2 C3 0F A8"]));
    assert_eq!(fast(&cards::off()), all(&["02 61 0F 8C"]));
}

#[test]
fn frames_at_9600() {
    for (bytes, sent) in
        [("6F 40 6A 0F", "6F 40 6A 0F 4C"), ("00", "00 01"), ("03", "03 07"), ("6E 80 DD 00 08", "6E 80 DD 00 08 24")]
    {
        assert_eq!(command(Framing::Plain, &hex(bytes)), hex(sent));
    }
    for (data, answer) in [
        ("", "01"),
        ("61 10", "61 10 A2"),
        ("40", "40 83"),
        ("07 00 00 00", "07 00 00 00 6F"),
        ("A2 13 10 91 FF FF FF FF", "A2 13 10 91 FF FF FF FF E3"),
    ] {
        assert_eq!(checksum(1, &hex(data)), *hex(answer).last().unwrap());
        let mut line = Line::saying(|_| Vec::new());
        line.push(&hex(answer));
        assert_eq!(receive(&mut line, hex(data).len(), 1000), Ok(hex(data)));
    }
}

/// The three-wire and I2C frames, as the public drivers form them.
#[test]
fn frames_of_the_other_chips() {
    let bytes = |frames: Vec<(Vec<u8>, usize)>| frames.into_iter().map(|(bytes, _)| bytes).collect::<Vec<_>>();
    let chip = Chip::Sle4428;
    assert_eq!(bytes(cards::read(chip, 0x245, 15)), all(&["70 A0 42 8E 45 00 80 50 0F", "1E"]));
    assert_eq!(bytes(cards::read_security(chip)), all(&["70 A0 42 CE FD 00 80 50 0F", "12"]));
    assert_eq!(bytes(cards::write(chip, 0x145, &[1, 2])), all(&["73 67 6E 45 73 02 0F", "41 01 02 0F"]));
    assert_eq!(bytes(cards::write_counter(chip, 0xFE)), all(&["73 67 6E FD F2 02 0F", "40 FE 0F"]));
    assert_eq!(bytes(cards::write_counter(chip, 0xFF)), all(&["73 67 6E FD F3 02 0F", "40 FF 0F"]));
    let compare = ["73 67 6E FE CD 02 0F", "40 12 0F", "73 67 6E FF CD 02 0F", "40 34 0F"];
    assert_eq!(bytes(cards::compare(chip, &[0x12, 0x34])), all(&compare));
    assert_eq!(bytes(cards::read(Chip::At24c02, 0x45, 8)), all(&["7C 64 41 A0 45 64 40 A1 0F", "17"]));
}

#[test]
fn a_reader_is_looked_for_and_its_place_remembered() {
    let mut session = Desk::open(Line::saying(reader(Card::new(Chip::Sle4442), Framing::Counted)));
    let info = session.probe().unwrap();
    assert_eq!((info.model.as_str(), info.firmware.as_str()), ("Chipdrive Extern II/Twin", "10"));
    session.probe().unwrap();
    assert_eq!(Desk::line(&mut session).settings, [LINE, FAST, FAST]);
    let mut session = Desk::open(Line::saying(|_| Vec::new()));
    assert_eq!(session.probe().unwrap_err().kind, ErrorKind::NoAnswer);
    assert_eq!(Desk::line(&mut session).settings, [LINE, FAST, KARTENZWERG]);
    // A good frame of a reader that nobody knows.
    let mut session = Desk::open(Line::saying(|_| [0x42, 0x10, checksum(1, &[0x42, 0x10])].to_vec()));
    assert_eq!(session.probe().unwrap_err().kind, ErrorKind::NotThisProtocol);
}

/// A card that takes no bit of its counter must not pass for one that was verified.
#[test]
fn a_full_counter_alone_is_no_match() {
    let card = Card::new(Chip::Sle4442);
    let mut good = reader(Rc::clone(&card), Framing::Plain);
    let mut session = Desk::open(Line::saying(move |frame| match frame {
        [0x40, ..] => vec![0x01],
        frame => good(frame),
    }));
    session.probe().unwrap();
    session.power_on().unwrap();
    assert_eq!(session.present(&[0xC5; 3]).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn nothing_that_can_be_read_is_no_card_to_work() {
    let card = Card::new(Chip::At24c02);
    card.borrow_mut().cells.fill(0xFF);
    let mut session = Desk::open(Line::saying(reader(card, Framing::Plain)));
    session.probe().unwrap();
    assert_eq!(session.power_on().unwrap_err().kind, ErrorKind::UnknownCard);
}

#[test]
fn writes_do_not_cross_a_page() {
    let card = Card::new(Chip::Sle4428);
    let mut session = Desk::open(Line::saying(reader(Rc::clone(&card), Framing::Plain)));
    session.probe().unwrap();
    session.power_on().unwrap();
    session.present(&[0xC5; 2]).unwrap();
    let bytes = (0..30).collect::<Vec<u8>>();
    session.write(0x1F5, &bytes).unwrap();
    assert_eq!(card.borrow().cells[0x1F5..0x213], bytes);
    assert_eq!(card.borrow().writes.len(), 30);
}
