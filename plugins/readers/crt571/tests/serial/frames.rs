//! Frames computed by the manual's rules; handshake and errors.

use std::rc::Rc;

use crate::bench::{Desk, frame, reader};
use dianka_crt571::describe::LINE;
use dianka_crt571::wire::{Arrival, Done, command, receive};
use dianka_reader_common::Chip;
use dianka_reader_common::line::Lost;
use dianka_reader_common::testing::suite::Bench;
use dianka_reader_common::testing::{Card, Line, hex};
use dianka_sdk::reader::driver::ErrorKind;

#[test]
fn frames_by_the_manuals_rules() {
    for (cm, pm, data, sent) in [
        (0x30, 0x33, "", "F2 00 00 03 43 30 33 03 B2"),
        (0x53, 0x30, "", "F2 00 00 03 43 53 30 03 D2"),
        (0x53, 0x33, "00 B0 00 00 00", "F2 00 00 08 43 53 33 00 B0 00 00 00 03 6A"),
        (0x53, 0x33, "00 B0 02 00 04", "F2 00 00 08 43 53 33 00 B0 02 00 04 03 6C"),
        (0x53, 0x33, "00 20 03 01 03 FF FF FF", "F2 00 00 0B 43 53 33 00 20 03 01 03 FF FF FF 03 07"),
        (0x53, 0x33, "00 D0 00 20 04 DE AD BE EF", "F2 00 00 0C 43 53 33 00 D0 00 20 04 DE AD BE EF 03 08"),
        (0x53, 0x33, "00 D0 02 01 03 12 34 56", "F2 00 00 0B 43 53 33 00 D0 02 01 03 12 34 56 03 79"),
    ] {
        assert_eq!(command(cm, pm, &hex(data)), hex(sent));
    }
}

/// What the session sends is what the vectors say, and each answer is taken.
#[test]
fn the_session_sends_them() {
    let card = Card::new(Chip::Sle4442);
    card.borrow_mut().code = vec![0xFF; 3];
    let mut session = Desk::open(Line::saying(reader(card)));
    let info = session.probe().unwrap();
    assert_eq!((info.model.as_str(), info.firmware.as_str()), ("CRT-571", "CRT-571V1.05"));
    session.power_on().unwrap();
    assert_eq!(session.error_counter().unwrap(), 3);
    session.present(&[0xFF; 3]).unwrap();
    session.write(0x20, &hex("DE AD BE EF")).unwrap();
    session.change_code(&hex("12 34 56")).unwrap();
    let line = session.into_commands().into_port();
    assert_eq!(line.settings, [LINE]);
    let sent = [
        "F2 00 00 03 43 30 33 03 B2",
        "F2 00 00 03 43 31 30 03 B0",
        "F2 00 00 03 43 53 30 03 D2",
        "F2 00 00 08 43 53 33 00 B0 02 00 04 03 6C",
        "F2 00 00 0B 43 53 33 00 20 03 01 03 FF FF FF 03 07",
        "F2 00 00 0C 43 53 33 00 D0 00 20 04 DE AD BE EF 03 08",
        "F2 00 00 0B 43 53 33 00 D0 02 01 03 12 34 56 03 79",
    ];
    let expected = sent.iter().flat_map(|frame| [hex(frame), vec![0x06]]).collect::<Vec<_>>();
    assert_eq!(line.sent, expected);
}

fn arrive(bytes: &[u8]) -> Result<Arrival, Lost> {
    let mut line = Line::saying(|_| Vec::new());
    line.push(bytes);
    receive(&mut line, 1000)
}

#[test]
fn what_may_come_in() {
    assert_eq!(arrive(&[0x06]), Ok(Arrival::Ack));
    assert_eq!(arrive(&[0x15]), Ok(Arrival::Nak));
    assert_eq!(arrive(&[0x04]), Ok(Arrival::Cleared));
    let well = Arrival::Answer { to: [0x53, 0x33], result: Done::Well(b'2', vec![0x90, 0x00]) };
    assert_eq!(arrive(&frame(&hex("50 53 33 32 30 30 90 00"))), Ok(well));
    for kind in ["4E", "45"] {
        let badly = Arrival::Answer { to: [0x53, 0x33], result: Done::Badly(*b"65") };
        assert_eq!(arrive(&frame(&hex(&format!("{kind} 53 33 36 35")))), Ok(badly));
    }
    let mut bad = frame(&hex("50 53 33 32 30 30 90 00"));
    bad[9] ^= 1;
    assert_eq!(arrive(&bad), Err(Lost::Damaged));
    assert_eq!(arrive(&[]), Err(Lost::Silence));
    assert_eq!(arrive(b"OK\r\n"), Err(Lost::Garbage));
}

