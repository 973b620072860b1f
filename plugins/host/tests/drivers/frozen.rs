//! The rule of docs/contracts.md, held against the files.

use std::fs;
use std::path::{Path, PathBuf};

use dianka_plugin_host::package::Digest;

/// SHA-256 of every released contract. A line is added with each release; none is ever changed.
const RELEASED: [(&str, &str); 3] = [
    ("meter/1.0.0/meter.wit", "d75fe8c3868533a68c5f300aafa11dd1815e0b8999db065e1c9e03f00493aff3"),
    ("meter/1.1.0/meter.wit", "7958ba975b60f7d738443911549cb7300dff9fe80ae4a9acad1d9a5e38c3cf33"),
    ("reader/1.0.0/reader.wit", "7b128b5a200693c401c3e0675e26ee892ea8c7db274408bca8158c8157215cc2"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")
}

#[test]
fn a_released_contract_never_changes() {
    for (name, sha256) in RELEASED {
        let bytes = fs::read(folder().join(name)).unwrap();
        assert_eq!(Digest::of(&bytes).to_string(), sha256, "{name}");
    }
    let kinds = ["meter", "reader"].map(|kind| fs::read_dir(folder().join(kind)).unwrap().count());
    assert_eq!(kinds.iter().sum::<usize>(), RELEASED.len(), "a contract is not in the list");
}

/// Interfaces of a contract, without comments and layout.
fn interfaces(name: &str) -> Vec<(String, String)> {
    let wit = fs::read_to_string(folder().join(name)).unwrap();
    let code = wit.lines().map(|line| line.split("//").next().unwrap());
    let words: Vec<&str> = code.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let parts = text.split("interface ").skip(1).map(|part| part.split(" world ").next().unwrap());
    let named = parts.map(|part| part.split_once(' ').unwrap());
    named.map(|(name, body)| (name.to_owned(), body.trim().to_owned())).collect()
}

/// What makes a driver of 1.0 run on a host of 1.1, and lets one adapter serve both.
#[test]
fn a_later_version_repeats_every_interface_of_the_one_before() {
    let (before, after) = (interfaces("meter/1.0.0/meter.wit"), interfaces("meter/1.1.0/meter.wit"));
    assert_eq!(before.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["types", "driver", "simulator"]);
    for interface in &before {
        assert!(after.contains(interface), "{} is another one in 1.1", interface.0);
    }
    let new: Vec<_> = after.iter().filter(|it| !before.contains(it)).map(|(name, _)| name.as_str()).collect();
    assert_eq!(new, ["tokens"]);
}
