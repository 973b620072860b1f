//! One driver, one defect at a time: the check whose business it is finds it, and shows the input.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use dianka_kit::report::{Lang, Report};

use crate::{checked, failed, file, guest};

/// The component of one of the folders beside this one, brought up to date.
pub fn build(name: &str) -> Vec<u8> {
    // .../target/debug/deps/kit-0123 -> .../target
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("guests");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown", "-p", name])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .expect("cargo starts");
    assert!(built.success());
    let core = target.join(format!("wasm32-unknown-unknown/release/{}.wasm", name.replace('-', "_")));
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.wasm"));
    let wrapped = Command::new(guest::plugc()).arg("component").arg(core).arg("-o").arg(&out).status();
    assert!(wrapped.unwrap().success());
    std::fs::read(out).unwrap()
}

/// The report on `component` with one defect.
pub fn report(component: &[u8], defect: &str, cases: u64) -> Report {
    let mark = b"defect=00";
    let mut bytes = component.to_vec();
    let at = bytes.windows(mark.len()).position(|window| window == mark).expect("the mark is there");
    bytes[at + 7..at + 9].copy_from_slice(defect.as_bytes());
    let dir = tempfile::tempdir().unwrap();
    let report = checked(&file(&dir, &bytes), cases);
    crate::words::are_plain(&report);
    report
}

fn with(defect: &str) -> Report {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    report(BYTES.get_or_init(|| build("dianka-broken-meter")), defect, 40)
}

/// Demands that exactly `checks` fail, and that the first of them says `why` and shows an input.
fn found(defect: &str, checks: &[&str], why: &str) {
    let report = with(defect);
    assert_eq!(failed(&report), checks, "{}", report.to_text(Lang::En));
    assert!(!report.passed);
    let failures = &report.check(checks[0]).unwrap().failures;
    assert!(failures.iter().any(|failure| failure.what.en.contains(why)), "{}", report.to_text(Lang::En));
    assert!(failures.iter().all(|failure| failure.input.is_object() && !failure.what.zh.is_empty()));
}

#[test]
fn without_a_defect_it_passes() {
    assert_eq!(failed(&with("00")), Vec::<&str>::new());
}

#[test]
fn another_quantity_on_the_card_that_decodes_consistently() {
    let report = with("01");
    assert!(failed(&report).contains(&"round-trip"), "{}", report.to_text(Lang::En));
    assert!(report.check("round-trip").unwrap().failures[0].what.en.contains("integrity-check"));
}

#[test]
fn a_broken_seal_that_does_not_matter() {
    let report = with("02");
    for id in ["round-trip", "card-kinds", "torn"] {
        assert!(failed(&report).contains(&id), "{}", report.to_text(Lang::En));
    }
    assert!(report.check("torn").unwrap().failures[0].what.en.contains("while the seal is broken"));
}

#[test]
fn a_meter_that_takes_any_purchase_number() {
    let report = with("03");
    assert!(failed(&report).starts_with(&["counter"]), "{}", report.to_text(Lang::En));
    assert!(report.check("counter").unwrap().failures[0].what.en.contains("expected count-ahead, got loaded"));
}

#[test]
fn a_driver_that_repairs_check_sums() {
    found("04", &["one-bit"], "one wrong bit");
}

#[test]
fn a_preset_that_is_deducted_twice() {
    found("05", &["plan"], "the house");
}

#[test]
fn a_hoarding_limit_that_is_not_kept() {
    found("06", &["hoarding"], "expected over-hoarding-limit, got loaded");
}

#[test]
fn a_meter_that_takes_another_meters_card() {
    let report = with("07");
    assert!(failed(&report).contains(&"strangers"), "{}", report.to_text(Lang::En));
    assert!(report.check("strangers").unwrap().failures[0].what.en.contains("expected wrong-meter, got loaded"));
}

#[test]
fn a_display_item_that_nobody_explains() {
    found("08", &["displays"], "remaining is not in the table");
}

#[test]
fn a_meter_that_forgets_what_was_used() {
    found("09", &["preset"], "leave");
}

#[test]
fn an_endless_loop() {
    let report = with("10");
    assert!(report.check("round-trip").unwrap().failures[0].what.en.contains("driver-cpu"));
    assert!(failed(&report).contains(&"limits"), "{}", report.to_text(Lang::En));
}

#[test]
fn a_quantity_that_is_cut_off() {
    found("11", &["bounds"], "beyond the bounds was encoded");
}

#[test]
fn a_call_that_takes_too_long() {
    let report = with("12");
    assert!(
        failed(&report).contains(&"displays") && failed(&report).contains(&"limits"),
        "{}",
        report.to_text(Lang::En)
    );
    assert!(!failed(&report).contains(&"round-trip"));
}

#[test]
fn too_much_memory() {
    let report = with("13");
    assert!(report.check("round-trip").unwrap().failures[0].what.en.contains("driver-memory"));
}

#[test]
fn a_password_that_every_card_has() {
    found("14", &["access"], "transport code");
}

#[test]
fn a_load_that_is_reported_twice_as_high() {
    let report = with("15");
    for id in ["counter", "books", "torn"] {
        assert!(failed(&report).contains(&id), "{}", report.to_text(Lang::En));
    }
}

#[test]
fn a_meter_that_writes_nothing_back() {
    found("16", &["counter"], "the card brings back");
}

#[test]
fn a_kind_of_card_that_cannot_be_made() {
    found("17", &["card-kinds"], "reading cards are declared");
}

#[test]
fn an_alarm_that_is_cut_off() {
    found("18", &["no-cut-off"], "decodes to something else");
}

#[test]
fn a_meter_whose_total_is_wrong() {
    found("19", &["counter", "books"], "count or total");
}

/// Each kind of failure names the field that differs, in both languages and in the JSON.
#[test]
fn the_field_that_differs_is_named_with_its_unit() {
    for (defect, check, field, words) in [
        ("01", "round-trip", "quantity_wh", "quantity_wh (quantity) should be "),
        ("04", "one-bit", "purchase", "purchase"),
        ("05", "plan", "quantity_wh", " Wh"),
        ("09", "preset", "", " Wh"),
        ("16", "counter", "returned", "returned"),
        ("18", "no-cut-off", "purchase.alarm_wh", "purchase.alarm_wh (alarm level) should be "),
        ("19", "counter", "total_purchased_wh", "total_purchased_wh (energy bought) should be "),
    ] {
        let report = with(defect);
        let (zh, en, fields) = crate::words::first(&report, check);
        assert!(en.contains(words) && zh.contains(field), "{defect}: {en} / {zh}");
        assert!(field.is_empty() || fields.iter().any(|one| one.starts_with(field)), "{defect}: {fields:?}");
    }
    let what = with("11").check("bounds").unwrap().failures[0].what.clone();
    assert!(what.en.contains("quantity_wh = ") && what.en.contains(" Wh"), "{}", what.en);
}

#[test]
fn the_same_failure_is_told_once_with_its_count() {
    let report = with("18");
    let check = report.check("no-cut-off").unwrap();
    let more: u64 = check.failures.iter().map(|failure| failure.more).sum();
    assert!(more > 0, "{}", report.to_text(Lang::En));
    assert!(report.to_text(Lang::En).contains(&format!("and {} more like this", check.failures[0].more)));
    assert!(report.to_text(Lang::Zh).contains(&format!("另有 {} 个同类失败", check.failures[0].more)));
    // A loop that never ends is not waited for again and again.
    let looping = with("10");
    assert!(looping.check("round-trip").unwrap().cases <= 6, "{}", looping.to_text(Lang::En));
}
