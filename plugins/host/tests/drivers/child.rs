//! The child as the server starts it: its verdicts, its exit codes, and its death when a file asks for too much.
use std::fmt::Write;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dianka_plugin_host::package::{Kind, MANIFEST_SECTION, Manifest, Verdict, exit, find_section};
use tempfile::TempDir;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::guest;
use crate::guest::MeterGuest;

const READER: &str = include_str!("../../../wit/reader/1.0.0/reader.wit");
const SIGXCPU: i32 = 24;

fn plugc(arguments: &[&str], dir: &Path) -> Output {
    let mut command = Command::new(guest::plugc());
    command.args(arguments).current_dir(dir).env_clear().output().expect("the child starts")
}

fn code(output: &Output) -> Option<u8> {
    output.status.code().map(|code| u8::try_from(code).unwrap())
}

fn verdict(dir: &Path, arguments: &[&str]) -> (Verdict, Option<u8>) {
    let output = plugc(&[&["check"], arguments].concat(), dir);
    (serde_json::from_slice(&output.stdout).unwrap(), code(&output))
}

/// A core module of a reader driver: every function is there and traps.
fn reader_module() -> Vec<u8> {
    let functions = [
        ("describe", ""),
        ("probe", ""),
        ("poll", ""),
        ("power-on", ""),
        ("read", "i32 i32"),
        ("error-counter", ""),
        ("present", "i32 i32"),
        ("write", "i32 i32 i32"),
        ("change-code", "i32 i32"),
        ("power-off", ""),
    ]
    .map(|(name, params)| {
        format!("(func (export \"dianka:reader/driver@1.0.0#{name}\") (param {params}) (result i32) unreachable)")
    })
    .concat();
    let wat = format!(
        "(module (memory (export \"memory\") 1)
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable) {functions})"
    );
    let mut module = wat::parse_str(wat).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_source("reader.wit", READER).unwrap();
    let world = resolve.select_world(&[package], Some("reader-driver")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_module_becomes_a_component_with_its_manifest_and_then_native_code() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir, "core.wasm", &reader_module());
    let manifest = r#"{"id":"toy","version":"1.0.0","kind":"reader","contract":"dianka:reader@1.0.0"}"#;
    write(&dir, "manifest.json", manifest.as_bytes());
    let wrap = ["component", "core.wasm", "--out", "out.wasm", "--manifest", "manifest.json", "--adapt", "none"];
    let output = plugc(&wrap, dir.path());
    assert_eq!(code(&output), Some(exit::DONE), "{output:?}");
    let component = fs::read(dir.path().join("out.wasm")).unwrap();
    let inside = find_section(&component, MANIFEST_SECTION).unwrap().unwrap();
    assert_eq!(Manifest::parse(inside).unwrap().kind, Kind::Reader);

    let (verdict, ended) = verdict(dir.path(), &["out.wasm"]);
    assert_eq!(ended, Some(exit::DONE));
    assert_eq!(verdict.fulfils.unwrap().name, "dianka:reader@1.0.0");
    assert_eq!(verdict.bytes, component.len() as u64);

    let output = plugc(&["compile", "out.wasm", "-o", "out.cwasm"], dir.path());
    assert_eq!(code(&output), Some(exit::DONE), "{output:?}");
    assert!(fs::read(dir.path().join("out.cwasm")).unwrap().starts_with(b"\x7fELF"));
    // What is there is never written over.
    assert_eq!(code(&plugc(&["compile", "out.wasm", "-o", "out.cwasm"], dir.path())), Some(exit::HOST));
}

#[test]
fn contracts_in_a_folder_are_judged_by_in_place_of_the_built_in_ones() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir, "core.wasm", &reader_module());
    assert_eq!(code(&plugc(&["component", "core.wasm", "-o", "out.wasm"], dir.path())), Some(exit::DONE));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (same, _) = verdict(dir.path(), &["out.wasm", "--wit", folder.to_str().unwrap()]);
    assert_eq!(same.fulfils.unwrap().name, "dianka:reader@1.0.0");

    // A contract that asks for one function more.
    for kind in ["meter", "reader"] {
        fs::create_dir_all(dir.path().join(format!("wit/{kind}/1.1.0"))).unwrap();
        let text = fs::read_to_string(folder.join(format!("{kind}/1.0.0/{kind}.wit"))).unwrap();
        let text = text.replace("describe: func()", "extra: func();\n  describe: func()").replace("1.0.0", "1.1.0");
        fs::write(dir.path().join(format!("wit/{kind}/1.1.0/{kind}.wit")), text).unwrap();
    }
    let (more, ended) = verdict(dir.path(), &["out.wasm", "--wit", "wit"]);
    assert_eq!((more.refused.unwrap().code.as_str(), ended), ("wrong-contract", Some(exit::REFUSED)));
}

