//! The "CCID-like" serial envelope of ACS, and through it the memory-card commands with every chip.

use crate::wire::{Wire, hex, holds, reader, xor};
use dianka_lab::at24c02::At24c02;
use dianka_lab::card::{Card, Partial};
use dianka_lab::reader::{Protocol, ReaderSim};
use dianka_lab::sle4428::Sle4428;
use dianka_lab::sle4442::Sle4442;

struct Host {
    wire: Wire,
    sequence: u8,
}

impl Host {
    /// Kind, status, error and data of the answer to a message.
    fn ask(&mut self, kind: u8, data: &[u8]) -> (u8, u8, u8, Vec<u8>) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut message = vec![kind, u8::try_from(data.len()).unwrap(), 0, 0, 0, 0, self.sequence, 0, 0, 0];
        message.extend(data);
        self.wire.send(&[&[2][..], &message, &[xor(&message), 3]].concat());
        assert_eq!(self.wire.bytes(4), [2, 0, 0, 3], "taken");
        let head = self.wire.bytes(11);
        assert_eq!((head[0], head[7]), (2, self.sequence));
        let rest = self.wire.bytes(usize::from(u16::from_le_bytes([head[2], head[3]])) + 2);
        assert_eq!(rest[rest.len() - 1], 3);
        assert_eq!(xor(&head[1..]), xor(&rest[..rest.len() - 1]), "the sum of the message and itself");
        (head[1], head[8], head[9], rest[..rest.len() - 2].to_vec())
    }

    fn apdu(&mut self, printed: &str) -> Vec<u8> {
        let (kind, status, error, data) = self.ask(0x6F, &hex(printed));
        assert_eq!((kind, status, error), (0x80, 0, 0), "{printed}");
        data
    }
}

fn host(card: impl Into<Card>) -> (ReaderSim, Host) {
    let (sim, wire) = reader(Protocol::CcidAcs, card);
    (sim, Host { wire, sequence: 0 })
}

#[test]
fn the_known_vectors_are_answered_status_first() {
    let (_sim, mut wire) = reader(Protocol::CcidAcs, Sle4442::blank());
    wire.exchange(
        "02 62 00 00 00 00 00 01 01 00 00 62 03",
        "02 00 00 03 02 80 06 00 00 00 00 01 00 00 00 3B 04 A2 13 10 91 88 03",
    );
    let selected = "02 6F 06 00 00 00 00 03 00 00 00 FF A4 00 00 01 06 36 03";
    wire.exchange(selected, "02 00 00 03 02 80 02 00 00 00 00 03 00 00 00 90 00 11 03");
    let read = "02 6F 05 00 00 00 00 02 00 00 00 FF B0 00 00 10 37 03";
    let answer = "02 80 12 00 00 00 00 02 00 00 00 A2 13 10 91 FF FF FF FF FF FF FF FF FF FF FF FF 90 00 30 03";
    wire.exchange(read, &format!("02 00 00 03 {answer}"));
    wire.exchange("02 00 00 00 00 00 00 00 00 00 00 00 03", answer);
    assert_eq!(wire.rest(), b"");
}

#[test]
fn every_damage_is_refused_with_its_own_status() {
    let (_sim, mut wire) = reader(Protocol::CcidAcs, Sle4442::blank());
    for (asked, answered) in [
        ("02 62 00 00 00 00 00 01 01 00 00 63 03", "02 FF FF 03"),
        ("02 62 00 00 00 00 00 01 01 00 00 62 04", "02 FD FD 03"),
        ("02 62 00 00 00 00 01 01 01 00 00 63 03", "02 FB FB 03"),
        ("02 62 FF FF 00 00 01 01 01 00 00 63 03", "02 FE FE 03"),
        ("02 62 00 00 00", "02 99 99 03"),
    ] {
        wire.exchange(asked, answered);
    }
    wire.exchange("02 65 00 00 00 00 00 07 00 00 00 62 03", "02 00 00 03 02 81 00 00 00 00 00 07 00 00 00 86 03");
}

