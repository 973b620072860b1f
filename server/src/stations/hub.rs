//! Which workstations are connected, what their readers see, and who wants to hear of it.
//!
//! The hub holds no truth: a server that starts again learns everything here from the stations anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use dianka_station::proto::{
    BenchCommand, CardSeen, FromStation, Hello, Hex, JournalStanding, ReadOutcome, ReaderSettings, ReaderState,
    TestPort, TestPortAnswer, ToStation,
};
use tokio::sync::{Notify, broadcast, mpsc, oneshot};
use uuid::Uuid;

/// Events that may wait for a slow page; a page that falls further behind reads the state again.
const EVENTS: usize = 64;

/// What a page is told, as server-sent events.
#[derive(Debug, Clone)]
pub struct Event {
    /// `state`, `card` or `sale`.
    pub name: &'static str,
    /// JSON.
    pub data: String,
}

/// What a workstation's reader sees.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// A station is connected.
    pub connected: bool,
    /// Since when it is, or is not.
    pub since: Option<DateTime<Utc>>,
    /// Version of its program.
    pub version: Option<String>,
    /// Its journal.
    pub journal: Option<JournalStanding>,
    /// What went wrong last.
    pub last_error: Option<LastError>,
    /// Its reader, once it has told.
    pub reader: Option<ReaderState>,
    /// The card in it.
    pub card: Option<CardSeen>,
    /// Why the thing in the slot cannot be read.
    pub card_error: Option<String>,
    /// The card session whose card has been held against the books.
    pub taken: Option<Uuid>,
}

/// Something that went wrong at a workstation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    /// Stable code.
    pub code: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl View {
    /// What is still known after a connection has ended or a new one has begun.
    fn rest(&self, connected: bool) -> View {
        let View { since, version, journal, last_error, .. } = self.clone();
        View { connected, since, version, journal, last_error, ..View::default() }
    }
}

/// Why a station cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No station is connected for this workstation.
    #[error("the workstation is not connected")]
    Offline,
    /// It is connected and did not answer in time.
    #[error("the workstation did not answer in time")]
    Silent,
}

struct Link {
    to: mpsc::UnboundedSender<ToStation>,
    /// Rises with each connection of a workstation: the newest wins, and a late close of an older one changes nothing.
    serial: u64,
    box_key: Hex,
    /// Told when the link must end from this side.
    cut: Arc<Notify>,
}

#[derive(Default)]
struct Workstation {
    link: Option<Link>,
    view: View,
    events: Option<broadcast::Sender<Event>>,
}

/// One connection of a workstation, as its link holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Which workstation.
    pub workstation: Uuid,
    serial: u64,
}

/// Connected workstations.
#[derive(Default)]
pub struct Hub {
    stations: Mutex<HashMap<Uuid, Workstation>>,
    answers: Mutex<HashMap<Uuid, oneshot::Sender<FromStation>>>,
    connections: std::sync::atomic::AtomicU64,
}

