//! Vectors that the kit writes, from the command line to a server's own trial.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dianka_plugin_host::meter::Content;
use dianka_plugin_host::token::{Token, TokenRequest};
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_plugin_package::{Notice, Policy, Vectors};

use crate::guest::plugc;
use crate::{built, file};

/// Runs the kit as a vendor does.
fn kit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dianka-kit"))
        .args(arguments)
        .args(["--plugc".as_ref(), plugc().as_os_str()])
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn shipped(name: &str) -> PathBuf {
    let files = std::fs::read_dir(built::shipped()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.to_string_lossy().contains(name)).unwrap()
}

/// The vectors of a driver, in a file and read.
fn written(driver: &Path, dir: &Path) -> (PathBuf, Vectors) {
    let out = dir.join("vectors.json");
    let done = kit(&["vectors", driver.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert!(done.status.success(), "{}", said(&done));
    let read = Vectors::parse(&std::fs::read(&out).unwrap()).unwrap();
    (out, read)
}

fn packed(driver: &Path, vectors: &Path, dir: &Path) -> Result<Vec<u8>, String> {
    let out = dir.join("package.wasm");
    let done = kit(&[
        "pack",
        driver.to_str().unwrap(),
        "--vendor",
        "Acme",
        "--vectors",
        vectors.to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
        "--lang",
        "en",
    ]);
    if done.status.success() { Ok(std::fs::read(out).unwrap()) } else { Err(said(&done)) }
}

/// The trial of a server: the same host, the same child, the same limits.
fn taken(package: &[u8]) -> Result<u64, Notice> {
    let dir = tempfile::tempdir().unwrap();
    let drivers = dir.path().join("drivers");
    std::fs::create_dir(&drivers).unwrap();
    let host = Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: drivers, built_in: false }],
        cache_dir: dir.path().join("compiled"),
        cache_secret: None,
        plugc_path: plugc(),
        policy: Policy { allow_unsigned: true, ..Policy::default() },
        kit_path: Some(env!("CARGO_BIN_EXE_dianka-kit").into()),
        wall: WallLimits::default(),
    })
    .unwrap();
    let info = host.install(package)?;
    let report = info.conformance.expect("it was tried");
    let check = report.checks.iter().find(|check| check.id == "vectors").expect("its vectors were tried");
    Ok(check.cases)
}

#[test]
fn what_it_writes_is_packed_and_taken_by_a_server() {
    for name in ["gbt18460", "jbt8382"] {
        let dir = tempfile::tempdir().unwrap();
        let driver = shipped(name);
        let (path, vectors) = written(&driver, dir.path());
        // Every kind, and every parameter that there is.
        let kinds: BTreeSet<&str> = vectors.cards.iter().map(|card| card.content.kind.as_str()).collect();
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            ["check", "clear", "management", "preset", "purchase"],
            "{name}"
        );
        let params = vectors.cards.iter().flat_map(|card| &card.content.params).map(|param| param.name.as_str());
        assert!(params.collect::<BTreeSet<_>>().contains("preset-wh"), "{name}");
        assert!(vectors.cards.iter().any(|card| card.content.returned.is_some() && card.before.is_some()), "{name}");
        assert!(vectors.cards.iter().any(|card| card.content.purchase.as_ref().is_some_and(|one| one.hoard_wh > 0)));
        let cases = taken(&packed(&driver, &path, dir.path()).unwrap()).unwrap();
        assert_eq!(cases, u64::try_from(vectors.cards.len()).unwrap(), "{name}");
        // The same again.
        let again = tempfile::tempdir().unwrap();
        assert_eq!(written(&driver, again.path()).1, vectors, "{name}");
    }
}

