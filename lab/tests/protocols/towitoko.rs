//! The Towitoko: what was recorded between a driver that nobody here wrote and a simulator that it accepted, byte for
//! byte; and what lies beside that recording.

use crate::wire::{Wire, hex, holds, reader};
use dianka_lab::at24c02::At24c02;
use dianka_lab::card::{Card, Partial};
use dianka_lab::reader::{Protocol, ReaderSim};
use dianka_lab::sle4428::Sle4428;
use dianka_lab::sle4442::Sle4442;
use std::time::{Duration, Instant};

fn checksum(start: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(start, |sum, byte| (sum ^ byte).rotate_left(1) ^ 1)
}

struct Host {
    wire: Wire,
    counted: bool,
}

impl Host {
    /// The data of the answer, so many bytes.
    fn ask(&mut self, printed: &str, length: usize) -> Vec<u8> {
        let command = hex(printed);
        let mut frame = if self.counted { vec![u8::try_from(command.len()).unwrap()] } else { vec![] };
        frame.extend(command);
        frame.push(checksum(0, &frame));
        self.wire.send(&frame);
        let mut answer = self.wire.bytes(length + 1);
        let sum = answer.pop().unwrap();
        assert_eq!(sum, checksum(1, &answer), "{printed}: {answer:02X?}");
        answer
    }

    fn done(&mut self, printed: &str) {
        assert_eq!(self.ask(printed, 0), b"", "{printed}");
    }

    /// So many bytes from the card, after the command that makes it send them.
    fn read(&mut self, printed: &str, length: usize) -> Vec<u8> {
        self.done(printed);
        let mut all = Vec::new();
        while all.len() < length {
            let part = (length - all.len()).min(15);
            all.extend(self.ask(&format!("{:02X}", 0x10 + part - 1), part));
        }
        all
    }

    /// The verification of a SLE4442's code, and the counter after it.
    fn verify(&mut self, spent: &str, code: &str) -> Vec<u8> {
        self.done("72 6E 00 39 03 0F");
        self.done(&format!("40 {spent} 0F"));
        self.done("72 6E 01 33 03 0F");
        self.done(&format!("42 {code} 0F"));
        self.done("72 6E 00 39 03 0F");
        self.done("40 FF 0F");
        self.read(SECURITY, 4)
    }
}

const SECURITY: &str = "70 64 42 31 00 00 65 0F";
const FAST: &str = "6E 80 DD 00 08";

fn host(card: impl Into<Card>) -> (ReaderSim, Host) {
    let (sim, wire) = reader(Protocol::Towitoko, card);
    let mut host = Host { wire, counted: false };
    assert_eq!(host.ask("00", 2), [0x61, 0x10]);
    (sim, host)
}

fn fast(card: impl Into<Card>) -> (ReaderSim, Host) {
    let (sim, mut host) = host(card);
    host.done(FAST);
    host.counted = true;
    host.done("60 0F");
    (sim, host)
}

