//! The clear answers of "test port", and of a workstation whose port is not as it should be.

use std::collections::BTreeMap;
use std::process::Command;

use dianka_lab::reader::{ReaderOptions, ReaderSim};
use dianka_station::port::SerialLine;
use dianka_station::proto::{
    FromStation, PortAnswer, ReaderSettings, ReaderStatus, TestPort, TestPortAnswer, ToStation,
};
use dianka_station::reader::{Probed, probe};
use tempfile::TempDir;
use uuid::Uuid;

use crate::desk::{DRIVER, Desk, drivers};
use crate::images::{CODE, card, purchase};

/// A reader whose port has a path of its own. The number of a pseudo-terminal goes to the next one that asks as soon as this
/// one is unplugged, and the tests run side by side: "absent" would find another test's reader.
fn reader(dir: &TempDir, options: ReaderOptions) -> ReaderSim {
    ReaderSim::spawn(Some(&dir.path().join("reader")), options).unwrap()
}

fn probe_with(options: ReaderOptions) -> Probed {
    let sim = ReaderSim::spawn(None, options).unwrap();
    probe_at(&sim.port_path().display().to_string(), DRIVER)
}

fn probe_at(port: &str, driver: &str) -> Probed {
    probe(&drivers(), &BTreeMap::new(), &ReaderSettings { port: port.into(), driver: driver.into(), baud: None })
}

fn test_port(desk: &mut Desk, port: Option<&str>, driver: Option<&str>) -> TestPortAnswer {
    let request = Uuid::new_v4();
    let (port, driver) = (port.map(str::to_owned), driver.map(str::to_owned));
    desk.send(ToStation::TestPort(TestPort { request, port, driver, baud: None }));
    desk.wait("test-port-answer", |message| match message {
        FromStation::TestPortAnswer(answer) if answer.request == request => Some(answer),
        _ => None,
    })
}

#[test]
fn a_port_test_tells_who_answers() {
    let found = probe_with(ReaderOptions::default());
    assert_eq!(found.answer, PortAnswer::Found);
    assert!(found.reader.is_some_and(|reader| !reader.model.is_empty() && !reader.firmware.is_empty()));
    assert_eq!(probe_with(ReaderOptions { garbage: true, ..ReaderOptions::default() }).answer, PortAnswer::WrongDriver);
    assert_eq!(probe_with(ReaderOptions { silent: true, ..ReaderOptions::default() }).answer, PortAnswer::NoAnswer);
    let dir = tempfile::tempdir().unwrap();
    let sim = reader(&dir, ReaderOptions::default());
    let port = sim.port_path().display().to_string();
    assert_eq!(probe_at(&port, "no-such-driver").answer, PortAnswer::WrongDriver);
    let held = SerialLine::open(&port, None).unwrap();
    assert_eq!(probe_at(&port, DRIVER).answer, PortAnswer::PortBusy);
    drop(held);
    assert_eq!(probe_at(&port, DRIVER).answer, PortAnswer::Found);
    // With the driver of another reader, this one keeps silent: the driver that it does answer to is named.
    for other in ["crt571", "towitoko"] {
        let probed = probe_at(&port, other);
        assert_eq!((probed.answer, probed.driver.as_deref()), (PortAnswer::WrongDriver, Some(DRIVER)), "{other}");
        assert!(probed.reader.is_some());
    }
    drop(sim);
    assert_eq!(probe_at(&port, DRIVER).answer, PortAnswer::Absent);
}

#[test]
fn what_is_no_serial_port_is_absent() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    for port in [file.to_str().unwrap(), dir.path().to_str().unwrap(), "/dev/null", "/dev/no-such-tty", ""] {
        assert_eq!(probe_at(port, DRIVER).answer, PortAnswer::Absent, "{port}");
    }
}

#[test]
fn a_running_station_answers_for_its_own_port() {
    let mut desk = Desk::start();
    let seen = desk.insert(card(&purchase(1), CODE, 7));
    for (port, driver) in [(None, None), (Some(desk.sim.port_path().display().to_string()), Some(DRIVER))] {
        let answer = test_port(&mut desk, port.as_deref(), driver);
        assert_eq!(answer.answer, PortAnswer::Found, "{answer:?}");
    }
    // The link and what it leads to are one port.
    let real = std::fs::canonicalize(desk.sim.port_path()).unwrap();
    assert_eq!(test_port(&mut desk, real.to_str(), None).answer, PortAnswer::Found);
    // Another driver needs the port for a moment, and the card's session ends; then all is as it was.
    assert_eq!(test_port(&mut desk, None, Some("no-such-driver")).answer, PortAnswer::WrongDriver);
    let back = desk.wait_card();
    assert_ne!(back.session, seen.session);
    // A port elsewhere does not disturb it.
    let other = ReaderSim::spawn(None, ReaderOptions { silent: true, ..ReaderOptions::default() }).unwrap();
    let port = other.port_path().display().to_string();
    assert_eq!(test_port(&mut desk, Some(&port), None).answer, PortAnswer::NoAnswer);
    let dianka_station::proto::ReadOutcome::Read(card) = desk.read_card() else { panic!("not read") };
    assert_eq!(card.session, back.session);
}

#[test]
fn a_station_says_why_there_is_no_reader_and_takes_it_when_it_comes() {
    let mut desk = Desk::start();
    let link = desk.sim.port_path();
    // Configured to a port that is held by somebody else.
    let dir = tempfile::tempdir().unwrap();
    let other = reader(&dir, ReaderOptions::default());
    let port = other.port_path().display().to_string();
    let held = SerialLine::open(&port, None).unwrap();
    desk.send(ToStation::Configure(ReaderSettings { port: port.clone(), driver: DRIVER.into(), baud: None }));
    assert_eq!(desk.wait_status(ReaderStatus::Busy).port, port);
    drop(held);
    desk.wait_status(ReaderStatus::Ready);
    // What was configured outlives a restart.
    desk.restart();
    assert_eq!(desk.wait_status(ReaderStatus::Ready).port, port);

    // Another kind of device, a silent one, and none.
    other.set_options(|options| options.silent = true);
    desk.wait_status(ReaderStatus::NoAnswer);
    other.set_options(|options| (options.silent, options.garbage) = (false, true));
    desk.wait_status(ReaderStatus::WrongDriver);
    other.unplug();
    desk.wait_status(ReaderStatus::Absent);
    let port = link.display().to_string();
    desk.send(ToStation::Configure(ReaderSettings { port, driver: DRIVER.into(), baud: None }));
    desk.wait_status(ReaderStatus::Ready);
}

/// Root may open everything, so the program is run as somebody who may not.
#[test]
fn a_port_without_rights_is_told_as_such() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = dir.path().join("dianka-station");
    std::fs::copy(env!("CARGO_BIN_EXE_dianka-station"), &program).unwrap();
    let sim = ReaderSim::spawn(None, ReaderOptions::default()).unwrap();
    let port = sim.port_path();
    std::fs::set_permissions(&port, std::fs::Permissions::from_mode(0o000)).unwrap();

    let mut command = Command::new(&program);
    if nix::unistd::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    command.current_dir(dir.path()).args(["--lang", "zh", "test-port", "--port"]).arg(&port);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(5), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("没有打开端口的权限"), "{said}");
}
