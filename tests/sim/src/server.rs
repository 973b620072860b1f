//! The server: rows in the database, what it remembers besides, and the shipping verdicts that it obeys. Each piece of work
//! goes one transaction at a time, so that any two of them interleave.

use std::collections::BTreeSet;

use dianka_domain::card::password::{Holds, Which, presentation};
use dianka_domain::card::{CardImage, Seen, WritePlan, independent_check};
use dianka_domain::card_op::{
    Among, Authorised, CardVerdict, EventNo, MeterId, OpId, OpKind, OpState, OperatorId, Order, Purpose, Report,
    SessionId, StationId, Ticket as Issued, Verdict, Waiting, judge_among,
};
use dianka_domain::ledger::SaleFigures;
use dianka_domain::plan::{PlanInput, RECOVER_WHOLE_PERMILLE, plan};
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy, Rounding};
use dianka_plugin_host::meter::{CalendarDate, Purchase};
use dianka_station::proto::{
    CardPassword, CardSeen, FromStation, Hex, Secret, SignedTicket, Ticket, TicketOutcome, TicketResult, ToStation,
    Welcome,
};
use uuid::Uuid;

use crate::client::{Answer, Phase, Quote};
use crate::db::{Added, Begun, End, NewSale, Psc};
use crate::defect::Defect;
use crate::standard::{Look, Standard};
use crate::world::{Hub, Note, ORG, World};

/// Seconds that a quote holds.
const QUOTE_HOLDS: i64 = 300;

/// A piece of work: for whom, and what is next.
#[derive(Debug, Clone)]
pub struct Work {
    /// The station that it is about.
    pub station: usize,
    /// The line that it came on; none for a page's request.
    pub line: Option<u64>,
    /// What is next.
    pub stage: Stage,
}

/// What comes next.
#[derive(Debug, Clone)]
pub enum Stage {
    /// A card came in.
    Arrive(CardSeen),
    /// What it brought is stored.
    Record(CardSeen),
    /// A result came.
    Settle(TicketResult),
    /// The next ticket is made.
    Again(Box<Again>),
    /// It is stored, then sent.
    AddTicket(Box<Again>, Issued, Box<SignedTicket>),
    /// T3: judged under this epoch, if by an image of the card.
    Confirm(Uuid, Option<u32>, Then),
    /// The sale is undone: judged under this epoch.
    Void(Uuid, u32, Then),
    /// A promise came.
    Promise(Uuid, u32),
    /// A page wants a quote.
    Quote(usize),
    /// A page sells: the checks before the transaction.
    Begin(usize, Box<Quote>),
    /// T1 and T2.
    Authorise(usize, Box<Quote>),
    /// A page asks for the money back.
    AskVoid(Uuid, Uuid),
}

/// A ticket that is to be made.
#[derive(Debug, Clone)]
pub struct Again {
    sale: Uuid,
    session: Uuid,
    broke_off: bool,
    purpose: Purpose,
    then: Then,
}

/// What follows.
#[derive(Debug, Clone)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// What the card brought is stored.
    Record(CardSeen),
    /// The station's result is acknowledged.
    Ack(TicketResult),
}

/// The person who asks for money back.
const CLERK: OperatorId = OperatorId(5);

