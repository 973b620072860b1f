//! A counter: the lab's reader, a workstation on its port, and this test in the server's place.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use dianka_domain::card::password::Trust;
use dianka_lab::card::Card;
use dianka_lab::reader::{Protocol, ReaderOptions, ReaderSim};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_station::link::{self, Remote};
use dianka_station::proto::{
    CardPassword, CardSeen, FromStation, Hello, Hex, ReadOutcome, ReaderSettings, ReaderState, ReaderStatus, Secret,
    SignedTicket, Ticket, TicketResult, ToStation, Welcome,
};
use dianka_station::workstation::{Config, VirtualReader, Workstation};
use ed25519_dalek::SigningKey;
use tempfile::TempDir;
use uuid::Uuid;

use crate::images::plan;

pub const DRIVER: &str = "ccid-serial";
const PATIENCE: Duration = Duration::from_secs(20);

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_path_buf()
}

pub fn drivers_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/drivers")
}

pub fn plugc() -> PathBuf {
    target_dir().join("debug/dianka-plugc")
}

/// The drivers of the house, compiled once for all tests.
pub fn drivers() -> Registry {
    static DRIVERS: OnceLock<Registry> = OnceLock::new();
    DRIVERS
        .get_or_init(|| {
            let registry = Registry::open(RegistryOptions {
                drivers_dirs: vec![DriversDir { path: drivers_dir(), built_in: true }],
                cache_dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join("station-driver-cache"),
                cache_secret: None,
                plugc_path: plugc(),
                policy: Policy::default(),
                kit_path: None,
                wall: WallLimits::default(),
            })
            .unwrap();
            assert!(registry.reader(DRIVER).is_some(), "run plugins/build first: {:#?}", registry.list());
            registry
        })
        .clone()
}

/// What the server knows: its ticket key, and the workstation.
pub struct Server {
    pub key: SigningKey,
    pub welcome: Welcome,
    tickets: u64,
}

impl Server {
    pub fn new() -> Self {
        let key = SigningKey::from_bytes(&[42; 32]);
        let welcome = Welcome {
            workstation_id: Uuid::from_u128(1),
            number: 1,
            org: Uuid::from_u128(2),
            server_ticket_key: Hex(key.verifying_key().to_bytes().to_vec()),
        };
        Self { key, welcome, tickets: 0 }
    }

    /// A ticket that brings the card that was seen to `target`.
    pub fn ticket(&mut self, order: &Order, station: &Hex) -> SignedTicket {
        self.tickets += 1;
        let secret = |code: [u8; 3]| Secret::new(code.to_vec());
        let password = CardPassword { present: secret(order.present), change_to: order.change_to.map(secret) };
        let ticket = Ticket {
            op_id: order.op,
            epoch: order.epoch,
            org: self.welcome.org,
            workstation_id: self.welcome.workstation_id,
            session: order.card.session,
            number: self.tickets,
            before_sha256: Ticket::hash(&order.card.image.0),
            before: order.card.image.clone(),
            target: Hex(order.target.clone()),
            plan: plan(&order.card.image.0, &order.target),
            psc_sealed: Some(password.seal(station).unwrap()),
            trust: order.trust,
            sale: serde_json::json!({"op": order.op}),
            issued_at: "2026-05-01T08:00:00+08:00".into(),
        };
        ticket.sign(&self.key).unwrap()
    }
}

/// What is to be written.
#[derive(Clone)]
pub struct Order {
    pub op: Uuid,
    pub epoch: u32,
    pub card: CardSeen,
    pub target: Vec<u8>,
    pub present: [u8; 3],
    pub change_to: Option<[u8; 3]>,
    pub trust: Trust,
}

impl Order {
    /// A sale on a card whose password is known to fit.
    pub fn sale(card: &CardSeen, target: &[u8], present: [u8; 3]) -> Self {
        Self {
            op: Uuid::new_v4(),
            epoch: 1,
            card: card.clone(),
            target: target.to_vec(),
            present,
            change_to: None,
            trust: Trust::VerifiedOnThisCard,
        }
    }
}

/// The counter.
pub struct Desk {
    pub dir: TempDir,
    /// The lab's reader; a workstation on the bench has its own, and this one is not used.
    pub sim: ReaderSim,
    pub remote: Remote,
    pub hello: Hello,
    pub server: Server,
    driver: &'static str,
    workstation: Option<Workstation>,
}

impl Desk {
    /// Starts a workstation at the lab's reader, and waits until it has found it.
    pub fn start() -> Self {
        Self::start_with(ReaderOptions::default())
    }

    /// The driver is the one for what the reader speaks.
    pub fn start_with(options: ReaderOptions) -> Self {
        let driver = if options.protocol == Protocol::CcidAcs { DRIVER } else { options.protocol.id() };
        let dir = tempfile::tempdir().unwrap();
        let sim = ReaderSim::spawn(Some(&dir.path().join("port")), options).unwrap();
        let mut desk = Self::on(dir, sim, driver);
        desk.wait_status(ReaderStatus::Ready);
        desk
    }

    /// Starts a workstation with its own virtual reader, at the bench in `dir/bench`.
    pub fn on_bench(dir: TempDir, number: u32) -> Self {
        let sim = ReaderSim::spawn(None, ReaderOptions::default()).unwrap();
        let server = Server::new();
        let bench = Some(VirtualReader { world: dir.path().join("bench"), driver: DRIVER.into() });
        let config = Config { number, bench, reader: None, ..config(&dir, DRIVER) };
        let (workstation, remote, hello) = start(config, &server);
        let mut desk = Self { dir, sim, remote, hello, server, driver: DRIVER, workstation: Some(workstation) };
        desk.wait_status(ReaderStatus::Ready);
        desk
    }

