//! Lines and cards in trouble: each fault is its own kind of error, and nothing dangerous is sent twice.

use crate::bench::{answer, open, replay};
use dianka_ccid_serial::session::Ccid;
use dianka_reader_common::Session;
use dianka_reader_common::testing::{Line, Reply};
use dianka_sdk::reader::driver::{Error, ErrorKind};
use proptest::prelude::*;

const NAK: [u8; 3] = [0x03, 0x15, 0x16];
const PULLED: [u8; 2] = [0x50, 0x02];
const PUT_IN: [u8; 2] = [0x50, 0x03];
const ATR: [u8; 6] = [0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91];

/// One operation of a session.
type Run = fn(&mut Session<Ccid<Line>>) -> Result<(), Error>;

/// A reader with a card in order, whose answer to the frame number `at` (and to all after it) is changed.
fn reader(at: usize, change: impl Fn(&[u8], Vec<u8>) -> Reply + 'static) -> Line {
    Line::new(move |number, frame| {
        let reply = good(frame);
        if number < at { Reply::Bytes(reply) } else { change(frame, reply) }
    })
}

fn good(frame: &[u8]) -> Vec<u8> {
    if !frame.starts_with(&[0x03, 0x06]) {
        // The other envelope, at another speed.
        return Vec::new();
    }
    match (frame[2], &frame[12..frame.len() - 1]) {
        (0x6B, _) => answer(0x83, frame, [0, 0], b"GemTwin-V2.00-GG04"),
        (0x65, _) => answer(0x81, frame, [0, 0], &[]),
        (0x63, _) => answer(0x81, frame, [1, 0], &[]),
        (0x62, _) => answer(0x80, frame, [0, 0], &ATR),
        (0x6F, [0xFF, 0xB0, 0, address, count]) => {
            let mut data = (0..*count).map(|at| address.wrapping_add(at)).collect::<Vec<_>>();
            data.extend_from_slice(&[0x90, 0x00]);
            answer(0x80, frame, [0, 0], &data)
        }
        (0x6F, [0xFF, 0xB1, ..]) => answer(0x80, frame, [0, 0], &[0x07, 0, 0, 0, 0x90, 0x00]),
        (0x6F, [0xFF, 0x20, ..]) => answer(0x80, frame, [0, 0], &[0x90, 0x07]),
        (0x6F, _) => answer(0x80, frame, [0, 0], &[0x90, 0x00]),
        other => panic!("unknown command {other:02X?}"),
    }
}

/// Powered and selected after three frames, so that the fourth (number 3) is the operation's first.
fn powered(line: Line) -> Session<Ccid<Line>> {
    let mut session = open(line);
    session.probe().unwrap();
    session.power_on().unwrap();
    session
}

fn status(frame: &[u8], status: [u8; 2]) -> Reply {
    Reply::Bytes(answer(0x80, frame, [0, 0], &status))
}

#[test]
fn the_whole_memory_in_two_reads_and_a_frame_in_two_writes() {
    let mut session = powered(reader(usize::MAX, |_, reply| Reply::Bytes(reply)));
    assert_eq!(session.read(0, 256).unwrap(), (0..=255).collect::<Vec<u8>>());
    assert_eq!(session.read(0x7F, 2).unwrap(), [0x7F, 0x80]);
    session.write(0x40, &[0x68; 36]).unwrap();
    assert_eq!(session.read(256, 0).unwrap(), Vec::<u8>::new());
    let sent = session.into_commands().into_port().sent;
    assert_eq!(sent.len(), 3 + 2 + 1 + 2);
    assert_eq!(sent[7][12..17], [0xFF, 0xD0, 0x00, 0x60, 0x04]);
}

#[test]
fn input_that_no_card_has() {
    let mut session = powered(replay());
    for (offset, len) in [(0, 257), (256, 1), (u32::MAX, 1), (1, u32::MAX)] {
        assert_eq!(session.read(offset, len).unwrap_err().kind, ErrorKind::BadInput);
    }
    assert_eq!(session.write(255, &[1, 2]).unwrap_err().kind, ErrorKind::BadInput);
    assert_eq!(session.present(&[1, 2]).unwrap_err().kind, ErrorKind::BadInput);
    assert_eq!(session.change_code(&[1, 2, 3, 4]).unwrap_err().kind, ErrorKind::BadInput);
    assert_eq!(session.into_commands().into_port().sent.len(), 3);
    let mut unpowered = open(replay());
    assert_eq!(unpowered.read(0, 1).unwrap_err().kind, ErrorKind::NoCard);
    assert!(unpowered.into_commands().into_port().sent.is_empty());
}

