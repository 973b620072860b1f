//! decode(encode(x)) = x for all that can be written, and one flipped bit is refused or changes nothing.

#![expect(clippy::arithmetic_side_effects, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::refuse::{int, text};
use dianka_meter_engine::{decode, encode};
use dianka_meter_tests::{BOTH, KWH, blank, bought, plain, purchase, written};
use dianka_sdk::meter::types::{CalendarDate, CardImage, Content, Purchase};
use proptest::prelude::*;

fn purchases() -> impl Strategy<Value = Purchase> {
    let kwh = |max: i64| (0..=max).prop_map(|kwh| kwh * KWH);
    let numbers = (1_u64..=99_999_999, 1_u32..=9999, 12_i64..=999_999);
    let limits = (kwh(999_999), kwh(999_999), kwh(999_999), kwh(9999));
    let control = (0_u8..=1, 1_u32..=9999);
    let date = (2000_u16..=2099, 1_u8..=12, 1_u8..=28);
    (numbers, limits, control, date).prop_map(|((meter_no, count, quantity), limits, control, date)| Purchase {
        meter_no,
        count,
        quantity_wh: quantity * KWH,
        alarm_wh: limits.0,
        overdraft_wh: limits.1,
        hoard_wh: limits.2,
        limit_mode: control.0,
        capacity_w: control.1 * 10,
        preset_wh: limits.3,
        date: CalendarDate { year: date.0, month: date.1, day: date.2 },
    })
}

fn contents() -> impl Strategy<Value = Content> {
    let meter = prop::option::of(1_i64..=99_999_999);
    let bound = |first: Vec<_>, meter: Option<i64>| {
        first.into_iter().chain(meter.map(|meter| int("meter-no", meter))).collect::<Vec<_>>()
    };
    let kinds = prop_oneof![
        4 => purchases().prop_map(bought),
        1 => meter.clone().prop_map(move |meter| plain("clear", bound(Vec::new(), meter))),
        1 => (1_i64..=9999).prop_map(|kwh| plain("preset", vec![int("preset-wh", kwh * KWH)])),
        1 => Just(plain("check", Vec::new())),
        1 => (any::<bool>(), meter).prop_map(move |(wake, meter)| {
            plain("management", bound(vec![text("operation", if wake { "wake" } else { "suspend" })], meter))
        }),
        1 => (1_i64..=999_999).prop_map(|kwh| {
            plain("management", vec![text("operation", "initialise"), int("alarm-wh", kwh * KWH)])
        }),
    ];
    let identity = (0_u32..=9999, 0_u32..=9999, 1_u64..=99_999_999, 0_u32..=99_999_999, any::<u8>());
    (kinds, identity).prop_map(|(content, (system_code, region, user_no, card_no, key_version))| Content {
        system_code,
        region,
        user_no,
        card_no,
        key_version,
        ..content
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(first in contents(), second in contents()) {
        for standard in BOTH {
            let once = encode::encode(&standard, &first, &blank()).unwrap();
            prop_assert_eq!(&decode::decode(&standard, &once).unwrap(), &first);
            // A card of any kind becomes a card of any other kind.
            let twice = encode::encode(&standard, &second, &once).unwrap();
            prop_assert_eq!(&decode::decode(&standard, &twice).unwrap(), &second);
            prop_assert_eq!(&once.bytes[..0x20], &blank().bytes[..0x20]);
            prop_assert_eq!(&twice.bytes[0x80..], &blank().bytes[0x80..]);
            // And is one byte for byte the same card when it is written from its own reading.
            let again = encode::encode(&standard, &decode::decode(&standard, &once).unwrap(), &blank()).unwrap();
            prop_assert_eq!(again, once);
        }
    }

    #[test]
    fn no_image_makes_the_decoder_fail(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for standard in BOTH {
            let refusal = decode::decode(&standard, &CardImage { chip: "sle4442".into(), bytes: bytes.clone() });
            prop_assert!(refusal.is_err());
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_or_changes_nothing() {
    for standard in BOTH {
        for content in [bought(purchase(7, 300)), plain("preset", vec![int("preset-wh", 12 * KWH)])] {
            let card = written(&standard, &content);
            for bit in 0..2048_usize {
                let mut torn = card.clone();
                *torn.bytes.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
                match decode::decode(&standard, &torn) {
                    Ok(read) => assert_eq!(read, content, "bit {bit}"),
                    Err(refusal) => assert_ne!(refusal.code, "", "bit {bit}"),
                }
            }
        }
    }
}

#[test]
fn nothing_decodes_under_any_other_seal() {
    for standard in BOTH {
        for kind in [bought(purchase(1, 300)), plain("check", Vec::new())] {
            let card = written(&standard, &kind);
            for seal in (0..=u8::MAX).filter(|seal| *seal != 0x68) {
                let mut torn = card.clone();
                *torn.bytes.get_mut(0x40).unwrap() = seal;
                let refusal = decode::decode(&standard, &torn).unwrap_err();
                assert_eq!((refusal.code.as_str(), refusal.at), ("torn", Some(0x40)));
            }
        }
    }
}
