//! Files that no server loads, and hostile drivers written as text.

use dianka_kit::report::{Lang, Report};

use crate::guest::{MeterGuest, ReaderGuest};
use crate::{checked, failed, file};

fn report(bytes: &[u8]) -> Report {
    let dir = tempfile::tempdir().unwrap();
    checked(&file(&dir, bytes), 40)
}

fn refused(bytes: &[u8]) -> String {
    let report = report(bytes);
    assert_eq!(failed(&report), ["gate"], "{}", report.to_text(Lang::En));
    report.checks[0].failures[0].input["code"].as_str().unwrap().to_owned()
}

#[test]
fn files_that_are_no_drivers() {
    let toy = MeterGuest::honest("toy", "1.0.0");
    assert_eq!(refused(b"text"), "not-a-component");
    let good = toy.build().0;
    assert_eq!(refused(&good[..good.len() / 2]), "not-a-component");
    assert_eq!(refused(&toy.build_with_wasi().0), "import-not-allowed");
    assert_eq!(refused(&toy.build().with_manifest("meter", "another", "1.0.0").0), "manifest-differs");
    assert_eq!(refused(&MeterGuest::honest("No Good Id", "1.0.0").build().0), "driver-incompatible");
    assert_eq!(refused(&toy.clone().describe_code("(loop $l (br $l)) (unreachable)").build().0), "driver-cpu");
}

#[test]
fn hostile_drivers_fail_where_they_are_hostile() {
    let toy = MeterGuest::honest("toy", "1.0.0");
    let plan = |guest: MeterGuest| {
        let report = report(&guest.build().0);
        let plan = report.check("plan").unwrap();
        assert!(!report.passed && !plan.failures.is_empty());
        plan.failures[0].what.en.clone()
    };
    assert!(plan(toy.clone().plan_code("(loop $l (br $l)) (unreachable)")).contains("driver-cpu"));
    assert!(plan(toy.clone().plan_code("unreachable")).contains("driver-trap"));
    assert!(plan(toy.clone().plan_code("(drop (call $deep (i64.const 0))) (unreachable)")).contains("driver-trap"));
    // It sells one purchase and nothing else, and has no virtual meter.
    let report = report(&toy.writing(900).build().0);
    for id in ["round-trip", "counter", "torn", "displays"] {
        assert!(failed(&report).contains(&id), "{}", report.to_text(Lang::En));
    }
}

#[test]
fn a_reader_that_traps() {
    let report = report(&ReaderGuest::default().build().0);
    assert!(!report.passed, "{}", report.to_text(Lang::En));
}
