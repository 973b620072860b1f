//! Drivers and keys that come through the program's own door.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use dianka_plugin_host::package::{Policy, TrustTable};
use dianka_plugin_host::{DriverState, Registry};
use minisign::KeyPair;

use crate::bench::{Bench, only, reason, row};
use crate::guest::{Component, MeterGuest, before, content, plugc};

fn toy(version: &str) -> Component {
    MeterGuest::honest("toy", version).with_manifest()
}

fn files(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.drivers.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_driver_that_passes_is_put_into_the_folder_once() {
    let bench = Bench::new();
    let registry = bench.open();
    let taken = registry.install(&toy("1.0.0").0).unwrap();
    assert_eq!((taken.id.as_str(), taken.state, taken.built_in), ("toy", DriverState::Active, false));
    assert_eq!(files(&bench), ["toy-1.0.0.wasm"]);
    assert_eq!(registry.install(&toy("1.0.0").0).unwrap(), taken);

    registry.install(&toy("1.1.0").0).unwrap();
    assert_eq!(files(&bench), ["toy-1.0.0.wasm", "toy-1.1.0.wasm"]);
    assert!(["1.0.0", "1.1.0"].iter().all(|v| registry.meter_version("toy", v.parse().unwrap()).is_some()));
    // Both are there again after a restart.
    assert_eq!(bench.open().list().len(), 2);
}

#[test]
fn what_does_not_pass_leaves_nothing_behind() {
    let bench = Bench::new();
    let registry = bench.open();
    let code = |bytes: &[u8]| registry.install(bytes).unwrap_err().code;
    assert_eq!(code(b"rubbish"), "not-a-component");
    assert_eq!(code(&vec![0; 2 * 1024 * 1024 + 1]), "too-large");
    let whole = toy("1.0.0").0;
    assert_ne!(code(&whole[..whole.len() / 2]), "");
    registry.install(&whole).unwrap();
    let other = MeterGuest::honest("toy", "1.0.0").writing(900).with_manifest();
    assert_ne!(other.0, whole);
    assert_eq!(code(&other.0), "version-taken");
    assert_eq!(files(&bench), ["toy-1.0.0.wasm"]);
    assert!(registry.meter("toy").unwrap().encode(&content(), &before()).is_ok());
}

#[test]
fn a_key_opens_the_gate_when_it_is_trusted_and_closes_it_when_it_is_revoked() {
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    let table = |revoked: bool| {
        let public = pair.pk.to_base64();
        let text = format!("[[key]]\nname = \"Acme\"\npublic = \"{public}\"\nids = [\"toy\"]\nrevoked = {revoked}\n");
        TrustTable::from_toml(&text).unwrap()
    };
    let bench = Bench::new();
    let mut options = bench.options();
    options.policy = Policy::default();
    let registry = Registry::open(options).unwrap();
    let path = bench.install(&toy("1.0.0"), "toy.wasm");
    let signature = minisign::sign(Some(&pair.pk), &pair.sk, &toy("1.0.0").0[..], None, None).unwrap();
    fs::write(path.with_extension("wasm.minisig"), signature.into_string()).unwrap();
    registry.rescan();
    assert_eq!(reason(&only(&registry)), "signer-unknown");

    registry.set_trust(table(false));
    let row_now = row(&registry, &path);
    assert_eq!((row_now.state, row_now.signed_by.as_deref()), (DriverState::Active, Some("Acme")), "{row_now:?}");
    let driver = registry.meter("toy").unwrap();
    assert!(driver.encode(&content(), &before()).is_ok());

    registry.set_trust(table(true));
    assert_eq!(row(&registry, &path).state, DriverState::Quarantined);
    assert_eq!(reason(&row(&registry, &path)), "key-revoked");
    assert!(driver.encode(&content(), &before()).is_err());
}

/// The compiler is a child that can take seconds; nobody who sells waits for it.
#[test]
fn a_driver_that_is_being_compiled_holds_nobody_up() {
    let bench = Bench::new();
    let gate = bench.cache.path().join("let-through");
    let slow = bench.cache.path().join("plugc");
    let (real, open) = (plugc(), gate.display().to_string());
    let script =
        format!("#!/bin/sh\nwhile [ ! -e {open} ]; do /bin/sleep 0.02; done\nexec {} \"$@\"\n", real.display());
    let mut options = bench.options();
    fs::write(&gate, "").unwrap();
    fs::write(&slow, script).unwrap();
    fs::set_permissions(&slow, fs::Permissions::from_mode(0o700)).unwrap();
    options.plugc_path = slow;
    bench.install(&toy("1.0.0"), "toy.wasm");
    let registry = Registry::open(options).unwrap();

    fs::remove_file(&gate).unwrap();
    let taking = registry.clone();
    let taken = thread::spawn(move || taking.install(&toy("1.1.0").0));
    let until = Instant::now() + Duration::from_millis(300);
    let mut calls = 0;
    while Instant::now() < until {
        assert!(!taken.is_finished(), "the compiler is not let through yet");
        let driver = registry.meter("toy").unwrap();
        assert_eq!(driver.about().version.to_string(), "1.0.0");
        driver.encode(&content(), &before()).unwrap();
        calls += 1;
    }
    assert!(calls > 20, "{calls} calls in 300 ms");
    fs::write(&gate, "").unwrap();
    taken.join().unwrap().unwrap();
    assert_eq!(registry.meter("toy").unwrap().about().version.to_string(), "1.1.0");
}
