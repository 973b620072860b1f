//! New projects build with one command and pass the check before the first edit.

use std::path::{Path, PathBuf};
use std::process::Command;

use dianka_kit::check::{self, Options};
use dianka_kit::project::{Language, new, own_source};
use dianka_kit::reader::Transcript;
use dianka_kit::report::{Lang, Outcome};
use dianka_plugin_package::Kind;

use crate::guest::plugc;

fn build(folder: &Path) {
    // .../target/debug/deps/kit-0123 -> .../target; what the drivers' own builds have made is not made again.
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("guests");
    let built = Command::new(folder.join("build"))
        .env("CARGO_TARGET_DIR", target)
        .env("DIANKA_PLUGC", plugc())
        .output()
        .expect("./build starts");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}\n(a project in C needs: apt-get install clang lld)");
    assert!(!said.contains("warning"), "{said}");
}

/// Makes, builds and checks; the checks that had nothing to try.
fn passes(kind: Kind, language: Language, source: &str) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("acme.{}-{}", kind.name(), if language == Language::C { "c" } else { "rust" });
    let folder = new(kind, language, &name, dir.path(), &own_source()).unwrap();
    let own = std::fs::read_to_string(folder.join(source)).unwrap();
    assert!(own.lines().count() < 150, "{} lines of the vendor's own", own.lines().count());
    build(&folder);
    let transcript = folder.join("transcript.txt");
    let transcripts = match std::fs::read_to_string(&transcript) {
        Ok(text) => vec![Transcript::parse("transcript.txt", &text).unwrap()],
        Err(_) => vec![],
    };
    let component: PathBuf = folder.join(format!("{name}.wasm"));
    let report = check::check(&component, &Options { plugc: plugc(), seed: 3, cases: 100, transcripts }).unwrap();
    assert!(report.passed, "{}", report.to_text(Lang::En));
    assert_eq!(report.id.as_deref(), Some(name.as_str()));
    report.checks.iter().filter(|check| check.outcome == Outcome::Skipped).map(|check| check.id).collect()
}

/// The source of Dianka lies somewhere else by now than when the project was made.
#[test]
fn a_project_in_rust_finds_the_source_that_has_moved() {
    let dir = tempfile::tempdir().unwrap();
    let folder = new(Kind::Meter, Language::Rust, "acme.moved", dir.path(), &own_source()).unwrap();
    let manifest = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let here = own_source().canonicalize().unwrap();
    let lost = text.replace(&here.display().to_string(), "/where/it/was/once");
    assert_ne!(lost, text);
    std::fs::write(&manifest, lost).unwrap();
    let built = Command::new(folder.join("build"))
        .env("CARGO_TARGET_DIR", std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("guests"))
        .env("DIANKA_PLUGC", plugc())
        .env("DIANKA_SOURCE", here)
        .output()
        .expect("./build starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    assert!(folder.join("acme.moved.wasm").is_file());
}

#[test]
fn a_meter_in_rust() {
    assert_eq!(passes(Kind::Meter, Language::Rust, "src/lib.rs"), Vec::<&str>::new());
}

#[test]
fn a_reader_in_rust() {
    assert_eq!(passes(Kind::Reader, Language::Rust, "src/lib.rs"), Vec::<&str>::new());
}

#[test]
fn a_meter_in_c() {
    assert_eq!(passes(Kind::Meter, Language::C, "driver.c"), ["card-kinds", "preset"]);
}

#[test]
fn a_reader_in_c() {
    assert_eq!(passes(Kind::Reader, Language::C, "driver.c"), Vec::<&str>::new());
}
