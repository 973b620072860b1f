//! The reader driver that we ship, recorded at the lab's simulated reader and replayed; and readers that are wrong.

use std::path::Path;

use dianka_kit::check::{self, Options};
use dianka_kit::reader::{Answer, Call, Step, Transcript, record};
use dianka_kit::report::{Lang, Outcome, Report};
use dianka_lab::reader::{ReaderOptions, ReaderSim};
use dianka_lab::sle4442::Sle4442;
use dianka_plugin_host::reader::ReaderErrorKind;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_plugin_package::Policy;
use dianka_station::port::SerialLine;

use crate::guest::{ReaderGuest, Value, read_call};
use crate::{built, failed, file, guest};

fn ccid() -> std::path::PathBuf {
    let files = std::fs::read_dir(built::shipped()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.to_string_lossy().contains("ccid-serial")).unwrap()
}

/// What the driver and the simulator say to each other.
fn recorded(card: bool, calls: &[Call]) -> Transcript {
    let folder = tempfile::tempdir().unwrap();
    let options = RegistryOptions {
        drivers_dirs: vec![DriversDir { path: built::shipped(), built_in: true }],
        cache_dir: folder.path().join("compiled"),
        cache_secret: None,
        plugc_path: guest::plugc(),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    };
    let driver = Registry::open(options).unwrap().reader("ccid-serial").unwrap();
    let sim = ReaderSim::spawn(None, ReaderOptions { echo: false, ..ReaderOptions::default() }).unwrap();
    if card {
        assert!(sim.insert(Sle4442::blank()).is_ok());
    }
    let line = SerialLine::open(sim.port_path().to_str().unwrap(), None).unwrap();
    record(&driver, Box::new(line), calls, "lab").unwrap()
}

fn sale() -> Transcript {
    recorded(
        true,
        &[
            Call::Probe,
            Call::Poll,
            Call::PowerOn,
            Call::Read(0, 256),
            Call::ErrorCounter,
            Call::Present(vec![1, 2, 3]),
            Call::ErrorCounter,
            Call::Present(vec![0xFF; 3]),
            Call::Write(0x20, vec![0xDE, 0xAD, 0xBE, 0xEF]),
            Call::Read(0x20, 4),
            Call::PowerOff,
        ],
    )
}

fn empty_slot() -> Transcript {
    recorded(false, &[Call::Probe, Call::Poll, Call::PowerOn])
}

fn report(path: &Path, transcripts: Vec<Transcript>) -> Report {
    check::check(path, &Options { plugc: guest::plugc(), seed: 7, cases: 300, transcripts }).unwrap()
}

#[test]
fn the_shipped_reader_passes_with_its_transcripts() {
    let (sale, empty) = (sale(), empty_slot());
    let answers: Vec<Answer> = sale.calls().into_iter().map(|(_, answer)| answer).collect();
    assert_eq!(answers[5], Answer::Error(ReaderErrorKind::WrongCode));
    assert_eq!((&answers[4], &answers[6]), (&Answer::Tries(3), &Answer::Tries(2)));
    assert_eq!(answers[9], Answer::Bytes(vec![0xDE, 0xAD, 0xBE, 0xEF]));
    assert_eq!(empty.calls().last().unwrap().1, Answer::Error(ReaderErrorKind::NoCard));
    // As a file.
    let sale = Transcript::parse("sale", &sale.to_string()).unwrap();

    let report = report(&ccid(), vec![sale, empty]);
    assert!(report.passed, "{}", report.to_text(Lang::En));
    assert!(report.checks.iter().all(|check| check.outcome == Outcome::Passed), "{}", report.to_text(Lang::En));
    assert!(report.check("broken-answers").unwrap().cases > 40);
}

#[test]
fn without_transcripts_the_report_says_what_it_could_not_see() {
    let report = report(&ccid(), vec![]);
    assert!(report.passed, "{}", report.to_text(Lang::En));
    let skipped: Vec<_> =
        report.checks.iter().filter(|check| check.outcome == Outcome::Skipped).map(|c| c.id).collect();
    assert_eq!(skipped, ["replay", "wrong-code", "no-card", "slow", "broken-answers"]);
    says_what_was_not_done(&report);
}

/// The foot says it loudly, whether the rest passed or not.
fn says_what_was_not_done(report: &Report) {
    let names = "replay, wrong-code, no-card, slow, broken-answers";
    let (zh, en) = (report.to_text(Lang::Zh), report.to_text(Lang::En));
    let (zh, en) = (zh.trim_end().lines().last().unwrap(), en.trim_end().lines().last().unwrap());
    assert!(zh.starts_with(&format!("注意：有 5 项检查没有做：{names}。请用 --transcript")), "{zh}");
    assert!(en.starts_with(&format!("NOTE: 5 checks were NOT done: {names}. Give a recorded session")), "{en}");
}

#[test]
fn what_was_not_done_is_said_also_when_something_fails() {
    let send = format!("(call $write (local.get 0) (local.get 1) (i32.const 512)) {}", read_call(1, 100));
    let twice = quiet().code("present", &format!("{send} {send} (i32.const {{no}})"));
    let dir = tempfile::tempdir().unwrap();
    let report = report(&file(&dir, &twice.build().0), vec![]);
    assert!(!report.passed && failed(&report).contains(&"silence"));
    assert!(
        report.to_text(Lang::En).contains("not passed: 1 of 9 checks failed (5 skipped)"),
        "{}",
        report.to_text(Lang::En)
    );
    says_what_was_not_done(&report);
    crate::words::are_plain(&report);
    // With everything tried there is nothing to say.
    let done = self::report(&ccid(), vec![sale(), empty_slot()]).to_text(Lang::En);
    assert!(!done.contains("NOT done") && done.trim_end().ends_with("ms"), "{done}");
}