    /// Starts a workstation that has these drivers and takes more from its server.
    pub fn taking_drivers(dir: TempDir, drivers: Registry) -> Self {
        let sim = ReaderSim::spawn(Some(&dir.path().join("port")), ReaderOptions::default()).unwrap();
        let server = Server::new();
        let config = Config { drivers, takes_drivers: true, ..config(&dir, DRIVER) };
        let (workstation, remote, hello) = start(config, &server);
        Self { dir, sim, remote, hello, server, driver: DRIVER, workstation: Some(workstation) }
    }

    fn on(dir: TempDir, sim: ReaderSim, driver: &'static str) -> Self {
        let server = Server::new();
        let (workstation, remote, hello) = start(config(&dir, driver), &server);
        Self { dir, sim, remote, hello, server, driver, workstation: Some(workstation) }
    }

    /// Stops the workstation and starts it again on the same folder.
    pub fn restart(&mut self) {
        if let Some(workstation) = self.workstation.take() {
            workstation.stop();
        }
        let (workstation, remote, hello) = start(config(&self.dir, self.driver), &self.server);
        self.workstation = Some(workstation);
        self.remote = remote;
        self.hello = hello;
    }

    pub fn send(&self, message: ToStation) {
        self.remote.outgoing.send(message).unwrap();
    }

    /// Waits for a message that `pick` takes; others are passed over.
    pub fn wait<T>(&mut self, what: &str, pick: impl FnMut(FromStation) -> Option<T>) -> T {
        wait(&mut self.remote, what, PATIENCE, pick).unwrap_or_else(|seen| panic!("no {what}; seen: {seen:#?}"))
    }

    /// Says what came within `time`, though none of it should have been `what`.
    pub fn never<T>(&mut self, what: &str, time: Duration, pick: impl FnMut(FromStation) -> Option<T>) {
        assert!(wait(&mut self.remote, what, time, pick).is_err(), "{what}");
    }

    pub fn wait_status(&mut self, status: ReaderStatus) -> ReaderState {
        self.wait(&format!("{status:?}"), |message| match message {
            FromStation::State(state) if state.state == status => Some(state),
            _ => None,
        })
    }

    pub fn insert(&mut self, card: impl Into<Card>) -> CardSeen {
        self.sim.insert(card).unwrap();
        self.wait_card()
    }

    pub fn wait_card(&mut self) -> CardSeen {
        self.wait("card-in", |message| match message {
            FromStation::CardIn(card) => Some(card),
            _ => None,
        })
    }

    pub fn wait_out(&mut self) -> Uuid {
        self.wait("card-out", |message| match message {
            FromStation::CardOut { session } => Some(session.unwrap()),
            _ => None,
        })
    }

    pub fn read_card(&mut self) -> ReadOutcome {
        let request = Uuid::new_v4();
        self.send(ToStation::ReadCard { request });
        self.wait("read-answer", |message| match message {
            FromStation::ReadAnswer { request: answered, result } if answered == request => Some(result),
            _ => None,
        })
    }

    /// Has the order's ticket run, and acknowledges its result.
    pub fn write(&mut self, order: &Order) -> TicketResult {
        let ticket = self.server.ticket(order, &self.hello.box_public_key);
        self.send(ToStation::Write(ticket));
        let result = self.result(order.op, order.epoch);
        self.send(ToStation::AckResult { op: order.op, epoch: order.epoch });
        result
    }

    pub fn result(&mut self, op: Uuid, epoch: u32) -> TicketResult {
        self.wait("ticket-result", |message| match message {
            FromStation::TicketResult(result) if (result.op, result.epoch) == (op, epoch) => Some(result),
            _ => None,
        })
    }

    pub fn image(&self) -> Vec<u8> {
        self.sim.look(|card| card.image()).unwrap()
    }
}

fn config(dir: &TempDir, driver: &str) -> Config {
    let port = dir.path().join("port").display().to_string();
    Config {
        number: 1,
        name: Some("counter 1".into()),
        data_dir: dir.path().join("station"),
        drivers: drivers(),
        reader: Some(ReaderSettings { port, driver: driver.into(), baud: None }),
        bench: None,
        takes_drivers: false,
        box_key: None,
    }
}

fn start(config: Config, server: &Server) -> (Workstation, Remote, Hello) {
    let (link, mut remote) = link::pair();
    let workstation = Workstation::start(config, link).unwrap();
    let first = wait(&mut remote, "hello", PATIENCE, Some).unwrap();
    let FromStation::Hello(hello) = first else { panic!("the first message is {first:?}") };
    remote.outgoing.send(ToStation::Welcome(server.welcome.clone())).unwrap();
    (workstation, remote, hello)
}

/// The first message that `pick` takes, or all that came until the time was over.
pub fn wait<T>(
    remote: &mut Remote,
    what: &str,
    patience: Duration,
    mut pick: impl FnMut(FromStation) -> Option<T>,
) -> Result<T, Vec<FromStation>> {
    let start = Instant::now();
    let mut seen = Vec::new();
    while start.elapsed() < patience {
        match remote.incoming.try_recv() {
            Ok(message) => {
                if let Some(found) = pick(message.clone()) {
                    return Ok(found);
                }
                seen.push(message);
            }
            Err(tokio::sync::mpsc::error::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(2)),
            Err(closed) => panic!("waiting for {what}: {closed}; seen: {seen:#?}"),
        }
    }
    Err(seen)
}
