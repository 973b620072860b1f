//! The ACR30: text between 02 and 03, status words, notices.

use crate::wire::{Wire, hex, holds, reader, xor};
use dianka_lab::at24c02::At24c02;
use dianka_lab::card::Partial;
use dianka_lab::reader::{Protocol, ReaderSim, SlotView};
use dianka_lab::sle4428::Sle4428;
use dianka_lab::sle4442::Sle4442;

/// A message as text on the line, in lower case: the reader takes either.
fn frame(message: &[u8]) -> Vec<u8> {
    let text: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
    [b"\x02", text.as_bytes(), b"\x03"].concat()
}

/// The next message from the reader.
fn message(wire: &mut Wire) -> Vec<u8> {
    let raw = wire.until(3);
    assert_eq!(raw[0], 2, "{raw:02X?}");
    let text = std::str::from_utf8(&raw[1..raw.len() - 1]).unwrap();
    assert_eq!(text, text.to_uppercase());
    let message: Vec<u8> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
    assert_eq!((message[0], xor(&message)), (1, 0));
    message
}

/// Status word and data of the answer to a message printed with its sum.
fn vector(wire: &mut Wire, printed: &str) -> (u16, Vec<u8>) {
    let asked = hex(printed);
    assert_eq!(xor(&asked), 0, "the vector {printed}");
    wire.send(&frame(&asked));
    let answer = message(wire);
    let status = u16::from_be_bytes([answer[1], answer[2]]);
    let (length, data) = match answer[3] {
        0xFF => (usize::from(u16::from_be_bytes([answer[4], answer[5]])), &answer[6..]),
        length => (length.into(), &answer[4..]),
    };
    assert_eq!(data.len(), length + 1);
    (status, data[..length].to_vec())
}

fn ask(wire: &mut Wire, instruction: u8, data: &[u8]) -> (u16, Vec<u8>) {
    let mut message = vec![1, instruction];
    match u8::try_from(data.len()) {
        Ok(length) if length < 0xFF => message.push(length),
        _ => message.extend([&[0xFF][..], &u16::try_from(data.len()).unwrap().to_be_bytes()].concat()),
    }
    message.extend(data);
    message.push(xor(&message));
    let printed: Vec<String> = message.iter().map(|byte| format!("{byte:02X}")).collect();
    vector(wire, &printed.join(" "))
}

fn with_4442() -> (ReaderSim, Wire) {
    reader(Protocol::Acr30, Sle4442::blank())
}

const OK: (u16, Vec<u8>) = (0x9000, Vec::new());

fn failed(status: u16) -> (u16, Vec<u8>) {
    (status, Vec::new())
}

#[test]
fn every_known_vector_is_answered() {
    let (sim, mut wire) = with_4442();
    let (status, about) = vector(&mut wire, "01 01 00 00");
    assert_eq!((status, about.len(), &about[14..]), (0x9000, 16, &[0, 1][..]), "a card, no type, no power");
    assert_eq!(vector(&mut wire, "01 02 01 05 07"), OK);
    assert_eq!(vector(&mut wire, "01 80 00 81"), failed(0x6003), "a SLE4428 was selected");
    assert_eq!(vector(&mut wire, "01 02 01 06 04"), OK);
    assert_eq!(vector(&mut wire, "01 80 00 81"), (0x9010, vec![0xA2, 0x13, 0x10, 0x91]));
    let (_, about) = vector(&mut wire, "01 01 00 00");
    assert_eq!(about[14..], [6, 3], "selected and powered");
    let (status, read) = vector(&mut wire, "01 90 03 00 00 10 82");
    assert_eq!((status, &read[..4], &read[4..16]), (0x9000, &[0xA2, 0x13, 0x10, 0x91][..], &[0xFF; 12][..]));
    assert_eq!(read[16..], [0xFF, 0xFF], "the protection bits of 16 bytes");
    assert_eq!(vector(&mut wire, "01 92 03 FF FF FF 6F"), (0x9000, vec![7, 0xFF, 0xFF, 0xFF]));
    assert_eq!(vector(&mut wire, "01 91 06 00 20 DE AD BE EF 94"), OK);
    assert_eq!(holds(&sim, 0x20, 4), [0xDE, 0xAD, 0xBE, 0xEF]);
    assert_eq!(vector(&mut wire, "01 93 03 A1 B2 C3 41"), OK);
    assert_eq!(sim.look(|card| card.psc()), Some(vec![0xA1, 0xB2, 0xC3]));
    assert_eq!(vector(&mut wire, "01 91 03 11 22 33 93"), failed(0x6702), "of the manual, past this card's end");
    assert_eq!(vector(&mut wire, "01 A2 01 3D 9F"), failed(0x6005), "of the manual, an instruction it does not have");
    assert_eq!(vector(&mut wire, "01 81 00 80"), OK);
    assert_eq!(ask(&mut wire, 0x90, &[0, 0, 1]), failed(0x6004));
}

