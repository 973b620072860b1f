//! The reader thread's loop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use dianka_plugin_host::Registry;
use dianka_plugin_host::reader::{ReaderCallError, ReaderErrorKind};
use tokio::sync::mpsc::UnboundedSender;

use super::cards::Card;
use super::connection::{ConnectError, Connection, chosen};
use super::{Order, Parts};
use crate::journal::{Entry, Journal, JournalError};
use crate::proto::{BoxKey, FromStation, JournalStanding, ReaderState, ReaderStatus, ToStation, Welcome};
use crate::workstation::Remembered;

/// Between two looks for a card.
const POLL: Duration = Duration::from_millis(100);
/// Between two looks for a reader: the first, and the longest.
const SEARCH_FIRST: Duration = Duration::from_millis(200);
const SEARCH_LONGEST: Duration = Duration::from_secs(3);
/// Unanswered polls in a row before the reader counts as gone.
const MISSES_MAX: u32 = 3;
/// Results without acknowledgement are said again this often.
const REPEAT_RESULTS: Duration = Duration::from_secs(10);

/// Said of a reader that does not count.
const TELLS_NO_TRIES: &str =
    "this reader cannot tell the tries that a card has left: it writes only cards whose password has verified before";

enum Line {
    /// Looked for again at this time.
    Down {
        next: Instant,
        pause: Duration,
    },
    Up(Box<Connection>),
}

pub(super) struct Worker {
    pub(super) drivers: Registry,
    pub(super) versions: BTreeMap<String, String>,
    pub(super) settings: Remembered,
    pub(super) journal: Journal,
    pub(super) key: BoxKey,
    pub(super) welcome: Option<Welcome>,
    pub(super) card: Option<Card>,
    /// Nothing was presented in this insertion; asked only of a reader that cannot tell the tries.
    pub(super) unpresented: bool,
    line: Line,
    state: Option<ReaderState>,
    standing: Option<JournalStanding>,
    polled: Instant,
    repeated: Instant,
    seq: Arc<AtomicU64>,
    out: UnboundedSender<FromStation>,
    orders: Receiver<Order>,
}

impl Worker {
    pub(super) fn new(parts: Parts, orders: Receiver<Order>) -> Self {
        let Parts { drivers, versions, settings, journal, key, seq, out } = parts;
        let now = Instant::now();
        Self {
            drivers,
            versions,
            settings,
            journal,
            key,
            welcome: None,
            card: None,
            unpresented: true,
            line: Line::Down { next: now, pause: SEARCH_FIRST },
            state: None,
            standing: None,
            polled: now,
            repeated: now,
            seq,
            out,
            orders,
        }
    }

