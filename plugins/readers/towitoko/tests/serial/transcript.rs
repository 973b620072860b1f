//! The driver against the recorded line: what libtowitoko, an independent driver, sent at 115200 baud.

use crate::bench::Desk;
use dianka_reader_common::Session;
use dianka_reader_common::testing::suite::Bench;
use dianka_reader_common::testing::{Line, Reply, hex};
use dianka_sdk::reader::driver::ErrorKind;
use dianka_towitoko::session::Towitoko;
use dianka_towitoko::wire::{Framing, checksum, command};

/// Frames of the host with the answers of the reader.
fn recorded() -> Vec<(Vec<u8>, Vec<u8>)> {
    let lines = include_str!("../data/towitoko_sle4442.txt").lines().collect::<Vec<_>>();
    lines
        .chunks(2)
        .map(|pair| match pair.iter().map(|line| line.split_at(2)).collect::<Vec<_>>().as_slice() {
            [("H ", host), ("R ", reader)] => (hex(host), hex(reader)),
            other => panic!("not a pair of host and reader: {other:?}"),
        })
        .collect()
}

/// A line that knows only what was recorded, in its order; the looks at the slot between are its own. After the last
/// pair comes the first.
fn replay() -> Line {
    let pairs = recorded();
    // Behind the change of speed.
    let start = pairs.iter().position(|(host, _)| *host == hex("6E 80 DD 00 08 24")).unwrap() + 1;
    let mut at = start;
    let status = command(Framing::Counted, &[0x03]);
    Line::new(move |_, frame| {
        if frame == status {
            return Reply::Bytes(hex("40 83"));
        }
        let order = (at..pairs.len()).chain(start..at);
        let found = { order }.find(|at| pairs[*at].0 == frame);
        let found = found.unwrap_or_else(|| panic!("the recording has no {frame:02X?}"));
        at = found + 1;
        Reply::Bytes(pairs[found].1.clone())
    })
}

#[test]
fn every_check_sum_is_ours() {
    let pairs = recorded();
    assert_eq!(pairs.len(), 73);
    let switch = pairs.iter().position(|(host, _)| *host == hex("6E 80 DD 00 08 24")).unwrap();
    for (number, (host, reader)) in pairs.iter().enumerate() {
        let framing = if number <= switch { Framing::Plain } else { Framing::Counted };
        let bytes = if framing == Framing::Plain { &host[..host.len() - 1] } else { &host[1..host.len() - 1] };
        assert_eq!(command(framing, bytes), *host, "line {number}");
        let (sum, data) = reader.split_last().unwrap();
        assert_eq!(checksum(1, data), *sum, "line {number}");
    }
}

fn powered() -> Session<Towitoko<Line>> {
    let mut session = Desk::open(replay());
    session.commands().link().frame(Framing::Counted);
    let info = session.power_on().unwrap();
    assert_eq!((info.chip.as_str(), info.atr.as_slice()), ("sle4442", &hex("A2 13 10 91")[..]));
    session
}

#[test]
fn a_whole_session_is_the_recorded_one() {
    let mut session = powered();
    assert_eq!(session.read(0, 15).unwrap()[..4], hex("A2 13 10 91"));
    let wrong = session.present(&hex("11 22 33")).unwrap_err();
    assert_eq!((wrong.kind, wrong.code.as_str()), (ErrorKind::WrongCode, "counter-06"));
    assert_eq!(session.error_counter().unwrap(), 2);
    // Behind the counter as it stood after the wrong one: the next free bit.
    session.present(&hex("FF FF FF")).unwrap();
    session.write(0x20, &hex("DE AD BE EF")).unwrap();
    assert_eq!(session.read(0x20, 8).unwrap(), hex("DE AD BE EF FF FF FF FF"));
    session.present(&hex("FF FF FF")).unwrap();
    session.change_code(&hex("A1 B2 C3")).unwrap();
    session.power_off().unwrap();
}

/// A frame that is not on the record is not answered, so the tests above compare what they say.
#[test]
#[should_panic(expected = "the recording has no")]
fn what_was_not_recorded_is_not_answered() {
    let _ = powered().read(0x30, 3);
}