#[test]
fn one_other_byte_in_a_transcript_is_found() {
    let mut other = sale();
    let host = other.steps.iter_mut().filter_map(|step| if let Step::Host(bytes) = step { Some(bytes) } else { None });
    *host.last().unwrap().last_mut().unwrap() ^= 1;
    let report = report(&ccid(), vec![other]);
    assert!(failed(&report).contains(&"replay"), "{}", report.to_text(Lang::En));
    let failures = &report.check("replay").unwrap().failures;
    let other = failures.iter().find(|failure| failure.what.en.contains("other bytes")).unwrap();
    // Two lines in the transcript's own notation, and what points at the byte.
    let lines: Vec<&str> = other.what.en.lines().collect();
    assert!(lines[0].contains("(power-off): byte ") && lines[0].contains(" should be "), "{}", lines[0]);
    assert!(lines[1].starts_with("recorded: H ") && lines[2].starts_with("sent:     H "), "{lines:?}");
    let at = lines[3].find("^^").unwrap();
    assert_ne!(lines[1][at..at + 2], lines[2][at..at + 2], "{lines:?}");
    assert_eq!(lines[1][..at].replace("recorded:", ""), lines[2][..at].replace("sent:    ", ""), "{lines:?}");
    assert!(other.what.zh.contains("记录： H ") && other.what.zh.contains("实发： H "), "{}", other.what.zh);
    assert!(other.input["byte"].is_u64() && other.input["line"] == serde_json::json!({"trouble": "none"}));
    crate::words::are_plain(&report);

    let mut more = sale();
    more.steps.push(Step::Host(vec![1]));
    let report = self::report(&ccid(), vec![more]);
    let what = &report.check("replay").unwrap().failures[0].what.en;
    assert!(what.contains("did not happen: 1 lines are left, first (power-off)"), "{what}");
    assert!(what.contains("recorded: H 01\nsent:     -"), "{what}");
    crate::words::are_plain(&report);
}

/// One wrong byte in what the reader answers: the answers are told apart byte by byte, and troubles in words.
#[test]
fn a_wrong_answer_names_the_byte() {
    let mut other = sale();
    for step in &mut other.steps {
        if let Step::Call(Call::Read(0, 256), Answer::Bytes(bytes)) = step {
            bytes[7] ^= 1;
        }
    }
    let report = report(&ccid(), vec![other]);
    let failures = &report.check("replay").unwrap().failures;
    assert!(
        failures[0].what.en.starts_with("read 0 256 should answer FE at byte 7, and answers FF there"),
        "{}",
        failures[0].what.en
    );
    let broken = &report.check("broken-answers").unwrap().failures[0];
    assert!(broken.what.en.contains("with answer ") && broken.what.zh.contains("个应答"), "{}", broken.what.en);
    assert!(broken.input["line"]["answer"].is_u64(), "{}", broken.input);
    crate::words::are_plain(&report);
}

fn error_record() -> Value {
    Value::Record(vec![Value::U8(0), Value::text(""), Value::text("")])
}

fn error(ok: Value) -> Value {
    guest::error(ok)
}

/// A driver whose every call ends in an error, but for what a test changes.
fn quiet() -> ReaderGuest {
    let info = Value::Record(vec![Value::text(""), Value::text("")]);
    let card = Value::Record(vec![Value::text(""), Value::Bytes(vec![]), Value::U32(0)]);
    let mut guest = ReaderGuest::default()
        .answer("info", error(info))
        .answer("flag", error(Value::Bool(false)))
        .answer("card", error(card))
        .answer("bytes", error(Value::Bytes(vec![])))
        .answer("tries", error(Value::U8(0)))
        .answer("no", Value::err(error_record(), Value::U8(0)));
    for (call, answer) in
        [("probe", "info"), ("poll", "flag"), ("power-on", "card"), ("read", "bytes"), ("error-counter", "tries")]
    {
        guest = guest.code(call, &format!("(i32.const {{{answer}}})"));
    }
    for call in ["write", "change-code", "power-off"] {
        guest = guest.code(call, "(i32.const {no})");
    }
    guest
}

fn failures(guest: &ReaderGuest, check: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let report = report(&file(&dir, &guest.build().0), vec![]);
    let failures = &report.check(check).unwrap().failures;
    failures.iter().map(|failure| failure.what.en.clone()).collect()
}

#[test]
fn a_reader_that_sends_the_password_again_is_found() {
    let send = format!("(call $write (local.get 0) (local.get 1) (i32.const 512)) {}", read_call(1, 100));
    let once = quiet().code("present", &format!("{send} (i32.const {{no}})"));
    assert_eq!(failures(&once, "silence"), Vec::<String>::new());
    let twice = quiet().code("present", &format!("{send} {send} (i32.const {{no}})"));
    assert!(failures(&twice, "silence").iter().any(|what| what.contains("sent 2 times")));
}

#[test]
fn a_reader_that_makes_things_up_is_found() {
    let liar = ReaderGuest::default()
        .answer("yes", Value::ok(Value::Bool(true), error_record()))
        .code("poll", "(i32.const {yes})");
    assert!(failures(&liar, "silence").iter().any(|what| what.contains("poll answers true")));
    assert!(failures(&liar, "closed").iter().any(|what| what.contains("probe") && what.contains("trap")));
}

#[test]
fn a_reader_that_waits_too_long_is_found() {
    let read = read_call(1, 9000);
    let patient = quiet().code("present", &format!("{read} {read} (i32.const {{no}})"));
    assert!(failures(&patient, "silence").iter().any(|what| what.contains("waits")));
}