impl World<'_> {
    /// The server takes the next message of a line.
    pub fn server_hears(&mut self, number: u64) -> bool {
        if self.server.is_none() {
            return false;
        }
        let Some(line) = self.lines.get_mut(&number).filter(|line| line.open) else { return false };
        let station = line.station;
        let Some(text) = line.up.pop_front() else { return false };
        let message: FromStation = serde_json::from_str(&text).unwrap();
        self.server_takes(number, station, message);
        true
    }

    /// What it does at once with a message, before anything that needs the books.
    pub fn server_takes(&mut self, number: u64, station: usize, message: FromStation) {
        let Some(server) = &mut self.server else { return };
        if let FromStation::Hello(hello) = &message {
            server.hub.insert(
                station,
                Hub { line: number, box_key: hello.box_public_key.clone(), card: None, writing: BTreeSet::new() },
            );
            let welcome = Welcome {
                workstation_id: self.stations[station].id,
                number: 1,
                org: ORG,
                server_ticket_key: Hex(self.key.verifying_key().to_bytes().to_vec()),
            };
            self.send(station, &ToStation::Welcome(welcome));
            return;
        }
        let Some(hub) = server.hub.get_mut(&station).filter(|hub| hub.line == number) else { return };
        match &message {
            FromStation::CardIn(card) => {
                if hub.card.as_ref().is_none_or(|before| before.session != card.session) {
                    // Whatever was written in the session before is over, and this is what was read afterwards.
                    hub.writing.clear();
                }
                hub.card = Some(card.clone());
            }
            FromStation::CardOut { session } => {
                if hub.card.as_ref().is_some_and(|card| Some(card.session) == *session) {
                    hub.card = None;
                }
                return;
            }
            FromStation::TicketResult(_) | FromStation::Fenced { .. } => {}
            _ => return,
        }
        if let Some(line) = self.lines.get_mut(&number) {
            line.work.push_back(message);
        }
    }

    /// One step of what a line's queue holds.
    pub fn line_works(&mut self, number: u64) -> bool {
        if self.server.is_none() {
            return false;
        }
        let Some(line) = self.lines.get_mut(&number) else { return false };
        let station = line.station;
        let work = match line.busy.take() {
            Some(work) => work,
            None => {
                let stage = match line.work.pop_front() {
                    Some(FromStation::CardIn(card)) => Stage::Arrive(card),
                    Some(FromStation::TicketResult(result)) => Stage::Settle(result),
                    Some(FromStation::Fenced { op, up_to_epoch }) => Stage::Promise(op, up_to_epoch),
                    _ => return false,
                };
                Work { station, line: Some(number), stage }
            }
        };
        let next = self.work(work);
        if let Some(line) = self.lines.get_mut(&number) {
            line.busy = next;
        }
        self.sweep();
        true
    }

    /// One step of a page's request.
    pub fn page_works(&mut self, which: usize) -> bool {
        let Some(server) = &mut self.server else { return false };
        if which >= server.http.len() {
            return false;
        }
        let work = server.http.remove(which);
        let next = self.work(work);
        if let (Some(server), Some(next)) = (&mut self.server, next) {
            server.http.push(next);
        }
        true
    }

    fn work(&mut self, work: Work) -> Option<Work> {
        let Work { station, line, stage } = work;
        let next = match stage {
            Stage::Arrive(card) => self.arrive(station, card),
            Stage::Record(card) => self.record(&card),
            Stage::Settle(result) => self.settle(station, line, result),
            Stage::Again(again) => self.again(station, line, *again),
            Stage::AddTicket(again, issued, signed) => self.add_ticket(station, line, *again, issued, *signed),
            Stage::Confirm(sale, epoch, then) => self.confirm(station, line, (sale, epoch), then),
            Stage::Void(sale, epoch, then) => self.void(line, sale, epoch, then),
            Stage::Promise(sale, up_to) => self.promise(station, sale, up_to),
            Stage::Quote(client) => self.quote(station, client),
            Stage::Begin(client, quote) => self.begin(station, client, quote),
            Stage::Authorise(client, quote) => self.authorise(station, client, *quote),
            Stage::AskVoid(sale, session) => self.ask_void(station, sale, session),
        };
        next.map(|(station, stage)| Work { station, line, stage })
    }

    fn hub(&self, station: usize) -> Option<&Hub> {
        self.server.as_ref().and_then(|server| server.hub.get(&station))
    }

    fn card_of(&self, station: usize, session: Uuid) -> Option<&CardSeen> {
        self.hub(station)?.card.as_ref().filter(|card| card.session == session)
    }

    fn desk(&mut self, sale: Uuid, note: Note) {
        if let Some(server) = &mut self.server {
            server.desk.insert(sale, note);
        }
    }

    fn ended(&mut self, sale: Uuid) {
        if let Some(server) = &mut self.server {
            server.desk.remove(&sale);
            server.asked.remove(&sale);
            server.asks.remove(&sale);
        }
    }

    fn then(&mut self, station: usize, then: Then) -> Option<(usize, Stage)> {
        match then {
            Then::Nothing => None,
            Then::Record(card) => Some((station, Stage::Record(card))),
            Then::Ack(result) => {
                self.send(station, &ToStation::AckResult { op: result.op, epoch: result.epoch });
                None
            }
        }
    }

    /// Something failed that may succeed later. A result is settled again while its line stands, and is said again when
    /// it does not; a card that came in waits for the next look at it.
    fn later(&mut self, station: usize, line: Option<u64>, then: Then) -> Option<(usize, Stage)> {
        match then {
            Then::Ack(result) if self.hub(station).map(|hub| hub.line) == line => {
                Some((station, Stage::Settle(result)))
            }
            _ => None,
        }
    }

    fn look(&self, customer: usize, image: &CardImage) -> Look {
        self.standard(customer).look(image)
    }

    fn look_any(&self, image: &CardImage) -> Look {
        let mut best = Look::Unreadable;
        for standard in &self.standards.all {
            match standard.look(image) {
                Look::Unreadable => {}
                Look::Torn => best = Look::Torn,
                found => return found,
            }
        }
        best
    }

    /// The meter's count in what it wrote onto this very card for this account.
    fn returned_count(&self, customer: usize, look: &Look) -> Option<u32> {
        let Look::Content(content) = look else { return None };
        let owner = &self.customers[customer];
        let returned = content.returned.as_ref()?;
        if self.defect == Some(Defect::OtherMetersWord) {
            return Some(returned.count);
        }
        let mine = returned.user_no == owner.user_no && returned.meter_no == owner.meter_no;
        (mine && content.card_no == owner.card_no).then_some(returned.count)
    }

    fn arrive(&mut self, station: usize, card: CardSeen) -> Option<(usize, Stage)> {
        let image = CardImage::new(card.image.0.clone());
        let look = self.look_any(&image);
        let named = match &look {
            Look::Content(content) => {
                let owner = self.customers.iter().position(|c| c.card_no == content.card_no);
                let Some(owner) = owner else { return Some((station, Stage::Record(card))) };
                Some(owner)
            }
            _ => None,
        };
        let blank = matches!(look, Look::Blank);
        let open = self.transaction(|db| {
            let open = db.accounts.iter().enumerate().filter(|(owner, _)| named.is_none_or(|named| named == *owner));
            let open = open.filter_map(|(_, account)| account.open.map(|(sale, _)| sale));
            let open = open.filter(|sale| !blank || db.sales[sale].new.station == station);
            open.filter_map(|sale| db.authorised(sale).map(|op| (sale, db.sales[&sale].new.account, op))).collect()
        });
        let open: Vec<(Uuid, usize, Authorised)> = open?;
        let mut judged = Vec::new();
        for (sale, customer, op) in open {
            let returned = self.returned_count(customer, &look);
            let layout = &self.standard(customer).layout;
            let verdict = op.judge_card(&image, layout, blank, returned);
            let anothers = op.may_be_anothers(&image, layout) && self.defect != Some(Defect::AnyTornCard);
            judged.push((sale, verdict, anothers));
        }
        if !judged.is_empty() && judged.iter().all(|(_, verdict, _)| *verdict == CardVerdict::NotMine) {
            self.note("card: not this sale's", String::new);
        }
        match judge_among(judged) {
            Among::Nothing => {}
            Among::This(sale, CardVerdict::Commit(_)) => {
                self.note("card: the meter has taken it", || sale.to_string());
                return Some((station, Stage::Confirm(sale, None, Then::Record(card))));
            }
            Among::Ask(sales) => {
                let Some(sale) = sales.first().copied() else { return Some((station, Stage::Record(card))) };
                self.note(if blank { "card: a person is asked" } else { "card: torn, and a person is asked" }, || {
                    sale.to_string()
                });
                if let Some(server) = &mut self.server {
                    server.asks.insert(sale, (station, card.session));
                }
            }
            Among::This(sale, _) => {
                self.note("card: write on", || sale.to_string());
                let session = card.session;
                let then = Then::Record(card);
                let again = Again { sale, session, broke_off: false, purpose: Purpose::Write, then };
                return Some((station, Stage::Again(Box::new(again))));
            }
        }
        Some((station, Stage::Record(card)))
    }

    fn record(&mut self, card: &CardSeen) -> Option<(usize, Stage)> {
        let look = self.look_any(&CardImage::new(card.image.0.clone()));
        let Look::Content(content) = &look else { return None };
        let owner = self.customers.iter().position(|c| c.card_no == content.card_no)?;
        let count = self.returned_count(owner, &look)?;
        self.transaction(|db| db.reading(owner, count));
        None
    }

    fn settle(&mut self, station: usize, line: Option<u64>, result: TicketResult) -> Option<(usize, Stage)> {
        let sale = result.op;
        let read = self.transaction(|db| db.authorised(sale).map(|op| (op, db.sales[&sale].new.account)));
        let Some(read) = read else { return self.later(station, line, Then::Ack(result)) };
        // Whatever it means for the sale: this is what the reader holds, and the next quote is made for.
        self.seen_here(station, &result);
        let Some((op, customer)) = read else {
            self.note("verdict: ended before", || sale.to_string());
            return self.then(station, Then::Ack(result));
        };
        if !self.keep_psc(sale, customer, &result) {
            return self.later(station, line, Then::Ack(result));
        }
        let (first, second, broken);
        let mut epoch = result.epoch;
        let mut report = match &result.outcome {
            TicketOutcome::Written { image1, image2, .. } => {
                (first, second) = (CardImage::new(image1.0.clone()), CardImage::new(image2.0.clone()));
                let returned_count = self.returned_count(customer, &self.look(customer, &first));
                Report::ReadBack { first: &first, second: &second, returned_count }
            }
            TicketOutcome::Refused { .. } => Report::Refused,
            TicketOutcome::Torn { image, code, .. } => {
                let removed = matches!(code.as_str(), "write.removed" | "reader.unplugged");
                broken = image.as_ref().filter(|_| !removed).map(|image| CardImage::new(image.0.clone()));
                Report::BrokeOff { here: broken.as_ref() }
            }
            TicketOutcome::Interrupted { .. } => Report::Interrupted,
        };
        let target = op.order().target.clone();
        match self.defect {
            Some(Defect::StaleResult) => epoch = op.epoch(),
            Some(Defect::StationsWord) if !matches!(report, Report::Refused) => {
                report = Report::ReadBack { first: &target, second: &target, returned_count: None };
            }
            _ => {}
        }
        let verdict = op.judge_result(epoch, &report, &self.standard(customer).layout, true);
        self.note(&format!("verdict: {}", told(&verdict)), || format!("{sale} epoch {}", result.epoch));
        match verdict {
            Verdict::Commit(_) => Some((station, Stage::Confirm(sale, Some(epoch), Then::Ack(result)))),
            Verdict::Void(_) => Some((station, Stage::Void(sale, epoch, Then::Ack(result)))),
            Verdict::WriteOn(purpose) => {
                let then = Then::Ack(result.clone());
                let again = Again { sale, session: result.session, broke_off: true, purpose, then };
                Some((station, Stage::Again(Box::new(again))))
            }
            Verdict::Wait(why) => {
                if why != Waiting::Stale {
                    self.desk(sale, Note::Waits(format!("{why:?}")));
                }
                self.then(station, Then::Ack(result))
            }
        }
    }

    /// What the result says of the card's password. False: it could not be stored.
    fn keep_psc(&mut self, sale: Uuid, customer: usize, result: &TicketResult) -> bool {
        let new = &self.db.sales[&sale].new;
        let changes = new.codes.0 != new.codes.1;
        let wrong = match &result.outcome {
            TicketOutcome::Refused { code, .. } | TicketOutcome::Torn { code, .. } => code == "psc.wrong",
            _ => false,
        };
        let psc = match (result.psc_changed, &result.outcome) {
            (Some(true), _) => Psc::Ours,
            (Some(false), _) => Psc::Unknown,
            // The new password was presented and it verified.
            (None, TicketOutcome::Written { .. }) if changes => Psc::Ours,
            // The new one was tried first after an unproven change. It did not verify, so the old one holds.
            (None, _) if wrong && self.db.accounts[customer].psc == Psc::Unknown => Psc::Transport,
            (None, _) => return true,
        };
        self.transaction(|db| db.accounts[customer].psc = psc).is_some()
    }

    /// What the reader holds now, by a result of it.
    fn seen_here(&mut self, station: usize, result: &TicketResult) {
        let image = match &result.outcome {
            TicketOutcome::Written { image1, .. } => Some(image1),
            TicketOutcome::Torn { image, .. } | TicketOutcome::Refused { image, .. } => image.as_ref(),
            TicketOutcome::Interrupted { .. } => None,
        };
        if let Some(hub) = self.server.as_mut().and_then(|server| server.hub.get_mut(&station)) {
            hub.writing.remove(&(result.op, result.epoch));
        }
        let hub = self.server.as_mut().and_then(|server| server.hub.get_mut(&station));
        if let (Some(image), Some(card)) = (image, hub.and_then(|hub| hub.card.as_mut()))
            && card.session == result.session
        {
            card.image = image.clone();
        }
    }

    fn again(&mut self, station: usize, line: Option<u64>, again: Again) -> Option<(usize, Stage)> {
        let Again { sale, session, broke_off, purpose, .. } = again.clone();
        let note = self.server.as_ref().and_then(|server| server.desk.get(&sale));
        if !broke_off && purpose == Purpose::Write && matches!(note, Some(Note::Sent(sent)) if *sent == session) {
            self.note("ticket: one is under way", || sale.to_string());
            return self.then(station, again.then);
        }
        let here = self.card_of(station, session).map(|card| CardImage::new(card.image.0.clone()));
        let (Some(before), Some(box_key)) = (here, self.hub(station).map(|hub| hub.box_key.clone())) else {
            self.note("ticket: the card is gone", || sale.to_string());
            return self.then(station, again.then);
        };
        let read = self.transaction(|db| {
            db.authorised(sale).map(|op| {
                let row = &db.sales[&sale];
                (op, row.new.clone(), db.accounts[row.new.account].psc, row.unknown_psc)
            })
        });
        let Some(read) = read else { return self.later(station, line, again.then) };
        let Some((op, new, psc, unknown)) = read else { return self.then(station, again.then) };
        if !op.may_write_in(SessionId(session.as_u128())) {
            self.note("ticket: this session has had its share", || sale.to_string());
            self.desk(sale, Note::Waits("the card does not keep what is written".into()));
            return self.then(station, again.then);
        }
        let epoch = op.epoch() + 1;
        let layout = &self.standard(new.account).layout;
        let order = op.order();
        let (target, plan) = match purpose {
            Purpose::Write => {
                let target = order.target_on(&before, layout);
                let plan =
                    if before == target { Ok(WritePlan::refresh(layout)) } else { order.repair(&before, layout) };
                (target, plan)
            }
            Purpose::Restore { .. } => {
                let target = with_returned(&order.before, &before, layout);
                (target, order.restore(&before, layout))
            }
        };
        let Ok(plan) = plan else {
            self.note("ticket: the card cannot be brought there", || format!("{sale} {purpose:?}"));
            return self.then(station, again.then);
        };
        let verified = unknown && psc == Psc::Transport;
        let signed = self.sign(&new, epoch, station, session, &box_key, (&before, &target, plan), (psc, verified));
        let issued = Issued {
            epoch,
            station: StationId(u128::try_from(station).unwrap()),
            session: SessionId(session.as_u128()),
            issued: EventNo::of_ticket(epoch),
            purpose,
        };
        Some((station, Stage::AddTicket(Box::new(again), issued, Box::new(signed))))
    }

    #[expect(clippy::too_many_arguments, reason = "a ticket has as many parts")]
    fn sign(
        &self,
        new: &NewSale,
        epoch: u32,
        station: usize,
        session: Uuid,
        box_key: &Hex,
        (before, target, plan): (&CardImage, &CardImage, WritePlan),
        (psc, verified_before): (Psc, bool),
    ) -> SignedTicket {
        let holds = match psc {
            Psc::Transport => Holds::Transport,
            Psc::Ours => Holds::Ours,
            Psc::Unknown => Holds::Unknown,
        };
        let (now, then) = new.codes;
        let decided = presentation(now != then, holds, verified_before);
        let secret = |code: [u8; 3]| Secret::new(code.to_vec());
        let password = match decided.present {
            Which::Before => CardPassword { present: secret(now), change_to: decided.changes.then(|| secret(then)) },
            Which::After => CardPassword { present: secret(then), change_to: None },
        };
        let empty = plan.is_empty();
        let ticket = Ticket {
            op_id: new.id,
            epoch,
            org: ORG,
            workstation_id: self.stations[station].id,
            session,
            number: u64::from(epoch),
            before_sha256: Ticket::hash(before.bytes()),
            before: Hex(before.bytes().to_vec()),
            target: Hex(target.bytes().to_vec()),
            plan,
            psc_sealed: (!empty).then(|| password.seal(box_key).unwrap()),
            trust: decided.trust,
            sale: serde_json::json!({ "count": new.order.count }),
            issued_at: self.clock.to_string(),
        };
        ticket.sign(&self.key).unwrap()
    }

    fn add_ticket(
        &mut self,
        station: usize,
        line: Option<u64>,
        again: Again,
        issued: Issued,
        signed: SignedTicket,
    ) -> Option<(usize, Stage)> {
        let sale = again.sale;
        match self.transaction(|db| db.ticket_add(sale, issued)) {
            None => return self.later(station, line, again.then),
            Some(Added::Stale | Added::NotOpen) => self.note("ticket: another was faster", || sale.to_string()),
            Some(Added::Yes) => {
                let what = if issued.purpose == Purpose::Write { "ticket: write on" } else { "ticket: restore" };
                self.note(what, || format!("{sale} epoch {} at {station}", issued.epoch));
                self.desk(sale, Note::Sent(again.session));
                self.write(station, sale, issued.epoch, signed);
            }
        }
        self.then(station, again.then)
    }

    fn write(&mut self, station: usize, sale: Uuid, epoch: u32, signed: SignedTicket) {
        if self.send(station, &ToStation::Write(signed))
            && let Some(hub) = self.server.as_mut().and_then(|server| server.hub.get_mut(&station))
        {
            hub.writing.insert((sale, epoch));
        }
    }

    fn confirm(
        &mut self,
        station: usize,
        line: Option<u64>,
        (sale, epoch): (Uuid, Option<u32>),
        then: Then,
    ) -> Option<(usize, Stage)> {
        let defect = self.defect;
        match self.transaction(|db| db.confirm(sale, epoch, station, defect)) {
            None => return self.later(station, line, then),
            Some(End::Stale) => self.note("commit: a newer ticket is out", || sale.to_string()),
            Some(End::Otherwise) => self.broken(format!("sale {sale} is voided, and it is on a card")),
            Some(_) => {
                self.note("sale: committed", || sale.to_string());
                self.ended(sale);
            }
        }
        self.then(station, then)
    }

    fn void(&mut self, line: Option<u64>, sale: Uuid, epoch: u32, then: Then) -> Option<(usize, Stage)> {
        let defect = self.defect;
        let station = line.and_then(|number| self.lines.get(&number)).map_or(0, |line| line.station);
        match self.transaction(|db| db.void(sale, epoch, defect)) {
            None => return self.later(station, line, then),
            Some(End::Stale) => self.note("void: a newer ticket is out", || sale.to_string()),
            Some(End::Otherwise) => self.note("void: it is committed", || sale.to_string()),
            Some(_) => {
                self.note("sale: voided", || sale.to_string());
                self.ended(sale);
            }
        }
        self.then(station, then)
    }

    fn promise(&mut self, station: usize, sale: Uuid, up_to: u32) -> Option<(usize, Stage)> {
        let who = StationId(u128::try_from(station).unwrap());
        let stored = self.transaction(|db| {
            db.fence_add(sale, who, up_to);
            db.authorised(sale)
        });
        // Asked again when nothing comes of it.
        let op = stored??;
        self.note("void: a promise", || format!("{sale} of {station} up to {up_to}"));
        let (at, session) = *self.server.as_ref()?.asked.get(&sale)?;
        if op.unfenced().is_empty() {
            return self.restore(at, sale, session);
        }
        None
    }

    fn restore(&mut self, station: usize, sale: Uuid, session: Uuid) -> Option<(usize, Stage)> {
        self.server.as_mut()?.asked.remove(&sale);
        let purpose = Purpose::Restore { asked_by: CLERK };
        let again = Again { sale, session, broke_off: false, purpose, then: Then::Nothing };
        Some((station, Stage::Again(Box::new(again))))
    }

    fn ask_void(&mut self, station: usize, sale: Uuid, session: Uuid) -> Option<(usize, Stage)> {
        let read = self.transaction(|db| db.authorised(sale).map(|op| (op, db.sales[&sale].new.account)));
        let (op, customer) = read??;
        let here = CardImage::new(self.card_of(station, session)?.image.0.clone());
        let seen = op.order().classify(&here, &self.standard(customer).layout);
        if seen == Seen::Other {
            self.note("void: another card", || sale.to_string());
            return None;
        }
        if self.defect == Some(Defect::VoidOnSight) && seen == Seen::Old {
            return Some((station, Stage::Void(sale, op.epoch(), Then::Nothing)));
        }
        let missing = op.unfenced();
        if missing.is_empty() {
            return self.restore(station, sale, session);
        }
        self.server.as_mut()?.asked.insert(sale, (station, session));
        for who in missing {
            let who = usize::try_from(who.0).unwrap();
            if !self.send(who, &ToStation::Fence { op: sale, up_to_epoch: op.epoch() }) {
                self.note("void: a station cannot be asked", || who.to_string());
            }
        }
        None
    }

    fn quote(&mut self, station: usize, client: usize) -> Option<(usize, Stage)> {
        let customer = self.clients[client].customer;
        let quoted = self.decide(station, customer, self.clients[client].kwh);
        let phase = match quoted {
            Ok(quote) => {
                self.note("quote: made", || format!("client {client} account {customer} at {station}"));
                Phase::Quoted(Box::new(quote))
            }
            Err(why) => {
                self.note(&format!("quote: refused, {why}"), || format!("client {client}"));
                Phase::Wanting
            }
        };
        self.clients[client].phase = phase;
        None
    }

    #[expect(clippy::too_many_lines, reason = "as many parts as a quote has")]
    fn decide(&mut self, station: usize, customer: usize, kwh: i64) -> Result<Quote, String> {
        let read = self.transaction(|db| (db.accounts[customer].clone(), *db.prices.last().unwrap()));
        let (account, price) = read.ok_or("later")?;
        let hub = self.hub(station).ok_or("no card")?;
        if !hub.writing.is_empty() && self.defect != Some(Defect::QuoteWhileWriting) {
            return Err("it is being written".into());
        }
        let card = hub.card.clone().ok_or("no card")?;
        let before = CardImage::new(card.image.0.clone());
        let owner = &self.customers[customer];
        let standard = self.standard(customer);
        let look = standard.look(&before);
        // Any new card could become the customer's; here every card has its customer from the start.
        let his = self.sessions.get(&card.session).is_some_and(|(which, _)| *which == customer);
        match &look {
            Look::Blank if account.counter.sold == 0 && his => {}
            Look::Content(content) if content.card_no == owner.card_no => {}
            _ => return Err("not its card".into()),
        }
        if account.open.is_some() {
            return Err("a sale is open".into());
        }
        let next = account.counter.next(&standard.facts).map_err(|e| e.code())?;
        if account.counter.acked < account.counter.sold && self.defect != Some(Defect::SellOverUnused) {
            return Err("not loaded".into());
        }
        let multiplier = Multiplier::new(owner.multiplier).unwrap();
        let energy = RealEnergy::from_wh(kwh * 1000 * i64::from(owner.multiplier));
        let input = PlanInput {
            purchase: energy,
            adjustment_pending: account.adjustment,
            multiplier,
            preset_pending: account.preset,
            first: account.counter.sold == 0,
            count: next.count,
            last_remaining: None,
            hoarding_limit: MeterEnergy::ZERO,
            alarm: None,
            recover_share_permille: RECOVER_WHOLE_PERMILLE,
        };
        let plan = plan(&input, &standard.facts).map_err(|refusal| refusal.code().to_owned())?;
        let amount = price.amount(energy, Rounding::HalfUp).unwrap();
        let figures = SaleFigures::of_plan(amount, energy, &plan, multiplier).unwrap();
        let day = u8::try_from(self.clock.div_euclid(86_400).rem_euclid(28) + 1).unwrap();
        let content = Standard::content(
            owner.user_no,
            owner.card_no,
            Purchase {
                meter_no: owner.meter_no,
                count: next.count,
                quantity_wh: plan.quantity,
                alarm_wh: plan.alarm,
                overdraft_wh: MeterEnergy::ZERO,
                hoard_wh: MeterEnergy::ZERO,
                limit_mode: 0,
                capacity_w: 0,
                preset_wh: if account.counter.sold == 0 { account.preset } else { MeterEnergy::ZERO },
                date: CalendarDate { year: 2024, month: 3, day },
            },
        );
        let target = standard.encode(&content, &before).ok_or("the driver refuses")?;
        independent_check(&before, &target, &standard.layout, plan.quantity, next.count, owner.meter_no)
            .map_err(|fault| fault.code().to_owned())?;
        let now = match &look {
            Look::Content(content) => standard.code(Some(content)),
            _ => standard.code(None),
        };
        let codes = (now, standard.code(Some(&content)));
        let id = self.id();
        let order = Order {
            id: OpId(id.as_u128()),
            kind: OpKind::Sale,
            meter: MeterId(u128::try_from(customer).unwrap()),
            period: 1,
            count: next.count,
            quantity: plan.quantity,
            card_generation: account.counter.issue,
            before: before.clone(),
            target,
            sale: Some(figures),
        };
        let new = NewSale {
            id,
            request: self.chance.draw(),
            account: customer,
            version: account.version,
            station,
            session: card.session,
            order,
            figures,
            adjustment_net: plan.adjustment_net().unwrap(),
            preset: plan.preset_deducted,
            price: (price, energy),
            codes,
        };
        Ok(Quote { new, before, at: self.clock })
    }

    fn begin(&mut self, station: usize, client: usize, quote: Box<Quote>) -> Option<(usize, Stage)> {
        let expired = self.clock > quote.at + QUOTE_HOLDS;
        let here = self.card_of(station, quote.new.session).map(|card| card.image.0 == quote.before.bytes());
        let refusal = match (expired, here) {
            (true, _) => "sale: refused, quote expired",
            (false, None) => "sale: refused, card changed",
            (false, Some(false)) => "sale: refused, quote stale",
            (false, Some(true)) => return Some((station, Stage::Authorise(client, quote))),
        };
        let (id, request) = (quote.new.id, quote.new.request);
        let before = self.transaction(|db| db.sales.get(&id).map(|row| row.new.request == request));
        let answer = match before {
            None => Answer::Later,
            Some(Some(true)) => Answer::Sold(id),
            Some(Some(false) | None) => Answer::Refused(refusal.into()),
        };
        self.answer(client, answer);
        None
    }

    fn authorise(&mut self, station: usize, client: usize, quote: Quote) -> Option<(usize, Stage)> {
        let mut new = quote.new;
        if self.defect == Some(Defect::PriceOfNow) {
            let price = *self.db.prices.last().unwrap();
            new.figures.amount = price.amount(new.price.1, Rounding::HalfUp).unwrap();
            new.price.0 = price;
            new.order.sale = Some(new.figures);
        }
        let defect = self.defect;
        let account = self.db.accounts[new.account].psc;
        let first = self.hub(station).map(|hub| hub.box_key.clone()).map(|box_key| {
            let layout = &self.standard(new.account).layout;
            let plan = WritePlan::build(&quote.before, &new.order.target, layout).unwrap();
            let images = (&quote.before, &new.order.target, plan);
            self.sign(&new, 1, station, new.session, &box_key, images, (account, false))
        });
        if defect == Some(Defect::TicketFirst)
            && let Some(first) = first.clone()
        {
            self.send(station, &ToStation::Write(first));
        }
        let id = new.id;
        let begun = self.transaction(|db| db.begin(&new, defect));
        let answer = match begun {
            None => Answer::Later,
            Some(Begun::Replayed) => Answer::Sold(id),
            Some(Begun::New) => {
                self.note("sale: authorised", || format!("{id} account {} at {station}", new.account));
                self.desk(id, Note::Sent(new.session));
                if let Some(first) = first {
                    self.write(station, id, 1, first);
                }
                Answer::Sold(id)
            }
            Some(Begun::Stale) => Answer::Refused("sale: refused, decided on old figures".into()),
            Some(Begun::OtherOpen) => Answer::Refused("sale: refused, another is open".into()),
            Some(Begun::OtherBody) => Answer::Refused("sale: refused, id used".into()),
            Some(Begun::Refused(why)) => Answer::Refused(format!("sale: refused, {}", why.code())),
        };
        self.answer(client, answer);
        None
    }

    /// A page hears, or does not.
    fn answer(&mut self, client: usize, answer: Answer) {
        let lost = self.fails(self.mode.answer_lost);
        let page = &mut self.clients[client];
        let Phase::Sent(quote, under_way) = &mut page.phase else { return };
        *under_way = under_way.saturating_sub(1);
        let id = quote.new.id;
        match answer {
            _ if lost => {
                page.unknown = true;
                self.note("page: answer lost", || client.to_string());
            }
            Answer::Sold(sale) => {
                page.phase = Phase::Sold(sale);
                if !self.db.sales.contains_key(&id) {
                    self.broken(format!("a page was told that {id} is sold, and it is not in the books"));
                }
            }
            Answer::Refused(why) => {
                page.refused = true;
                self.note(&why, || format!("client {client}"));
            }
            Answer::Later => page.unknown = true,
        }
        self.settle_page(client);
    }

    /// What a page makes of its answers when none is outstanding: a refusal counts only if every other request was heard.
    pub fn settle_page(&mut self, client: usize) {
        let page = &mut self.clients[client];
        if !matches!(page.phase, Phase::Sent(_, 0)) || !page.refused {
            return;
        }
        if page.unknown {
            // It asks once more, now that nothing of it is under way.
            (page.refused, page.unknown) = (false, false);
            return;
        }
        page.phase = Phase::NotSold;
        page.cash = 0;
    }

    /// The server is gone, with every request on it.
    pub fn server_kill(&mut self) {
        self.server = None;
        for station in 0..self.stations.len() {
            self.cut(station);
        }
        self.lines.clear();
        for client in 0..self.clients.len() {
            match &mut self.clients[client].phase {
                Phase::Sent(_, under_way) => {
                    *under_way = 0;
                    self.clients[client].unknown = true;
                    self.settle_page(client);
                }
                phase @ Phase::Asking => *phase = Phase::Wanting,
                _ => {}
            }
        }
    }

    /// The state of a sale, for whoever asks.
    #[must_use]
    pub fn state_of(&self, sale: Uuid) -> Option<OpState> {
        self.db.sales.get(&sale).map(|row| row.state)
    }
}

fn with_returned(image: &CardImage, current: &CardImage, layout: &dianka_domain::card::Layout) -> CardImage {
    let bytes = (0_u32..).zip(image.bytes().iter().zip(current.bytes()));
    CardImage::new(bytes.map(|(at, (ours, now))| if layout.is_returned(at) { *now } else { *ours }).collect())
}

fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Commit(_) => "commit".into(),
        Verdict::Void(_) => "void".into(),
        Verdict::WriteOn(Purpose::Write) => "write on".into(),
        Verdict::WriteOn(Purpose::Restore { .. }) => "restore on".into(),
        Verdict::Wait(Waiting::NotVoided(why)) => format!("wait, not voided, {}", why.code()),
        Verdict::Wait(why) => format!("wait, {why:?}"),
    }
}

impl Stage {
    /// A ticket that a person asks for.
    #[must_use]
    pub fn again(sale: Uuid, session: Uuid, purpose: Purpose) -> Self {
        Self::Again(Box::new(Again { sale, session, broke_off: false, purpose, then: Then::Nothing }))
    }
}
