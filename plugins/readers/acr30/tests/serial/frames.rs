//! Frames of the manual, and those computed by its rules; notices and NAK.

use std::rc::Rc;

use crate::bench::{Desk, answer, reader};
use dianka_acr30::describe::LINE;
use dianka_acr30::wire::{Arrival, command, envelope, receive};
use dianka_reader_common::Chip;
use dianka_reader_common::line::Lost;
use dianka_reader_common::testing::suite::Bench;
use dianka_reader_common::testing::{Card, Line, Reply, hex};
use dianka_sdk::reader::driver::ErrorKind;

#[test]
fn frames_of_the_manual() {
    assert_eq!(envelope(&hex("01 A2 01 3D 9F")), hex("02 30 31 41 32 30 31 33 44 39 46 03"));
    assert_eq!(command(0xA2, &[0x3D]), hex("02 30 31 41 32 30 31 33 44 39 46 03"));
    assert_eq!(command(0x91, &hex("11 22 33")), envelope(&hex("01 91 03 11 22 33 93")));
    let told = Arrival::Answer { status: [0x90, 0x00], data: hex("11 22 33") };
    assert_eq!(arrive(&envelope(&hex("01 90 00 03 11 22 33 92"))), Ok(told.clone()));
    // Either case is accepted.
    assert_eq!(arrive(&envelope(&hex("01 90 00 03 11 22 33 92")).to_ascii_lowercase()), Ok(told));
}

#[test]
fn frames_by_the_manuals_rules() {
    let vectors: [(u8, &str, &str); 9] = [
        (0x01, "", "01 01 00 00"),
        (0x02, "06", "01 02 01 06 04"),
        (0x02, "05", "01 02 01 05 07"),
        (0x80, "", "01 80 00 81"),
        (0x81, "", "01 81 00 80"),
        (0x90, "00 00 10", "01 90 03 00 00 10 82"),
        (0x92, "FF FF FF", "01 92 03 FF FF FF 6F"),
        (0x91, "00 20 DE AD BE EF", "01 91 06 00 20 DE AD BE EF 94"),
        (0x93, "A1 B2 C3", "01 93 03 A1 B2 C3 41"),
    ];
    for (ins, data, message) in vectors {
        assert_eq!(command(ins, &hex(data)), envelope(&hex(message)), "{ins:02X}");
    }
    let long = command(0x91, &[0; 300]);
    assert!(long.starts_with(b"\x020191FF012C"));
}

/// What the session sends is what the vectors say.
#[test]
fn the_session_sends_them() {
    let card = Card::new(Chip::Sle4442);
    card.borrow_mut().code = vec![0xFF; 3];
    let mut session = Desk::open(Line::saying(reader(Rc::clone(&card))));
    let info = session.probe().unwrap();
    assert_eq!((info.model.as_str(), info.firmware.as_str()), ("ACR30", "ACR30S3.30"));
    session.power_on().unwrap();
    session.read(0, 16).unwrap();
    session.present(&[0xFF; 3]).unwrap();
    session.write(0x20, &hex("DE AD BE EF")).unwrap();
    session.change_code(&hex("A1 B2 C3")).unwrap();
    session.power_off().unwrap();
    let line = session.into_commands().into_port();
    assert_eq!(line.settings, [LINE]);
    let sent = [
        "01 01 00 00",
        "01 01 00 00",
        "01 02 01 06 04",
        "01 80 00 81",
        "01 90 03 00 00 10 82",
        "01 92 03 FF FF FF 6F",
        "01 91 06 00 20 DE AD BE EF 94",
        "01 93 03 A1 B2 C3 41",
        "01 81 00 80",
    ];
    assert_eq!(line.sent, sent.map(|message| envelope(&hex(message))));
}

fn arrive(bytes: &[u8]) -> Result<Arrival, Lost> {
    let mut line = Line::saying(|_| Vec::new());
    line.push(bytes);
    receive(&mut line, 1000)
}