#[test]
fn the_recorded_transcript_is_answered_byte_for_byte() {
    let (sim, mut wire) = reader(Protocol::Towitoko, Sle4442::blank());
    let mut asked = 0;
    for line in include_str!("../vectors/towitoko_sle4442.txt").lines() {
        match line.split_once(' ').unwrap() {
            ("H", frame) => wire.send(&hex(frame)),
            ("R", frame) => {
                let expected = hex(frame);
                asked += 1;
                assert_eq!(wire.bytes(expected.len()), expected, "answer {asked}: {line}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(asked, 73);
    assert_eq!(wire.rest(), b"", "nothing more than recorded");
    assert_eq!((holds(&sim, 0x20, 4), sim.look(|c| c.psc())), (hex("DE AD BE EF"), Some(hex("A1 B2 C3"))));
}

#[test]
fn the_framing_of_the_other_speed_is_not_answered() {
    let (sim, mut host) = host(Sle4442::blank());
    for (baud, counted) in [("6E 0B 56 02 08", false), ("6E 05 58 02 08", false), (FAST, true)] {
        host.done(baud);
        host.counted = !counted;
        let mut frame = if counted { hex("6F 40 6A 0F") } else { hex("04 6F 40 6A 0F") };
        frame.push(checksum(0, &frame));
        host.wire.send(&frame);
        assert_eq!(host.wire.rest(), b"", "{baud}");
        // Long enough for the half that may have been understood to be forgotten.
        std::thread::sleep(Duration::from_millis(700));
        host.counted = counted;
        assert_eq!(host.ask("00", 2), [0x61, 0x10], "{baud}");
    }
    assert_eq!(host.ask("03", 1), [0x40]);
    // Reader and card live on the port's lines.
    host.done("60 0F");
    drop(host);
    let start = Instant::now();
    while sim.look(|card| card.is_powered()) == Some(true) {
        assert!(start.elapsed() < Duration::from_secs(10), "the card loses its power");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut again = Host { wire: Wire::open(&sim.port_path()), counted: false };
    assert_eq!(again.ask("00", 2), [0x61, 0x10], "at 9600 again");
}

#[test]
fn the_status_tells_a_card_and_a_change_once() {
    let (sim, mut host) = host(Sle4442::blank());
    assert_eq!(host.ask("03", 1), [0x40]);
    let card = sim.remove().unwrap();
    assert_eq!(host.ask("03", 1), [0x80]);
    assert_eq!(host.ask("03", 1), [0x00]);
    sim.insert(card).unwrap();
    assert_eq!(host.ask("03", 1), [0xC0]);
    assert_eq!(host.ask("03", 1), [0x40]);
    let card = sim.remove().unwrap();
    sim.insert(card).unwrap();
    assert_eq!(host.ask("03", 1), [0xC0], "a swap between two questions");
    sim.reset();
    assert_eq!(host.ask("03", 1), [0x40]);
}

#[test]
fn the_reader_does_not_know_what_the_card_makes_of_it() {
    let (sim, mut host) = fast(Sle4442::blank());
    // No code: the write is answered like any other and does nothing.
    host.done("72 6E 20 38 03 0F");
    host.done("41 12 34 0F");
    assert_eq!(host.read("70 64 42 30 20 00 65 0F", 3), [0xFF; 3]);
    // Data without a target, and a target that is used up.
    host.done("40 00 0F");
    assert_eq!(host.verify("06", "FF FF FF"), [7, 0xFF, 0xFF, 0xFF]);
    host.done("72 6E 20 38 03 0F");
    host.done("41 12 34 0F");
    host.done("41 56 78 0F");
    assert_eq!(host.read("70 64 42 30 20 00 65 0F", 3), [0x12, 0x34, 0xFF]);
    // Commands of other cards, which this one does not understand.
    assert_eq!(host.read("70 A0 42 0E 00 00 80 50 0F", 4), [0xFF; 4]);
    assert_eq!(host.read("7C 64 41 A0 00 64 40 A1 0F", 4), [0xFF; 4]);
    // No card at all: the open line.
    let card = sim.remove().unwrap();
    host.done("60 0F");
    assert_eq!(host.read("70 80 62 0F", 4), [0xFF; 4]);
    assert_eq!(host.read(SECURITY, 4), [0xFF; 4]);
    assert_eq!(card.image()[0x20..0x23], [0x12, 0x34, 0xFF]);
}

#[test]
fn a_reset_under_power_ends_an_attempt_and_keeps_the_access() {
    let (_sim, mut host) = fast(Sle4442::blank());
    assert_eq!(host.verify("06", "FF FF FF"), [7, 0xFF, 0xFF, 0xFF]);
    assert_eq!(host.read("70 80 62 0F", 4), hex("A2 13 10 91"));
    assert_eq!(host.read(SECURITY, 4), [7, 0xFF, 0xFF, 0xFF]);
    host.done("61 0F");
    host.done("60 0F");
    host.done("72 6E 00 39 03 0F");
    host.done("40 06 0F");
    host.done("70 80 62 0F");
    host.done("72 6E 01 33 03 0F");
    host.done("42 FF FF FF 0F");
    host.done("72 6E 00 39 03 0F");
    host.done("40 FF 0F");
    assert_eq!(host.read(SECURITY, 4), [6, 0, 0, 0]);
}

#[test]
fn whole_cards_go_through_in_blocks() {
    let (sim, mut host) = fast(Sle4442::blank());
    assert_eq!(host.verify("06", "FF FF FF")[0], 7);
    for start in (0x20..0x100).step_by(14) {
        let end = (start + 14).min(0x100);
        let data: Vec<String> = (start..end).map(|byte| format!("{byte:02X}")).collect();
        host.done(&format!("72 6E {start:02X} 38 03 0F"));
        host.done(&format!("{:02X} {} 0F", 0x40 + data.len() - 1, data.join(" ")));
    }
    let image: Vec<u8> = (0x20..=0xFF).collect();
    assert_eq!(holds(&sim, 0x20, 0xE0), image);
    assert_eq!(host.read("70 64 42 30 20 00 65 0F", 0xE0), image);
    // A full block, with and without the last byte: the two public drivers disagree.
    for tail in ["", " 0F"] {
        host.done("72 6E 40 38 03 0F");
        host.done(&format!("4E 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E{tail}"));
        assert_eq!(holds(&sim, 0x40, 15), (0..15).collect::<Vec<u8>>());
        host.done("72 6E 40 38 03 0F");
        host.done("4D FF FF FF FF FF FF FF FF FF FF FF FF FF FF 0F");
    }
}

#[test]
fn a_4428_is_worked_with_its_three_wires() {
    let (sim, mut host) = fast(Sle4428::blank());
    assert_eq!(host.read("70 80 62 0F", 4), hex("92 23 10 91"));
    let counter = "70 A0 42 CE FD 00 80 50 0F";
    let verify = |host: &mut Host, spent: &str, code: &str| {
        host.done("73 67 6E FD F2 02 0F");
        host.done(&format!("40 {spent} 0F"));
        host.done("73 67 6E FE CD 02 0F");
        host.done(&format!("41 {code} 0F"));
        host.done("73 67 6E FD F3 02 0F");
        host.done("40 FF 0F");
        host.read(counter, 3)
    };
    assert_eq!(verify(&mut host, "FE", "11 22"), [0xFE, 0, 0]);
    assert_eq!(verify(&mut host, "FC", "FF FF"), [0xFF, 0xFF, 0xFF]);
    host.done("73 67 6E FE 73 02 0F");
    host.done("43 DE AD BE EF 0F");
    assert_eq!(host.read("70 A0 42 4E FC 00 80 50 0F", 8), hex("FF FF DE AD BE EF FF FF"), "over the end of a page");
    host.done("73 67 6E FE F3 02 0F");
    host.done("41 AB CD 0F");
    assert_eq!(sim.look(|card| card.psc()), Some(hex("AB CD")));
    assert_eq!(host.read(SECURITY, 4), [0xFF; 4], "a command of another card");
}

#[test]
fn an_i2c_card_is_read_on_from_an_address() {
    let mut card = At24c02::blank();
    card.power_on().unwrap();
    for address in 0..=255 {
        card.write(address, !address).unwrap();
    }
    let (_sim, mut host) = fast(card);
    assert_eq!(host.read("70 80 62 0F", 4), [0xFF; 4], "no answer to reset");
    let from_f0: Vec<u8> = (0..256_u16).map(|n| !u8::try_from((n + 0xF0) % 256).unwrap()).collect();
    assert_eq!(host.read("7C 64 41 A0 F0 64 40 A1 0F", 256), from_f0);
}

#[test]
fn a_tear_in_mid_write_shows_in_the_status_and_in_what_is_read_back() {
    let (sim, mut host) = fast(Sle4442::blank());
    host.ask("03", 1);
    assert_eq!(host.verify("06", "FF FF FF")[0], 7);
    host.done("72 6E 20 38 03 0F");
    assert!(sim.tear_after(2, Partial::Mask(0xF0)));
    host.done("43 00 00 00 00 0F");
    assert_eq!(holds(&sim, 0x20, 4), [0, 0, 0x0F, 0xFF]);
    assert_eq!(host.ask("03", 1), [0x80]);
    assert_eq!(host.read("70 64 42 30 20 00 65 0F", 4), [0xFF; 4], "the open line");
    assert!(sim.reinsert());
    assert_eq!(host.ask("03", 1), [0xC0]);
    host.done("60 0F");
    assert_eq!(host.read("70 64 42 30 20 00 65 0F", 4), [0, 0, 0x0F, 0xFF]);
}
