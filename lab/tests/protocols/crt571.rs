//! The CRT-571: a receipt, then an answer in a frame, and the host's receipt.

use crate::wire::{Wire, hex, holds, reader, xor};
use dianka_lab::at24c02::At24c02;
use dianka_lab::card::Partial;
use dianka_lab::reader::{Protocol, ReaderSim};
use dianka_lab::sle4428::Sle4428;
use dianka_lab::sle4442::Sle4442;

fn frame(text: &[u8]) -> Vec<u8> {
    let mut out = vec![0xF2, 0];
    out.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    out.extend(text);
    out.push(3);
    out.push(xor(&out));
    out
}

/// The text of the next frame, whose receipt is sent.
fn answer(wire: &mut Wire) -> Vec<u8> {
    let head = wire.bytes(4);
    assert_eq!(head[..2], [0xF2, 0]);
    let rest = wire.bytes(usize::from(u16::from_be_bytes([head[2], head[3]])) + 2);
    assert_eq!(rest[rest.len() - 2], 3);
    assert_eq!(xor(&[head, rest.clone()].concat()), 0);
    wire.send(&[6]);
    rest[..rest.len() - 2].to_vec()
}

/// A good answer's data, or the two characters of a bad one's error.
fn vector(wire: &mut Wire, printed: &str) -> Result<Vec<u8>, String> {
    let asked = hex(printed);
    assert_eq!(xor(&asked), 0, "the vector {printed}");
    wire.send(&asked);
    assert_eq!(wire.bytes(1), [6], "the receipt");
    let text = answer(wire);
    assert_eq!(text[1..3], asked[5..7], "command and parameter");
    match text[0] {
        b'P' => Ok(text[6..].to_vec()),
        b'N' | b'E' => Err(String::from_utf8(text[3..].to_vec()).unwrap()),
        other => panic!("{other:02X}"),
    }
}

fn ask(wire: &mut Wire, command: u8, parameter: u8, data: &[u8]) -> Result<Vec<u8>, String> {
    let asked = frame(&[&[0x43, command, parameter], data].concat());
    let printed: Vec<String> = asked.iter().map(|byte| format!("{byte:02X}")).collect();
    vector(wire, &printed.join(" "))
}

fn with_4442() -> (ReaderSim, Wire) {
    reader(Protocol::Crt571, Sle4442::blank())
}

fn ok() -> Result<Vec<u8>, String> {
    Ok(vec![0x90, 0x00])
}

fn bad(error: &str) -> Result<Vec<u8>, String> {
    Err(error.to_owned())
}

#[test]
fn every_known_vector_is_answered() {
    let (sim, mut wire) = with_4442();
    assert!(vector(&mut wire, "F2 00 00 03 43 30 33 03 B2").unwrap().starts_with(b"CRT-571"));
    assert_eq!(vector(&mut wire, "F2 00 00 08 43 53 33 00 B0 00 00 00 03 6A"), bad("65"), "not powered");
    assert_eq!(vector(&mut wire, "F2 00 00 03 43 53 30 03 D2"), Ok(vec![0xA2, 0x13, 0x10, 0x91]));
    let all = vector(&mut wire, "F2 00 00 08 43 53 33 00 B0 00 00 00 03 6A").unwrap();
    assert_eq!((all.len(), &all[..5], &all[256..]), (258, &[0xA2, 0x13, 0x10, 0x91, 0xFF][..], &[0x90, 0][..]));
    let security = "F2 00 00 08 43 53 33 00 B0 02 00 04 03 6C";
    assert_eq!(vector(&mut wire, security), Ok(vec![7, 0, 0, 0, 0x90, 0]));
    assert_eq!(vector(&mut wire, "F2 00 00 0B 43 53 33 00 20 03 01 03 FF FF FF 03 07"), ok());
    assert_eq!(vector(&mut wire, security), Ok(vec![7, 0xFF, 0xFF, 0xFF, 0x90, 0]));
    assert_eq!(vector(&mut wire, "F2 00 00 0C 43 53 33 00 D0 00 20 04 DE AD BE EF 03 08"), ok());
    assert_eq!(holds(&sim, 0x20, 4), [0xDE, 0xAD, 0xBE, 0xEF]);
    assert_eq!(vector(&mut wire, "F2 00 00 0B 43 53 33 00 D0 02 01 03 12 34 56 03 79"), ok());
    assert_eq!(sim.look(|card| card.psc()), Some(vec![0x12, 0x34, 0x56]));
}