#[test]
fn a_poll_sends_nothing_that_powers_or_presents() {
    let mut session = open(reader(0, |_, reply| Reply::Bytes(reply)));
    session.probe().unwrap();
    for _ in 0..5 {
        assert!(session.poll().unwrap());
    }
    let sent = session.into_commands().into_port().sent;
    assert!(sent[1..].iter().all(|frame| frame[2] == 0x65));
    for (state, there) in [(0, true), (1, true), (2, false)] {
        let mut session = open(reader(0, move |frame, _| Reply::Bytes(answer(0x81, frame, [state, 0], &[]))));
        assert_eq!(session.poll().unwrap(), there);
    }
}

#[test]
fn notices_and_strays_before_an_answer() {
    for echo in [false, true] {
        // Old notices, requests for time, noise, a late answer: then the answer.
        let mut line = reader(0, |frame, reply| {
            let mut old = frame.to_vec();
            old[8] = frame[8].wrapping_sub(1);
            let late = answer(0x83, &old, [0, 0], b"late");
            Reply::Bytes([&PUT_IN[..], &[0x85, 0x85], &[0x00, 0x7E], &late, &PUT_IN, &reply].concat())
        });
        line.echo = echo;
        line.push(&PULLED);
        line.push(&PUT_IN);
        let mut session = powered(line);
        assert_eq!(session.read(0x10, 2).unwrap(), [0x10, 0x11]);
        session.present(&[0xFF; 3]).unwrap();
        assert!(session.poll().unwrap());
    }
}

#[test]
fn time_extension() {
    let mut session =
        powered(reader(3, |frame, reply| Reply::Bytes([answer(0x80, frame, [0x80, 1], &[]), reply].concat())));
    session.write(0x20, &[1]).unwrap();
    assert_eq!(session.into_commands().into_port().sent.len(), 4);
}

#[test]
fn a_nak_is_answered_with_the_same_frame() {
    let mut line =
        Line::new(|number, frame| Reply::Bytes(if number == 3 || number == 4 { NAK.to_vec() } else { good(frame) }));
    line.echo = true;
    let mut session = powered(line);
    session.present(&[0xFF; 3]).unwrap();
    let sent = session.into_commands().into_port().sent;
    assert_eq!(sent.len(), 6);
    assert!(sent[3] == sent[4] && sent[4] == sent[5]);
    // A reader that never understands is given up.
    let mut session = powered(reader(3, |_, _| Reply::Bytes(NAK.to_vec())));
    assert_eq!(session.present(&[0xFF; 3]).unwrap_err().kind, ErrorKind::Garbled);
    assert_eq!(session.into_commands().into_port().sent.len(), 3 + 3);
}

/// The answer lost on the way: reading is repeated, what changes the card never is.
#[test]
fn a_damaged_answer() {
    let damaged = |frame: &[u8], mut reply: Vec<u8>| {
        let _ = frame;
        let at = reply.len() - 2;
        reply[at] ^= 0x40;
        Reply::Bytes(reply)
    };
    let mut session = powered(reader(3, damaged));
    assert_eq!(session.read(0, 8).unwrap_err().kind, ErrorKind::Garbled);
    assert_eq!(session.into_commands().into_port().sent.len(), 3 + 3);
    let runs: [Run; 3] = [|s| s.present(&[0xFF; 3]), |s| s.write(0x20, &[1, 2, 3]), |s| s.change_code(&[1, 2, 3])];
    for run in runs {
        let mut session = powered(reader(3, damaged));
        assert_eq!(run(&mut session).unwrap_err().kind, ErrorKind::Garbled);
        assert_eq!(session.into_commands().into_port().sent.len(), 3 + 1);
    }
    // Damaged once only, a read comes through.
    let mut session =
        powered(Line::new(
            move |number, frame| {
                if number == 3 { damaged(frame, good(frame)) } else { Reply::Bytes(good(frame)) }
            },
        ));
    assert_eq!(session.read(0, 2).unwrap(), [0, 1]);
}

#[test]
fn half_an_answer() {
    for cut in 1..20 {
        let mut session = powered(reader(3, move |_, reply| Reply::Bytes(reply.iter().copied().take(cut).collect())));
        let error = session.read(0, 8).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Garbled, "cut after {cut} bytes");
    }
}

