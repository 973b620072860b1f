//! The virtual meter and the plain side of tokens, natively: what a key provider does is left out, since the meter takes
//! the plain block.
#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use dianka_sts::block::Block;
use dianka_sts::contract::simulator::{Outcome, Setup};
use dianka_sts::contract::tokens::{Minute, TokenMeter, TokenRequest};
use dianka_sts::contract::types::{CardImage, Param, Value};
use dianka_sts::meter::{MEMORY, Meter, STATUS_EMPTY, STATUS_POWER, snapshot};
use dianka_sts::{digits, identifier, kinds, tokens};
use proptest::prelude::*;

fn fresh() -> Meter {
    Meter::fresh(&Setup { meter_no: 18, constant: 1600, system_code: 0, region: 0 }).unwrap()
}

/// A token of this kind, as the meter's decoder has it.
fn token(id: &str, amount: i64, identifier: u32) -> CardImage {
    let kind = kinds::by_id(id).unwrap();
    let block = Block { subclass: kind.subclass, chance: 0, identifier, data: kind.encode(amount).unwrap() };
    let bytes = std::iter::once(kind.class).chain(block.to_bytes(kind.class)).collect();
    CardImage { chip: "token".into(), bytes }
}

fn enter(meter: &mut Meter, card: CardImage) -> Outcome {
    let outcome = meter.clone().insert(card.clone()).unwrap();
    assert_eq!(outcome.card, card);
    *meter = Meter::from_bytes(&outcome.state).unwrap();
    outcome
}

fn meter_of(base: i64) -> TokenMeter {
    let int = |name: &str, value| Param { name: name.into(), value: Value::Int(value) };
    let group = Param { name: "supply-group".into(), value: Value::Text("123457".into()) };
    TokenMeter { meter_no: 18, params: vec![group, int("key-revision", 1), int("base-date", base)] }
}

#[test]
fn the_memory_of_tokens_forgets_the_least_first() {
    let mut meter = fresh();
    for at in 0..MEMORY {
        assert!(enter(&mut meter, token("credit", 100, 2 + 2 * u32::try_from(at).unwrap())).accepted);
    }
    // Between two that are remembered, and never seen.
    assert!(enter(&mut meter, token("credit", 100, 51)).accepted);
    assert_eq!(enter(&mut meter, token("credit", 100, 2)).code, "token-old");
    assert_eq!(enter(&mut meter, token("credit", 100, 3)).code, "token-old");
    assert_eq!(enter(&mut meter, token("credit", 100, 4)).code, "token-used");
    assert_eq!((meter.taken.len(), meter.errors, meter.count), (MEMORY, 3, 51));
}

#[test]
fn a_rejected_token_leaves_the_meter_as_it_was_but_for_its_count_of_errors() {
    let mut meter = fresh();
    enter(&mut meter, token("credit", 5000, 100));
    let before = meter.clone();
    let mut wrong = token("credit", 5000, 101);
    for bit in 0..8 * wrong.bytes.len() {
        wrong.bytes[bit / 8] ^= 1 << (bit % 8);
        let outcome = enter(&mut meter, wrong.clone());
        assert_eq!((outcome.code.as_str(), outcome.accepted, outcome.loaded_wh), ("unreadable", false, 0), "{bit}");
        wrong.bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(Meter { errors: before.errors, message: before.message, ..meter }, before);
}

#[test]
fn what_is_no_token_is_bad_input() {
    for (chip, len) in [("token", 8), ("token", 10), ("token", 0), ("sle4442", 9), ("sle4442", 256)] {
        let refusal = fresh().insert(CardImage { chip: chip.into(), bytes: vec![0; len] }).unwrap_err();
        assert_eq!(refusal.code, "bad-input");
    }
}

#[test]
fn a_dark_meter_takes_nothing() {
    let mut meter = fresh();
    meter.power(false);
    let outcome = enter(&mut meter, token("credit", 100, 7));
    assert_eq!((outcome.code.as_str(), outcome.accepted), ("unreadable", false));
    meter.power(true);
    assert!(enter(&mut meter, token("credit", 100, 7)).accepted);
}

#[test]
fn it_gives_exactly_what_was_bought() {
    let mut meter = fresh();
    assert_eq!(meter.status(), STATUS_EMPTY);
    enter(&mut meter, token("credit", 100, 7));
    // 100 Wh at 7 W are 51428.57 s.
    meter.pass(51_428, 7);
    assert!(meter.relay_closed());
    meter.pass(1, 7);
    assert_eq!((meter.relay_closed(), meter.balance_ws, meter.used_ws), (false, 0, 100 * 3600));
    meter.pass(u64::MAX, u32::MAX);
    assert_eq!(meter.used_ws, 100 * 3600);
}

#[test]
fn too_much_power_cuts_after_30_seconds_and_a_token_or_a_break_ends_it() {
    let mut meter = fresh();
    enter(&mut meter, token("credit", 100_000, 7));
    enter(&mut meter, token("max-power", 2000, 8));
    meter.pass(29, 2001);
    meter.pass(1, 2000);
    meter.pass(29, 2001);
    assert!(meter.relay_closed());
    meter.pass(1, 2001);
    assert_eq!((meter.relay_closed(), meter.status()), (false, STATUS_POWER));
    enter(&mut meter, token("credit", 100, 9));
    assert!(meter.relay_closed());
    meter.pass(1000, 5000);
    assert!(!meter.relay_closed());
    meter.power(false);
    meter.power(true);
    assert!(meter.relay_closed());
}

#[test]
fn every_screen_is_in_the_display_table() {
    let look = snapshot(&fresh());
    let table = <dianka_sts::Sts as dianka_sts::contract::driver::Guest>::describe().displays;
    assert_eq!(look.lines.len(), 11);
    for (line, item) in look.lines.iter().zip(&table) {
        assert_eq!(line.id, item.id);
        assert!(line.led.starts_with(&item.code), "{line:?} {item:?}");
    }
    let ids: std::collections::BTreeSet<&str> = table.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), table.len());
}

