//! The child that tries a driver: what happens when it passes, fails, hangs, dies or is not there. A script stands for
//! `dianka-kit`, so that each of these happens; the kit itself is run by tests/it (driver_life) and by plugins/kit.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use dianka_plugin_host::package::Digest;
use dianka_plugin_host::{DriverState, Registry, RegistryOptions};

use crate::bench::{Bench, only, reason};
use crate::guest::{Component, MeterGuest};

const PASSED: &str = r#"{"passed":true,"seed":1,"took_ms":5,"checks":[]}"#;
const FAILED: &str = r#"{"passed":false,"seed":1,"took_ms":5,"checks":[{"id":"torn","title":{"zh":"断","en":"torn"},
    "outcome":"failed","cases":7,"note":null,"failures":[{"what":{"zh":"少了","en":"one is missing"},"input":{"at":3}}]}]}"#;

fn toy(version: &str) -> Component {
    MeterGuest::honest("toy", version).with_manifest()
}

/// A registry's options with a kit that does this. `$4` is where the report goes.
fn options(bench: &Bench, does: &str) -> RegistryOptions {
    let kit: PathBuf = bench.cache.path().join("kit");
    fs::write(&kit, format!("#!/bin/sh\nPATH=/usr/bin:/bin\necho run >> {}\n{does}\n", runs(bench).display())).unwrap();
    fs::set_permissions(&kit, fs::Permissions::from_mode(0o700)).unwrap();
    RegistryOptions { kit_path: Some(kit), ..bench.options() }
}

fn runs(bench: &Bench) -> PathBuf {
    bench.cache.path().join("runs")
}

fn count(bench: &Bench) -> usize {
    fs::read_to_string(runs(bench)).map_or(0, |text| text.lines().count())
}

fn says(report: &str) -> String {
    format!("cat > \"$4\" <<'REPORT'\n{report}\nREPORT")
}

/// No folder of a child is left over.
fn nothing_is_left(bench: &Bench) -> bool {
    let entries = fs::read_dir(bench.cache.path().join("compiled")).unwrap();
    entries.into_iter().all(|entry| !entry.unwrap().file_name().to_string_lossy().starts_with("staged"))
}

#[test]
fn what_passes_is_tried_once_and_its_report_is_kept() {
    let bench = Bench::new();
    let registry = Registry::open(options(&bench, &says(PASSED))).unwrap();
    let taken = registry.install(&toy("1.0.0").0).unwrap();
    assert!(taken.conformance.unwrap().passed);
    assert_eq!(count(&bench), 1, "taken in and looked at in the folder");
    let again = Registry::open(options(&bench, &says(FAILED))).unwrap();
    assert_eq!((only(&again).state, count(&bench)), (DriverState::Active, 1), "what passed once stays passed");
    assert!(nothing_is_left(&bench));
}

#[test]
fn what_fails_is_not_staged_and_its_report_can_be_read() {
    let bench = Bench::new();
    let registry = Registry::open(options(&bench, &says(FAILED))).unwrap();
    let bytes = toy("1.0.0").0;
    let refused = registry.install(&bytes).unwrap_err();
    assert_eq!(refused.code, "not-conforming");
    assert!(refused.en.contains("torn: one is missing") && refused.zh.contains("少了"), "{refused:?}");
    assert!(registry.list().is_empty() && fs::read_dir(bench.drivers.path()).unwrap().next().is_none());
    let report = registry.conformance(Digest::of(&bytes)).unwrap();
    let (check, failure) = report.first_failure().unwrap();
    assert_eq!((check.id.as_str(), &failure.input["at"]), ("torn", &serde_json::json!(3)));
    // Sent once more, it is not tried once more; by another suite it is.
    assert_eq!(registry.install(&bytes).unwrap_err().code, "not-conforming");
    assert_eq!(count(&bench), 1);
    let other = Registry::open(options(&bench, &format!("# better\n{}", says(PASSED)))).unwrap();
    assert_eq!(other.install(&bytes).unwrap().state, DriverState::Active);
}

