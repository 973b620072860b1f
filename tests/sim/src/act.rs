//! What can happen next, and the dice that choose it.

use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{OpState, Purpose};
use dianka_domain::units::Price;
use uuid::Uuid;

use crate::client::Phase;
use crate::defect::Defect;
use crate::server::{Stage, Work};
use crate::standard::Look;
use crate::world::{Note, Place, Server, Stashed, World};

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Hear,
    Line,
    Page,
    StationHears,
    StationWorks,
    Look,
    Dial,
    StationStarts,
    ServerStarts,
    DatabaseUp,
    Client,
    Insert,
    TakeOut,
    Meter,
    Resume,
    RepeatResults,
    KillServer,
    KillStation,
    DatabaseDown,
    Pull,
    ReaderPower,
    Cut,
    AskVoid,
    Clock,
    Price,
    Late,
}

impl World<'_> {
    /// Draws and does one event; what cannot happen now is passed over.
    pub fn happen(&mut self) {
        self.step += 1;
        let mode = self.mode;
        let table = [
            (Event::Hear, 120),
            (Event::Line, 160),
            (Event::Page, 120),
            (Event::StationHears, 120),
            (Event::StationWorks, 330),
            (Event::Look, 70),
            (Event::Dial, 60),
            (Event::StationStarts, 50),
            (Event::ServerStarts, 90),
            (Event::DatabaseUp, 90),
            (Event::Client, 110),
            (Event::Insert, 110),
            (Event::TakeOut, 6),
            (Event::Meter, 35),
            (Event::Resume, 15),
            (Event::RepeatResults, 8),
            (Event::KillServer, mode.kill_server),
            (Event::KillStation, mode.kill_station),
            (Event::DatabaseDown, mode.database),
            (Event::Pull, mode.pull),
            (Event::ReaderPower, mode.pull / 3),
            (Event::Cut, mode.cut),
            (Event::AskVoid, mode.void),
            (Event::Clock, mode.clock),
            (Event::Price, mode.price),
            (Event::Late, mode.late),
        ];
        let total: u64 = table.iter().map(|(_, weight)| weight).sum();
        for _ in 0..8 {
            let mut drawn = self.chance.draw() % total;
            let mut event = Event::Hear;
            for (candidate, weight) in table {
                event = candidate;
                if drawn < weight {
                    break;
                }
                drawn -= weight;
            }
            if self.doing(event) {
                return;
            }
        }
    }

    fn doing(&mut self, event: Event) -> bool {
        let s = self.chance.below(self.stations.len());
        let done = match event {
            Event::Hear => self.any_line().is_some_and(|number| self.server_hears(number)),
            Event::Line => self.any_line().is_some_and(|number| self.line_works(number)),
            Event::Page => {
                let waiting = self.server.as_ref().map_or(0, |server| server.http.len());
                let which = self.chance.below(waiting);
                self.page_works(which)
            }
            Event::StationHears => self.station_hears(s),
            Event::StationWorks => {
                let times = 1 + self.chance.below(6);
                (0..times).filter(|_| self.station_works(s)).count() > 0
            }
            Event::Look => self.station_looks(s),
            Event::Dial => {
                let before = self.lines.len();
                self.station_dials(s);
                self.lines.len() > before
            }
            Event::StationStarts => {
                let off = self.stations[s].live.is_none();
                self.station_start(s);
                off
            }
            Event::ServerStarts => self.server_start(),
            Event::DatabaseUp => !std::mem::replace(&mut self.db_up, true),
            Event::Client => self.client_acts(),
            Event::Insert => self.customer_inserts(),
            Event::TakeOut => self.customer_takes_out(s),
            Event::Meter => self.customer_goes_to_meter(),
            Event::Resume => self.clerk_resumes(s),
            Event::RepeatResults => {
                self.repeat_results(s);
                true
            }
            _ => return self.failing(event, s),
        };
        if done && self.trace.is_some() {
            let step = self.step;
            if let Some(trace) = &mut self.trace {
                trace.push(format!("{step:4} {event:?} at {s}"));
            }
        }
        done
    }

    fn failing(&mut self, event: Event, s: usize) -> bool {
        match event {
            Event::KillServer if self.server.is_some() => {
                self.note("event: server killed", String::new);
                self.server_kill();
            }
            Event::KillStation if self.stations[s].live.is_some() => {
                let busy = self.stations[s].live.as_ref().is_some_and(|live| live.running.is_some());
                let what = if busy { "event: station killed while writing" } else { "event: station killed" };
                self.note(what, || s.to_string());
                self.station_kill(s);
            }
            Event::DatabaseDown if self.db_up => {
                self.note("event: database stopped", String::new);
                self.db_up = false;
            }
            Event::Pull => {
                let Some(card) = self.stations[s].slot else { return false };
                let busy = self.stations[s].live.as_ref().is_some_and(|live| live.running.is_some());
                self.note(if busy { "event: card pulled while writing" } else { "event: card pulled" }, || {
                    s.to_string()
                });
                self.take_out(card);
                if !busy && self.chance.permille(200) {
                    // Exchanged between two looks, or back at once. New cards are all the same, and whichever is in the
                    // reader becomes the customer's: here every card has its customer from the start.
                    let next = self.in_hand();
                    let both_new =
                        next.is_some_and(|next| self.cards[next].chip.image() == self.cards[card].chip.image());
                    if let Some(next) = next.filter(|next| *next == card || !both_new) {
                        self.note("event: card exchanged", || s.to_string());
                        self.put_in(next, s);
                    }
                }
            }
            Event::ReaderPower => {
                let Some(live) = &mut self.stations[s].live else { return false };
                live.reader_lost = true;
                if let Some(card) = self.stations[s].slot {
                    self.cards[card].chip.insert();
                    self.cards[card].presented = 0;
                }
                self.note("event: reader without power", || s.to_string());
            }
            Event::Cut if self.stations[s].live.as_ref().is_some_and(|live| live.line.is_some()) => {
                self.note("event: line cut", || s.to_string());
                self.cut(s);
            }
            Event::AskVoid => return self.clerk_asks_void(),
            Event::Clock => {
                let jump = [-100_000_000, -3600, 60, 301, 3600, 100_000_000][self.chance.below(6)];
                self.clock += jump;
                self.note("event: clock jumps", || jump.to_string());
                self.void_by_clock();
            }
            Event::Price => {
                let price = Price::from_micro(400_000 + 1000 * i64::try_from(self.chance.below(400)).unwrap());
                self.note("event: price changes", String::new);
                self.db.prices.push(price);
            }
            Event::Late => return self.late_message(),
            _ => return false,
        }
        true
    }

    fn any_line(&mut self) -> Option<u64> {
        let which = self.chance.below(self.lines.len());
        self.lines.keys().nth(which).copied()
    }

    /// Starts the server if it is down.
    pub fn server_start(&mut self) -> bool {
        let down = self.server.is_none();
        if down {
            self.server = Some(Server::default());
        }
        down
    }

    fn in_hand(&mut self) -> Option<usize> {
        let cards: Vec<usize> = (0..self.cards.len()).filter(|card| self.cards[*card].place == Place::Hand).collect();
        if cards.is_empty() { None } else { Some(cards[self.chance.below(cards.len())]) }
    }

    fn customer_inserts(&mut self) -> bool {
        let Some(card) = self.in_hand() else { return false };
        let s = self.chance.below(self.stations.len());
        // A write that lost its card ends sooner than a hand is quick.
        let writing = self.stations[s].live.as_ref().is_some_and(|live| live.running.is_some());
        if self.stations[s].slot.is_some() || writing {
            return false;
        }
        // Nor quicker than the station's ten looks a second; a quicker one is the event of its own.
        self.station_looks(s);
        self.note("event: card put in", || format!("{card} at {s}"));
        self.put_in(card, s);
        true
    }

    fn customer_takes_out(&mut self, s: usize) -> bool {
        let writing = self.stations[s].live.as_ref().is_some_and(|live| live.running.is_some());
        let Some(card) = self.stations[s].slot.filter(|_| !writing) else { return false };
        self.note("event: card taken out", || format!("{card} at {s}"));
        self.take_out(card);
        true
    }

    fn customer_goes_to_meter(&mut self) -> bool {
        let Some(card) = self.in_hand() else { return false };
        // One who has nothing to load goes rarely.
        let image = CardImage::new(self.cards[card].chip.image());
        let (taken, _) = self.standard(card).taken(&self.customers[card].meter);
        let fresh = match self.standard(card).look(&image) {
            Look::Content(content) => content.purchase.is_some_and(|purchase| purchase.count > taken),
            _ => false,
        };
        if !fresh && !self.chance.permille(100) {
            return false;
        }
        let foreign = self.fails(40);
        let at = if foreign { self.chance.below(self.customers.len()) } else { card };
        self.visit(card, at);
        true
    }

    /// A card goes into a meter and out again.
    pub fn visit(&mut self, card: usize, at: usize) {
        let image = CardImage::new(self.cards[card].chip.image());
        let standard = self.standard(at);
        let (meter, after, loaded) = standard.insert(&self.customers[at].meter, &image);
        let (seconds, watts) = (self.chance.draw() % 7200, 500);
        let meter = self.standard(at).pass(&meter, seconds, watts);
        self.customers[at].meter = meter;
        self.cards[card].insertion += 1;
        let ours = at == card;
        self.note(
            match (ours, loaded > 0) {
                (true, true) => "meter: loaded",
                (true, false) => "meter: nothing to load",
                (false, _) => "meter: of somebody else",
            },
            || format!("card {card} meter {at} {loaded} Wh"),
        );
        if loaded > 0 {
            self.loaded(at, &image, loaded);
        }
        self.write_as_meter(card, &after);
    }

    /// A meter writes onto a card: it needs the password too, and has it.
    fn write_as_meter(&mut self, card: usize, after: &CardImage) {
        let counter = self.cards[card].chip.error_counter();
        let code = self.cards[card].chip.psc().try_into().unwrap();
        self.cards[card].chip = dianka_lab::sle4442::Sle4442::with(after.bytes(), code, counter);
        self.cards[card].checked = (u64::MAX, 0);
    }

    fn client_acts(&mut self) -> bool {
        if self.clients.is_empty() {
            return false;
        }
        let which = self.chance.below(self.clients.len());
        self.client(which)
    }

    /// The next thing that a page does.
    pub fn client(&mut self, which: usize) -> bool {
        if self.server.is_none() {
            return false;
        }
        let client = self.clients[which].clone();
        let stage = match client.phase {
            Phase::Wanting => {
                let Place::Slot(s) = self.cards[client.customer].place else { return false };
                let seen =
                    self.server.as_ref().and_then(|server| server.hub.get(&s)).is_some_and(|hub| hub.card.is_some());
                if !seen && !self.chance.permille(50) {
                    return false;
                }
                let station = if self.fails(30) { self.chance.below(self.stations.len()) } else { s };
                self.clients[which].station = station;
                self.clients[which].phase = Phase::Asking;
                Stage::Quote(which)
            }
            Phase::Quoted(quote) => {
                if self.fails(60) {
                    self.clients[which].phase = Phase::Wanting;
                    return true;
                }
                self.clients[which].cash = quote.new.figures.amount.fen();
                self.clients[which].phase = Phase::Sent(quote.clone(), 1);
                Stage::Begin(which, quote)
            }
            Phase::Sent(quote, under_way) if under_way == 0 || (under_way < 3 && self.fails(200)) => {
                self.note("page: sends again", || which.to_string());
                self.clients[which].unknown = false;
                self.clients[which].phase = Phase::Sent(quote.clone(), under_way + 1);
                Stage::Begin(which, quote)
            }
            Phase::Sold(sale) if self.state_of(sale) == Some(OpState::Voided) && client.cash != 0 => {
                self.clients[which].cash = 0;
                return true;
            }
            _ => return false,
        };
        let work = Work { station: self.clients[which].station, line: None, stage };
        if let Some(server) = &mut self.server {
            server.http.push(work);
        }
        true
    }

    /// The card that the server sees at a station, if it is this sale's by its own person's word.
    fn sale_at(&self, sale: Uuid) -> Option<(usize, Uuid)> {
        let new = &self.db.sales.get(&sale)?.new;
        let Place::Slot(s) = self.cards[new.account].place else { return None };
        let card = self.server.as_ref()?.hub.get(&s)?.card.as_ref()?;
        let here = CardImage::new(card.image.0.clone());
        let meant = self.sessions.get(&card.session).is_some_and(|(which, _)| *which == new.account);
        let seen = new.order.classify(&here, &self.standard(new.account).layout);
        (meant && seen != Seen::Other).then_some((s, card.session))
    }

    fn clerk_resumes(&mut self, s: usize) -> bool {
        let open = self.open_sales();
        let Some(sale) = open.get(self.chance.below(open.len())).copied() else { return false };
        let _ = s;
        self.resume(sale)
    }

    /// Somebody asks for a sale to be written on.
    pub fn resume(&mut self, sale: Uuid) -> bool {
        let Some((s, session)) = self.sale_at(sale) else { return false };
        self.note("event: resumed", || sale.to_string());
        let stage = Stage::again(sale, session, Purpose::Write);
        if let Some(server) = &mut self.server {
            server.http.push(Work { station: s, line: None, stage });
        }
        true
    }

    fn clerk_asks_void(&mut self) -> bool {
        let open = self.open_sales();
        let Some(sale) = open.get(self.chance.below(open.len())).copied() else { return false };
        let Some((s, session)) = self.sale_at(sale) else { return false };
        self.note("event: money asked back", || sale.to_string());
        if let Some(server) = &mut self.server {
            server.http.push(Work { station: s, line: None, stage: Stage::AskVoid(sale, session) });
        }
        true
    }

    /// Planted: whatever waits when the clock has jumped is voided.
    fn void_by_clock(&mut self) {
        if self.defect != Some(Defect::VoidByClock) {
            return;
        }
        for sale in self.open_sales() {
            let epoch = self.db.authorised(sale).map_or(0, |op| op.epoch());
            self.db.void(sale, epoch, None);
        }
    }

    fn late_message(&mut self) -> bool {
        if self.stash.is_empty() {
            return false;
        }
        let which = self.chance.below(self.stash.len());
        match self.stash.remove(which) {
            Stashed::Up(s, message) => {
                let line = self.server.as_ref().and_then(|server| server.hub.get(&s)).map(|hub| hub.line);
                let Some(line) = line else { return false };
                self.note("event: late message to the server", || s.to_string());
                self.server_takes(line, s, message);
            }
            Stashed::Down(s, message) => {
                if self.stations[s].live.as_ref().is_none_or(|live| live.running.is_some()) {
                    self.stash.push(Stashed::Down(s, message));
                    return false;
                }
                self.note("event: late message to a station", || s.to_string());
                self.station_obeys(s, message);
            }
        }
        true
    }

    /// Why an unfinished sale waits, as the list of unfinished sales tells it.
    #[must_use]
    pub fn reason(&self, sale: Uuid) -> String {
        match self.server.as_ref().and_then(|server| server.desk.get(&sale)) {
            Some(Note::Sent(_)) => "a ticket is out".into(),
            Some(Note::Waits(why)) => why.clone(),
            None => "not heard of since the server's start".into(),
        }
    }
}
