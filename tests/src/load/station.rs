//! A simulated station: the shipping link with its back-off, and a reader in memory behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dianka_station::enrolment::Enrolment;
use dianka_station::link;
use dianka_station::link::dial::Dial;
use dianka_station::link::websocket::{Backoff, LinkEvent, run};
use dianka_station::workstation::Identity;
use dianka_tests::Failure;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::reader::Reader;

/// What became of the links of all stations.
#[derive(Debug, Default)]
pub struct Tally {
    /// Connected now, by the server's welcome.
    up: AtomicUsize,
    /// Connections that ended, and dials that came to nothing.
    pub downs: AtomicUsize,
    /// Refused for good, and tickets that were not believed: none is right.
    faults: AtomicUsize,
}

impl Tally {
    /// Waits until so many are connected; how long it took from `since`.
    pub async fn reach(&self, number: usize, since: Instant, within: Duration) -> Result<Duration, Failure> {
        while self.up.load(Ordering::Acquire) < number {
            self.sound()?;
            if since.elapsed() > within {
                return Err(format!("{} of {number} connected", self.up.load(Ordering::Acquire)).into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(since.elapsed())
    }

    /// Waits until the last one has noticed that the server is gone.
    pub async fn none_left(&self) {
        while self.up.load(Ordering::Acquire) > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// # Errors
    /// When a station was refused for good, or got a ticket that it must not believe.
    pub fn sound(&self) -> Result<(), Failure> {
        match self.faults.load(Ordering::Acquire) {
            0 => Ok(()),
            faults => Err(format!("{faults} stations failed").into()),
        }
    }
}

/// It; its link ends with it.
pub struct Station {
    /// Its workstation.
    pub workstation: String,
    cards: UnboundedSender<Uuid>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Station {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Station {
    /// Dials in, again and again until it is let in.
    pub fn dial(who: &Enrolment, dial: &Dial, tally: &Arc<Tally>) -> Self {
        let (own, remote) = link::pair();
        let (cards, inserted) = unbounded_channel();
        let reader = Reader::new(who.clone(), own.outgoing.clone());
        let work = tokio::spawn(work(reader, own.incoming, inserted, Arc::clone(tally)));
        let identity = Identity::resting("load", who.keys.seal.public(), 0);
        let (credentials, dial, tally) = (who.credentials(), dial.clone(), Arc::clone(tally));
        let mut up = Up { is: false, tally };
        let line = tokio::spawn(async move {
            run(&dial, &credentials, &identity, remote, Backoff::default(), |event| up.note(&event)).await;
        });
        Self { workstation: who.workstation_id.to_string(), cards, tasks: [work, line] }
    }

    /// Puts a blank card in; its session.
    pub fn blank_card(&self) -> Result<Uuid, Failure> {
        let session = Uuid::new_v4();
        self.cards.send(session).map_err(|_| "the station has ended")?;
        Ok(session)
    }
}

/// Whether one link is counted as connected; not any more when it is dropped.
struct Up {
    is: bool,
    tally: Arc<Tally>,
}

impl Up {
    fn note(&mut self, event: &LinkEvent) {
        match event {
            LinkEvent::Connected(_) => self.set(true),
            LinkEvent::Down { .. } => {
                self.tally.downs.fetch_add(1, Ordering::AcqRel);
                self.set(false);
            }
            LinkEvent::Refused { code } => {
                eprintln!("a station is refused: {code}");
                self.tally.faults.fetch_add(1, Ordering::AcqRel);
                self.set(false);
            }
        }
    }

    fn set(&mut self, up: bool) {
        match (self.is, up) {
            (false, true) => self.tally.up.fetch_add(1, Ordering::AcqRel),
            (true, false) => self.tally.up.fetch_sub(1, Ordering::AcqRel),
            _ => return,
        };
        self.is = up;
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.set(false);
    }
}

async fn work(
    mut reader: Reader,
    mut incoming: UnboundedReceiver<dianka_station::proto::ToStation>,
    mut inserted: UnboundedReceiver<Uuid>,
    tally: Arc<Tally>,
) {
    loop {
        let done = tokio::select! {
            message = incoming.recv() => match message {
                Some(message) => reader.hear(message),
                None => return,
            },
            session = inserted.recv() => match session {
                Some(session) => {
                    reader.blank_card(session);
                    Ok(())
                }
                None => return,
            },
        };
        if let Err(failure) = done {
            eprintln!("a station: {failure}");
            tally.faults.fetch_add(1, Ordering::AcqRel);
        }
    }
}
