//! What is not acceptable is refused with a code, and with the place or the figures.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::refuse::{int, text};
use dianka_meter_engine::{decode, encode};
use dianka_meter_tests::{BOTH, Bench, GB, JB, KWH, blank, bought, plain, purchase, written};
use dianka_sdk::checksum::{crc16, sum8};
use dianka_sdk::meter::types::{CalendarDate, CardImage, Content, Purchase};

fn decoded(change: impl FnOnce(&mut CardImage)) -> (String, Option<u32>) {
    let mut card = written(&GB, &bought(purchase(5, 300)));
    change(&mut card);
    let refusal = decode::decode(&GB, &card).unwrap_err();
    (refusal.code, refusal.at)
}

fn resum(card: &mut CardImage) {
    card.bytes[0x62] = sum8(&card.bytes[0x41..0x62]);
}

fn recrc(card: &mut CardImage) {
    let sum = crc16(&card.bytes[0x20..0x32]);
    card.bytes[0x32..0x34].copy_from_slice(&sum.to_be_bytes());
}

#[test]
fn decoding() {
    let code = |code: &str, at: u32| (code.to_owned(), Some(at));
    assert_eq!(decoded(|card| card.chip = "sle4428".into()).0, "unsupported");
    assert_eq!(decoded(|card| card.bytes.truncate(255)).0, "bad-input");
    assert_eq!(decoded(|card| card.bytes[0x20] = 0xA2), code("not-this-standard", 0x20));
    assert_eq!(decoded(|card| card.bytes[0x40] = 0xFF), code("torn", 0x40));
    assert_eq!(decoded(|card| card.bytes[0x31] ^= 1), code("checksum", 0x32));
    assert_eq!(decoded(|card| card.bytes[0x62] ^= 1), code("checksum", 0x62));
    assert_eq!(decoded(|card| card.bytes[0x63] = 0), code("bad-field", 0x63));
    assert_eq!(decoded(|card| card.bytes[0x41] = 3), code("bad-field", 0x41));
    assert_eq!(decoded(|card| card.bytes[0x42] = 0x31), code("bad-field", 0x42));
    // With a right sum, the fields themselves are looked at.
    let set = |at: usize, value: u8| {
        decoded(move |card| {
            card.bytes[at] = value;
            resum(card);
        })
    };
    assert_eq!(set(0x50, 0x0A), code("bad-field", 0x4E));
    assert_eq!(set(0x4B, 0x04), code("bad-field", 0x4B));
    assert_eq!(set(0x46, 0x62), code("bad-field", 0x43));
    assert_eq!(set(0x4D, 0x00), code("bad-field", 0x4C));
    assert_eq!(set(0x5A, 0x02), code("bad-field", 0x5A));
    assert_eq!(set(0x5A, 0x01), code("bad-field", 0x5B));
    assert_eq!(set(0x60, 0x13), code("bad-field", 0x5F));
    let identity = |at: usize, value: u8| {
        decoded(move |card| {
            card.bytes[at] = value;
            recrc(card);
        })
    };
    assert_eq!(identity(0x21, 2), code("unsupported", 0x21));
    assert_eq!(identity(0x22, 0xFA), code("bad-field", 0x22));
    assert_eq!(identity(0x2E, 0x77), code("unsupported", 0x20));
    assert_eq!(identity(0x2E, 0x04), code("bad-field", 0x41));
}

#[test]
fn a_card_of_the_other_standard() {
    let card = written(&GB, &bought(purchase(1, 300)));
    assert_eq!(decode::decode(&JB, &card).unwrap_err().code, "not-this-standard");
    assert_eq!(decode::decode(&GB, &written(&JB, &bought(purchase(1, 300)))).unwrap_err().code, "not-this-standard");
}

#[test]
fn damaged_returned_data() {
    let mut bench = Bench::new(GB);
    let mut card = written(&GB, &bought(purchase(1, 300)));
    bench.insert(&mut card);
    assert!(decode::decode(&GB, &card).unwrap().returned.is_some());
    let mut torn = card.clone();
    torn.bytes[0xC0] = 0xFF;
    assert_eq!(decode::decode(&GB, &torn).unwrap().returned, None);
    let mut damaged = card.clone();
    damaged.bytes[0xC5] ^= 1;
    let refusal = decode::decode(&GB, &damaged).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.at), ("checksum", Some(0xE6)));
    // The meter does not look at them: the customer's way out is to insert the card once more.
    assert_eq!(bench.insert(&mut damaged).code, "count-behind");
    assert_eq!(decode::decode(&GB, &damaged), decode::decode(&GB, &card));
}

