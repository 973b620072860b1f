//! What does not get in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use dianka_plugin_host::package::{Kind, Policy, TrustTable};
use dianka_plugin_host::{Described, DriverState, DriversDir, Registry, WallLimits};

use crate::bench::{Bench, only, reason, row};
use crate::guest::{Component, MeterGuest, ReaderGuest, Value, description};

/// The code of the reason why a file with these bytes is refused in learning mode.
fn refusal_of(component: &Component) -> String {
    refused(&Bench::new(), component)
}

/// The same for what must not even reach the compiler.
fn early_refusal_of(component: &Component) -> String {
    let bench = Bench::new();
    let code = refused(&bench, component);
    assert!(bench.cached("cwasm").is_empty());
    code
}

fn refused(bench: &Bench, component: &Component) -> String {
    bench.install(component, "driver.wasm");
    let info = only(&bench.open());
    assert_eq!(info.state, DriverState::Refused, "{info:#?}");
    assert!(!info.reason.as_ref().unwrap().zh.is_empty());
    reason(&info).to_owned()
}

#[test]
fn an_honest_driver_gets_in_with_all_that_it_says() {
    let (_bench, registry, driver) = Bench::with_meter(&MeterGuest::honest("toy", "1.0.0").with_manifest(), "toy");
    let info = only(&registry);
    assert_eq!((info.state, info.kind, info.faults), (DriverState::Active, Some(Kind::Meter), 0));
    assert_eq!(info.name.unwrap().en, "Toy standard");
    assert_eq!(info.standards, ["TOY 1"]);
    assert_eq!(info.sha256, Some(driver.about().digest));
    assert!(matches!(info.description, Some(Described::Meter(own)) if own == Box::new(driver.describe().clone())));
}

#[test]
fn a_reader_driver_gets_in() {
    let bench = Bench::new();
    bench.install(&ReaderGuest::default().build(), "reader.wasm");
    let registry = bench.open();
    assert_eq!(only(&registry).state, DriverState::Active, "{:#?}", registry.list());
    assert_eq!(registry.readers().len(), 1);
    assert!(registry.meters().is_empty());
}

#[test]
fn another_world_is_refused() {
    let wit = "package test:other@1.0.0; interface thing { run: func(); } world other { export thing; }";
    let wat = r#"(module (memory (export "memory") 1) (func (export "test:other/thing@1.0.0#run")))"#;
    assert_eq!(early_refusal_of(&Component::wrap(wat, &[wit], "other")), "wrong-world");
}

#[test]
fn a_driver_of_another_shape_is_refused() {
    // The right names, and one function less.
    let wit = "package dianka:meter@1.0.0; interface driver { describe: func() -> string; }
        world meter-driver { export driver; }";
    let wat = r#"(module (memory (export "memory") 1)
        (func (export "dianka:meter/driver@1.0.0#describe") (result i32) unreachable))"#;
    assert_eq!(early_refusal_of(&Component::wrap(wat, &[wit], "meter-driver")), "wrong-contract");
}

#[test]
fn a_driver_that_wants_a_system_is_refused() {
    assert_eq!(early_refusal_of(&MeterGuest::honest("toy", "1.0.0").build_with_wasi()), "import-not-allowed");
}

#[test]
fn files_that_are_no_components_are_refused() {
    let whole = MeterGuest::honest("toy", "1.0.0").build();
    for len in [9, 100, whole.0.len() / 2, whole.0.len() - 1] {
        let code = early_refusal_of(&Component(whole.0[..len].to_vec()));
        assert!(["not-a-component", "not-valid"].contains(&code.as_str()), "{len}: {code}");
    }
    for bytes in [&b""[..], b"text", b"\0asm\x01\0\0\0"] {
        assert_eq!(early_refusal_of(&Component(bytes.to_vec())), "not-a-component");
    }
    assert_eq!(early_refusal_of(&Component(vec![0; 2 * 1024 * 1024 + 1])), "too-large");
}

#[test]
fn descriptions_that_cannot_be_worked_with_are_refused() {
    let with_id = |id: &str| MeterGuest::honest("toy", "1.0.0").describing(description(id, "1.0.0")).build();
    assert_eq!(refusal_of(&with_id("Toy Standard")), "driver-incompatible");
    assert_eq!(refusal_of(&with_id("")), "driver-incompatible");
    let version = MeterGuest::honest("toy", "1.0.0").describing(description("toy", "1.0"));
    assert_eq!(refusal_of(&version.build()), "driver-incompatible");

    let Value::Record(mut fields) = description("toy", "1.0.0") else { panic!() };
    fields[4] = Value::text("pigeon");
    let carrier = MeterGuest::honest("toy", "1.0.0").describing(Value::Record(fields));
    assert_eq!(refusal_of(&carrier.build()), "driver-incompatible");
}