#[test]
fn notices_and_naks() {
    assert_eq!(arrive(&envelope(&hex("01 FF 00 01 12 ED"))), Ok(Arrival::Slot(false)));
    assert_eq!(arrive(&envelope(&hex("01 FF 01 00 FF"))), Ok(Arrival::Slot(true)));
    assert_eq!(arrive(&envelope(&hex("01 FF 02 00 FC"))), Ok(Arrival::Slot(false)));
    assert_eq!(arrive(&envelope(&hex("01 FF 02 00 FD"))), Err(Lost::Damaged));
    assert_eq!(arrive(&[5, 5]), Ok(Arrival::Nak));
    assert_eq!(arrive(&envelope(&[5, 5])), Ok(Arrival::Nak));
    assert_eq!(arrive(&[]), Err(Lost::Silence));
    assert_eq!(arrive(b"OK\r\n"), Err(Lost::Garbage));
    assert_eq!(arrive(&envelope(&hex("01 90 00 03 11 22 33 93"))), Err(Lost::Damaged));
    assert_eq!(arrive(b"\x02zz"), Err(Lost::Damaged));
}

/// "Not understood" is answered with the same frame, also for a password: three times in all.
#[test]
fn a_nak_is_answered_with_the_same_frame() {
    for (naks, sends, presented) in [(1, 2, 1), (2, 3, 1), (9, 3, 0)] {
        let card = Card::new(Chip::Sle4442);
        let mut good = reader(Rc::clone(&card));
        let mut left = naks;
        let mut session = Desk::open(Line::saying(move |frame| {
            if frame[3..5] == *b"92" && left > 0 {
                left -= 1;
                return vec![5, 5];
            }
            good(frame)
        }));
        session.probe().unwrap();
        session.power_on().unwrap();
        let before = Desk::line(&mut session).sent.len();
        assert_eq!(session.present(&[0xC5; 3]).is_ok(), presented == 1);
        assert_eq!(Desk::line(&mut session).sent.len() - before, sends);
        assert_eq!(card.borrow().presented, presented);
    }
}

/// The reader says that the card was pulled, or that it was reset itself, before an answer or between two.
#[test]
fn a_notice_ends_the_cards_session() {
    for notice in ["01 FF 02 00 FC", "01 FF 00 01 12 ED"] {
        for between in [false, true] {
            let card = Card::new(Chip::Sle4428);
            let mut good = reader(Rc::clone(&card));
            let mut session = Desk::open(Line::new(move |number, frame| {
                let notice = if number == 6 && !between { envelope(&hex(notice)) } else { Vec::new() };
                Reply::Bytes([notice, good(frame)].concat())
            }));
            session.probe().unwrap();
            session.power_on().unwrap();
            assert_eq!(Desk::line(&mut session).sent.len(), 6);
            if between {
                Desk::line(&mut session).push(&envelope(&hex(notice)));
            }
            assert_eq!(session.read(0, 4).unwrap_err().kind, ErrorKind::NoCard);
            assert_eq!(session.present(&[0xC5; 2]).unwrap_err().kind, ErrorKind::NoCard);
            assert_eq!(card.borrow().presented, 0);
        }
    }
}

#[test]
fn status_words() {
    for (word, kind) in [
        (0x6201, ErrorKind::WrongCode),
        (0x6705, ErrorKind::Locked),
        (0x6020, ErrorKind::Refused),
        (0x6702, ErrorKind::Refused),
        (0x6002, ErrorKind::NoCard),
        (0x6004, ErrorKind::NoCard),
        (0x6001, ErrorKind::NoCard),
    ] {
        let card = Card::new(Chip::Sle4442);
        let mut good = reader(card);
        let mut session =
            Desk::open(Line::saying(move |frame| if frame[3..5] == *b"92" { answer(word, &[]) } else { good(frame) }));
        session.probe().unwrap();
        session.power_on().unwrap();
        assert_eq!(session.present(&[1, 2, 3]).unwrap_err().kind, kind, "{word:04X}");
    }
}
