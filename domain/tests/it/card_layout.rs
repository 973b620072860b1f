//! The field map, and the host's own check by it. The card is the documented example of profile open-a.

use dianka_domain::card::{
    ByteRange, CardImage, CheckFault, Coding, Field, FieldError, ImageError, Layout, LayoutError, WritePlanError,
    independent_check, number_follows,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use crate::common::meter;

fn field(name: &str, offset: u32, len: u32, step: i64) -> Field {
    Field { name: name.into(), offset, len, coding: Coding::BcdBe, step }
}

/// Purchase frame at 40h with its first byte as the seal; returned data from C0h on.
pub fn open_a() -> Layout {
    Layout {
        chip: "sle4442".into(),
        size: 256,
        seal_offset: 0x40,
        seal_value: 0x68,
        fields: vec![
            field("user-no", 0x43, 4, 1),
            field("meter-no", 0x47, 4, 1),
            field("count", 0x4c, 2, 1),
            field("quantity", 0x4e, 3, 1000),
            Field { coding: Coding::UintBe, ..field("write-counter", 0x3c, 2, 1) },
        ],
        writable: vec![ByteRange { offset: 0x20, len: 0xa0 }],
        returned: vec![ByteRange { offset: 0xc0, len: 0x40 }],
    }
}

/// The documented frame: user 161, meter 1234, count 5, 300 kWh, 2024-03-15.
const FRAME: &str = "68021f000001610000123402000500030000003000000000999901088000122403150c16";

fn digits(value: u64, width: usize) -> String {
    format!("{value:0width$}")
}

/// A card with the frame's figures replaced and its checksum computed anew; the rest as an example card would have it.
pub fn purchase_card(meter_no: u64, count: u64, kwh: u64) -> CardImage {
    let mut frame = FRAME.to_owned();
    frame.replace_range(14..22, &digits(meter_no, 8));
    frame.replace_range(24..28, &digits(count, 4));
    frame.replace_range(28..34, &digits(kwh, 6));
    let mut bytes = CardImage::from_hex(&frame).unwrap().into_bytes();
    let sum_at = bytes.len() - 2;
    bytes[sum_at] = bytes[1..sum_at].iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
    let mut card = vec![0xff; 256];
    card[0x40..0x40 + bytes.len()].copy_from_slice(&bytes);
    card[0x00..0x20].fill(0xa2);
    card[0x3c..0x3e].copy_from_slice(&[0x01, 0x00]);
    CardImage::new(card)
}

pub fn with(image: &CardImage, at: usize, byte: u8) -> CardImage {
    let mut bytes = image.bytes().to_vec();
    bytes[at] = byte;
    CardImage::new(bytes)
}

#[test]
fn the_documented_frame_reads_back() {
    let card = purchase_card(1234, 5, 300);
    assert_eq!(card.slice(0x40, 36), CardImage::from_hex(FRAME).ok().as_ref().map(CardImage::bytes));
    let read = |name| open_a().read(&card, name);
    assert_eq!(read("user-no"), Ok(161));
    assert_eq!(read("meter-no"), Ok(1234));
    assert_eq!(read("count"), Ok(5));
    assert_eq!(read("quantity"), Ok(300_000));
    assert_eq!(read("write-counter"), Ok(256));
    assert_eq!(open_a().validate(), Ok(()));
}

#[test]
fn what_cannot_be_read_is_said() {
    let card = purchase_card(1234, 5, 300);
    assert!(matches!(open_a().read(&card, "colour"), Err(FieldError::Unknown { .. })));
    let short = CardImage::new(vec![0; 255]);
    assert_eq!(open_a().read(&short, "count"), Err(FieldError::WrongSize { expected: 256, got: 255 }));
    let bad = with(&card, 0x4f, 0x0a);
    assert_eq!(open_a().read(&bad, "quantity"), Err(FieldError::NotDecimal { at: 0x4f }));
    let mut long = open_a();
    long.fields.push(Field { len: 16, ..field("long", 0x50, 16, 1) });
    long.fields.push(Field { coding: Coding::UintBe, ..field("binary", 0x60, 9, 1) });
    let nines = CardImage::new(vec![0x99; 256]);
    assert!(matches!(long.read(&nines, "long"), Err(FieldError::Overflow { .. })));
    assert!(matches!(long.read(&nines, "binary"), Err(FieldError::Overflow { .. })));
    let outside = Layout { fields: vec![field("far", 250, 10, 1)], ..open_a() };
    assert!(matches!(outside.read(&card, "far"), Err(FieldError::Outside { .. })));
}

#[test]
fn a_layout_that_would_be_unsafe_is_refused() {
    let bad = |change: &dyn Fn(&mut Layout)| {
        let mut layout = open_a();
        change(&mut layout);
        layout.validate().unwrap_err()
    };
    assert_eq!(bad(&|l| l.seal_value = 0xff), LayoutError::SealIsErased);
    assert_eq!(bad(&|l| l.seal_offset = 0x10), LayoutError::SealNotWritable);
    assert!(matches!(bad(&|l| l.seal_offset = 256), LayoutError::Outside { .. }));
    assert!(matches!(bad(&|l| l.seal_offset = 0x4e), LayoutError::SealInField { .. }));
    assert!(matches!(bad(&|l| l.writable.push(ByteRange { offset: 0xc0, len: 1 })), LayoutError::Overlap { .. }));
    assert!(matches!(bad(&|l| l.writable.push(ByteRange { offset: 0, len: 0 })), LayoutError::Outside { .. }));
    let beyond = ByteRange { offset: u32::MAX, len: u32::MAX };
    assert!(matches!(bad(&|l| l.returned.push(beyond)), LayoutError::Outside { .. }));
    assert!(matches!(bad(&|l| l.fields[0].step = 0), LayoutError::Step { .. }));
    assert!(matches!(bad(&|l| l.fields.push(field("count", 0x60, 1, 1))), LayoutError::Twice { .. }));
    assert!(matches!(bad(&|l| l.fields[3].offset = 0xd0), LayoutError::Returned { .. }));
    for name in ["quantity", "count", "meter-no"] {
        assert_eq!(bad(&|l| l.fields.retain(|f| f.name != name)), LayoutError::Missing { name });
    }
}

#[test]
fn independent_check_reads_the_drivers_image_by_itself() {
    let (before, target) = (purchase_card(1234, 5, 300), purchase_card(1234, 6, 288));
    let check = |image: &CardImage, kwh, count, no| independent_check(&before, image, &open_a(), meter(kwh), count, no);
    assert_eq!(check(&target, 288, 6, 1234), Ok(()));
    let differs = |field, expected, got| Err(CheckFault::Differs { field, expected, got });
    assert_eq!(check(&target, 300, 6, 1234), differs("quantity", 300_000, 288_000));
    assert_eq!(check(&target, 288, 7, 1234), differs("count", 7, 6));
    assert_eq!(check(&target, 288, 6, 1), differs("meter-no", 1, 1234));
    assert_eq!(check(&target, 288, 6, u64::MAX), Err(CheckFault::MeterNo(u64::MAX)));
    assert!(matches!(check(&with(&target, 0x4f, 0xee), 288, 6, 1234), Err(CheckFault::Field(_))));
    let header = with(&target, 0x05, 0);
    assert_eq!(check(&header, 288, 6, 1234), Err(CheckFault::Plan(WritePlanError::NotWritable { at: 5 })));
    let returned = with(&target, 0xc1, 0);
    assert_eq!(check(&returned, 288, 6, 1234), Err(CheckFault::Plan(WritePlanError::ReturnedTouched { at: 0xc1 })));
    let open = with(&target, 0x40, 0x69);
    assert_eq!(check(&open, 288, 6, 1234), Err(CheckFault::Plan(WritePlanError::TargetNotSealed)));
}

/// Also when there is nothing to write.
#[test]
fn independent_check_wants_a_seal_in_any_case() {
    let open = with(&purchase_card(1234, 5, 300), 0x40, 0xff);
    let fault = independent_check(&open, &open, &open_a(), meter(300), 5, 1234);
    assert_eq!(fault, Err(CheckFault::Plan(WritePlanError::TargetNotSealed)));
}

#[test]
fn a_sale_carries_the_number_after_the_one_on_the_card() {
    let follows = |before: &CardImage, count| number_follows(before, &purchase_card(1234, count, 1), &open_a());
    let five = purchase_card(1234, 5, 300);
    assert_eq!(follows(&five, 6), Ok(()));
    for count in [4, 5, 7] {
        assert!(matches!(follows(&five, count), Err(CheckFault::Differs { field: "count", expected: 6, .. })));
    }
    // A blank card, and the card of the meter before, have no number before.
    assert_eq!(follows(&CardImage::new(vec![0xff; 256]), 1), Ok(()));
    assert_eq!(follows(&purchase_card(99, 42, 300), 1), Ok(()));
}

#[test]
fn an_image_is_hexadecimal_text() {
    let card = CardImage::from_hex("00ffA2").unwrap();
    assert_eq!((card.bytes(), card.to_hex()), (&[0x00, 0xff, 0xa2][..], "00ffa2".to_owned()));
    assert_eq!(CardImage::from_hex("abc"), Err(ImageError::OddLength));
    assert_eq!(CardImage::from_hex("0g"), Err(ImageError::NotHex { at: 1 }));
    let read = CardImage::deserialize(IntoDeserializer::<Error>::into_deserializer("0102".to_owned()));
    assert_eq!(read, Ok(CardImage::new(vec![1, 2])));
    assert!(CardImage::deserialize(IntoDeserializer::<Error>::into_deserializer("xx".to_owned())).is_err());
}