#[test]
fn encoding_a_purchase() {
    let code = |change: fn(&mut Content, &mut Purchase)| {
        let mut content = bought(purchase(5, 300));
        let mut purchase = content.purchase.take().unwrap();
        change(&mut content, &mut purchase);
        content.purchase = Some(purchase);
        let codes = BOTH.map(|standard| encode::encode(&standard, &content, &blank()).unwrap_err().code);
        assert_eq!(codes[0], codes[1]);
        codes[0].clone()
    };
    assert_eq!(code(|_, p| p.quantity_wh = 0), "below-minimum");
    assert_eq!(code(|_, p| p.quantity_wh = -300 * KWH), "below-minimum");
    assert_eq!(code(|_, p| p.quantity_wh = 12 * KWH + 1), "not-a-step");
    assert_eq!(code(|_, p| p.quantity_wh = 1_000_000 * KWH), "above-maximum");
    assert_eq!(code(|_, p| p.quantity_wh = i64::MAX), "not-a-step");
    assert_eq!(code(|_, p| p.count = 0), "bad-input");
    assert_eq!(code(|_, p| p.count = 10_000), "above-maximum");
    assert_eq!(code(|_, p| p.meter_no = 0), "bad-input");
    assert_eq!(code(|_, p| p.meter_no = 100_000_000), "above-maximum");
    assert_eq!(code(|_, p| p.meter_no = u64::MAX), "above-maximum");
    assert_eq!(code(|_, p| p.alarm_wh = -1), "bad-input");
    assert_eq!(code(|_, p| p.hoard_wh = 1), "not-a-step");
    assert_eq!(code(|_, p| p.limit_mode = 2), "bad-input");
    assert_eq!(code(|_, p| p.limit_mode = 1), "bad-input");
    assert_eq!(code(|_, p| p.capacity_w = 8805), "not-a-step");
    assert_eq!(code(|_, p| p.capacity_w = 100_000), "above-maximum");
    assert_eq!(code(|_, p| p.preset_wh = 10_000 * KWH), "above-maximum");
    assert_eq!(code(|_, p| p.date = CalendarDate { year: 2023, month: 2, day: 29 }), "bad-input");
    assert_eq!(code(|c, _| c.user_no = 0), "bad-input");
    assert_eq!(code(|c, _| c.system_code = 10_000), "above-maximum");
    assert_eq!(code(|c, _| c.card_no = 100_000_000), "above-maximum");
    assert_eq!(code(|c, _| c.params.push(int("colour", 1))), "bad-input");
    assert_eq!(code(|c, _| c.kind = "check".into()), "bad-input");
    assert_eq!(code(|c, _| c.kind = "reading".into()), "unsupported");
    let small = bought(purchase(1, 11));
    assert!(encode::encode(&GB, &small, &blank()).is_ok());
    let refusal = encode::encode(&JB, &small, &blank()).unwrap_err();
    assert_eq!(refusal.code, "below-minimum");
    assert!(refusal.params.contains(&int("minimum-wh", 12 * KWH)));
}

#[test]
fn encoding_other_cards() {
    let code = |content: Content| encode::encode(&GB, &content, &blank()).unwrap_err().code;
    assert_eq!(code(plain("purchase", Vec::new())), "bad-input");
    assert_eq!(code(plain("preset", Vec::new())), "bad-input");
    assert_eq!(code(plain("preset", vec![int("preset-wh", 500)])), "not-a-step");
    assert_eq!(code(plain("preset", vec![text("preset-wh", "12")])), "bad-input");
    assert_eq!(code(plain("clear", vec![int("meter-no", 0)])), "bad-input");
    assert_eq!(code(plain("clear", vec![int("meter-no", 1), int("meter-no", 2)])), "bad-input");
    assert_eq!(code(plain("management", Vec::new())), "bad-input");
    assert_eq!(code(plain("management", vec![text("operation", "explode")])), "bad-input");
    assert_eq!(code(plain("management", vec![text("operation", "initialise")])), "bad-input");
}

#[test]
fn returned_data_are_not_the_systems_to_write() {
    let mut bench = Bench::new(GB);
    let mut card = written(&GB, &bought(purchase(1, 300)));
    bench.insert(&mut card);
    let read = decode::decode(&GB, &card).unwrap();
    let next = Content { purchase: Some(purchase(2, 100)), ..read.clone() };
    let target = encode::encode(&GB, &next, &card).unwrap();
    assert_eq!(target.bytes[0x80..], card.bytes[0x80..]);
    assert_eq!(decode::decode(&GB, &target).unwrap(), next);
    let mut invented = next;
    invented.returned.as_mut().unwrap().count = 2;
    assert_eq!(encode::encode(&GB, &invented, &card).unwrap_err().code, "bad-input");
}

#[test]
fn a_sale_changes_counter_crc_and_frame_only() {
    let first = written(&GB, &bought(purchase(1, 300)));
    let second = encode::encode(&GB, &bought(purchase(2, 300)), &first).unwrap();
    let changed = (0..256).filter(|at| first.bytes[*at] != second.bytes[*at]).collect::<Vec<_>>();
    // Write counter 31, CRC 32-33, count 4D, sum 62.
    assert_eq!(changed, [0x31, 0x32, 0x33, 0x4D, 0x62]);
}

#[test]
fn erasing_makes_a_blank_card() {
    let mut bench = Bench::new(GB);
    let mut card = written(&GB, &bought(purchase(1, 300)));
    bench.insert(&mut card);
    let erased = encode::encode(&GB, &plain("blank", Vec::new()), &card).unwrap();
    assert_eq!(erased, blank());
    assert_eq!(decode::decode(&GB, &erased).unwrap().kind, "blank");
}