#[test]
fn a_4442_is_worked_as_through_the_other_envelope() {
    let (sim, mut host) = host(Sle4442::blank());
    assert_eq!(host.ask(0x6B, &[2]).3, b"ACR-LAB-V1.00");
    assert_eq!(host.ask(0x6F, &hex("FF A4 00 00 01 06")), (0x80, 0x41, 0xFE, vec![]), "no power");
    assert_eq!(host.ask(0x62, &[]).3, hex("3B 04 A2 13 10 91"));
    assert_eq!(host.apdu("FF A4 00 00 01 05"), hex("6A 81"));
    assert_eq!(host.apdu("FF A4 00 00 01 06"), hex("90 00"));
    assert_eq!(host.apdu("FF 20 00 00 03 11 22 33"), hex("90 06"));
    assert_eq!(host.apdu("FF B1 00 00 04"), hex("06 00 00 00 90 00"));
    assert_eq!(host.apdu("FF 20 00 00 03 FF FF FF"), hex("90 07"));
    assert_eq!(host.apdu("FF D0 00 20 04 DE AD BE EF"), hex("90 00"));
    assert_eq!(host.apdu("FF D2 00 01 03 A1 B2 C3"), hex("90 00"));
    assert_eq!((holds(&sim, 0x20, 4), sim.look(|c| c.psc())), (hex("DE AD BE EF"), Some(hex("A1 B2 C3"))));
    assert!(sim.tear_after(1, Partial::Mask(0x0F)));
    let pulled = host.ask(0x6F, &hex("FF D0 00 40 03 00 00 00"));
    assert_eq!(pulled, (0x80, 0x42, 0xFE, vec![]));
    assert_eq!(holds(&sim, 0x40, 3), [0, 0xF0, 0xFF]);
    assert_eq!(host.ask(0x65, &[]), (0x81, 0x02, 0, vec![]), "nothing told unasked, and the slot is empty");
}

#[test]
fn a_4428_has_long_addresses_eight_tries_and_two_bytes_of_code() {
    let (sim, mut host) = host(Sle4428::blank());
    assert_eq!(host.ask(0x62, &[]).3, hex("3B 04 92 23 10 91"));
    assert_eq!(host.apdu("FF A4 00 00 01 06"), hex("6A 81"));
    assert_eq!(host.apdu("FF A4 00 00 01 05"), hex("90 00"));
    assert_eq!(host.apdu("FF B1 00 00 03"), hex("FF 00 00 90 00"));
    assert_eq!(host.apdu("FF B1 00 00 04"), hex("67 00"));
    assert_eq!(host.apdu("FF 20 00 00 02 11 22"), hex("90 FE"));
    assert_eq!(host.apdu("FF D0 02 A5 01 00"), hex("69 82"));
    assert_eq!(host.apdu("FF 20 00 00 03 FF FF FF"), hex("67 00"));
    assert_eq!(host.apdu("FF 20 00 00 02 FF FF"), hex("90 FF"));
    assert_eq!(host.apdu("FF D0 02 A5 03 01 02 03"), hex("90 00"));
    assert_eq!(host.apdu("FF B0 02 A4 05"), hex("FF 01 02 03 FF 90 00"));
    assert_eq!(host.apdu("FF D1 02 A5 01 02"), hex("65 81"));
    assert_eq!(host.apdu("FF D1 02 A5 01 01"), hex("90 00"));
    assert_eq!(host.apdu("FF D0 02 A5 01 00"), hex("65 81"));
    assert_eq!(host.apdu("FF B0 03 00 00").len(), 258);
    assert_eq!(host.apdu("FF B0 03 01 00"), hex("6B 00"));
    for other in ["FF D2 00 01 03 A1 B2 C3", "FF B2 00 00 04"] {
        assert_eq!(host.apdu(other), hex("6D 00"), "{other}");
    }
    assert_eq!(host.apdu("FF D0 03 FE 02 A1 B2"), hex("90 00"));
    assert_eq!(sim.look(|card| card.psc()), Some(hex("A1 B2")));
    for left in ["FE", "FC", "F8", "F0", "E0", "C0", "80", "00", "00"] {
        assert_eq!(host.apdu("FF 20 00 00 02 11 22"), hex(&format!("90 {left}")));
    }
    assert_eq!(host.apdu("FF 20 00 00 02 A1 B2"), hex("90 00"), "which means locked");
}

#[test]
fn an_i2c_card_is_read_and_written_and_nothing_else() {
    let (_sim, mut host) = host(At24c02::blank());
    assert_eq!(host.ask(0x62, &[]).3, hex("3B 00"));
    assert_eq!(host.apdu("FF A4 00 00 01 01"), hex("90 00"));
    assert_eq!(host.apdu("FF D0 00 10 02 07 08"), hex("90 00"));
    assert_eq!(host.apdu("FF B0 00 0F 04"), hex("FF 07 08 FF 90 00"));
    assert_eq!(host.apdu("FF B0 00 00 00").len(), 258);
    assert_eq!(host.apdu("FF B2 00 00 04"), hex("6D 00"));
    assert_eq!(host.apdu("FF D1 00 00 01 FF"), hex("6D 00"));
    assert_eq!(host.apdu("FF D0 01 00 01 00"), hex("6B 00"));
}
