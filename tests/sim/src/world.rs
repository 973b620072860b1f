//! Everything that a schedule happens to: customers with card and meter, stations, lines, one server, its database.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dianka_domain::card_op::OpState;
use dianka_lab::sle4442::Sle4442;
use dianka_station::core::{Command, Failure, Job};
use dianka_station::journal::Journal;
use dianka_station::proto::{
    BoxKey, CardSeen, FromStation, Hex, SignedTicket, Ticket, TicketResult, ToStation, Welcome,
};
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use crate::chance::Chance;
use crate::client::Client;
use crate::db::Db;
use crate::defect::Defect;
use crate::disk::SimDisk;
use crate::mode::Mode;
use crate::server::Work;
use crate::standard::{Standard, Standards};

/// The organisation of all stations.
pub const ORG: Uuid = Uuid::from_u128(7);

/// A customer: account, meter and card have his number.
pub struct Customer {
    /// On card and meter.
    pub user_no: u64,
    /// The meter's.
    pub meter_no: u64,
    /// The card's.
    pub card_no: u32,
    /// 倍率.
    pub multiplier: u32,
    /// Which of the standards.
    pub standard: usize,
    /// The meter, as opaque bytes.
    pub meter: Vec<u8>,
    /// The first purchase number of the schedule.
    pub first: u32,
    /// What the meter had taken before it, Wh.
    pub begun_with: i64,
    /// What the meter took: the number, Wh, and whose sale it was.
    pub loads: Vec<(u32, i64, Uuid)>,
}

/// Where a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// With its customer.
    Hand,
    /// In a station's reader.
    Slot(usize),
}

/// A card.
pub struct Card {
    /// The chip.
    pub chip: Sle4442,
    /// Where it is.
    pub place: Place,
    /// Presentations since it last got power.
    pub presented: u32,
    /// Rises with every insertion.
    pub insertion: u64,
    /// What was last held against the rules: its cell operations, and the database's.
    pub checked: (u64, u64),
}

/// What a running station remembers.
pub struct Live {
    /// The real one.
    pub journal: Journal,
    /// Of this connection or one before.
    pub welcome: Option<Welcome>,
    /// The card that was announced.
    pub card: Option<LiveCard>,
    /// The ticket that is being run.
    pub running: Option<Running>,
    /// Its line.
    pub line: Option<u64>,
    /// The reader lost its power since the last look.
    pub reader_lost: bool,
}

/// An announced card.
#[derive(Debug, Clone, Copy)]
pub struct LiveCard {
    /// Its session.
    pub session: Uuid,
    /// Which.
    pub card: usize,
    /// Which insertion.
    pub insertion: u64,
    /// A password failed.
    pub mismatched: bool,
}

/// A ticket that is being run.
pub struct Running {
    /// The real machine.
    pub job: Job,
    /// What it wants next.
    pub command: Command,
    /// The ticket.
    pub ticket: Ticket,
    /// As it came.
    pub signed: SignedTicket,
    /// The gravest failure so far.
    pub lost: Option<Failure>,
    /// Planted: the machine is told that the seal is erased.
    pub seal_hidden: bool,
    /// The bytes of the write that is under way, and how many were written.
    pub reads: u32,
}

/// A station.
pub struct Station {
    /// Its id on tickets.
    pub id: Uuid,
    /// Kept on its disk.
    pub key: BoxKey,
    /// Holds the journal.
    pub disk: SimDisk,
    /// None: it is off.
    pub live: Option<Live>,
    /// The card in its reader.
    pub slot: Option<usize>,
    /// What it said of an operation, and must stand by for ever.
    pub said: BTreeMap<Uuid, u32>,
    /// What happens to the card when its tear comes.
    pub tear: Tear,
}

/// What tears a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tear {
    /// It is pulled.
    Pull,
    /// The reader loses its power.
    Reader,
    /// The whole counter does.
    Station,
}

/// A line between a station and the server.
pub struct Line {
    /// Whose.
    pub station: usize,
    /// Whether both ends have it.
    pub open: bool,
    /// To the server.
    pub up: VecDeque<String>,
    /// To the station.
    pub down: VecDeque<String>,
    /// Taken by the server, to be done in order.
    pub work: VecDeque<FromStation>,
    /// Being done.
    pub busy: Option<Work>,
}