#[test]
fn silence() {
    let mut session = open(Line::new(|_, _| Reply::Bytes(Vec::new())));
    assert_eq!(session.probe().unwrap_err().kind, ErrorKind::NoAnswer);
    // An echo alone is a cable that ends in itself.
    let mut line = Line::new(|_, _| Reply::Bytes(Vec::new()));
    line.echo = true;
    assert_eq!(open(line).probe().unwrap_err().kind, ErrorKind::NoAnswer);
    let mut session = powered(reader(3, |_, _| Reply::Bytes(Vec::new())));
    assert_eq!(session.present(&[0xFF; 3]).unwrap_err().kind, ErrorKind::NoAnswer);
    assert_eq!(session.into_commands().into_port().sent.len(), 4);
}

#[test]
fn another_device() {
    for noise in [b"ERROR\r\n".to_vec(), vec![0x06], vec![0x55; 5000], (0..=255).collect(), vec![0x03; 2000]] {
        let mut session = open(Line::new(move |_, _| Reply::Bytes(noise.clone())));
        let kind = session.probe().unwrap_err().kind;
        assert!(matches!(kind, ErrorKind::NotThisProtocol | ErrorKind::Garbled), "{kind:?}");
    }
    let mut session = open(Line::new(|_, _| Reply::Bytes(b"OK\r\n".to_vec())));
    assert_eq!(session.probe().unwrap_err().kind, ErrorKind::NotThisProtocol);
    // CCID, but it does not say who it is.
    let mut session = open(reader(0, |frame, _| Reply::Bytes(answer(0x83, frame, [0x40, 0], &[]))));
    assert_eq!(session.probe().unwrap_err().kind, ErrorKind::NotThisProtocol);
}

#[test]
fn the_port_fails() {
    let mut session = powered(reader(3, |_, _| Reply::Closed));
    assert_eq!(session.read(0, 8).unwrap_err().kind, ErrorKind::Port);
    assert_eq!(session.poll().unwrap_err().kind, ErrorKind::Port);
}

#[test]
fn no_card_and_a_card_that_is_pulled() {
    let gone = |frame: &[u8], _| Reply::Bytes(answer(0x80, frame, [0x42, 0xFE], &[]));
    let mut session = open(reader(1, gone));
    session.probe().unwrap();
    assert_eq!(session.power_on().unwrap_err().kind, ErrorKind::NoCard);
    let runs: [Run; 5] = [
        |s| s.read(0, 256).map(|_| ()),
        |s| s.error_counter().map(|_| ()),
        |s| s.present(&[0xFF; 3]),
        |s| s.write(0x20, &[1]),
        |s| s.change_code(&[1, 2, 3]),
    ];
    for run in runs {
        let mut session = powered(reader(3, gone));
        assert_eq!(run(&mut session).unwrap_err().kind, ErrorKind::NoCard);
        // Nothing goes to a card that has to be powered again.
        assert_eq!(run(&mut session).unwrap_err().kind, ErrorKind::NoCard);
        assert_eq!(session.into_commands().into_port().sent.len(), 4);
        // Pulled and put in again: there, and not powered.
        let mut session = powered(reader(3, |frame, _| Reply::Bytes(answer(0x80, frame, [0x41, 0xFE], &[]))));
        assert_eq!(run(&mut session).unwrap_err().kind, ErrorKind::NoCard);
        // The notice came although the reader still answered.
        let mut session = powered(reader(3, |_, reply| Reply::Bytes([&PULLED[..], &reply].concat())));
        assert_eq!(run(&mut session).unwrap_err().kind, ErrorKind::NoCard);
    }
    // Pulled between two reads.
    let mut session = powered(Line::new(
        move |number, frame| if number == 4 { gone(frame, Vec::new()) } else { Reply::Bytes(good(frame)) },
    ));
    assert_eq!(session.read(0, 256).unwrap_err().kind, ErrorKind::NoCard);
}

