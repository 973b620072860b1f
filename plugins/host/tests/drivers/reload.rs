//! Files that come, change and go while the registry runs, and what is kept of them.

use std::fs;
use std::time::{Duration, Instant};

use dianka_plugin_host::{DriverState, Registry};

use crate::bench::{Bench, only, reason, row};
use crate::guest::{Component, MeterGuest, before, content};

fn toy(id: &str, version: &str) -> Component {
    MeterGuest::honest(id, version).with_manifest()
}

#[test]
fn a_file_that_is_dropped_in_is_picked_up() {
    let bench = Bench::new();
    let registry = bench.open();
    assert!(registry.list().is_empty());
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    assert_eq!(registry.rescan().loaded.len(), 1);
    assert!(registry.meter("toy").is_some());
    assert!(registry.rescan().is_empty());
}

#[test]
fn a_new_version_takes_over_and_the_old_handle_works_on() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    let registry = bench.open();
    let old = registry.meter("toy").unwrap();

    bench.install(&toy("toy", "1.1.0"), "b.wasm");
    registry.rescan();
    let new = registry.meter("toy").unwrap();
    assert_eq!(new.about().version.to_string(), "1.1.0");
    assert_eq!(registry.meter_version("toy", old.about().version).unwrap().about(), old.about());

    let path = bench.drivers.path().join("a.wasm");
    fs::remove_file(&path).unwrap();
    assert_eq!(registry.rescan().retired, std::slice::from_ref(&path));
    assert!(registry.meter_version("toy", old.about().version).is_none());
    assert_eq!(row(&registry, &path).state, DriverState::Retired);
    assert!(old.encode(&content(), &before()).is_ok());
    assert!(registry.meter_by_digest(old.about().digest).is_some());
}

#[test]
fn a_file_that_is_replaced_retires_what_it_was() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    let registry = bench.open();
    bench.install(&toy("toy", "2.0.0"), "a.wasm");
    assert_eq!(registry.rescan().loaded.len(), 1);
    let states: Vec<_> = registry.list().iter().map(|info| (info.version.unwrap().major, info.state)).collect();
    assert_eq!(states, [(1, DriverState::Retired), (2, DriverState::Active)]);

    // And back again.
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    registry.rescan();
    assert_eq!(registry.meter("toy").unwrap().about().version.major, 1);
    assert_eq!(registry.list().len(), 2);
}

#[test]
fn a_driver_that_is_overwritten_with_rubbish_stays_in_service() {
    let bench = Bench::new();
    let path = bench.install(&toy("toy", "1.0.0"), "a.wasm");
    let registry = bench.open();
    fs::write(&path, "rubbish").unwrap();
    assert_eq!(registry.rescan().refused.len(), 1);
    assert!(registry.meter("toy").is_some());
    assert!(registry.list().iter().any(|info| reason(info) == "not-a-component"));

    fs::remove_file(&path).unwrap();
    registry.rescan();
    assert!(registry.meter("toy").is_none());
    assert_eq!(only(&registry).state, DriverState::Retired);
}

#[test]
fn the_second_of_two_equal_drivers_waits() {
    let bench = Bench::new();
    let first = bench.install(&toy("toy", "1.0.0"), "a.wasm");
    let second = bench.install(&MeterGuest::honest("toy", "1.0.0").writing(900).with_manifest(), "b.wasm");
    let registry = bench.open();
    assert_eq!(reason(&row(&registry, &second)), "duplicate");

    fs::remove_file(first).unwrap();
    registry.rescan();
    registry.rescan();
    assert_eq!(row(&registry, &second).state, DriverState::Active);
}

#[test]
fn a_start_with_a_filled_cache_needs_no_compiler() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    bench.open();
    let mut options = bench.options();
    options.plugc_path = "/nonexistent/plugc".into();
    let start = Instant::now();
    let registry = Registry::open(options).unwrap();
    println!("open with a filled cache: {:?}", start.elapsed());
    assert_eq!(only(&registry).state, DriverState::Active);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn altered_native_code_is_never_loaded_but_compiled_anew() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    bench.open();
    let native = bench.cached("cwasm").remove(0);
    let good = fs::read(&native).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&native, &bad).unwrap();

    // Without a compiler it is refused ...
    let mut options = bench.options();
    options.plugc_path = "/nonexistent/plugc".into();
    assert_eq!(reason(&only(&Registry::open(options).unwrap())), "no-compiler");
    // ... and gone; with one it is made anew.
    assert!(bench.cached("cwasm").is_empty());
    assert_eq!(only(&bench.open()).state, DriverState::Active);
    assert_eq!(fs::read(&native).unwrap(), good);
}

#[test]
fn native_code_of_one_driver_does_not_pass_for_another() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    bench.open();
    let (code, seal) = (bench.cached("cwasm").remove(0), bench.cached("seal").remove(0));
    let (code_bytes, seal_bytes) = (fs::read(&code).unwrap(), fs::read(&seal).unwrap());

    bench.install(&toy("toy", "2.0.0"), "a.wasm");
    bench.open();
    let newer = bench.cached("cwasm").into_iter().find(|path| *path != code).unwrap();
    let genuine = fs::read(&newer).unwrap();
    fs::write(&newer, code_bytes).unwrap();
    fs::write(newer.with_extension("seal"), seal_bytes).unwrap();
    let registry = bench.open();
    assert_eq!(registry.meter("toy").unwrap().about().version.major, 2);
    assert_eq!(fs::read(&newer).unwrap(), genuine);
}

#[test]
fn another_secret_trusts_nothing_that_it_did_not_seal() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    let mut options = bench.options();
    options.cache_secret = Some(b"one".to_vec());
    Registry::open(options.clone()).unwrap();
    options.plugc_path = "/nonexistent/plugc".into();
    assert_eq!(only(&Registry::open(options.clone()).unwrap()).state, DriverState::Active);
    options.cache_secret = Some(b"two".to_vec());
    assert_eq!(reason(&only(&Registry::open(options).unwrap())), "no-compiler");
}

#[test]
fn nothing_of_the_work_is_left_in_the_cache() {
    let bench = Bench::new();
    bench.install(&toy("toy", "1.0.0"), "a.wasm");
    bench.install(&Component(b"rubbish".to_vec()), "b.wasm");
    bench.open();
    let names = fs::read_dir(bench.cache.path().join("compiled")).unwrap();
    let staged = names.filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().contains("staged"));
    assert_eq!(staged.count(), 0);
}
