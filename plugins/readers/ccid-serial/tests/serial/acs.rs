//! Frames of the ACS envelope: the manual's, and one computed from its rule.

use crate::bench::open;
use dianka_ccid_serial::wire::{Arrival, Envelope, Message, receive};
use dianka_reader_common::line::Lost;
use dianka_reader_common::testing::{Line, hex};
use dianka_sdk::reader::Port;
use dianka_sdk::reader::driver::ErrorKind;

fn message(kind: u8, seq: u8, first: u8, data: &[u8]) -> Message {
    Message { kind, seq, specific: [first, 0, 0], data: data.to_vec() }
}

#[test]
fn frames_of_the_manual() {
    let power = message(0x62, 1, 1, &[]);
    assert_eq!(power.to_wire(Envelope::Acs), hex("02 62 00 00 00 00 00 01 01 00 00 62 03"));
    let read = message(0x6F, 2, 0, &[0xFF, 0xB0, 0, 0, 0x10]);
    assert_eq!(read.to_wire(Envelope::Acs), hex("02 6F 05 00 00 00 00 02 00 00 00 FF B0 00 00 10 37 03"));
}

/// What comes in of these bytes.
fn arrive(bytes: &[u8]) -> Result<Arrival, Lost> {
    let mut line = Line::saying(|_| Vec::new());
    line.push(bytes);
    receive(&mut line, Envelope::Acs, 1000)
}

#[test]
fn status_frames() {
    assert_eq!(arrive(&hex("02 00 00 03")), Ok(Arrival::Accepted));
    for not_understood in ["02 FF FF 03", "02 FE FE 03", "02 FD FD 03"] {
        assert_eq!(arrive(&hex(not_understood)), Ok(Arrival::Nak));
    }
    for unknown in ["02 99 99 03", "02 FC FC 03", "02 FB FB 03"] {
        assert_eq!(arrive(&hex(unknown)), Err(Lost::Damaged));
    }
    assert_eq!(arrive(&[]), Err(Lost::Silence));
    assert_eq!(arrive(b"OK\r\n"), Err(Lost::Garbage));
    let data = message(0x80, 7, 0, &[0x90, 0x00]);
    assert_eq!(arrive(&data.to_wire(Envelope::Acs)), Ok(Arrival::Message(data)));
}

/// "Not understood" is answered with the same frame, also for a password; a time-out is not.
#[test]
fn what_is_sent_again() {
    for (status, sends, kind) in [("02 FF FF 03", 3, ErrorKind::Garbled), ("02 99 99 03", 1, ErrorKind::Garbled)] {
        let mut session = open(Line::saying(|_| Vec::new()));
        session.commands().link().wrap(Envelope::Acs);
        let told = hex(status);
        *session.commands().link().port() = Line::saying(move |_| told.clone());
        let commands = session.commands();
        let error = dianka_reader_common::Commands::present(commands, dianka_reader_common::Chip::Sle4442, &[1, 2, 3])
            .unwrap_err();
        assert_eq!(error.kind, kind);
        assert_eq!(commands.link().port().sent.len(), sends);
        commands.link().port().flush_input().unwrap();
    }
}
