//! The program itself, on a bench, killed in the middle of a write.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use dianka_domain::card::password::Trust;
use dianka_domain::card::{CardImage, Seen, classify};
use dianka_lab::world::{CardId, World};
use dianka_station::enrolment::{Enrolment, ServerPlace, StationKeys};
use dianka_station::proto::{
    BenchCommand, CardSeen, EnrolledAs, FromStation, Hello, Hex, JournalStage, StationSettings, Step, TicketOutcome,
    TicketResult, ToStation, Welcome,
};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::desk::{DRIVER, Order, Server, drivers_dir, plugc};
use crate::images::{CODE, TRANSPORT, blank, layout, purchase};
use crate::websocket::{accept, greeting, hear, say};

struct Program(Child);

impl Program {
    fn start(dir: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dianka-station"));
        command
            .args(["--lang", "en", "run", "--virtual"])
            .arg("--bench")
            .arg(dir.join("bench"))
            .arg("--data")
            .arg(dir.join("data"))
            .arg("--drivers")
            .arg(dir.join("drivers"))
            .arg("--plugc")
            .arg(plugc())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// As `dianka-station enrol` leaves it.
fn enrol(dir: &Path, listener: &TcpListener, server: &Server) {
    let place =
        ServerPlace { server: format!("http://{}", listener.local_addr().unwrap()), ca: None, insecure_lan: false };
    let drivers = std::collections::BTreeMap::new();
    let settings = StationSettings { revision: 1, name: "5".into(), language: None, log: None, reader: None, drivers };
    let Welcome { workstation_id, number, org, server_ticket_key } = server.welcome.clone();
    let enrolled = EnrolledAs { org, workstation_id, number, server_ticket_key, settings };
    let data = dir.join("data");
    Enrolment::new(StationKeys::for_code(&data, "code").unwrap(), place, enrolled).store(&data).unwrap();
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

async fn greeted(listener: &TcpListener, server: &Server) -> (Socket, Hex, Hello) {
    let mut socket = accept(listener).await;
    let (key, hello) = greeting(&mut socket).await;
    say(&mut socket, &ToStation::Welcome(server.welcome.clone())).await;
    (socket, key, hello)
}

async fn card_in(socket: &mut Socket, key: &Hex, results: &mut Vec<TicketResult>) -> CardSeen {
    loop {
        match hear(socket, key).await {
            FromStation::CardIn(card) => return card,
            FromStation::TicketResult(result) => results.push(result),
            _ => {}
        }
    }
}

/// Kills the program when it says that it begins `step`; what the card then holds is completed by the next start.
async fn killed_at(step: Step, dir: &Path, listener: &TcpListener, server: &mut Server) {
    let world = World::open(&dir.join("bench")).unwrap();
    let card = world.new_card("A").unwrap();
    let mut program = Program::start(dir);
    let (mut socket, key, hello) = greeted(listener, server).await;
    let request = Uuid::new_v4();
    say(&mut socket, &ToStation::Bench { request, cmd: BenchCommand::InsertCard { card_id: card.0 } }).await;
    let seen = card_in(&mut socket, &key, &mut Vec::new()).await;
    let order = Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &purchase(1), TRANSPORT) };
    let ticket = server.ticket(&order, &hello.box_public_key);
    say(&mut socket, &ToStation::Write(ticket)).await;
    loop {
        match hear(&mut socket, &key).await {
            FromStation::Progress { step: at, .. } if at == step => break,
            FromStation::TicketResult(result) => panic!("{result:?}"),
            _ => {}
        }
    }
    program.kill();
    drop(socket);
    let after = on_card(&world, card);
    assert_ne!(after, Seen::Other, "killed at {step:?}");

    let mut program = Program::start(dir);
    let (mut socket, key, again) = greeted(listener, server).await;
    assert_eq!(again.box_public_key, hello.box_public_key);
    assert!(again.journal_seq > hello.journal_seq);
    let mut results = Vec::new();
    let seen = card_in(&mut socket, &key, &mut results).await;
    assert_ne!(seen.session, order.card.session);
    while results.is_empty() {
        if let FromStation::TicketResult(result) = hear(&mut socket, &key).await {
            results.push(result);
        }
    }
    // It may have come further than what it was killed for said; that it never goes on by itself is what counts.
    let [TicketResult { outcome, psc_changed, .. }] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(on_card(&world, card), after, "the station went on by itself");
    match outcome {
        TicketOutcome::Interrupted { last_stage } => assert!(*last_stage < JournalStage::Result),
        TicketOutcome::Written { .. } => assert_eq!(after, Seen::New),
        other => panic!("{other:?}"),
    }
    say(&mut socket, &ToStation::AckResult { op: order.op, epoch: 1 }).await;
    // The new password is tried only if it may hold; all three tries are free.
    let psc = world.card(card).unwrap().cells.bytes()[261..264].to_vec();
    match psc_changed {
        None => assert_eq!(psc, TRANSPORT),
        Some(true) => assert_eq!(psc, CODE),
        Some(false) => {}
    }
    if psc == TRANSPORT || psc == CODE {
        let present = if psc == CODE { CODE } else { TRANSPORT };
        let change_to = (psc != CODE).then_some(CODE);
        let order = Order { epoch: 2, card: seen, present, change_to, ..order };
        say(&mut socket, &ToStation::Write(server.ticket(&order, &again.box_public_key))).await;
        loop {
            if let FromStation::TicketResult(result) = hear(&mut socket, &key).await
                && result.epoch == 2
            {
                assert!(matches!(result.outcome, TicketOutcome::Written { .. }), "{result:?}");
                say(&mut socket, &ToStation::AckResult { op: order.op, epoch: 2 }).await;
                break;
            }
        }
        assert_eq!(on_card(&world, card), Seen::New);
    }
    let request = Uuid::new_v4();
    say(&mut socket, &ToStation::Bench { request, cmd: BenchCommand::RemoveCard }).await;
    while !matches!(hear(&mut socket, &key).await, FromStation::CardOut { .. }) {}
    program.kill();
}

fn on_card(world: &World, card: CardId) -> Seen {
    let now = world.card(card).unwrap().cells.bytes()[..256].to_vec();
    let image = |bytes: Vec<u8>| CardImage::new(bytes);
    classify(&image(now), &image(blank()), &image(purchase(1)), &layout())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_killed_in_the_middle_of_a_write_reports_and_does_not_go_on() {
    let dir = tempfile::tempdir().unwrap();
    // Only the driver that is needed: the program compiles what it finds.
    std::fs::create_dir(dir.path().join("drivers")).unwrap();
    for file in std::fs::read_dir(drivers_dir()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with(DRIVER) {
            std::fs::copy(file.path(), dir.path().join("drivers").join(file.file_name())).unwrap();
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut server = Server::new();
    server.welcome.number = 5;
    enrol(dir.path(), &listener, &server);
    for step in [Step::Present, Step::Body, Step::VerifyBody, Step::ChangeCode, Step::Seal] {
        killed_at(step, dir.path(), &listener, &mut server).await;
    }
}

/// A station that the server refuses for good ends with its own exit code and text, and does not come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_refused_for_good_ends_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("drivers")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    enrol(dir.path(), &listener, &Server::new());
    let mut program = Program::start(dir.path());
    let mut socket = accept(&listener).await;
    greeting(&mut socket).await;
    say(&mut socket, &ToStation::Refused { code: "station.retired".into(), wait_s: None }).await;
    let mut ended = None;
    for _ in 0..200 {
        ended = program.0.try_wait().unwrap();
        if ended.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(ended.expect("it goes on").code(), Some(78));
    let status = Command::new(env!("CARGO_BIN_EXE_dianka-station"))
        .args(["--lang", "zh", "status", "--data"])
        .arg(dir.path().join("data"))
        .output()
        .unwrap();
    assert_eq!(status.status.code(), Some(3), "not running");
    let said = String::from_utf8(status.stdout).unwrap();
    assert!(said.contains("station.retired") && said.contains("该工作站已撤销"), "{said}");
}

#[test]
fn the_program_lists_ports_and_says_what_is_wrong() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_dianka-station")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, _, _) = run(&["ports"]);
    assert_eq!(code, Some(0));
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let (code, said, _) = run(&["--lang", "en", "test-port", "--port", "/dev/no-such-tty", "--data", data]);
    assert_eq!(code, Some(6));
    assert!(said.starts_with("/dev/no-such-tty: there is no such serial port"), "{said}");
    let (code, _, complained) = run(&["--lang", "en", "run", "--data", data]);
    assert_eq!(code, Some(1));
    assert!(complained.contains("is not enrolled"), "{complained}");
    let (code, _, complained) =
        run(&["--lang", "en", "enrol", "--server", "http://192.168.7.7:8080", "--code", "C", "--data", data]);
    assert_eq!(code, Some(1));
    assert!(complained.contains("--insecure-lan"), "{complained}");
    // Everything is looked at, and what is wrong comes with what to do.
    let (code, said, _) = run(&["--lang", "en", "doctor", "--data", data]);
    assert_eq!(code, Some(1));
    assert!(said.contains("[ok] data folder") && said.contains("[ok] journal: whole, 0 entries"), "{said}");
    assert!(said.contains("[!!] enrolment and keys") && said.contains("dianka-station enrol"), "{said}");
    let (_, said, _) = run(&["--lang", "zh", "doctor", "--data", data]);
    assert!(said.contains("[!!] 登记与密钥"), "{said}");
    std::fs::write(dir.path().join("journal.log"), "00000000 1 {}\nmore\n").unwrap();
    let (_, said, _) = run(&["--lang", "en", "doctor", "--data", data]);
    assert!(said.contains("[!!] journal: line 1 of the journal is damaged"), "{said}");
    let (code, said, _) = run(&["--lang", "en", "status", "--data", data]);
    assert_eq!(code, Some(3));
    assert!(said.contains("has not run here"), "{said}");
}