#[test]
fn the_frame_of_the_manual_is_taken_byte_for_byte_and_so_is_its_upper_case() {
    let (_sim, mut wire) = with_4442();
    let manual = hex("02 30 31 41 32 30 31 33 44 39 46 03");
    for byte in &manual {
        wire.send(&[*byte]);
    }
    assert_eq!(wire.bytes(12), b"\x020160050064\x03", "an instruction it does not have");
    wire.send(b"\x020191031122339G\x03");
    assert_eq!(wire.bytes(2), [5, 5], "G is no digit");
    assert_eq!(wire.rest(), b"");
}

#[test]
fn wrong_codes_are_counted_and_the_third_locks() {
    let (sim, mut wire) = with_4442();
    ask(&mut wire, 0x02, &[0]);
    assert_eq!(ask(&mut wire, 0x80, &[]).0, 0x9010, "the type is found by itself");
    assert_eq!(ask(&mut wire, 0x92, &[1, 2, 3]), (0x6201, vec![6, 0, 0, 0]));
    assert_eq!(ask(&mut wire, 0x91, &[0, 0x20, 1]), failed(0x6020), "no access");
    assert_eq!(ask(&mut wire, 0x92, &[0xFF; 3]), (0x9000, vec![7, 0xFF, 0xFF, 0xFF]));
    assert_eq!(ask(&mut wire, 0x92, &[1, 2, 3]), (0x6201, vec![6, 0, 0, 0]));
    assert_eq!(ask(&mut wire, 0x92, &[1, 2, 3]), (0x6201, vec![4, 0, 0, 0]));
    assert_eq!(ask(&mut wire, 0x92, &[1, 2, 3]), (0x6705, vec![0, 0, 0, 0]));
    assert_eq!(ask(&mut wire, 0x92, &[0xFF; 3]), (0x6705, vec![0, 0, 0, 0]));
    assert_eq!(sim.look(|card| card.error_counter()), Some(Some(0)));
}

#[test]
fn protection_bits_follow_what_was_read_of_the_first_32_bytes() {
    let (_sim, mut wire) = with_4442();
    ask(&mut wire, 0x02, &[6]);
    ask(&mut wire, 0x80, &[]);
    ask(&mut wire, 0x92, &[0xFF; 3]);
    assert_eq!(ask(&mut wire, 0x94, &[0, 9, 0x00]), failed(0x6020), "the byte holds FF");
    assert_eq!(ask(&mut wire, 0x94, &[0, 9, 0xFF]), OK);
    assert_eq!(ask(&mut wire, 0x91, &[0, 9, 0x00]), failed(0x6020), "protected for good");
    assert_eq!(ask(&mut wire, 0x90, &[0, 8, 2]), (0x9000, vec![0xFF, 0xFF, 0xFD]));
    assert_eq!(ask(&mut wire, 0x90, &[0, 7, 2]), (0x9000, vec![0xFF, 0xFF, 0xFF, 0xFD]));
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x1F, 2]), (0x9000, vec![0xFF, 0xFF, 0xFF]));
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x20, 2]), (0x9000, vec![0xFF, 0xFF]));
    let (status, whole) = ask(&mut wire, 0x90, &[0, 0, 255]);
    assert_eq!((status, whole.len()), (0x9000, 259), "a length above 254 is written long");
    for (data, status) in [(&[0, 0, 0][..], 0x6703), (&[0, 0xFF, 2], 0x6702), (&[0, 0], 0x6703)] {
        assert_eq!(ask(&mut wire, 0x90, data), failed(status), "{data:?}");
    }
}

#[test]
fn the_variant_always_appends_all_protection_bytes_and_resets_with_9000() {
    let (sim, mut wire) = with_4442();
    sim.set_options(|o| o.variant = true);
    ask(&mut wire, 0x02, &[6]);
    assert_eq!(ask(&mut wire, 0x80, &[]), (0x9000, vec![0xA2, 0x13, 0x10, 0x91]));
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x40, 2]), (0x9000, vec![0xFF; 6]));
}