#[test]
fn receipt_and_answer_are_two_things_and_the_state_of_the_card_is_in_every_answer() {
    let (sim, mut wire) = with_4442();
    wire.exchange("F2 00 00 03 43 31 30 03 B0", "06 F2 00 00 06 50 31 30 32 30 30 03 94");
    wire.send(&[0x15]);
    assert_eq!(answer(&mut wire), hex("50 31 30 32 30 30"), "the answer again, without a receipt");
    drop(sim.remove());
    wire.exchange("F2 00 00 03 43 31 30 03 B0", "06 F2 00 00 06 50 31 30 30 30 30 03 96");
    // A frame for another reader on the line, then one for this.
    wire.send(&hex("F2 01 00 03 43 31 30 03 B1"));
    assert_eq!(wire.rest(), b"");
    assert_eq!(ask(&mut wire, 0x50, 0x30, &[]), Ok(b"00".to_vec()));
    sim.insert(Sle4442::blank()).unwrap();
    assert_eq!(ask(&mut wire, 0x50, 0x30, &[]), Ok(b"20".to_vec()));
    assert_eq!(ask(&mut wire, 0x53, 0x32, &[]), Ok(b"0".to_vec()));
    ask(&mut wire, 0x53, 0x30, &[]).unwrap();
    assert_eq!(ask(&mut wire, 0x53, 0x32, &[]), Ok(b"1".to_vec()));
    assert_eq!(ask(&mut wire, 0x53, 0x31, &[]), Ok(vec![]));
    assert_eq!(ask(&mut wire, 0x53, 0x32, &[]), Ok(b"0".to_vec()));
    assert_eq!(ask(&mut wire, 0xA4, 0x30, &[]), Ok(b"CRT-571-LAB-V1.0".to_vec()));
}

#[test]
fn what_cannot_be_done_is_said_with_its_error() {
    let (_sim, mut wire) = with_4442();
    for (command, parameter, error) in [
        (0x99, 0x30, "00"),
        (0x31, 0x39, "01"),
        (0x31, 0x31, "03"),
        (0x32, 0x39, "03"),
        (0x60, 0x30, "03"),
        (0x51, 0x30, "63"),
        (0x51, 0x33, "65"),
        (0x54, 0x30, "63"),
        (0x53, 0x33, "65"),
        (0x53, 0x77, "01"),
    ] {
        assert_eq!(ask(&mut wire, command, parameter, &[]), bad(error), "{command:02X} {parameter:02X}");
    }
    for parameter in [0x30, 0x31, 0x32] {
        assert_eq!(ask(&mut wire, 0x32, parameter, &[]), Ok(vec![]), "the card is where it shall be");
    }
    ask(&mut wire, 0x53, 0x30, &[]).unwrap();
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xB0, 0, 0, 4]), bad("62"), "a command for SLE4428");
    for (apdu, status) in [
        (&[0, 0xB0, 0, 0][..], Err("04")),
        (&[0, 0xB0, 0, 0xFF, 2], Ok(0x6B00)),
        (&[0, 0xB0, 3, 0, 2], Ok(0x6B00)),
        (&[0, 0xB0, 2, 0, 3], Ok(0x6700)),
        (&[0, 0xD0, 0, 0x20, 2, 1], Ok(0x6700)),
        (&[0, 0xD0, 0, 0x20, 1, 1], Ok(0x6F00)),
        (&[0, 0xD0, 1, 0x20, 1, 1], Ok(0x6B00)),
        (&[0, 0x20, 3, 1, 2, 1, 1], Ok(0x6700)),
        (&[0, 0x77, 0, 0, 1, 1], Ok(0x6D00)),
        (&[0xFF, 0xB0, 0, 0, 1], Ok(0x6E00)),
    ] {
        let expected = status.map(|word: u16| word.to_be_bytes().to_vec()).map_err(str::to_owned);
        assert_eq!(ask(&mut wire, 0x53, 0x33, apdu), expected, "{apdu:02X?}");
    }
}

#[test]
fn a_negative_answer_begins_as_one_document_or_the_other_says() {
    let (sim, mut wire) = with_4442();
    wire.exchange("F2 00 00 03 43 60 30 03 E1", "06 F2 00 00 05 4E 60 30 30 33 03 E9");
    sim.set_options(|o| o.variant = true);
    wire.exchange("F2 00 00 03 43 60 30 03 E1", "06 F2 00 00 05 45 60 30 30 33 03 E2");
}

#[test]
fn wrong_codes_are_6f01_and_the_last_one_6f02() {
    let (_sim, mut wire) = with_4442();
    ask(&mut wire, 0x53, 0x30, &[]).unwrap();
    let mut verify = |code: [u8; 3]| ask(&mut wire, 0x53, 0x33, &[&[0, 0x20, 3, 1, 3], &code[..]].concat());
    assert_eq!(verify([1, 2, 3]), Ok(vec![0x6F, 0x01]));
    assert_eq!(verify([0xFF; 3]), ok());
    assert_eq!(verify([1, 2, 3]), Ok(vec![0x6F, 0x01]));
    assert_eq!(verify([1, 2, 3]), Ok(vec![0x6F, 0x01]));
    assert_eq!(verify([1, 2, 3]), Ok(vec![0x6F, 0x02]));
    assert_eq!(verify([0xFF; 3]), Ok(vec![0x6F, 0x02]));
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xB0, 2, 0, 4]), Ok(vec![0, 0, 0, 0, 0x90, 0]));
}