/// What the hub knows of a station.
pub struct Hub {
    /// The newest line.
    pub line: u64,
    /// Passwords are sealed to it.
    pub box_key: Hex,
    /// What its reader holds.
    pub card: Option<CardSeen>,
    /// Tickets that were sent over this line and whose result was not settled: what the reader holds is not known for sure.
    pub writing: BTreeSet<(Uuid, u32)>,
}

/// What is lost when the server is killed.
#[derive(Default)]
pub struct Server {
    /// By station.
    pub hub: BTreeMap<usize, Hub>,
    /// By sale: the session of the newest ticket, or why it waits.
    pub desk: BTreeMap<Uuid, Note>,
    /// Sales whose money is asked for, and where their card is.
    pub asked: BTreeMap<Uuid, (usize, Uuid)>,
    /// Sales that a person is asked about.
    pub asks: BTreeMap<Uuid, (usize, Uuid)>,
    /// Requests of pages that are being worked on.
    pub http: Vec<Work>,
}

/// How a write stands.
#[derive(Debug, Clone)]
pub enum Note {
    /// A ticket left for this session.
    Sent(Uuid),
    /// It waits.
    Waits(String),
}

/// A message that comes again, late.
pub enum Stashed {
    /// From a station.
    Up(usize, FromStation),
    /// To a station.
    Down(usize, ToStation),
}

/// The whole world of one schedule.
pub struct World<'a> {
    /// Both standards.
    pub standards: &'a Standards,
    /// The schedule's chance.
    pub chance: Chance,
    /// What may happen in it.
    pub mode: Mode,
    /// What is planted.
    pub defect: Option<Defect>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Their cards.
    pub cards: Vec<Card>,
    /// Stations.
    pub stations: Vec<Station>,
    /// Lines, also old ones whose work is not done.
    pub lines: BTreeMap<u64, Line>,
    /// None: it is down.
    pub server: Option<Server>,
    /// Signs tickets; kept on the server's disk.
    pub key: SigningKey,
    /// Durable.
    pub db: Db,
    /// Whether the database answers.
    pub db_up: bool,
    /// Rises with every transaction.
    pub db_stamp: u64,
    /// Seconds of the server's clock; it jumps.
    pub clock: i64,
    /// Pages with a sale to make.
    pub clients: Vec<Client>,
    /// Messages that will come again.
    pub stash: Vec<Stashed>,
    /// Which card a session was for.
    pub sessions: BTreeMap<Uuid, (usize, u64)>,
    /// How many ids were made.
    pub ids: u128,
    /// Events so far.
    pub step: usize,
    /// What happened, when it is wanted.
    pub trace: Option<Vec<String>>,
    /// A sum over what happened.
    pub hash: u64,
    /// How often what happened.
    pub counts: BTreeMap<String, u64>,
    /// The first broken rule.
    pub violation: Option<String>,
    /// No more failures.
    pub calm: bool,
}