#[test]
fn a_4428_has_eight_tries_and_changes_its_code_by_writing_it() {
    let (sim, mut wire) = reader(Protocol::Acr30, Sle4428::blank());
    ask(&mut wire, 0x02, &[5]);
    assert_eq!(ask(&mut wire, 0x80, &[]), (0x9010, vec![0x92, 0x23, 0x10, 0x91]));
    assert_eq!(ask(&mut wire, 0x92, &[1, 2]), (0x6201, vec![0xFE, 0, 0]));
    assert_eq!(ask(&mut wire, 0x92, &[1, 2, 3]), failed(0x6703));
    assert_eq!(ask(&mut wire, 0x92, &[0xFF; 2]), (0x9000, vec![0xFF, 0xFF, 0xFF]));
    let long: Vec<u8> = [3, 0].into_iter().chain(0..=252).collect();
    assert_eq!(ask(&mut wire, 0x91, &long), OK, "a command with a long length");
    assert_eq!(ask(&mut wire, 0x90, &[3, 0xF0, 4]), (0x9000, vec![0xF0, 0xF1, 0xF2, 0xF3]));
    assert_eq!(ask(&mut wire, 0x93, &[1, 2]), failed(0x6003));
    assert_eq!(ask(&mut wire, 0x91, &[3, 0xFE, 0xAB, 0xCD]), OK);
    assert_eq!(sim.look(|card| card.psc()), Some(vec![0xAB, 0xCD]));
    assert_eq!(ask(&mut wire, 0x94, &[2, 0, 0xFF]), OK);
    assert_eq!(ask(&mut wire, 0x91, &[2, 0, 0]), failed(0x6020));
}

#[test]
fn an_i2c_card_is_read_and_written_and_knows_no_code() {
    let (_sim, mut wire) = reader(Protocol::Acr30, At24c02::blank());
    assert_eq!(ask(&mut wire, 0x80, &[]), failed(0x6001));
    assert_eq!(ask(&mut wire, 0x02, &[2]), OK);
    assert_eq!(ask(&mut wire, 0x80, &[]), (0x9010, vec![]));
    assert_eq!(ask(&mut wire, 0x91, &[0, 0x10, 1, 2, 3]), OK);
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x0F, 4]), (0x9000, vec![0xFF, 1, 2, 3]));
    assert_eq!(ask(&mut wire, 0x92, &[0xFF; 3]), failed(0x6003));
    assert_eq!(ask(&mut wire, 0xA0, &[0, 0xA4, 0, 0]), failed(0x6003), "no CPU card");
    assert_eq!(ask(&mut wire, 0x02, &[0x0C]), failed(0x6003));
}

#[test]
fn cards_that_come_and_go_are_told_until_the_host_says_no() {
    let (sim, mut wire) = with_4442();
    assert_eq!(ask(&mut wire, 0x01, &[]).0, 0x9000);
    let card = sim.remove().unwrap();
    assert_eq!(message(&mut wire), hex("01 FF 02 00 FC"));
    assert_eq!(ask(&mut wire, 0x90, &[0, 0, 1]), failed(0x6002));
    assert_eq!(ask(&mut wire, 0x01, &[]).1[15], 0, "no card");
    sim.insert(card).unwrap();
    assert_eq!(message(&mut wire), hex("01 FF 01 00 FF"));
    assert_eq!(ask(&mut wire, 0x06, &[2]), OK);
    drop(sim.remove().unwrap());
    assert_eq!(wire.rest(), b"");
    sim.reset();
    assert_eq!(message(&mut wire), hex("01 FF 00 01 12 ED"), "the reader's supply was away");
    sim.insert(Sle4442::blank()).unwrap();
    assert_eq!(message(&mut wire), hex("01 FF 01 00 FF"), "and notices are on again");
    for settings in [&[0x12, 0x12][..], &[0, 0]] {
        assert_eq!(ask(&mut wire, 0x03, settings), OK);
    }
    assert_eq!(ask(&mut wire, 0x03, &[0, 0x77]), failed(0x6703));
}

#[test]
fn a_tear_in_mid_write_pulls_the_card() {
    let (sim, mut wire) = with_4442();
    ask(&mut wire, 0x02, &[6]);
    ask(&mut wire, 0x80, &[]);
    ask(&mut wire, 0x92, &[0xFF; 3]);
    assert!(sim.tear_after(2, Partial::Mask(0xF0)));
    assert_eq!(ask(&mut wire, 0x91, &[0, 0x20, 0, 0, 0, 0]), failed(0x6002));
    assert_eq!(message(&mut wire), hex("01 FF 02 00 FC"));
    assert_eq!((sim.slot(), holds(&sim, 0x20, 4)), (SlotView::Pulled, vec![0, 0, 0x0F, 0xFF]));
    assert!(sim.reinsert());
    assert_eq!(message(&mut wire), hex("01 FF 01 00 FF"));
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x20, 4]), failed(0x6004));
    assert_eq!(ask(&mut wire, 0x80, &[]).0, 0x9010);
    assert_eq!(ask(&mut wire, 0x90, &[0, 0x20, 4]), (0x9000, vec![0, 0, 0x0F, 0xFF]));
}
