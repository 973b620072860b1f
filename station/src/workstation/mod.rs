//! A workstation: reader thread, journal, keys, bench, and the line to the server.

#[cfg(unix)]
mod bench;
#[cfg(not(unix))]
#[path = "no_bench.rs"]
mod bench;
mod received;
mod remembered;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use dianka_plugin_host::Registry;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

pub use received::received_dir;
pub use remembered::Remembered;
pub use settings::KnownSettings;

use crate::journal::{Journal, JournalError};
use crate::link::Link;
use crate::proto::{BenchCommand, BoxKey, FromStation, Hello, Hex, ReaderSettings, ToStation};
use crate::reader::{self, Order};
use bench::Bench;
use received::Received;

/// How a workstation is set up.
#[derive(Clone)]
pub struct Config {
    /// Its number; 0 is the server's own.
    pub number: u32,
    /// A name for the list of stations.
    pub name: Option<String>,
    /// Its own folder: keys, journal, settings. No two workstations share one.
    pub data_dir: PathBuf,
    /// The reader drivers.
    pub drivers: Registry,
    /// Port and driver that the program was started with; what a person chose on the page since then goes first.
    pub reader: Option<ReaderSettings>,
    /// Whether it takes drivers from its server into [`received_dir`], which its registry must look into. False for the
    /// server's own workstation, which has the server's registry.
    pub takes_drivers: bool,
    /// Learning mode: the workstation has a virtual reader, and `reader` is not used.
    pub bench: Option<VirtualReader>,
    /// The key that an enrolled station told its server; `None`: one of the folder's own, made at the first start.
    pub box_key: Option<BoxKey>,
}

/// A reader on the bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualReader {
    /// The bench's folder.
    pub world: PathBuf,
    /// The driver that works it. Its id says what the reader speaks; one that the lab knows no reader for gets one for
    /// `ccid-serial`.
    pub driver: String,
}