/// "Not understood" is answered with the same frame, also for a password; a cleared line is not, and no more is silence.
#[test]
fn what_is_sent_again() {
    for (reply, times, sends, presented) in
        [(0x15, 1, 2, 1), (0x15, 2, 3, 1), (0x15, 9, 3, 0), (0x04, 9, 1, 0), (0x06, 9, 1, 0)]
    {
        let card = Card::new(Chip::Sle4442);
        let mut good = reader(Rc::clone(&card));
        let mut left = times;
        let mut session = Desk::open(Line::saying(move |sent| {
            if sent.get(8) == Some(&0x20) && left > 0 {
                left -= 1;
                return vec![reply];
            }
            good(sent)
        }));
        session.probe().unwrap();
        session.power_on().unwrap();
        assert_eq!(session.present(&[0xC5; 3]).is_ok(), presented == 1, "{reply:02X}");
        let sent = &Desk::line(&mut session).sent;
        assert_eq!(sent.iter().filter(|sent| sent.get(8) == Some(&0x20)).count(), sends, "{reply:02X}");
        assert_eq!(card.borrow().presented, presented);
    }
}

/// An answer that comes when its command was given up is not the next one's.
#[test]
fn a_late_answer_is_dropped() {
    let card = Card::new(Chip::Sle4442);
    let mut session = Desk::open(Line::saying(reader(Rc::clone(&card))));
    session.probe().unwrap();
    session.power_on().unwrap();
    let late = frame(&[&hex("50 53 33 32 30 30")[..], &[0xEE; 16], &hex("90 00")].concat());
    Desk::line(&mut session).push(&late);
    assert_eq!(session.read(0, 16).unwrap(), card.borrow().cells[..16]);
    // Of another command, even in the middle of ours.
    let mut good = reader(Rc::clone(&card));
    *Desk::line(&mut session) = Line::saying(move |sent| match sent {
        [0x06] => Vec::new(),
        sent => [frame(&hex("50 31 30 30 30 30")), good(sent)].concat(),
    });
    assert_eq!(session.read(16, 16).unwrap(), card.borrow().cells[16..32]);
}

#[test]
fn a_card_in_the_gate_is_taken_in() {
    let card = Card::new(Chip::Sle4428);
    let mut good = reader(card);
    let mut session = Desk::open(Line::saying(move |sent| match sent {
        [_, _, _, _, _, 0x31, ..] => [vec![0x06], frame(&hex("50 31 30 31 30 30"))].concat(),
        [_, _, _, _, _, 0x32, 0x31, ..] => [vec![0x06], frame(&hex("50 32 31 32 30 30"))].concat(),
        sent => good(sent),
    }));
    session.probe().unwrap();
    assert!(session.poll().unwrap());
    assert_eq!(session.power_on().unwrap().chip, "sle4428");
}

#[test]
fn another_card_and_other_errors() {
    let mut session = Desk::open(Line::saying(reader(Card::new(Chip::At24c02))));
    session.probe().unwrap();
    assert_eq!(session.power_on().unwrap_err().kind, ErrorKind::UnknownCard);
    for (body, kind) in [
        ("4E 53 33 36 35", ErrorKind::NoCard),
        ("4E 53 33 36 30", ErrorKind::Refused),
        ("50 53 33 32 30 30 6F 01", ErrorKind::WrongCode),
        ("50 53 33 32 30 30 6F 02", ErrorKind::Locked),
        ("50 53 33 32 30 30 6F 00", ErrorKind::Refused),
        ("50 53 33 32 30 30 67 00", ErrorKind::Refused),
        ("50 53 33 30 30 30 90 00", ErrorKind::NoCard),
        ("50 53 33 32 30 30", ErrorKind::Garbled),
    ] {
        let mut good = reader(Card::new(Chip::Sle4442));
        let mut session = Desk::open(Line::saying(move |sent| match sent.get(8) {
            Some(0x20) => [vec![0x06], frame(&hex(body))].concat(),
            _ => good(sent),
        }));
        session.probe().unwrap();
        session.power_on().unwrap();
        assert_eq!(session.present(&[1, 2, 3]).unwrap_err().kind, kind, "{body}");
    }
}