#[test]
fn protection_bits_are_the_second_memory() {
    let (_sim, mut wire) = with_4442();
    ask(&mut wire, 0x53, 0x30, &[]).unwrap();
    ask(&mut wire, 0x53, 0x33, &[0, 0x20, 3, 1, 3, 0xFF, 0xFF, 0xFF]).unwrap();
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xD0, 1, 9, 1, 0]), Ok(vec![0x6F, 0]), "the byte holds FF");
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xD0, 1, 9, 1, 0xFF]), ok());
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xB0, 1, 0, 4]), Ok(vec![0xFF, 0xFD, 0xFF, 0xFF, 0x90, 0]));
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xD0, 0, 9, 1, 0]), Ok(vec![0x6F, 0]), "protected for good");
}

#[test]
fn a_4428_has_its_own_command_and_a_long_address() {
    let (sim, mut wire) = reader(Protocol::Crt571, Sle4428::blank());
    assert_eq!(ask(&mut wire, 0x50, 0x30, &[]), Ok(b"21".to_vec()));
    assert_eq!(ask(&mut wire, 0x53, 0x30, &[]), Ok(vec![0x92, 0x23, 0x10, 0x91]));
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xB0, 0, 0, 4]), bad("62"), "a command for SLE4442");
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0x20, 0, 0, 2, 1, 2]), Ok(vec![0x6F, 0x01]));
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xB0, 3, 0xFD, 3]), Ok(vec![0xFE, 0, 0, 0x90, 0]));
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0x20, 0, 0, 2, 0xFF, 0xFF]), ok());
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xD0, 2, 0xA5, 3, 1, 2, 3]), ok());
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xB0, 2, 0xA4, 4]), Ok(vec![0xFF, 1, 2, 3, 0x90, 0]));
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xB0, 3, 0, 0]).unwrap().len(), 258);
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xB0, 3, 1, 0]), Ok(vec![0x6B, 0]));
    assert_eq!(ask(&mut wire, 0x53, 0x34, &[0, 0xD0, 3, 0xFE, 2, 0xAB, 0xCD]), ok());
    assert_eq!(sim.look(|card| card.psc()), Some(vec![0xAB, 0xCD]));
}

#[test]
fn an_i2c_card_has_commands_to_read_and_to_write() {
    let (_sim, mut wire) = reader(Protocol::Crt571, At24c02::blank());
    assert_eq!(ask(&mut wire, 0x50, 0x30, &[]), Ok(b"31".to_vec()));
    assert_eq!(ask(&mut wire, 0x53, 0x30, &[]), bad("63"));
    assert_eq!(ask(&mut wire, 0x54, 0x30, &[]), Ok(vec![]));
    assert_eq!(ask(&mut wire, 0x54, 0x34, &[0, 0xD0, 0, 0x10, 2, 7, 8]), ok());
    assert_eq!(ask(&mut wire, 0x54, 0x33, &[0, 0xB0, 0, 0x0F, 4]), Ok(vec![0xFF, 7, 8, 0xFF, 0x90, 0]));
    assert_eq!(ask(&mut wire, 0x54, 0x33, &[0, 0xB0, 0, 0, 0]).unwrap().len(), 258);
    assert_eq!(ask(&mut wire, 0x54, 0x33, &[0, 0xD0, 0, 0x10, 1, 7]), bad("62"), "reading does not write");
}

#[test]
fn a_tear_in_mid_write_pulls_the_card() {
    let (sim, mut wire) = with_4442();
    ask(&mut wire, 0x53, 0x30, &[]).unwrap();
    ask(&mut wire, 0x53, 0x33, &[0, 0x20, 3, 1, 3, 0xFF, 0xFF, 0xFF]).unwrap();
    assert!(sim.tear_after(2, Partial::Mask(0xF0)));
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xD0, 0, 0x20, 4, 0, 0, 0, 0]), bad("63"));
    assert_eq!(holds(&sim, 0x20, 4), [0, 0, 0x0F, 0xFF]);
    assert_eq!(ask(&mut wire, 0x53, 0x30, &[]), bad("63"), "no card");
    assert!(sim.reinsert());
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xB0, 0, 0x20, 4]), bad("65"));
    assert!(ask(&mut wire, 0x53, 0x30, &[]).is_ok());
    assert_eq!(ask(&mut wire, 0x53, 0x33, &[0, 0xB0, 0, 0x20, 4]), Ok(vec![0, 0, 0x0F, 0xFF, 0x90, 0]));
}
