//! Token drivers that answer, and lie. The toy answers with the first published token of STS, in whole or in part.

use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::token::{KeyProvider, KeyRule, Token, TokenFault, TokenRequest, verify_token};
use dianka_plugin_host::{DriverState, Registry};

use crate::bench::{Bench, only};
use crate::guest::{MeterGuest, TokenAnswers, token_description};
use crate::tokens::{credit, keys, meter, minute};

fn toy(answers: TokenAnswers) -> (Bench, Registry, MeterDriver) {
    let guest = MeterGuest::honest("toy", "1.0.0").describing(token_description("toy")).with_tokens(answers);
    Bench::with_meter(&guest.build(), "toy")
}

fn request() -> TokenRequest {
    let issued = minute(2004, 3, 1, 13, 0);
    TokenRequest { order: credit(100), meter: meter(0, 1, 1993), issued, after: None, chance: 5 }
}

/// What the check says about the token that the driver makes, and whether it is in service afterwards.
fn verdict(answers: TokenAnswers, request: &TokenRequest) -> (Result<(), TokenFault>, DriverState) {
    let (_bench, registry, driver) = toy(answers);
    let token = driver.token(request, &keys()).unwrap();
    let verdict = verify_token(&driver, request, &token, &keys());
    (verdict, only(&registry).state)
}

/// A plain block under the key of the toy's meter, with the digits that carry it: arranged here by hand, so that a lie is
/// whole and consistent.
fn carried(class: u8, block: [u8; 8]) -> (Vec<u8>, String) {
    let rule = KeyRule {
        slot: "sts-123457-2-1".into(),
        algorithm: "dkga04".into(),
        data: TokenAnswers::honest().key_data,
        len: 16,
        cipher: "misty1".into(),
    };
    let cipher = keys().encrypt(&rule, &block).unwrap();
    let number = u128::from(u64::from_be_bytes(cipher.clone().try_into().unwrap()));
    let moved = number >> 27 & 3;
    let number = number & !(3 << 27) | moved << 64 | u128::from(class) << 27;
    (cipher, format!("{number:020}"))
}

/// The toy that says of everything what was asked for, and makes a token of another plain block.
fn making(block: [u8; 8]) -> TokenAnswers {
    let (cipher_block, digits) = carried(0, block);
    TokenAnswers { block: block.to_vec(), cipher_block, digits, ..TokenAnswers::honest() }
}

#[test]
fn an_honest_token_passes() {
    assert_eq!(verdict(TokenAnswers::honest(), &request()), (Ok(()), DriverState::Active));
    let (cipher, digits) = carried(0, [0x05, 0x59, 0x98, 0x2C, 0x00, 0x01, 0x28, 0x31]);
    assert_eq!((cipher, digits), (TokenAnswers::honest().cipher_block, TokenAnswers::honest().digits));
}

#[test]
fn another_amount_on_the_token_is_found_by_the_hosts_own_reading() {
    // 1638.3 kWh, which the driver reads back as the 0.1 kWh that were asked for.
    let (verdict, state) = verdict(making([0x05, 0x59, 0x98, 0x2C, 0x3F, 0xFF, 0, 0]), &request());
    assert_eq!(verdict, Err(TokenFault::Amount { meant: 100, found: Some(1_638_300) }));
    assert_eq!(state, DriverState::Quarantined);
}

#[test]
fn another_identifier_on_the_token_is_found() {
    let (verdict, state) = verdict(making([0x05, 0x59, 0x98, 0x2D, 0x00, 0x01, 0, 0]), &request());
    let lie = TokenFault::Identifier { told: 0x0059_982C, found: Some(0x0059_982D), after: None };
    assert_eq!((verdict, state), (Err(lie), DriverState::Quarantined));
}

#[test]
fn an_identifier_that_was_there_before_is_found() {
    for after in [0x0059_982C, 0x0059_982D] {
        let (verdict, state) = verdict(TokenAnswers::honest(), &TokenRequest { after: Some(after), ..request() });
        assert!(matches!(verdict, Err(TokenFault::Identifier { .. })), "{verdict:?}");
        assert_eq!(state, DriverState::Quarantined);
    }
}

#[test]
fn a_key_of_another_meter_is_found() {
    // The token would load there, and not here.
    let mut other = TokenAnswers::honest().key_data;
    let at = other.len() - 6;
    other[at] = b'8';
    let prepared = TokenAnswers { prepared_data: other.clone(), ..TokenAnswers::honest() };
    assert_eq!(verdict(prepared, &request()), (Err(TokenFault::OtherMeter), DriverState::Quarantined));
    // Also when both functions tell the same lie.
    let both = TokenAnswers { prepared_data: other.clone(), key_data: other, ..TokenAnswers::honest() };
    assert_eq!(verdict(both, &request()), (Err(TokenFault::OtherMeter), DriverState::Quarantined));
}

#[test]
fn digits_that_are_no_token_are_found() {
    for digits in ["5938632347213742696", "593863234721374269670", "5938632347213742696x", "99999999999999999999", ""] {
        let answers = TokenAnswers { digits: digits.to_owned(), ..TokenAnswers::honest() };
        assert_eq!(verdict(answers, &request()), (Err(TokenFault::Digits), DriverState::Quarantined), "{digits}");
    }
}

#[test]
fn a_class_that_is_not_the_kinds_is_found() {
    let (_, digits) = carried(2, [0x05, 0x59, 0x98, 0x2C, 0x00, 0x01, 0x28, 0x31]);
    let (verdict, state) = verdict(TokenAnswers { digits, ..TokenAnswers::honest() }, &request());
    assert_eq!(verdict, Err(TokenFault::Class { kind: "credit".into(), found: 2 }));
    assert_eq!(state, DriverState::Quarantined);
}

#[test]
fn a_driver_that_reads_back_something_else_is_found() {
    for answers in [
        TokenAnswers { read_amount: 200, ..TokenAnswers::honest() },
        TokenAnswers { read_identifier: 7, ..TokenAnswers::honest() },
    ] {
        let (verdict, state) = verdict(answers, &request());
        assert!(matches!(verdict, Err(TokenFault::RoundTrip { .. })), "{verdict:?}");
        assert_eq!(state, DriverState::Quarantined);
    }
}

#[test]
fn a_token_that_the_driver_did_not_make_is_found() {
    let (_bench, _registry, driver) = toy(TokenAnswers::honest());
    let (_, digits) = carried(0, [0x06, 0x59, 0x98, 0x2C, 0x00, 0x01, 0, 0]);
    let foreign = Token { digits, identifier: 0x0059_982C };
    assert_eq!(verify_token(&driver, &request(), &foreign, &keys()), Err(TokenFault::NotRepeatable));
}

#[test]
fn a_block_of_another_length_is_a_fault_and_no_token() {
    let (_bench, registry, driver) = toy(TokenAnswers { block: vec![0; 7], ..TokenAnswers::honest() });
    let answer = driver.token(&request(), &keys());
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(only(&registry).faults, 1);
}

#[test]
fn a_driver_in_quarantine_makes_no_tokens_and_reads_on() {
    let (_bench, registry, driver) = toy(making([0x05, 0x59, 0x98, 0x2C, 0x3F, 0xFF, 0, 0]));
    let token = driver.token(&request(), &keys()).unwrap();
    assert!(verify_token(&driver, &request(), &token, &keys()).is_err());
    assert_eq!(only(&registry).state, DriverState::Quarantined);
    assert!(driver.token(&request(), &keys()).is_err());
    assert!(driver.read_token(&request().meter, &token.digits, &keys()).is_ok());
}