#[test]
fn cards_that_it_cannot_work() {
    let power_on = |reply: fn(&[u8]) -> Vec<u8>| {
        let mut session = open(Line::new(move |_, frame| {
            // It is no I2C memory either.
            Reply::Bytes(match frame[2] {
                0x62 => reply(frame),
                0x6F => answer(0x80, frame, [0, 0], &[0x63, 0x00]),
                _ => good(frame),
            })
        }));
        let error = session.power_on().unwrap_err();
        let last = session.into_commands().into_port().sent.pop().unwrap();
        // It is not left under power.
        assert_eq!(last[2], 0x63);
        (error.kind, error.code)
    };
    let cpu_card = |frame: &[u8]| answer(0x80, frame, [0, 0], &[0x3B, 0x68, 0x00, 0x00, 0x73, 0xC8]);
    assert_eq!(power_on(cpu_card), (ErrorKind::UnknownCard, "other-atr".to_owned()));
    let mute = |frame: &[u8]| answer(0x80, frame, [0x41, 0xFE], &[]);
    assert_eq!(power_on(mute), (ErrorKind::UnknownCard, "mute".to_owned()));
    // A CPU card that loses its power to the selection, and one that is pulled during it.
    for (state, kind) in [(0, ErrorKind::UnknownCard), (1, ErrorKind::UnknownCard), (2, ErrorKind::NoCard)] {
        let mut session = open(Line::new(move |_, frame| {
            Reply::Bytes(match frame[2] {
                0x62 => answer(0x80, frame, [0, 0], &[0x3B, 0x60, 0x00, 0x00]),
                0x6F if state == 0 => answer(0x80, frame, [0, 0], &[0x6D, 0x00]),
                0x6F => answer(0x80, frame, [state, 0], &[]),
                0x65 => answer(0x81, frame, [state, 0], &[]),
                _ => good(frame),
            })
        }));
        assert_eq!(session.power_on().unwrap_err().kind, kind, "{state}");
    }
    // A reader without memory-card commands.
    let mut session = open(reader(1, |frame, reply| match frame[2] {
        0x6F => status(frame, [0x6D, 0x00]),
        _ => Reply::Bytes(reply),
    }));
    session.probe().unwrap();
    let error = session.power_on().unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::UnknownCard, "6D00"));
}

#[test]
fn the_error_counter_and_the_password() {
    for (counter, tries) in [(7, 3), (6, 2), (5, 2), (3, 2), (4, 1), (2, 1), (1, 1), (0, 0)] {
        let mut session = powered(reader(3, move |frame, _| {
            Reply::Bytes(answer(0x80, frame, [0, 0], &[counter, 0, 0, 0, 0x90, 0x00]))
        }));
        assert_eq!(session.error_counter().unwrap(), tries);
    }
    for (word, kind) in [
        ([0x90, 0x06], ErrorKind::WrongCode),
        ([0x90, 0x04], ErrorKind::WrongCode),
        ([0x90, 0x00], ErrorKind::Locked),
        ([0x63, 0x00], ErrorKind::Refused),
        ([0x69, 0x82], ErrorKind::Refused),
    ] {
        let mut session = powered(reader(3, move |frame, _| status(frame, word)));
        assert_eq!(session.present(&[1, 2, 3]).unwrap_err().kind, kind);
    }
    let runs: [Run; 3] = [|s| s.write(0x20, &[1]), |s| s.change_code(&[1, 2, 3]), |s| s.read(0, 8).map(|_| ())];
    for run in runs {
        let mut session = powered(reader(3, |frame, _| status(frame, [0x69, 0x82])));
        let error = run(&mut session).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Refused, "6982"));
    }
    // Fewer bytes than asked for are not data.
    let mut session = powered(reader(3, |frame, _| status(frame, [0x90, 0x00])));
    assert_eq!(session.read(0, 8).unwrap_err().kind, ErrorKind::Garbled);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in, every call ends in an answer or an error, and the password goes out at most as often as a
    /// reader says that it did not get it.
    #[test]
    fn any_noise(noise in prop::collection::vec(prop_oneof![any::<u8>(), Just(3), Just(6), Just(0x50), Just(0x80)], 0..400)) {
        let naks = noise.windows(3).filter(|bytes| *bytes == NAK).count();
        let mut session = powered(reader(3, move |_, _| Reply::Bytes(noise.clone())));
        let presented = session.present(&[0xFF; 3]);
        prop_assert!(presented.is_err());
        let sent = session.commands().link().port().sent.len() - 3;
        prop_assert!(sent <= 1 + naks.min(2));
        let _ = session.read(0, 256);
        let _ = session.poll();
        let _ = session.probe();
        prop_assert!(session.into_commands().into_port().sent.len() < 3 + 3 + 5 * 9);
    }
}
