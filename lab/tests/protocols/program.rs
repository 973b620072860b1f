//! The program `dianka-lab`: every reader with every card.

use crate::wire::{Wire, hex};
use dianka_lab::card::Chip;
use dianka_lab::reader::Protocol;
use dianka_lab::world::CardFile;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(link: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dianka-lab"))
            .args(["reader", "--link", link.to_str().unwrap()])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut program = Self { child, input, output };
        assert_eq!(program.line(), format!("ready {}", link.display()));
        program
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn tell(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").unwrap();
        self.line()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_protocol_runs_with_every_chip() {
    let dir = tempfile::tempdir().unwrap();
    for protocol in Protocol::ALL {
        for chip in Chip::ALL {
            let (link, file) = (dir.path().join("port"), dir.path().join(format!("{protocol}-{chip}")));
            let options =
                ["--no-echo", "--protocol", protocol.id(), "--chip", chip.id(), "--card", file.to_str().unwrap()];
            let mut program = Program::start(&link, &options);
            let mut wire = Wire::open(&link);
            // A question that powers the card, or says that it is there.
            match protocol {
                Protocol::CcidSerial => wire.exchange("03 06 62 00 00 00 00 00 01 00 00 00 66", "03 06 80"),
                Protocol::CcidAcs => wire.exchange("02 62 00 00 00 00 00 01 00 00 00 63 03", "02 00 00 03 02 80"),
                // 01 02 01 00 02: find the type; 01 80 00 81: power.
                Protocol::Acr30 => {
                    wire.exchange("02 30 31 30 32 30 31 30 30 30 32 03", "02 30 31 39 30 30 30 30 30 39 31 03");
                    wire.exchange("02 30 31 38 30 30 30 38 31 03", "02 30 31 39 30 31 30");
                }
                Protocol::Crt571 if chip == Chip::At24c02 => {
                    wire.exchange("F2 00 00 03 43 54 30 03 D5", "06 F2 00 00 06 50 54 30 32 30 30 03 F1");
                }
                Protocol::Crt571 => wire.exchange("F2 00 00 03 43 53 30 03 D2", "06 F2 00 00 0A 50 53 30 32 30 30"),
                Protocol::Towitoko => wire.exchange("60 0F 9C", "01"),
            }
            wire.rest();
            let status = program.tell("status");
            assert!(status.starts_with(&format!("slot card; {chip}, 0 cell operations")), "{protocol}: {status}");
            assert_eq!(CardFile::peek(&file).unwrap().chip(), chip);
        }
    }
}

#[test]
fn what_is_typed_happens_to_reader_and_card() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("port");
    let mut program = Program::start(&link, &["--protocol", "towitoko", "--chip", "sle4428"]);
    let card = "sle4428, 0 cell operations, error counter 255, code not verified";
    assert_eq!(program.tell("remove"), format!("slot empty; {card}"));
    assert_eq!(program.tell("tear 3"), "no card to tear");
    assert_eq!(program.line(), format!("slot empty; {card}"));
    assert_eq!(program.tell("insert"), format!("slot card; {card}"));
    assert_eq!(program.tell("tear 0"), format!("slot card; {card}"));
    let mut wire = Wire::open(&link);
    // Power, then a spent try: the tear hits that.
    wire.exchange("60 0F 9C", "01");
    let mut target = hex("73 67 6E FD F2 02 0F");
    target.push(target.iter().fold(0, |sum: u8, byte| (sum ^ byte).rotate_left(1) ^ 1));
    wire.send(&target);
    assert_eq!(wire.bytes(1), [1]);
    let mut spend = hex("40 FE 0F");
    spend.push(spend.iter().fold(0, |sum: u8, byte| (sum ^ byte).rotate_left(1) ^ 1));
    wire.send(&spend);
    assert_eq!(wire.bytes(1), [1]);
    assert!(program.tell("status").starts_with("slot pulled; sle4428, 1 cell operations"));
    assert!(program.tell("insert").starts_with("slot card; sle4428, 1 cell operations"));
    program.tell("silent");
    wire.send(&hex("00 01"));
    assert_eq!(wire.rest(), b"");
    program.tell("healthy");
    wire.exchange("00 01", "61 10 A2");
    assert_eq!(program.tell("blank"), format!("slot card; {card}"));
    program.tell("unplug");
    assert!(!link.is_symlink());
    program.tell("replug");
    Wire::open(&link).exchange("00 01", "61 10 A2");
    assert!(program.tell("dance").starts_with("unknown command \"dance\""));
    program.line();
    writeln!(program.input, "quit").unwrap();
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn it_lists_what_it_has_and_refuses_what_it_has_not() {
    let run = |options: &[&str]| Command::new(env!("CARGO_BIN_EXE_dianka-lab")).args(options).output().unwrap();
    let listed = String::from_utf8(run(&["list"]).stdout).unwrap();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 8);
    assert!(lines.contains(&"protocol towitoko 9600 8E2") && lines.contains(&"chip sle4428 1024 bytes"), "{listed}");
    for (option, value) in [("--protocol", "acr31"), ("--chip", "sle4444")] {
        let refused = run(&["reader", "--link", "/nowhere/port", option, value]);
        assert!(!refused.status.success());
        assert!(String::from_utf8(refused.stderr).unwrap().contains(&format!("unknown {}", &option[2..])));
    }
}
