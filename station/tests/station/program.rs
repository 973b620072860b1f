//! The program itself, on a bench, killed in the middle of a write.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use dianka_domain::card::password::Trust;
use dianka_domain::card::{CardImage, Seen, classify};
use dianka_lab::world::{CardId, World};
use dianka_station::proto::{
    BenchCommand, CardSeen, FromStation, Hello, JournalStage, Step, TicketOutcome, TicketResult, ToStation,
};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::desk::{DRIVER, Order, Server, drivers_dir, plugc};
use crate::images::{CODE, TRANSPORT, blank, layout, purchase};
use crate::websocket::{accept, hear, say};

struct Program(Child);

impl Program {
    fn start(dir: &Path, listener: &TcpListener) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dianka-station"));
        command
            .args(["--lang", "en", "run", "--token", "secret", "--virtual", "--number", "5"])
            .arg("--server")
            .arg(format!("ws://{}/api/v1/stations/link", listener.local_addr().unwrap()))
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

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

async fn greeted(listener: &TcpListener, server: &Server) -> (Socket, Hello) {
    let mut socket = accept(listener, "secret").await.unwrap();
    let FromStation::Hello(hello) = hear(&mut socket).await else { panic!("not a hello") };
    say(&mut socket, &ToStation::Welcome(server.welcome.clone())).await;
    (socket, hello)
}

async fn card_in(socket: &mut Socket, results: &mut Vec<TicketResult>) -> CardSeen {
    loop {
        match hear(socket).await {
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
    let mut program = Program::start(dir, listener);
    let (mut socket, hello) = greeted(listener, server).await;
    let request = Uuid::new_v4();
    say(&mut socket, &ToStation::Bench { request, cmd: BenchCommand::InsertCard { card_id: card.0 } }).await;
    let seen = card_in(&mut socket, &mut Vec::new()).await;
    let order = Order { change_to: Some(CODE), trust: Trust::Transport, ..Order::sale(&seen, &purchase(1), TRANSPORT) };
    let ticket = server.ticket(&order, &hello.box_public_key);
    say(&mut socket, &ToStation::Write(ticket)).await;
    loop {
        match hear(&mut socket).await {
            FromStation::Progress { step: at, .. } if at == step => break,
            FromStation::TicketResult(result) => panic!("{result:?}"),
            _ => {}
        }
    }
    program.kill();
    drop(socket);
    let after = on_card(&world, card);
    assert_ne!(after, Seen::Other, "killed at {step:?}");

    let mut program = Program::start(dir, listener);
    let (mut socket, again) = greeted(listener, server).await;
    assert_eq!(again.box_public_key, hello.box_public_key);
    assert!(again.journal_seq > hello.journal_seq);
    let mut results = Vec::new();
    let seen = card_in(&mut socket, &mut results).await;
    assert_ne!(seen.session, order.card.session);
    while results.is_empty() {
        if let FromStation::TicketResult(result) = hear(&mut socket).await {
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
            if let FromStation::TicketResult(result) = hear(&mut socket).await
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
    while !matches!(hear(&mut socket).await, FromStation::CardOut { .. }) {}
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
    for step in [Step::Present, Step::Body, Step::VerifyBody, Step::ChangeCode, Step::Seal] {
        killed_at(step, dir.path(), &listener, &mut server).await;
    }
}

/// A token of another workstation would leave this one's journal behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_whose_number_is_not_its_tokens_ends_and_says_which_it_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("drivers")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut program = Program::start(dir.path(), &listener);
    let server = Server::new();
    let (_socket, _) = greeted(&listener, &server).await;
    for _ in 0..200 {
        if let Some(status) = program.0.try_wait().unwrap() {
            assert_eq!(status.code(), Some(1), "--number 5, and the token is of number 1");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it goes on");
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
    let (code, _, complained) =
        run(&["--lang", "en", "run", "--server", "ws://127.0.0.1:1/", "--token", "t", "--virtual"]);
    assert_eq!(code, Some(1));
    assert!(complained.contains("--bench"), "{complained}");
}