#[test]
fn a_driver_that_hangs_or_traps_when_it_describes_itself_is_refused() {
    let hangs = MeterGuest::honest("toy", "1.0.0").describe_code("(loop $l (br $l)) unreachable");
    assert_eq!(refusal_of(&hangs.build()), "driver-cpu");
    let traps = MeterGuest::honest("toy", "1.0.0").describe_code("unreachable");
    assert_eq!(refusal_of(&traps.build()), "driver-trap");
    let huge = MeterGuest::honest("toy", "1.0.0").pages(400);
    assert_eq!(refusal_of(&huge.build()), "driver-memory");
}

#[test]
fn the_manifest_must_tell_the_truth() {
    let guest = MeterGuest::honest("toy", "1.0.0");
    for (kind, id, version) in [("meter", "other", "1.0.0"), ("meter", "toy", "2.0.0"), ("reader", "toy", "1.0.0")] {
        let component = guest.build().with_manifest(kind, id, version);
        assert_eq!(refusal_of(&component), "manifest-differs");
    }
}

#[test]
fn without_a_signature_only_the_built_in_folder_works_where_money_is_taken() {
    let bench = Bench::new();
    bench.install(&MeterGuest::honest("toy", "1.0.0").build(), "driver.wasm");
    let mut options = bench.options();
    options.policy = Policy::default();
    assert_eq!(reason(&only(&Registry::open(options.clone()).unwrap())), "unsigned");

    options.drivers_dirs = vec![DriversDir { path: bench.drivers.path().to_path_buf(), built_in: true }];
    assert_eq!(only(&Registry::open(options).unwrap()).state, DriverState::Active);
}

#[test]
fn a_bad_signature_is_refused_even_in_learning_mode() {
    let bench = Bench::new();
    let path = bench.install(&MeterGuest::honest("toy", "1.0.0").with_manifest(), "driver.wasm");
    fs::write(path.with_extension("wasm.minisig"), "untrusted comment: x\nbad").unwrap();
    assert_eq!(reason(&only(&bench.open())), "signature-unreadable");
}

#[test]
fn a_trusted_signature_opens_the_gate_for_these_bytes_and_this_id_only() {
    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let bench = Bench::new();
    let mut options = bench.options();
    let key = pair.pk.to_base64();
    let table = format!("[[key]]\nname = \"Acme\"\npublic = \"{key}\"\nids = [\"acme.*\"]\n");
    options.policy = Policy { allow_unsigned: false, trust: TrustTable::from_toml(&table).unwrap() };
    let install = |component: &Component, signed: &Component, name: &str| {
        let signature = minisign::sign(Some(&pair.pk), &pair.sk, &signed.0[..], None, None).unwrap();
        fs::write(bench.drivers.path().join(format!("{name}.minisig")), signature.into_string()).unwrap();
        bench.install(component, name)
    };
    let (ours, theirs) = (MeterGuest::honest("acme.toy", "1.0.0"), MeterGuest::honest("other.toy", "1.0.0"));
    let good = install(&ours.with_manifest(), &ours.with_manifest(), "good.wasm");
    let swapped = install(&ours.clone().writing(900).with_manifest(), &ours.with_manifest(), "swapped.wasm");
    let stranger = install(&theirs.with_manifest(), &theirs.with_manifest(), "stranger.wasm");
    let bare = install(&ours.build(), &ours.build(), "bare.wasm");

    let registry = Registry::open(options).unwrap();
    assert_eq!(row(&registry, &good).state, DriverState::Active);
    assert_eq!(reason(&row(&registry, &swapped)), "signature-invalid");
    assert_eq!(reason(&row(&registry, &stranger)), "id-not-allowed");
    assert_eq!(reason(&row(&registry, &bare)), "manifest-missing");
}

#[test]
fn a_compiler_that_hangs_is_killed() {
    let bench = Bench::new();
    bench.install(&MeterGuest::honest("toy", "1.0.0").build(), "driver.wasm");
    let script = bench.cache.path().join("plugc");
    fs::write(&script, "#!/bin/sh\nexec /bin/sleep 60\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let mut options = bench.options();
    options.plugc_path = script;
    options.wall = WallLimits { check: Duration::from_millis(200), ..WallLimits::default() };
    let start = Instant::now();
    assert_eq!(reason(&only(&Registry::open(options).unwrap())), "compile-too-long");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_compiler_that_is_missing_is_looked_for_again() {
    let bench = Bench::new();
    bench.install(&MeterGuest::honest("toy", "1.0.0").build(), "driver.wasm");
    let link = bench.cache.path().join("plugc");
    let mut options = bench.options();
    let real = std::mem::replace(&mut options.plugc_path, link.clone());
    let registry = Registry::open(options).unwrap();
    assert_eq!(reason(&only(&registry)), "no-compiler");
    assert!(registry.rescan().is_empty());

    std::os::unix::fs::symlink(real, link).unwrap();
    assert_eq!(registry.rescan().loaded.len(), 1);
    assert_eq!(only(&registry).state, DriverState::Active);
}

#[test]
fn the_cache_is_nobody_elses() {
    let bench = Bench::new();
    let cache = bench.cache.path().join("compiled");
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
    bench.open();
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700);

    fs::remove_dir_all(&cache).unwrap();
    std::os::unix::fs::symlink(bench.drivers.path(), &cache).unwrap();
    assert!(Registry::open(bench.options()).is_err());
}