#[test]
fn a_driver_is_held_against_the_newest_contract_that_is_not_newer_than_its_own() {
    let dir = tempfile::tempdir().unwrap();
    for (against, held) in [("1.0.0", "1.0.0"), ("1.1.0", "1.1.0"), ("1.1.3", "1.1.0"), ("1.7.0", "1.1.0")] {
        write(&dir, "driver.wasm", &MeterGuest::honest("toy", "1.0.0").against(against).build().0);
        let (found, ended) = verdict(dir.path(), &["driver.wasm"]);
        assert_eq!(found.refused, None, "{against}");
        assert_eq!((found.fulfils.unwrap().name, ended), (format!("dianka:meter@{held}"), Some(exit::DONE)));
    }
    // Another major is another contract.
    write(&dir, "driver.wasm", &MeterGuest::honest("toy", "1.0.0").against("2.0.0").build().0);
    let (found, ended) = verdict(dir.path(), &["driver.wasm"]);
    assert_eq!((found.refused.unwrap().code.as_str(), ended), ("wrong-world", Some(exit::REFUSED)));
}

#[test]
fn rubbish_is_refused_with_its_own_codes() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir, "text.wasm", b"text");
    write(&dir, "empty.wasm", b"");
    write(&dir, "big.wasm", &vec![0; 3 * 1024 * 1024]);
    write(&dir, "plain.wasm", &wat::parse_str("(component)").unwrap());
    for (file, reason) in [
        ("text.wasm", "not-valid"),
        ("empty.wasm", "not-valid"),
        ("big.wasm", "too-large"),
        ("plain.wasm", "wrong-world"),
    ] {
        let (verdict, ended) = verdict(dir.path(), &[file]);
        assert_eq!((verdict.refused.unwrap().code.as_str(), ended), (reason, Some(exit::REFUSED)), "{file}");
    }
    assert_eq!(code(&plugc(&["compile", "text.wasm", "-o", "x.cwasm"], dir.path())), Some(exit::NOT_COMPILED));
    assert_eq!(code(&plugc(&["component", "text.wasm", "-o", "x.wasm"], dir.path())), Some(exit::REFUSED));
    assert_eq!(code(&plugc(&["check", "absent.wasm"], dir.path())), Some(exit::HOST));
    assert!(!dir.path().join("x.cwasm").exists());
}

#[test]
fn instructions_that_the_engine_does_not_run_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (name, module) in [
        ("simd", "(module (func (result v128) (v128.const i64x2 1 2)))"),
        ("memory64", "(module (memory i64 1))"),
        ("memories", "(module (memory 1) (memory 1))"),
        ("threads", "(module (memory 1 1 shared))"),
        ("tail", "(module (func $f (return_call $f)))"),
    ] {
        let component = wat::parse_str(format!("(component (core {})", module.trim_start_matches('('))).unwrap();
        write(&dir, name, &component);
        let (verdict, _) = verdict(dir.path(), &[name]);
        assert_eq!(verdict.refused.unwrap().code, "not-valid", "{name}");
        let out = format!("{name}.cwasm");
        assert_eq!(code(&plugc(&["compile", name, "-o", &out], dir.path())), Some(exit::NOT_COMPILED), "{name}");
    }
}

/// One function of very many instructions, within the size cap.
fn compile_bomb() -> Vec<u8> {
    let mut body = String::new();
    for at in 0..120_000 {
        write!(
            body,
            "(local.set 0 (i64.add (i64.mul (local.get 0) (i64.load offset={at} (i32.const 0))) (local.get 0)))"
        )
        .unwrap();
    }
    wat::parse_str(format!("(component (core module (memory 3) (func (param i64) {body})))")).unwrap()
}

#[test]
fn a_component_that_takes_too_much_to_compile_ends_its_compiler_only() {
    let dir = tempfile::tempdir().unwrap();
    let bomb = compile_bomb();
    assert!(bomb.len() < 2 * 1024 * 1024, "{}", bomb.len());
    write(&dir, "bomb.wasm", &bomb);
    let time = plugc(&["compile", "bomb.wasm", "-o", "a.cwasm", "--cpu-seconds", "1"], dir.path());
    assert_eq!(time.status.signal(), Some(SIGXCPU), "{time:?}");
    let memory = plugc(&["compile", "bomb.wasm", "-o", "b.cwasm", "--memory-mib", "64"], dir.path());
    assert!(!memory.status.success(), "{memory:?}");
    assert!(!dir.path().join("a.cwasm").exists() && !dir.path().join("b.cwasm").exists());
}