    pub(super) fn run(mut self) {
        self.set_state(ReaderStatus::Searching, None);
        loop {
            let wait = match &self.line {
                Line::Down { next, .. } => next.saturating_duration_since(Instant::now()),
                Line::Up(_) => (self.polled + POLL).saturating_duration_since(Instant::now()),
            };
            match self.orders.recv_timeout(wait) {
                Ok(Order::Server(message)) => self.obey(message),
                Ok(Order::Versions(versions)) => self.versions = versions,
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.turn();
        }
        if let Line::Up(connection) = &mut self.line {
            // Whatever it says: the port is about to be closed.
            let _ = connection.session.power_off();
        }
    }

    fn turn(&mut self) {
        let now = Instant::now();
        match &self.line {
            Line::Down { next, .. } if *next <= now => self.connect(),
            Line::Up(_) if self.polled + POLL <= now => {
                self.poll();
                self.change_driver();
            }
            _ => {}
        }
        if self.welcome.is_some() && self.repeated + REPEAT_RESULTS <= now {
            self.repeat_results();
        }
        self.journal_turn();
    }

    fn obey(&mut self, message: ToStation) {
        match message {
            ToStation::Welcome(welcome) => {
                self.welcome = Some(welcome);
                self.standing = None;
                if let Some(state) = self.state.clone() {
                    self.say(FromStation::State(state));
                }
                // What the journal knows comes before the card: it says which password the card may answer to by now.
                self.repeat_results();
                self.repeat_card();
            }
            ToStation::ReadCard { request } => self.read_card(request),
            ToStation::Write(ticket) => self.run_ticket(&ticket),
            ToStation::AckResult { op, epoch } => {
                if let Err(error) = self.journal.acknowledge(op, epoch) {
                    tracing::error!(%error, "an acknowledgement is not in the journal; the result is sent again");
                }
                self.publish_seq();
            }
            ToStation::Fence { op, up_to_epoch } => self.fence(op, up_to_epoch),
            ToStation::TestPort(test) => self.test_port(test),
            ToStation::Configure(settings) => {
                if let Err(error) = self.settings.remember(settings) {
                    tracing::error!(%error, "the reader's settings hold until the next start only");
                }
                self.disconnect("the reader was configured");
                self.connect();
            }
            // Answered without this thread, which may be in the middle of a write.
            ToStation::Bench { .. } | ToStation::Drivers(_) | ToStation::DriverPart(_) | ToStation::Ping => {}
            // Of the line, and of the workstation.
            ToStation::Challenge { .. }
            | ToStation::Enrolled(_)
            | ToStation::Refused { .. }
            | ToStation::Settings(_) => {}
        }
    }

    /// Looks for the reader once.
    pub(super) fn connect(&mut self) {
        let Some(settings) = self.settings.current().cloned() else {
            self.line = Line::Down { next: Instant::now() + SEARCH_LONGEST, pause: SEARCH_LONGEST };
            return self.set_state(ReaderStatus::Absent, Some("no port is configured".into()));
        };
        match Connection::open(&self.drivers, &self.versions, &settings) {
            Ok(connection) => {
                tracing::info!(port = settings.port, model = connection.info.model, "reader found");
                let blind = !connection.driver.describe().reads_error_counter;
                self.line = Line::Up(Box::new(connection));
                self.set_state(ReaderStatus::Ready, blind.then(|| TELLS_NO_TRIES.into()));
                self.poll();
            }
            Err(error) => {
                if matches!(error, ConnectError::NoDriver(_) | ConnectError::NoVersion { .. }) {
                    // It may have been put there since; the next look finds it.
                    self.drivers.rescan();
                }
                let pause = match &self.line {
                    Line::Down { pause, .. } => *pause,
                    Line::Up(_) => SEARCH_FIRST,
                };
                self.line = Line::Down { next: Instant::now() + pause, pause: (pause * 2).min(SEARCH_LONGEST) };
                self.set_state(error.status(), Some(error.to_string()));
            }
        }
    }

    /// Goes over to the version that was chosen, once it is here, and between two cards: a customer who is being served is
    /// served to the end.
    fn change_driver(&mut self) {
        let (Line::Up(connection), None) = (&self.line, &self.card) else { return };
        let about = connection.driver.about();
        if !self.versions.contains_key(&about.id) {
            return;
        }
        let Ok(other) = chosen(&self.drivers, &self.versions, &about.id) else { return };
        if other.about().digest != about.digest {
            tracing::info!(driver = about.id, before = %about.version, version = %other.about().version, "another driver");
            self.disconnect("another version of the driver was chosen");
            self.connect();
        }
    }

    /// Closes the port; the card's session ends with it.
    pub(super) fn disconnect(&mut self, why: &str) {
        // In this order: a card that goes with its reader was not taken by its customer.
        if matches!(self.line, Line::Up(_)) {
            tracing::info!(why, "the reader is gone");
            self.set_state(ReaderStatus::Searching, Some(why.into()));
        }
        self.card_out();
        self.line = Line::Down { next: Instant::now(), pause: SEARCH_FIRST };
    }

    /// Looks for a card.
    pub(super) fn poll(&mut self) {
        self.polled = Instant::now();
        let Some(connection) = self.connection() else { return };
        match connection.session.poll() {
            Ok(present) => {
                connection.misses = 0;
                self.card_present(present);
            }
            Err(error) => self.missed(&error),
        }
    }

    /// A call went wrong: no card any more, a reader that is silent now and then, or one that is gone.
    pub(super) fn missed(&mut self, error: &ReaderCallError) {
        if Connection::is_over(error) {
            return self.disconnect(&error.to_string());
        }
        let silent = !matches!(error, ReaderCallError::Reader(error) if error.kind == ReaderErrorKind::NoCard);
        let Some(connection) = self.connection() else { return };
        if !silent {
            connection.misses = 0;
            return self.card_out();
        }
        connection.misses += 1;
        if connection.misses >= MISSES_MAX {
            self.disconnect(&error.to_string());
        }
    }

    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        match &mut self.line {
            Line::Up(connection) => Some(connection),
            Line::Down { .. } => None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.line, Line::Up(_))
    }

    /// Why there is no reader.
    pub(super) fn why_down(&self) -> (&'static str, String) {
        let state = self.state.as_ref();
        let code = match self.settings.current() {
            None => "reader.not_set",
            Some(_) => state.and_then(|state| state.state.code()).unwrap_or("reader.no_answer"),
        };
        (code, state.and_then(|state| state.detail.clone()).unwrap_or_default())
    }

    fn set_state(&mut self, status: ReaderStatus, detail: Option<String>) {
        let settings = self.settings.current();
        let connection = match &self.line {
            Line::Up(connection) => Some(connection),
            Line::Down { .. } => None,
        }
        .filter(|_| status == ReaderStatus::Ready);
        let info = connection.map(|connection| &connection.info);
        let state = ReaderState {
            state: status,
            driver_id: settings.map(|settings| settings.driver.clone()).unwrap_or_default(),
            driver_version: connection.map(|connection| connection.driver.about().version.to_string()),
            port: settings.map(|settings| settings.port.clone()).unwrap_or_default(),
            model: info.map(|info| info.model.clone()),
            firmware: info.map(|info| info.firmware.clone()),
            detail,
        };
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            self.say(FromStation::State(state));
        }
    }

    /// Into the journal, on the disk.
    pub(super) fn write_down(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let written = self.journal.append(entry);
        self.publish_seq();
        written
    }

    pub(super) fn publish_seq(&self) {
        self.seq.store(self.journal.seq(), Ordering::Release);
    }

    /// Shortens a journal that has grown, and says how it stands when that changed.
    fn journal_turn(&mut self) {
        if let Err(error) = self.journal.compact_if_grown() {
            tracing::error!(%error, "the journal cannot be shortened");
        }
        let standing = self.journal.standing();
        if self.standing != Some(standing) {
            self.standing = Some(standing);
            self.say(FromStation::Journal(standing));
        }
    }

    fn repeat_results(&mut self) {
        self.repeated = Instant::now();
        for result in self.journal.unacknowledged() {
            self.say(FromStation::TicketResult(result));
        }
    }

    /// A server that is gone hears nothing; what matters is said again when it greets.
    pub(super) fn say(&self, message: FromStation) {
        let _ = self.out.send(message);
    }
}