/// Why a workstation does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used: {source}", dir.display())]
    Data {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The virtual reader does not start.
    #[error("the virtual reader: {0}")]
    Bench(#[from] bench::BenchError),
    /// The system has no thread left.
    #[error("a thread does not start: {0}")]
    Thread(std::io::Error),
}

/// What a station says of itself in `Hello`.
#[derive(Debug, Clone)]
pub struct Identity {
    name: Option<String>,
    key: Hex,
    seq: Arc<AtomicU64>,
}

impl Identity {
    /// Of a station that is not running: what it would say of itself.
    #[must_use]
    pub fn resting(name: &str, box_public_key: Hex, journal_seq: u64) -> Self {
        Self { name: Some(name.into()), key: box_public_key, seq: Arc::new(AtomicU64::new(journal_seq)) }
    }

    /// The first message of a connection.
    #[must_use]
    pub fn hello(&self) -> Hello {
        Hello {
            station_name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            box_public_key: self.key.clone(),
            journal_seq: self.seq.load(Ordering::Acquire),
        }
    }
}

/// A running workstation. It ends when its link's other end is dropped, by [`Workstation::stop`], or with this value;
/// a ticket that is being run is finished first.
pub struct Workstation {
    identity: Identity,
    port: Option<String>,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Workstation {
    /// Starts a workstation. Its first message on the link is `Hello`.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running then.
    pub fn start(config: Config, link: Link) -> Result<Self, StartError> {
        let dir = config.data_dir.clone();
        let data = |source| StartError::Data { dir: dir.clone(), source };
        std::fs::create_dir_all(&dir).map_err(data)?;
        let journal = Journal::open(&dir)?;
        let key = match config.box_key {
            Some(key) => key,
            None => BoxKey::load_or_create(&dir.join("station.key")).map_err(data)?,
        };
        let bench = match &config.bench {
            Some(wanted) => Some(Bench::attach(wanted, config.number, &dir)?),
            None => None,
        };
        let given = bench.as_ref().map(Bench::settings).or(config.reader);
        let settings = Remembered::load(&dir, given).map_err(data)?;
        let seq = Arc::new(AtomicU64::new(journal.seq()));
        let identity = Identity { name: config.name, key: key.public(), seq: Arc::clone(&seq) };
        let port = bench.as_ref().map(|bench| bench.settings().port);

        let received = config.takes_drivers.then(|| Received::new(&dir, config.drivers.clone(), link.outgoing.clone()));
        let out = link.outgoing.clone();
        let _ = out.send(FromStation::Hello(identity.hello()));
        let known = KnownSettings::load(&dir);
        let versions = known.versions();
        let parts = reader::Parts { drivers: config.drivers, versions, settings, journal, key, seq, out };
        let reader = reader::start(parts, &format!("reader-{}", config.number)).map_err(StartError::Thread)?;
        let stop = Arc::new(Notify::new());
        let desk = Desk { link, orders: reader.orders, bench, received, known, stop: Arc::clone(&stop) };
        let reader_thread = reader.thread;
        let thread = std::thread::Builder::new()
            .name(format!("workstation-{}", config.number))
            .spawn(move || {
                desk.run();
                if reader_thread.join().is_err() {
                    tracing::error!("the reader's thread had panicked");
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Self { identity, port, stop, thread: Some(thread) })
    }

    /// For the `Hello` of a WebSocket link.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity.clone()
    }

    /// The port of the virtual reader, where there is one.
    #[must_use]
    pub fn virtual_port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    /// Finishes what is being done, closes the port, and waits for that.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the workstation's thread had panicked");
        }
    }
}

impl Drop for Workstation {
    fn drop(&mut self) {
        self.end();
    }
}

/// Hands messages on: what must not wait for a write is done here, the rest goes to the reader's thread.
struct Desk {
    link: Link,
    orders: Sender<Order>,
    bench: Option<Bench>,
    /// None: drivers do not come over the line.
    received: Option<Received>,
    known: KnownSettings,
    stop: Arc<Notify>,
}

impl Desk {
    fn run(mut self) {
        match tokio::runtime::Builder::new_current_thread().build() {
            Ok(runtime) => runtime.block_on(self.serve()),
            Err(error) => tracing::error!(%error, "the workstation cannot listen to its server"),
        }
        let _ = self.orders.send(Order::Stop);
    }

    async fn serve(&mut self) {
        loop {
            let message = tokio::select! {
                message = self.link.incoming.recv() => message,
                () = self.stop.notified() => None,
            };
            match message {
                Some(ToStation::Ping) => answer(&self.link.outgoing, FromStation::Pong),
                Some(ToStation::Bench { request, cmd }) => self.bench(request, &cmd),
                Some(ToStation::Drivers(offers)) => {
                    if let Some(received) = &mut self.received {
                        received.offered(&offers);
                    }
                }
                Some(ToStation::DriverPart(part)) => {
                    if let Some(received) = &mut self.received {
                        received.part(&part);
                    }
                }
                Some(ToStation::Settings(settings)) => {
                    let news = self.known.take(settings);
                    // The versions first: the other reader may be driven by one of them.
                    let versions = news.versions.map(Order::Versions);
                    let reader = news.reader.map(|reader| Order::Server(ToStation::Configure(reader)));
                    for order in [versions, reader].into_iter().flatten() {
                        if self.orders.send(order).is_err() {
                            return;
                        }
                    }
                }
                Some(message) => {
                    if let (ToStation::Welcome(welcome), Some(received)) = (&message, &mut self.received) {
                        received.greeted(welcome);
                    }
                    if self.orders.send(Order::Server(message)).is_err() {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    fn bench(&self, request: Uuid, command: &BenchCommand) {
        let done = self.bench.as_ref().map(|bench| bench.obey(command));
        let (ok, code, detail) = match done {
            Some(Ok(())) => (true, None, String::new()),
            Some(Err(error)) => (false, Some(bench::code(&error).into()), error.to_string()),
            None => (false, Some("bench.off".into()), "this workstation has no virtual reader".into()),
        };
        answer(&self.link.outgoing, FromStation::BenchAnswer { request, ok, code, detail });
    }
}

fn answer(out: &UnboundedSender<FromStation>, message: FromStation) {
    // A server that is gone does not wait for an answer.
    let _ = out.send(message);
}
