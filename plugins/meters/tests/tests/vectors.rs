//! Bytes that are written down elsewhere (`standards.md` 3.2 and 4), and the layout that the host is told.

#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::fields::Values;
use dianka_meter_engine::frame;
use dianka_meter_engine::open_a::{OPEN_A, TYPE_INITIALISATION, TYPE_PURCHASE};
use dianka_meter_engine::profile::{FrameSpec, Item, LengthCoding};
use dianka_meter_engine::{access, decode, describe};
use dianka_meter_tests::{BOTH, GB, KWH, bought, plain, purchase, written};
use dianka_sdk::checksum::crc16;
use dianka_sdk::meter::types::{AccessRule, Purchase};

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn spec(code: i64) -> FrameSpec {
    OPEN_A.kinds.iter().find(|kind| kind.code == code).unwrap().frame
}

/// User 161, meter 1234, count 5, 300 kWh, alarm 30, hoard 9999, trip at 8.80 kW, preset 12, 2024-03-15.
fn example() -> Purchase {
    Purchase { hoard_wh: 9999 * KWH, limit_mode: 1, capacity_w: 8800, preset_wh: 12 * KWH, ..purchase(5, 300) }
}

const PURCHASE: &str = "68 02 1F 00 00 01 61 00 00 12 34 02 00 05 00 03 00 00 00 30 00 00 00 00 99 99 01 08 80 00 12 \
                        24 03 15 0C 16";

#[test]
fn the_purchase_frame_byte_for_byte() {
    for standard in BOTH {
        let card = written(&standard, &bought(example()));
        assert_eq!(card.bytes[0x40..0x64], hex(PURCHASE));
        assert!(card.bytes[0x64..].iter().all(|byte| *byte == 0xFF));
        assert_eq!(decode::decode(&standard, &card).unwrap(), bought(example()));
    }
}

#[test]
fn the_length_byte_in_the_other_coding() {
    let area = hex(PURCHASE);
    let values = frame::parse(&spec(TYPE_PURCHASE), &area, 0x40, LengthCoding::Bin).unwrap();
    let bcd = frame::build(&spec(TYPE_PURCHASE), &values, LengthCoding::Bcd).unwrap();
    assert_eq!(bcd[2], 0x31);
    assert_eq!(frame::parse(&spec(TYPE_PURCHASE), &bcd, 0x40, LengthCoding::Bcd).unwrap(), values);
    assert!(frame::parse(&spec(TYPE_PURCHASE), &bcd, 0x40, LengthCoding::Bin).is_err());
}

#[test]
fn the_initialisation_frame_byte_for_byte() {
    let values = Values::default().with(Item::UserNo, 161).with(Item::Alarm, 30 * KWH);
    let built = frame::build(&spec(TYPE_INITIALISATION), &values, LengthCoding::Bin).unwrap();
    assert_eq!(built, hex("68 01 07 00 00 01 61 00 00 30 9A 16"));
}

fn returned_values() -> Values {
    Values::default()
        .with(Item::UserNo, 161)
        .with(Item::MeterNo, 1234)
        .with(Item::Count, 5)
        .with(Item::TotalUsed, 3_125_000)
        .with(Item::Remaining, 30_000)
        .with(Item::Overdrawn, 0)
        .with(Item::RelayOpen, 1)
        .with(Item::Status, 0)
        .with(Item::Errors, 123)
        .with(Item::TotalPurchased, 0)
        .with(Item::Power, 0)
}

/// The published frame has 27 bytes of data; ours adds total purchased and power, 4 bytes each.
#[test]
fn the_returned_frame_and_what_was_added_to_it() {
    let long = OPEN_A.returned_frame;
    let short = FrameSpec { command: long.command, fields: &long.fields[..9] };
    let built = frame::build(&short, &returned_values(), LengthCoding::Bin).unwrap();
    let published = "68 11 1B 00 00 01 61 00 00 12 34 00 05 00 03 12 50 00 00 30 00 00 00 00 00 01 00 00 01 23 93 16";
    assert_eq!(built, hex(published));
    let extended = frame::build(&long, &returned_values(), LengthCoding::Bin).unwrap();
    // So length (35 = 23h) and sum (93 + 23 - 1B = 9B) are others, and the rest is the same.
    let ours = "68 11 23 00 00 01 61 00 00 12 34 00 05 00 03 12 50 00 00 30 00 00 00 00 00 01 00 00 01 23 \
                00 00 00 00 00 00 00 00 9B 16";
    assert_eq!(extended, hex(ours));
}

#[test]
fn the_message_behind_the_password() {
    for standard in BOTH {
        let AccessRule::Derived(rule) = access::access(&standard, &bought(example())).unwrap() else {
            panic!("a written card has a derived password");
        };
        assert_eq!(rule.message, hex("70 73 63 01 00 86 00 01 00 00 01 61 00 00 00 01"));
        assert_eq!((rule.slot.as_str(), rule.len), ("psc", 3));
        let blank = access::access(&standard, &plain("blank", Vec::new())).unwrap();
        assert_eq!(blank, AccessRule::Transport(vec![0xFF; 3]));
    }
}

#[test]
fn the_identity_block() {
    let card = written(&GB, &bought(example()));
    let body = hex("A1 01 00 86 00 01 00 00 01 61 00 00 00 01 02 01 00 01");
    assert_eq!(card.bytes[0x20..0x32], body);
    assert_eq!(card.bytes[0x32..0x34], crc16(&body).to_be_bytes());
    assert!(card.bytes[0x34..0x40].iter().all(|byte| *byte == 0xFF));
    assert_eq!(card.bytes[..4], hex("A2 13 10 91"));
}

#[test]
fn the_field_map_reads_the_same_numbers() {
    for standard in BOTH {
        let layout = describe::describe(&standard).layout;
        let card = written(&standard, &bought(example()));
        let read = |name: &str| {
            let field = layout.fields.iter().find(|field| field.name == name).unwrap();
            let start = usize::try_from(field.offset).unwrap();
            let bytes = &card.bytes[start..start + usize::try_from(field.len).unwrap()];
            let base = if field.coding == "bcd-be" { 10_i64 } else { 16 };
            bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).fold(0, |sum, digit| sum * base + i64::from(digit))
                * field.step
        };
        assert_eq!(read("quantity"), 300_000);
        assert_eq!(read("count"), 5);
        assert_eq!(read("meter-no"), 1234);
        assert_eq!(read("user-no"), 161);
        assert_eq!(read("system-code"), 86);
        assert_eq!(read("region"), 1);
        assert_eq!(read("capacity"), 8800);
        assert_eq!(read("write-counter"), 1);
        assert_eq!((layout.seal_offset, layout.seal_value, layout.size), (0x40, 0x68, 256));
        assert_eq!((layout.writable[0].offset, layout.writable[0].len), (0x20, 0x60));
        assert_eq!((layout.returned[0].offset, layout.returned[0].len), (0xC0, 0x40));
    }
}