#[test]
fn a_broken_state_is_refused() {
    let mut meter = fresh();
    enter(&mut meter, token("credit", 100, 7));
    let bytes = meter.to_bytes();
    assert_eq!(Meter::from_bytes(&bytes).unwrap(), meter);
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert_eq!(Meter::from_bytes(&broken).unwrap_err().code, "bad-state", "{at}");
    }
    for len in 0..bytes.len() {
        assert!(Meter::from_bytes(&bytes[..len]).is_err(), "{len}");
    }
}

proptest! {
    /// What is asked for is what is read, and what the meter loads.
    #[test]
    fn what_is_prepared_is_read(
        kind in 0..kinds::ALL.len(),
        amount in 0_i64..18_201_624,
        base in prop::sample::select(vec![1993_i64, 2014, 2035]),
        minutes in 0_u32..=identifier::MAX - 1,
        chance: u64,
    ) {
        let kind = kinds::ALL[kind];
        let wanted = match kind.id {
            // The nearest below that exists.
            "credit" | "credit-water" | "credit-gas" => {
                let exact = match dianka_sts::amount::encode(u32::try_from(amount.max(1)).unwrap()) {
                    Ok(word) => dianka_sts::amount::decode(word),
                    Err(dianka_sts::amount::Inexact::Between(lower, _)) => lower,
                    Err(dianka_sts::amount::Inexact::TooMuch) => unreachable!(),
                };
                i64::from(exact) * if kind.id == "credit" { 100 } else { 1 }
            }
            "clear-credit" => amount % 0x1_0000,
            "clear-tamper" => 0,
            _ => amount % 0x4000,
        };
        let meter = meter_of(base);
        let issued: Minute = identifier::minute(u16::try_from(base).unwrap(), minutes);
        let request =
            TokenRequest { kind: kind.id.into(), meter: meter.clone(), amount: wanted, issued, after: None, chance };
        let prepared = tokens::prepare(&request).unwrap();
        prop_assert_eq!(&tokens::prepare(&request).unwrap(), &prepared);
        let content = tokens::read(&meter, prepared.class, &prepared.block).unwrap();
        prop_assert_eq!((content.kind.as_str(), content.amount), (kind.id, wanted));
        prop_assert_eq!((content.identifier, content.chance), (prepared.identifier, chance & 0x0F));
        let expected = if minutes % 1440 == 1 { minutes + 1 } else { minutes };
        prop_assert_eq!(prepared.identifier, u64::from(expected));
        if kind.id == "credit" && wanted <= 99_999_900 {
            let bytes = std::iter::once(prepared.class).chain(prepared.block).collect();
            let outcome = fresh().insert(CardImage { chip: "token".into(), bytes }).unwrap();
            prop_assert_eq!((outcome.accepted, outcome.loaded_wh), (true, wanted));
        }
    }

    /// Any class and block become digits and return.
    #[test]
    fn digits_return(class in 0_u8..=3, block: u64) {
        let printed = digits::compose(class, block.to_be_bytes()).unwrap();
        prop_assert_eq!(printed.len(), 20);
        prop_assert_eq!(digits::dissect(&printed), Some((class, block.to_be_bytes())));
    }

    /// Nothing that anybody types or that comes out of a wrong key makes the meter fail, and nothing is lost or given.
    #[test]
    fn energy_is_conserved(
        events in prop::collection::vec((0_u8..3, 0_i64..2_000_000, 0_u32..200), 0..60),
    ) {
        let mut meter = fresh();
        for (what, amount, number) in events {
            match what {
                0 => { enter(&mut meter, token("credit", (amount % 16_384 + 1) * 100, number)); }
                1 => meter.pass(u64::try_from(amount).unwrap(), number * 50),
                _ => meter.power(number.is_multiple_of(2)),
            }
            prop_assert!(meter.balance_ws >= 0);
            prop_assert_eq!(meter.purchased_wh * 3600, meter.balance_ws + meter.used_ws);
            prop_assert_eq!(&Meter::from_bytes(&meter.to_bytes()).unwrap(), &meter);
        }
    }
}
