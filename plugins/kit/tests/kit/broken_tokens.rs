//! One driver of token meters, one defect at a time: the check whose business it is finds it, and shows the input.

use std::sync::OnceLock;

use dianka_kit::report::{Lang, Report};

use crate::broken::{build, report};
use crate::failed;

fn with(defect: &str) -> Report {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    report(BYTES.get_or_init(|| build("dianka-broken-token")), defect, 40)
}

/// Demands that `check` is among those that fail, and that it says `why` and shows an input.
fn found(defect: &str, check: &str, why: &str) {
    let report = with(defect);
    assert!(failed(&report).contains(&check), "{}", report.to_text(Lang::En));
    let failures = &report.check(check).unwrap().failures;
    assert!(failures.iter().any(|failure| failure.what.en.contains(why)), "{}", report.to_text(Lang::En));
    assert!(failures.iter().all(|failure| failure.input.is_object() && !failure.what.zh.is_empty()));
}

#[test]
fn without_a_defect_it_passes() {
    let report = with("00");
    assert_eq!(failed(&report), Vec::<&str>::new(), "{}", report.to_text(Lang::En));
}

#[test]
fn another_energy_on_the_token_that_reads_back_consistently() {
    found("01", "token-round-trip", "integrity-amount");
}

#[test]
fn an_energy_that_is_rounded_up() {
    found("02", "token-bounds", "must not be carried");
}

#[test]
fn a_meter_that_takes_a_token_twice() {
    found("03", "token-once", "the same token loads twice");
}

#[test]
fn a_meter_that_repairs_check_sums() {
    found("04", "token-digits", "mistyped tokens are taken");
    found("04", "token-strangers", "a token of another meter loads");
}

#[test]
fn an_identifier_that_does_not_grow() {
    found("05", "token-order", "the identifier does not grow");
}

#[test]
fn an_identifier_that_wraps_around() {
    found("06", "token-order", "wraps around");
}

#[test]
fn one_key_for_all_meters() {
    found("07", "token-round-trip", "integrity-other-meter");
    found("07", "token-strangers", "reads as");
}

#[test]
fn a_message_that_nobody_explains() {
    found("08", "displays", "message is not in the table");
}

#[test]
fn a_load_that_is_reported_twice_as_high() {
    found("09", "token-once", "it should load");
}

#[test]
fn a_balance_that_is_wrong() {
    found("10", "token-once", "total and balance");
}

#[test]
fn an_endless_loop() {
    found("11", "token-kinds", "driver-cpu");
}

#[test]
fn a_kind_that_cannot_be_made() {
    found("12", "token-kinds", "is declared, and never made");
}

#[test]
fn an_identifier_that_reads_back_as_another_one() {
    found("13", "token-order", "integrity-round-trip");
}

/// Each kind of failure names what differs, with its unit.
#[test]
fn the_field_that_differs_is_named_with_its_unit() {
    for (defect, check, words) in [
        ("01", "token-round-trip", "quantity_wh (quantity) should be "),
        ("03", "token-once", "loaded_wh should be 0 Wh and is "),
        ("09", "token-once", "loaded_wh is "),
        ("10", "token-once", "balance_wh (balance) should be "),
        ("13", "token-order", "identifier (identifier) should be "),
    ] {
        let report = with(defect);
        let failures = &report.check(check).unwrap().failures;
        assert!(failures.iter().any(|one| one.what.en.contains(words)), "{defect}: {}", report.to_text(Lang::En));
    }
}