impl Hub {
    /// A hub without stations.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn with<T>(&self, workstation: Uuid, act: impl FnOnce(&mut Workstation) -> T) -> T {
        // A panic elsewhere cannot leave these plain fields half changed.
        let mut all = self.stations.lock().unwrap_or_else(PoisonError::into_inner);
        act(all.entry(workstation).or_default())
    }

    /// A station has said hello; a former connection of the same workstation is forgotten.
    pub fn connect(&self, workstation: Uuid, hello: &Hello, to: mpsc::UnboundedSender<ToStation>) -> Connection {
        let serial = self.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.with(workstation, |w| {
            w.link = Some(Link { to, serial, box_key: hello.box_public_key.clone(), cut: Arc::default() });
            w.view = w.view.rest(true);
        });
        Connection { workstation, serial }
    }

    /// A connection ended. True when it was the workstation's newest.
    pub fn disconnect(&self, connection: Connection) -> bool {
        self.with(connection.workstation, |w| {
            let newest = w.link.as_ref().is_some_and(|l| l.serial == connection.serial);
            if newest {
                w.link = None;
                w.view = w.view.rest(false);
            }
            newest
        })
    }

    /// Ends when this connection is cut from this side; never for one that is not the newest.
    pub async fn until_cut(&self, connection: Connection) {
        let cut = self.with(connection.workstation, |w| {
            w.link.as_ref().filter(|l| l.serial == connection.serial).map(|l| Arc::clone(&l.cut))
        });
        match cut {
            Some(cut) => cut.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Cuts a workstation's connection: what let it in holds no more.
    pub fn cut(&self, workstation: Uuid) {
        if let Some(cut) = self.with(workstation, |w| w.link.as_ref().map(|l| Arc::clone(&l.cut))) {
            cut.notify_one();
        }
    }

    /// Whether this is still the workstation's newest connection.
    #[must_use]
    pub fn is_current(&self, connection: Connection) -> bool {
        self.with(connection.workstation, |w| w.link.as_ref().is_some_and(|l| l.serial == connection.serial))
    }

    /// Changes what is known of a reader.
    pub fn update(&self, workstation: Uuid, change: impl FnOnce(&mut View)) {
        self.with(workstation, |w| change(&mut w.view));
    }

    /// Notes what went wrong at a workstation.
    pub fn failed(&self, workstation: Uuid, code: &str, at: DateTime<Utc>) {
        self.update(workstation, |view| view.last_error = Some(LastError { code: code.to_owned(), at }));
    }

    /// What is known of a workstation's reader.
    #[must_use]
    pub fn view(&self, workstation: Uuid) -> View {
        self.with(workstation, |w| w.view.clone())
    }

    /// The card in a workstation's reader, if it is still this session's.
    #[must_use]
    pub fn card_of(&self, workstation: Uuid, session: Uuid) -> Option<CardSeen> {
        self.with(workstation, |w| w.view.card.clone()).filter(|card| card.session == session)
    }

    /// The key that passwords for this workstation are sealed to.
    #[must_use]
    pub fn box_key(&self, workstation: Uuid) -> Option<Hex> {
        self.with(workstation, |w| w.link.as_ref().map(|l| l.box_key.clone()))
    }

    /// Sends a message that wants no answer.
    ///
    /// # Errors
    /// [`Unreachable::Offline`].
    pub fn send(&self, workstation: Uuid, message: ToStation) -> Result<(), Unreachable> {
        self.with(workstation, |w| w.link.as_ref().and_then(|l| l.to.send(message).ok())).ok_or(Unreachable::Offline)
    }

    /// Sends a message to every station that is connected.
    pub fn send_to_all(&self, message: &ToStation) {
        let all = self.stations.lock().unwrap_or_else(PoisonError::into_inner);
        for link in all.values().filter_map(|w| w.link.as_ref()) {
            // One that is gone hears it when it is back.
            let _ = link.to.send(message.clone());
        }
    }

    /// Listens to what happens at a workstation.
    #[must_use]
    pub fn subscribe(&self, workstation: Uuid) -> broadcast::Receiver<Event> {
        self.with(workstation, |w| w.events.get_or_insert_with(|| broadcast::channel(EVENTS).0).subscribe())
    }

    /// Tells the pages of a workstation; nobody listening is fine.
    pub fn tell(&self, workstation: Uuid, name: &'static str, body: &impl serde::Serialize) {
        match serde_json::to_string(body) {
            Ok(data) => self.with(workstation, |w| {
                if let Some(events) = &w.events {
                    let _nobody_listens = events.send(Event { name, data });
                }
            }),
            Err(error) => tracing::error!(%workstation, name, %error, "an event does not serialise"),
        }
    }

    /// Hands an answer to whoever waits for it.
    pub fn answer(&self, request: Uuid, message: FromStation) {
        let waiting = self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&request);
        if let Some(waiting) = waiting {
            let _gave_up = waiting.send(message);
        }
    }

    async fn ask(
        &self,
        workstation: Uuid,
        patience: Duration,
        message: impl FnOnce(Uuid) -> ToStation,
    ) -> Result<FromStation, Unreachable> {
        let request = Uuid::now_v7();
        let (tx, rx) = oneshot::channel();
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(request, tx);
        let answer = match self.send(workstation, message(request)) {
            Err(offline) => Err(offline),
            Ok(()) => match tokio::time::timeout(patience, rx).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(_)) | Err(_) => Err(Unreachable::Silent),
            },
        };
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&request);
        answer
    }

    /// Has the card read again.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn read_card(&self, workstation: Uuid) -> Result<ReadOutcome, Unreachable> {
        match self.ask(workstation, Duration::from_secs(10), |request| ToStation::ReadCard { request }).await? {
            FromStation::ReadAnswer { result, .. } => Ok(result),
            _ => Err(Unreachable::Silent),
        }
    }

    /// Has a port tested.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn test_port(&self, workstation: Uuid, reader: ReaderSettings) -> Result<TestPortAnswer, Unreachable> {
        let ReaderSettings { port, driver, baud } = reader;
        let ask = |request| ToStation::TestPort(TestPort { request, port: Some(port), driver: Some(driver), baud });
        match self.ask(workstation, Duration::from_secs(20), ask).await? {
            FromStation::TestPortAnswer(answer) => Ok(answer),
            _ => Err(Unreachable::Silent),
        }
    }

    /// Has something done at the bench of a workstation.
    ///
    /// # Errors
    /// [`Unreachable`] when the station cannot be asked; the inner error is the station's code and reason.
    pub async fn bench(
        &self,
        workstation: Uuid,
        cmd: BenchCommand,
    ) -> Result<Result<(), (String, String)>, Unreachable> {
        match self.ask(workstation, Duration::from_secs(10), |request| ToStation::Bench { request, cmd }).await? {
            FromStation::BenchAnswer { ok: true, .. } => Ok(Ok(())),
            FromStation::BenchAnswer { code, detail, .. } => {
                Ok(Err((code.unwrap_or_else(|| "bench.failed".to_owned()), detail)))
            }
            _ => Err(Unreachable::Silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Hello {
        Hello { station_name: None, version: "0".into(), box_public_key: Hex(vec![1; 32]), journal_seq: 0 }
    }

    #[test]
    fn the_newest_connection_wins() {
        let hub = Hub::new();
        let id = Uuid::now_v7();
        let (old, _old_rx) = mpsc::unbounded_channel();
        let (new, mut new_rx) = mpsc::unbounded_channel();
        let first = hub.connect(id, &hello(), old);
        let second = hub.connect(id, &hello(), new);
        assert!(!hub.is_current(first));
        assert!(!hub.disconnect(first), "the older one's end changes nothing");
        hub.send(id, ToStation::Ping).unwrap();
        assert_eq!(new_rx.try_recv().unwrap(), ToStation::Ping);
        assert!(hub.disconnect(second));
        assert_eq!(hub.send(id, ToStation::Ping), Err(Unreachable::Offline));
    }

    #[tokio::test]
    async fn an_answer_reaches_the_one_who_asked() {
        let hub = Hub::new();
        let id = Uuid::now_v7();
        let (to, mut rx) = mpsc::unbounded_channel();
        hub.connect(id, &hello(), to);
        let other = Arc::clone(&hub);
        tokio::spawn(async move {
            if let Some(ToStation::ReadCard { request }) = rx.recv().await {
                let result = ReadOutcome::Failed { code: "card.none".into(), detail: String::new() };
                other.answer(request, FromStation::ReadAnswer { request, result });
            }
        });
        let outcome = hub.read_card(id).await.unwrap();
        assert!(matches!(outcome, ReadOutcome::Failed { code, .. } if code == "card.none"));
    }

    #[tokio::test]
    async fn nobody_home() {
        assert_eq!(Hub::new().read_card(Uuid::now_v7()).await, Err(Unreachable::Offline));
    }
}