#[test]
fn a_file_in_the_folder_is_tried_at_the_next_look_and_not_while_starting() {
    let bench = Bench::new();
    bench.install(&toy("1.0.0"), "toy.wasm");
    let registry = Registry::open(options(&bench, &says(FAILED))).unwrap();
    assert!(registry.list().is_empty() && count(&bench) == 0, "a start does not wait for it");
    registry.rescan();
    let row = only(&registry);
    assert_eq!((row.state, reason(&row)), (DriverState::Refused, "not-conforming"));
    assert!(!row.conformance.unwrap().passed);
}

#[test]
fn what_came_with_the_program_is_not_tried() {
    let bench = Bench::new();
    bench.install(&toy("1.0.0"), "toy.wasm");
    let mut options = options(&bench, &says(FAILED));
    options.drivers_dirs.iter_mut().for_each(|dir| dir.built_in = true);
    assert_eq!((only(&Registry::open(options).unwrap()).state, count(&bench)), (DriverState::Active, 0));
}

#[test]
fn a_check_that_hangs_is_stopped_with_all_that_it_started() {
    let bench = Bench::new();
    let mark = bench.cache.path().join("survived");
    let mut options = options(&bench, &format!("(sleep 2; touch {}) &\nsleep 60", mark.display()));
    options.wall.conformance = Duration::from_millis(300);
    let registry = Registry::open(options).unwrap();
    let start = Instant::now();
    assert_eq!(registry.install(&toy("1.0.0").0).unwrap_err().code, "check-too-long");
    assert!(start.elapsed() < Duration::from_secs(20) && registry.list().is_empty());
    thread::sleep(Duration::from_millis(2500));
    assert!(!mark.exists(), "a child of the child went on");
    assert!(nothing_is_left(&bench));
}

#[test]
fn a_check_that_dies_or_says_nothing_or_is_not_there() {
    let bench = Bench::new();
    let code = |does: &str| {
        let registry = Registry::open(options(&bench, does)).unwrap();
        registry.install(&toy("1.0.0").0).unwrap_err().code
    };
    assert_eq!(code("kill -XCPU $$"), "check-too-long");
    assert_eq!(code("echo broken >&2; exit 2"), "not-tried");
    assert_eq!(code(&says("{}")), "not-tried");
    let mut options = bench.options();
    options.kit_path = Some("/nowhere/dianka-kit".into());
    assert_eq!(Registry::open(options).unwrap().install(&toy("1.0.0").0).unwrap_err().code, "no-kit");
}

/// Trying takes seconds; nobody who sells waits for it, nor a reader that looks for new drivers.
#[test]
fn a_driver_that_is_being_tried_holds_nobody_up() {
    let bench = Bench::new();
    bench.install(&toy("1.0.0"), "toy.wasm");
    let gate = bench.cache.path().join("let-through");
    fs::write(&gate, "").unwrap();
    let does = format!("while [ ! -e {} ]; do sleep 0.02; done\n{}", gate.display(), says(PASSED));
    let registry = Registry::open(options(&bench, &does)).unwrap();
    registry.rescan();
    fs::remove_file(&gate).unwrap();
    bench.install(&toy("1.1.0"), "next.wasm");
    let (looking, taking) = (registry.clone(), registry.clone());
    let looks = thread::spawn(move || looking.rescan());
    thread::sleep(Duration::from_millis(200));
    let takes = thread::spawn(move || taking.install(&toy("1.2.0").0));
    thread::sleep(Duration::from_millis(200));
    assert_eq!(count(&bench), 2, "one at a time");
    let start = Instant::now();
    assert!(registry.rescan().is_empty());
    assert_eq!(registry.meter("toy").unwrap().about().version.to_string(), "1.0.0");
    assert!(start.elapsed() < Duration::from_millis(100) && !looks.is_finished() && !takes.is_finished());
    fs::write(&gate, "").unwrap();
    assert_eq!(looks.join().unwrap().loaded.len(), 1);
    takes.join().unwrap().unwrap();
    assert_eq!(registry.meter("toy").unwrap().about().version.to_string(), "1.2.0");
}