#[test]
fn tokens_are_written_packed_and_taken() {
    let dir = tempfile::tempdir().unwrap();
    let driver = shipped("sts");
    let (path, vectors) = written(&driver, dir.path());
    assert!(vectors.cards.is_empty() && vectors.tokens.len() > 3);
    let cases = taken(&packed(&driver, &path, dir.path()).unwrap()).unwrap();
    assert_eq!(cases, u64::try_from(vectors.tokens.len()).unwrap());
    // The types of the file and those of the host are written alike.
    for vector in &vectors.tokens {
        let json = serde_json::to_value(&vector.request).unwrap();
        let host: TokenRequest = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(host).unwrap(), json);
        let json = serde_json::to_value(&vector.token).unwrap();
        let host: Token = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(host).unwrap(), json);
    }
    let (_, cards) = written(&shipped("gbt18460"), dir.path());
    for vector in &cards.cards {
        let json = serde_json::to_value(&vector.content).unwrap();
        let host: Content = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(host).unwrap(), json);
    }
}

#[test]
fn one_other_byte_is_refused_by_the_server_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let driver = shipped("gbt18460");
    let (path, mut vectors) = written(&driver, dir.path());
    vectors.cards[0].image.0[33] ^= 1;
    std::fs::write(&path, serde_json::to_vec(&vectors).unwrap()).unwrap();
    let refused = taken(&packed(&driver, &path, dir.path()).unwrap()).unwrap_err();
    assert_eq!(refused.code, "not-conforming");
    assert!(refused.en.contains("vectors: “") && refused.en.contains("card[33] (card image) should be"), "{refused}");
    assert!(refused.zh.contains("编码得到另外的卡：card[33]（卡片数据）应为"), "{}", refused.zh);
}

#[test]
fn what_a_server_would_refuse_is_not_packed_and_the_place_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (driver, path) = (shipped("gbt18460"), dir.path().join("bad.json"));
    let (_, good) = written(&driver, dir.path());
    let good = serde_json::to_value(&good).unwrap();
    let refused = |driver: &Path, change: &dyn Fn(&mut serde_json::Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        std::fs::write(&path, bad.to_string()).unwrap();
        packed(driver, &path, dir.path()).unwrap_err()
    };
    let short = refused(&driver, &|bad| bad["cards"][1]["image"] = "a213".into());
    assert!(short.contains("cards[1].image (“") && short.contains("should have 256 bytes, and has 2"), "{short}");
    assert!(short.trim_end().ends_with("(vectors-length)"), "{short}");
    let stray = refused(&driver, &|bad| bad["cards"][0]["content"]["colour"] = 1.into());
    assert!(stray.contains("cards[0].content.colour") && stray.contains("(vectors-unknown)"), "{stray}");
    let gone =
        refused(&driver, &|bad| drop(bad["cards"][0]["content"]["purchase"].as_object_mut().unwrap().remove("count")));
    assert!(gone.contains("cards[0].content.purchase.count") && gone.contains("(vectors-missing)"), "{gone}");
    let other = refused(&shipped("sts"), &|_| {});
    assert!(other.contains("cards: it does not belong here") && other.contains("(vectors-other-driver)"), "{other}");
    // And a package that was put together by other means fails its trial for the same reason, in the same words.
    let mut bytes = std::fs::read(&driver).unwrap();
    dianka_plugin_package::append_section(&mut bytes, "dianka:vectors", br#"{"cards":[{"name":"a"}]}"#);
    let refused = taken(&bytes).unwrap_err();
    assert!(refused.en.contains("cards[0].content (“a”): it is missing (vectors-missing)"), "{refused}");
}

#[test]
fn a_reader_has_transcripts_and_a_broken_driver_no_vectors() {
    let reader = shipped("ccid-serial");
    let refused = kit(&["vectors", reader.to_str().unwrap(), "--lang", "zh"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said(&refused).contains("通信记录") && said(&refused).contains("（reader-has-transcripts）"),
        "{}",
        said(&refused)
    );
    let dir = tempfile::tempdir().unwrap();
    let mut broken = crate::broken::build("dianka-broken-meter");
    let mark = b"defect=00";
    let at = broken.windows(mark.len()).position(|window| window == mark).unwrap();
    broken[at + 7..at + 9].copy_from_slice(b"17");
    let refused = kit(&["vectors", file(&dir, &broken).to_str().unwrap(), "--lang", "en"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said(&refused).contains("reading cards are declared") && said(&refused).contains("(driver-fails)"),
        "{}",
        said(&refused)
    );
    assert!(refused.stdout.is_empty());
}