impl World<'_> {
    /// An id that was never used.
    pub fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids << 32)
    }

    /// Counts something, and puts it into the sum and the trace.
    pub fn note(&mut self, what: &str, detail: impl FnOnce() -> String) {
        for byte in what.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        match self.counts.get_mut(what) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(what.to_owned(), 1)),
        }
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:4} {what} {}", self.step, detail()));
        }
    }

    /// A rule is broken.
    pub fn broken(&mut self, what: String) {
        if self.violation.is_none() {
            if let Some(trace) = &mut self.trace {
                trace.push(format!("{:4} BROKEN: {what}", self.step));
            }
            self.violation = Some(what);
        }
    }

    /// True in so many of a thousand, while failures go on.
    pub fn fails(&mut self, permille: u64) -> bool {
        !self.calm && permille > 0 && self.chance.permille(permille)
    }

    /// The standard of a customer.
    #[must_use]
    pub fn standard(&self, customer: usize) -> &Standard {
        &self.standards.all[self.customers[customer].standard]
    }

    /// A transaction, with what can become of it. None: the caller knows nothing. As the store does, one that failed is
    /// run again, twice at most.
    pub fn transaction<T>(&mut self, mut run: impl FnMut(&mut Db) -> T) -> Option<T> {
        for _ in 0..3 {
            if !self.db_up {
                self.note("database: down", String::new);
                return None;
            }
            if self.fails(self.mode.no_connection) {
                self.note("database: no connection", String::new);
                continue;
            }
            if self.fails(self.mode.unclear) {
                if self.chance.permille(500) {
                    self.note("database: commit unclear, it happened", String::new);
                    self.db_stamp += 1;
                    let _nobody_hears = run(&mut self.db);
                } else {
                    self.note("database: commit unclear, it did not", String::new);
                }
                if self.chance.permille(500) {
                    return None;
                }
                continue;
            }
            self.db_stamp += 1;
            return Some(run(&mut self.db));
        }
        None
    }

    /// A message to a station, if there is one to hear it.
    pub fn send(&mut self, station: usize, message: &ToStation) -> bool {
        let Some(line) = self.server.as_ref().and_then(|s| s.hub.get(&station)).map(|hub| hub.line) else {
            return false;
        };
        let text = serde_json::to_string(message).unwrap();
        if let ToStation::Write(_) = message
            && self.fails(self.mode.repeat)
        {
            self.stash.push(Stashed::Down(station, message.clone()));
        }
        match self.lines.get_mut(&line).filter(|line| line.open) {
            Some(line) => {
                if !self.calm && self.chance.permille(self.mode.repeat) {
                    line.down.push_back(text.clone());
                }
                line.down.push_back(text);
                true
            }
            None => false,
        }
    }

    /// A message from a station; without a line nobody hears it.
    pub fn say(&mut self, station: usize, message: FromStation) {
        self.stand_by(station, &message);
        let Some(live_line) = self.stations[station].live.as_ref().and_then(|live| live.line) else { return };
        let again = matches!(message, FromStation::TicketResult(_) | FromStation::Fenced { .. })
            && self.fails(self.mode.repeat);
        let text = serde_json::to_string(&message).unwrap();
        if again {
            self.stash.push(Stashed::Up(station, message));
        }
        let twice = again && self.chance.permille(500);
        if let Some(line) = self.lines.get_mut(&live_line).filter(|line| line.open) {
            if twice {
                line.up.push_back(text.clone());
            }
            line.up.push_back(text);
        }
    }

    /// What a station says of an operation and has in its journal, it must know for ever.
    fn stand_by(&mut self, station: usize, message: &FromStation) {
        let (op, epoch) = match message {
            FromStation::TicketResult(TicketResult { op, epoch, .. }) => (*op, *epoch),
            FromStation::Fenced { op, up_to_epoch } => (*op, *up_to_epoch),
            _ => return,
        };
        let station = &mut self.stations[station];
        let known = station.live.as_ref().and_then(|live| live.journal.highest_epoch(op));
        if known.is_some_and(|known| known >= epoch) {
            let said = station.said.entry(op).or_default();
            *said = (*said).max(epoch);
        }
    }

    /// The line of a station breaks.
    pub fn cut(&mut self, station: usize) {
        if let Some(live) = &mut self.stations[station].live
            && let Some(number) = live.line.take()
        {
            if let Some(line) = self.lines.get_mut(&number) {
                line.open = false;
                line.up.clear();
                line.down.clear();
            }
            if let Some(server) = &mut self.server
                && server.hub.get(&station).is_some_and(|hub| hub.line == number)
            {
                server.hub.remove(&station);
            }
        }
        self.sweep();
    }

    /// Forgets lines that nothing waits for.
    pub fn sweep(&mut self) {
        self.lines.retain(|_, line| line.open || line.busy.is_some() || !line.work.is_empty());
    }

    /// The sales that are not finished.
    #[must_use]
    pub fn open_sales(&self) -> Vec<Uuid> {
        self.db.sales.iter().filter(|(_, row)| row.state == OpState::Authorised).map(|(id, _)| *id).collect()
    }
}
