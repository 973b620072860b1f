//! The driver against the recorded line: its commands are the recorded ones byte for byte (recorded from Debian's
//! pcscd, libccid and scriptor, so by somebody else's driver).

use crate::bench::{open, renumbered, replay, transcript};
use dianka_ccid_serial::describe::GEMPC;
use dianka_ccid_serial::session::Ccid;
use dianka_reader_common::Session;
use dianka_reader_common::testing::Line;
use dianka_sdk::reader::driver::ErrorKind;

/// A session with a powered and selected card.
fn powered(echo: bool) -> Session<Ccid<Line>> {
    let mut line = replay();
    line.echo = echo;
    let mut session = open(line);
    let info = session.probe().unwrap();
    assert_eq!((info.model.as_str(), info.firmware.as_str()), ("GemTwin", "GemTwin-V2.00-GG04"));
    let card = session.power_on().unwrap();
    assert_eq!((card.chip.as_str(), card.size), ("sle4442", 256));
    assert_eq!(card.atr, [0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91]);
    session
}

/// Runs one operation under the recorded sequence number; the frame must be the recorded line.
fn same<T>(seq: u8, echo: bool, run: impl FnOnce(&mut Session<Ccid<Line>>) -> T) -> T {
    let mut session = powered(echo);
    session.commands().link().restart(seq);
    let result = run(&mut session);
    let sent = session.into_commands().into_port().sent.pop().unwrap();
    let recorded = transcript().into_iter().map(|(host, _)| host).find(|host| host[8] == seq).unwrap();
    assert_eq!(sent, recorded);
    result
}

#[test]
fn commands_are_the_recorded_ones() {
    for echo in [false, true] {
        assert!(same(0x02, echo, |s| s.poll()).unwrap());
        assert_eq!(same(0x1A, echo, |s| s.read(0, 16)).unwrap()[..4], [0xA2, 0x13, 0x10, 0x91]);
        assert_eq!(same(0x1B, echo, |s| s.error_counter()).unwrap(), 3);
        let wrong = same(0x1C, echo, |s| s.present(&[0x11, 0x22, 0x33])).unwrap_err();
        assert_eq!((wrong.kind, wrong.code.as_str()), (ErrorKind::WrongCode, "9006"));
        same(0x1D, echo, |s| s.present(&[0xFF, 0xFF, 0xFF])).unwrap();
        same(0x1E, echo, |s| s.write(0x20, &[0xDE, 0xAD, 0xBE, 0xEF])).unwrap();
        let read = same(0x1F, echo, |s| s.read(0x20, 8)).unwrap();
        assert_eq!(read, [0xDE, 0xAD, 0xBE, 0xEF, 0xFF, 0xFF, 0xFF, 0xFF]);
        same(0x20, echo, |s| s.change_code(&[0xA1, 0xB2, 0xC3])).unwrap();
        same(0x21, echo, |s| s.present(&[0xA1, 0xB2, 0xC3])).unwrap();
        same(0x0B, echo, |s| s.power_off()).unwrap();
    }
}

#[test]
fn a_whole_session() {
    for echo in [false, true] {
        let line = powered(echo).into_commands().into_port();
        assert_eq!(line.settings, [GEMPC]);
        assert_eq!((GEMPC.baud, GEMPC.data_bits, GEMPC.stop_bits), (115_200, 8, 2));
        let recorded = transcript();
        // Firmware, then power on and select under the driver's own numbers.
        assert_eq!(line.sent[0], recorded[0].0);
        let of = |seq: u8| recorded.iter().map(|(host, _)| host).find(|host| host[8] == seq).unwrap();
        assert_eq!(line.sent[1], renumbered(of(0x17), 1));
        assert_eq!(line.sent[2], renumbered(of(0x19), 2));
        assert_eq!(line.sent.len(), 3);
    }
}

#[test]
fn no_password_in_the_log() {
    let mut session = powered(false);
    session.present(&[0xA1, 0xB2, 0xC3]).unwrap();
    let error = session.present(&[0x11, 0x22, 0x33]).unwrap_err();
    let log = session.into_commands().into_port().log.join("\n") + &error.message + &error.code;
    assert!(!log.to_lowercase().contains("a1") && !log.contains("11") && !log.contains("161"));
}
