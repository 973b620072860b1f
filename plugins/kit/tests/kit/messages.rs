//! What the commands say: in the chosen language, with a stable code, and never a mixture.

use std::path::Path;
use std::process::{Command, Output};

use crate::guest::{MeterGuest, plugc};
use crate::{built, file};

/// Runs the kit with the environment's language as given.
fn kit(locale: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dianka-kit"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command.env("LANG", locale).env_remove("DIANKA_KEY_PASSWORD").args(arguments);
    command.args(["--plugc".as_ref(), plugc().as_os_str()]).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char))
}

/// Demands exit code 2 and this code behind the sentence, in Chinese and in English.
fn refused(arguments: &[&str], code: &str) {
    for (locale, chinese) in [("zh_CN.UTF-8", true), ("en_US.UTF-8", false), ("C", false)] {
        let done = kit(locale, arguments);
        let text = said(&done);
        assert_eq!(done.status.code(), Some(2), "{text}");
        let end = if chinese { format!("（{code}）") } else { format!("({code})") };
        assert!(text.starts_with("dianka-kit: ") && text.ends_with(&end), "{text}");
        assert_eq!(is_chinese(&text), chinese, "{text}");
    }
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

#[test]
fn every_refusal_is_in_the_language_of_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let driver = file(&dir, &MeterGuest::honest("acme.toy", "1.0.0").build().0).display().to_string();
    let (package, key, public) =
        (path(dir.path(), "p.wasm"), path(dir.path(), "acme.key"), path(dir.path(), "acme.pub"));
    let name = path(dir.path(), "acme");
    assert!(kit("C", &["keygen", &name, "--no-password"]).status.success());
    refused(&["keygen", &name, "--no-password"], "file");
    refused(&["sign", &driver, "--key", &key], "not-packed");
    refused(&["sign", &driver, "--key", &public], "key-public");
    refused(&["sign", &driver, "--key", &driver], "file");
    assert!(kit("C", &["pack", &driver, "--vendor", "Acme", "-o", &package]).status.success());
    refused(&["pack", &package, "--vendor", "Acme"], "packed-already");
    assert!(kit("C", &["sign", &package, "--key", &key]).status.success());
    refused(&["sign", &package, "--key", &key], "signed-already");
    refused(&["inspect", &path(dir.path(), "nothing.wasm")], "file");
    refused(&["inspect", &key], "not-a-component");
    refused(&["inspect", &package, "--key", &driver.replace("driver.wasm", "acme.key")], "not-minisign");
    refused(&["check", &path(dir.path(), "nothing.wasm")], "file-unreadable");
    refused(&["new", "meter", "Acme!"], "project-name");
    refused(&["new", "meter", "acme", "--source", dir.path().to_str().unwrap()], "no-source");
    std::fs::write(dir.path().join("bad.txt"), "C probe = ok\nX 01\n").unwrap();
    refused(&["pack", &driver, "--vendor", "Acme", "--transcript", &path(dir.path(), "bad.txt")], "transcript");
    std::fs::write(dir.path().join("bad.json"), "{\"cards\": [1]").unwrap();
    refused(&["pack", &driver, "--vendor", "Acme", "--vectors", &path(dir.path(), "bad.json")], "vectors-json");
    refused(&["record", &driver, "--port", "/dev/null"], "not-a-reader");
    refused(&["push", &package, "--server", "ftp://somewhere", "--login", "a"], "address");
    let wasi = MeterGuest::honest("toy", "1.0.0").build_with_wasi().0;
    std::fs::write(dir.path().join("wasi.wasm"), wasi).unwrap();
    refused(&["pack", &path(dir.path(), "wasi.wasm"), "--vendor", "Acme"], "import-not-allowed");
}

#[test]
fn the_command_line_chooses_before_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let gone = path(dir.path(), "gone.wasm");
    assert!(!is_chinese(&said(&kit("zh_CN.UTF-8", &["inspect", &gone, "--lang", "en"]))));
    assert!(is_chinese(&said(&kit("C", &["inspect", &gone, "--lang", "zh"]))));
    // A command line that is not understood.
    let wrong = kit("zh_CN.UTF-8", &["jump"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).starts_with("dianka-kit: 命令行写得不对"), "{}", said(&wrong));
    assert!(!is_chinese(&said(&kit("C", &["jump"]))));
    assert!(kit("zh_CN.UTF-8", &["--help"]).status.success());
}

#[test]
fn a_reader_packed_without_transcripts_is_warned_about() {
    let dir = tempfile::tempdir().unwrap();
    let files = std::fs::read_dir(built::shipped()).unwrap().map(|entry| entry.unwrap().path());
    let reader = files.into_iter().find(|path| path.to_string_lossy().contains("ccid-serial")).unwrap();
    let (reader, out) = (reader.to_str().unwrap(), path(dir.path(), "p.wasm"));
    let pack = ["pack", reader, "--vendor", "Acme", "-o", &out];
    let (zh, en) = (kit("zh_CN.UTF-8", &pack), kit("C", &pack));
    assert!(zh.status.success() && en.status.success());
    assert!(said(&zh).starts_with("注意：包里没有通信记录（--transcript）"), "{}", said(&zh));
    assert!(said(&en).starts_with("NOTE: there is no transcript in the package (--transcript)"), "{}", said(&en));
    let transcript = path(dir.path(), "t.txt");
    std::fs::write(&transcript, "C power-off = ok\n").unwrap();
    let quiet = kit("C", &[&pack[..], &["--transcript", &transcript]].concat());
    assert!(quiet.status.success() && said(&quiet).is_empty(), "{}", said(&quiet));
    // A meter has no line.
    let meter = file(&dir, &MeterGuest::honest("acme.toy", "1.0.0").build().0).display().to_string();
    let meter = kit("C", &["pack", &meter, "--vendor", "Acme", "-o", &out]);
    assert!(meter.status.success() && said(&meter).is_empty(), "{}", said(&meter));
}
