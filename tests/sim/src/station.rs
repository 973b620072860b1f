//! What surrounds the station's shipping code: a card in a reader, a journal on a disk, a line. It obeys `core`, `journal`
//! and `proto` as the reader's thread does.

use dianka_domain::card::ERASED;
use dianka_lab::card::{CardError, Partial};
use dianka_station::core::{About, Chip, Command, Ended, Event, Failure, FailureKind, Station as View, accept, start};
use dianka_station::journal::{Entry, Journal, JournalError};
use dianka_station::proto::{
    CardSeen, FromStation, Hello, Hex, JournalStage, ReaderState, ReaderStatus, SignedTicket, Step, Ticket,
    TicketOutcome, TicketResult, ToStation,
};

use crate::defect::Defect;
use crate::world::{Line, Live, LiveCard, Place, Running, Tear, World};

impl World<'_> {
    /// Switches a station on: its journal is read, its reader is looked for.
    pub fn station_start(&mut self, s: usize) {
        if self.stations[s].live.is_some() {
            return;
        }
        match Journal::on(Box::new(self.stations[s].disk.clone())) {
            Ok(journal) => {
                let behind = self.stations[s]
                    .said
                    .iter()
                    .find(|(op, said)| journal.highest_epoch(**op).is_none_or(|known| known < **said));
                if let Some((op, said)) = behind {
                    let text = format!("station {s} said of {op} up to epoch {said}, and its journal does not know it");
                    self.broken(text);
                }
                let live = Live { journal, welcome: None, card: None, running: None, line: None, reader_lost: false };
                self.stations[s].live = Some(live);
            }
            Err(JournalError::Damaged { line }) => {
                self.broken(format!("station {s}: its journal is damaged at {line}"))
            }
            Err(error) => self.broken(format!("station {s}: {error}")),
        }
    }

    /// A station loses everything in memory; the card in its reader loses its power.
    pub fn station_kill(&mut self, s: usize) {
        self.cut(s);
        self.stations[s].live = None;
        let disk = self.stations[s].disk.clone();
        disk.crash(&mut self.chance);
        if let Some(card) = self.stations[s].slot {
            self.cards[card].chip.forget_tear();
            self.cards[card].chip.insert();
            self.cards[card].presented = 0;
        }
    }

    /// Dials the server.
    pub fn station_dials(&mut self, s: usize) {
        let Some(live) = self.stations[s].live.as_ref() else { return };
        if self.server.is_none() || live.line.is_some() {
            return;
        }
        let number = self.lines.last_key_value().map_or(1, |(last, _)| last + 1);
        let hello = Hello {
            station_name: Some(s.to_string()),
            version: String::new(),
            box_public_key: self.stations[s].key.public(),
            journal_seq: live.journal.seq(),
        };
        let line = Line {
            station: s,
            open: true,
            up: std::iter::once(serde_json::to_string(&FromStation::Hello(hello)).unwrap()).collect(),
            down: std::collections::VecDeque::new(),
            work: std::collections::VecDeque::new(),
            busy: None,
        };
        self.lines.insert(number, line);
        if let Some(live) = &mut self.stations[s].live {
            live.line = Some(number);
        }
    }

    /// Takes the next message of the server. None is taken while a ticket is run: one thread does both.
    pub fn station_hears(&mut self, s: usize) -> bool {
        let Some(live) = self.stations[s].live.as_ref().filter(|live| live.running.is_none()) else { return false };
        let Some(line) = live.line.and_then(|number| self.lines.get_mut(&number)) else { return false };
        let Some(text) = line.down.pop_front() else { return false };
        let message: ToStation = serde_json::from_str(&text).unwrap();
        self.station_obeys(s, message);
        true
    }

    /// Obeys one message.
    pub fn station_obeys(&mut self, s: usize, message: ToStation) {
        match message {
            ToStation::Welcome(welcome) => {
                if let Some(live) = &mut self.stations[s].live {
                    live.welcome = Some(welcome);
                }
                let state = ReaderState {
                    state: ReaderStatus::Ready,
                    driver_id: String::new(),
                    driver_version: None,
                    port: String::new(),
                    model: None,
                    firmware: None,
                    detail: None,
                };
                self.say(s, FromStation::State(state));
                self.repeat_results(s);
                self.repeat_card(s);
            }
            ToStation::Write(signed) => self.ticket_comes(s, &signed),
            ToStation::AckResult { op, epoch } => {
                if let Some(live) = &mut self.stations[s].live {
                    let _said_again_otherwise = live.journal.acknowledge(op, epoch);
                }
                self.after_journal(s);
            }
            ToStation::Fence { op, up_to_epoch } => {
                let kept = match &mut self.stations[s].live {
                    Some(live) => live.journal.fence(op, up_to_epoch).is_ok(),
                    None => false,
                };
                if self.after_journal(s) && kept {
                    self.note("station: promised", || format!("{s}: {op} up to {up_to_epoch}"));
                    self.say(s, FromStation::Fenced { op, up_to_epoch });
                }
            }
            _ => {}
        }
    }

    /// Says every result that was not acknowledged.
    pub fn repeat_results(&mut self, s: usize) {
        let Some(live) = self.stations[s].live.as_ref() else { return };
        if live.welcome.is_none() || self.defect == Some(Defect::ResultOnce) {
            return;
        }
        for result in live.journal.unacknowledged() {
            self.say(s, FromStation::TicketResult(result));
        }
    }

    fn repeat_card(&mut self, s: usize) {
        let Some(before) = self.stations[s].live.as_ref().and_then(|live| live.card) else { return };
        self.station_looks(s);
        let now = self.stations[s].live.as_ref().and_then(|live| live.card);
        if now.is_some_and(|now| now.session == before.session)
            && let Some(seen) = self.read(before)
        {
            self.say(s, FromStation::CardIn(seen));
        }
    }

    /// Looks for a card, as ten times a second.
    pub fn station_looks(&mut self, s: usize) -> bool {
        let slot = self.stations[s].slot;
        let insertion = slot.map(|card| (card, self.cards[card].insertion));
        let Some(live) = self.stations[s].live.as_mut().filter(|live| live.running.is_none()) else { return false };
        if std::mem::take(&mut live.reader_lost) {
            return self.card_gone(s);
        }
        match (live.card, insertion) {
            (Some(known), now) if now != Some((known.card, known.insertion)) => self.card_gone(s),
            (None, Some((card, insertion))) => {
                if self.cards[card].chip.power_on().is_err() {
                    return false;
                }
                self.cards[card].presented = 0;
                let session = self.id();
                self.sessions.insert(session, (card, insertion));
                let known = LiveCard { session, card, insertion, mismatched: false };
                let Some(live) = self.stations[s].live.as_mut() else { return false };
                live.card = Some(known);
                if live.welcome.is_some()
                    && let Some(seen) = self.read(known)
                {
                    self.say(s, FromStation::CardIn(seen));
                }
                true
            }
            _ => false,
        }
    }

    fn card_gone(&mut self, s: usize) -> bool {
        let Some(gone) = self.stations[s].live.as_mut().and_then(|live| live.card.take()) else { return false };
        self.say(s, FromStation::CardOut { session: Some(gone.session) });
        true
    }

    fn read(&mut self, known: LiveCard) -> Option<CardSeen> {
        let card = &mut self.cards[known.card];
        card.chip.power_on().ok()?;
        card.presented = 0;
        let tries = u8::try_from(card.chip.error_counter().count_ones()).ok();
        Some(CardSeen { session: known.session, chip: "sle4442".into(), image: Hex(card.chip.image()), tries })
    }

    fn ticket_comes(&mut self, s: usize, signed: &SignedTicket) {
        if self.defect == Some(Defect::BlindWrite) {
            return self.write_blindly(s, signed);
        }
        let Some(live) = self.stations[s].live.as_ref() else { return };
        let mut session = live.card.map(|card| card.session);
        if self.defect == Some(Defect::DeadSession) && session.is_some() {
            session = serde_json::from_str::<Ticket>(&signed.body).ok().map(|ticket| ticket.session);
        }
        let view = View {
            welcome: live.welcome.as_ref(),
            key: &self.stations[s].key,
            session,
            memory: &live.journal,
            chip: live.card.and_then(|_| Chip::named("sle4442")),
            counts_tries: true,
            unpresented: true,
            mismatched: live.card.is_some_and(|card| card.mismatched),
            changes_code: true,
        };
        match accept(signed, &view) {
            Ok(accepted) => {
                let ticket = accepted.ticket.clone();
                self.note("ticket: accepted", || format!("{s}: {} epoch {}", ticket.op_id, ticket.epoch));
                let (job, command) = start(accepted);
                let (lost, seal_hidden, reads) = (None, false, 0);
                let running = Running { job, command, ticket, signed: signed.clone(), lost, seal_hidden, reads };
                if let Some(live) = &mut self.stations[s].live {
                    live.running = Some(running);
                }
                if self.fails(self.mode.tear) && self.set_tear(s) {
                    self.note("event: tear set up", || s.to_string());
                }
            }
            Err(refusal) => {
                let what = format!("ticket refused: {}", refusal.code);
                self.note(&what, || format!("{s}: {:?}", refusal.about));
                let (code, detail) = (refusal.code.into(), String::new());
                let outcome = TicketOutcome::Refused { code, image: None, tries: None, detail };
                match refusal.about {
                    About::Genuine { op, epoch, session } => {
                        self.finish(s, TicketResult { op, epoch, session, outcome, psc_changed: None });
                    }
                    About::Repeated { op, epoch, session } => {
                        let live = self.stations[s].live.as_ref();
                        let known = live.and_then(|live| live.journal.result_of(op, epoch).ok().flatten());
                        let said = known.unwrap_or(TicketResult { op, epoch, session, outcome, psc_changed: None });
                        self.say(s, FromStation::TicketResult(said));
                    }
                    About::Unknown => {}
                }
            }
        }
    }

    /// Journals a result, then says it.
    fn finish(&mut self, s: usize, result: TicketResult) {
        let what = format!("result: {}", name(&result.outcome));
        self.note(&what, || format!("{s}: {} epoch {}", result.op, result.epoch));
        if let Some(live) = &mut self.stations[s].live {
            let _said_all_the_same = live.journal.append(&Entry::Result(result.clone()));
        }
        if self.after_journal(s) {
            self.say(s, FromStation::TicketResult(result));
        }
    }

    /// After an entry: false when the power went while it was written.
    fn after_journal(&mut self, s: usize) -> bool {
        if self.stations[s].disk.died() {
            self.note("station: power cut in a journal entry", || s.to_string());
            self.station_kill(s);
            return false;
        }
        true
    }

    /// One command of the ticket that is run.
    pub fn station_works(&mut self, s: usize) -> bool {
        let Some(mut running) = self.stations[s].live.as_mut().and_then(|live| live.running.take()) else {
            return false;
        };
        if let Command::Finish(ended) = running.command {
            self.ticket_ended(s, &running.ticket, ended, running.lost);
            return true;
        }
        let Some(event) = self.command(s, &mut running) else { return true };
        if let Event::Failed(failure) = &event {
            let keep = matches!(&running.lost, Some(Failure { kind: FailureKind::WrongCode, .. }));
            if !keep || !failure.kind.leaves_a_reader() {
                running.lost = Some(failure.clone());
            }
        }
        running.command = running.job.next(event);
        if let Some(live) = &mut self.stations[s].live {
            live.running = Some(running);
        }
        true
    }

    fn ticket_ended(&mut self, s: usize, ticket: &Ticket, ended: Ended, lost: Option<Failure>) {
        let Ended { outcome, psc_changed } = ended;
        let (op, epoch, session) = (ticket.op_id, ticket.epoch, ticket.session);
        self.finish(s, TicketResult { op, epoch, session, outcome, psc_changed });
        let Some(live) = &mut self.stations[s].live else { return };
        match lost.map(|failure| failure.kind) {
            Some(FailureKind::WrongCode) => {
                if let Some(card) = &mut live.card {
                    card.mismatched = true;
                }
            }
            Some(FailureKind::NoCard) => drop(self.card_gone(s)),
            Some(FailureKind::Port | FailureKind::Driver) => {
                live.reader_lost = false;
                self.card_gone(s);
            }
            _ => {}
        }
    }

    /// Carries a command out. None: the station is no more.
    fn command(&mut self, s: usize, running: &mut Running) -> Option<Event> {
        if let Command::Journal(stage) = &running.command {
            return self.journal_stage(s, running, *stage);
        }
        if self.fails(self.mode.snatch)
            && let Some(card) = self.stations[s].slot
        {
            if self.chance.permille(600) {
                self.note("event: card pulled while writing", || s.to_string());
                self.take_out(card);
            } else {
                self.note("event: reader without power while writing", || s.to_string());
                self.cards[card].chip.insert();
                self.cards[card].presented = 0;
                self.stations[s].live.as_mut()?.reader_lost = true;
            }
        }
        let live = self.stations[s].live.as_ref()?;
        if live.reader_lost {
            return Some(failed(FailureKind::Port));
        }
        let Some(card) = self.stations[s].slot else { return Some(failed(FailureKind::NoCard)) };
        if matches!(running.command, Command::Write(_) | Command::Present(_) | Command::ChangeCode(_)) {
            // A card that is out and in again between two looks cannot be told from one that stayed.
            let meant = self.sessions.get(&running.ticket.session).map(|(card, _)| *card);
            let here = live.card.map(|card| card.session);
            let other = meant != Some(card) || here != Some(running.ticket.session);
            if other && self.cards[card].chip.is_powered() {
                self.broken(format!("station {s} writes in another card session than its ticket was made for"));
            }
        }
        let silent = self.fails(self.mode.garbled);
        if silent && self.chance.permille(500) {
            self.note("reader: silent", || s.to_string());
            return Some(failed(FailureKind::Garbled));
        }
        let event = self.operate(s, card, running);
        self.stations[s].live.as_ref()?;
        if silent && !matches!(event, Event::Failed(_)) {
            self.note("reader: answer lost", || s.to_string());
            return Some(failed(FailureKind::Garbled));
        }
        Some(event)
    }

    fn journal_stage(&mut self, s: usize, running: &Running, stage: JournalStage) -> Option<Event> {
        if self.fails(self.mode.journal) {
            if self.chance.permille(700) {
                self.stations[s].disk.die_at_next_sync();
            } else {
                self.note("station: disk full", || s.to_string());
                self.stations[s].disk.fill();
            }
        }
        let (op, epoch, session) = (running.ticket.op_id, running.ticket.epoch, running.ticket.session);
        let entry = match stage {
            JournalStage::Received => Entry::Received { op, epoch, session, ticket: running.signed.clone() },
            stage => Entry::Stage { op, epoch, stage },
        };
        let done = self.stations[s].live.as_mut()?.journal.append(&entry);
        if !self.after_journal(s) {
            return None;
        }
        Some(match done {
            Ok(()) => Event::Done,
            Err(error) => Event::Failed(Failure { kind: FailureKind::Journal, detail: error.to_string() }),
        })
    }

    fn operate(&mut self, s: usize, card: usize, running: &mut Running) -> Event {
        let seal = usize::try_from(self.standard(card).layout.seal_offset).unwrap();
        let sealed = self.standard(card).layout.seal_value;
        match running.command.clone() {
            Command::PowerCycle => {
                self.cards[card].chip.power_off();
                if self.cards[card].chip.power_on().is_err() {
                    return failed(FailureKind::NoCard);
                }
                self.cards[card].presented = 0;
                Event::Done
            }
            Command::ReadAll if self.cards[card].chip.is_powered() => {
                let mut image = self.cards[card].chip.image();
                if running.seal_hidden {
                    image[seal] = ERASED;
                }
                Event::Image(image)
            }
            Command::ErrorCounter if self.cards[card].chip.is_powered() => {
                let told = self.cards[card].chip.error_counter().count_ones();
                let lies = self.defect == Some(Defect::LastTry);
                Event::Tries(Some(if lies { 3 } else { u8::try_from(told).unwrap() }))
            }
            Command::Present(code) => {
                let code = code.expose().try_into().unwrap();
                let event = self.present(s, card, code);
                if self.defect == Some(Defect::PresentAgain) && matches!(event, Event::Failed(_)) {
                    return self.present(s, card, code);
                }
                event
            }
            Command::ChangeCode(code) => {
                let writes = (1..).zip(code.expose()).map(|(at, byte)| (0x39, at, *byte)).collect();
                self.cells(s, card, writes)
            }
            Command::Write(run) => {
                let at = u8::try_from(run.offset).unwrap();
                let writes: Vec<_> = (at..).zip(&run.bytes).map(|(at, byte)| (0x38, at, *byte)).collect();
                let planted = matches!(self.defect, Some(Defect::NoSeal | Defect::SealFirst));
                if planted && run.offset == seal && run.bytes == [ERASED] {
                    running.seal_hidden = true;
                    return if self.defect == Some(Defect::NoSeal) { Event::Done } else { self.cells(s, card, writes) };
                }
                if planted && run.offset == seal {
                    running.seal_hidden = false;
                } else if self.defect == Some(Defect::SealFirst) {
                    running.seal_hidden = true;
                    let first = self.cells(s, card, vec![(0x38, u8::try_from(seal).unwrap(), sealed)]);
                    if matches!(first, Event::Failed(_)) {
                        return first;
                    }
                }
                self.cells(s, card, writes)
            }
            _ => failed(FailureKind::NoCard),
        }
    }

    fn present(&mut self, s: usize, card: usize, code: [u8; 3]) -> Event {
        if !self.cards[card].chip.is_powered() {
            return failed(FailureKind::NoCard);
        }
        let free = self.cards[card].chip.error_counter().count_ones();
        if free <= 1 {
            self.broken(format!("station {s} presents a password with {free} tries left"));
        }
        self.cards[card].presented += 1;
        if self.cards[card].presented > 1 {
            self.broken(format!("station {s} presents a password twice in one power-up"));
        }
        self.note("password: presented", || format!("{s}: {free} tries"));
        match self.cards[card].chip.present(code) {
            Ok((7, _)) => Event::Done,
            Ok((0, _)) => failed(FailureKind::Locked),
            Ok(_) => {
                self.note("password: wrong", || s.to_string());
                failed(FailureKind::WrongCode)
            }
            Err(error) => self.card_fault(s, card, &error),
        }
    }

    fn cells(&mut self, s: usize, card: usize, writes: Vec<(u8, u8, u8)>) -> Event {
        for (control, at, byte) in writes {
            if let Err(error) = self.cards[card].chip.command(control, at, byte) {
                return self.card_fault(s, card, &error);
            }
        }
        Event::Done
    }

    /// The cells were torn: by whom?
    fn card_fault(&mut self, s: usize, card: usize, error: &CardError) -> Event {
        match error {
            CardError::Pulled => {}
            CardError::NotPowered => return failed(FailureKind::NoCard),
            CardError::Locked => return failed(FailureKind::Locked),
            _ => return failed(FailureKind::Refused),
        }
        match self.stations[s].tear {
            Tear::Pull => {
                self.note("tear: pulled", || format!("card {card} at {s}"));
                self.take_out(card);
                failed(FailureKind::NoCard)
            }
            Tear::Reader => {
                self.note("tear: reader without power", || format!("card {card} at {s}"));
                self.cards[card].chip.insert();
                self.cards[card].presented = 0;
                if let Some(live) = &mut self.stations[s].live {
                    live.reader_lost = true;
                }
                failed(FailureKind::Port)
            }
            Tear::Station => {
                self.note("tear: station without power", || format!("card {card} at {s}"));
                self.station_kill(s);
                failed(FailureKind::Port)
            }
        }
    }

    /// A card leaves its slot.
    pub fn take_out(&mut self, card: usize) {
        if let Place::Slot(s) = self.cards[card].place {
            self.stations[s].slot = None;
        }
        let card = &mut self.cards[card];
        card.chip.forget_tear();
        card.chip.insert();
        (card.place, card.presented) = (Place::Hand, 0);
    }

    /// A card goes into an empty slot.
    pub fn put_in(&mut self, card: usize, s: usize) {
        self.stations[s].slot = Some(card);
        self.cards[card].place = Place::Slot(s);
        self.cards[card].insertion += 1;
        self.cards[card].chip.insert();
    }

    /// Sets a tear up for one of the next operations on the cells of the card that a station writes.
    pub fn set_tear(&mut self, s: usize) -> bool {
        let writing = self.stations[s].live.as_ref().is_some_and(|live| live.running.is_some());
        let Some(card) = self.stations[s].slot.filter(|_| writing) else { return false };
        let after = match self.chance.below(3) {
            0 => self.chance.below(4),
            1 => self.chance.below(30),
            _ => self.chance.below(120),
        };
        let partial = match self.chance.below(4) {
            0 => Partial::Mask(0),
            1 => Partial::Mask(0xFF),
            _ => Partial::Seeded(self.chance.draw()),
        };
        self.cards[card].chip.tear_after(u32::try_from(after).unwrap(), partial);
        self.stations[s].tear = [Tear::Pull, Tear::Pull, Tear::Reader, Tear::Station][self.chance.below(4)];
        true
    }

    /// Planted: writes whatever card is in, by the ticket's images, and reports what it read.
    fn write_blindly(&mut self, s: usize, signed: &SignedTicket) {
        let Ok(ticket) = serde_json::from_str::<Ticket>(&signed.body) else { return };
        let Some(card) = self.stations[s].slot else { return };
        let Some(password) = ticket.psc_sealed.as_ref().and_then(|sealed| self.stations[s].key.open(sealed).ok())
        else {
            return;
        };
        if self.cards[card].chip.power_on().is_err() {
            return;
        }
        self.cards[card].presented = 0;
        if self.cards[card].chip.error_counter().count_ones() < 2 {
            return;
        }
        let _wrong_or_not = self.present(s, card, password.present.expose().try_into().unwrap());
        let seal = 0x40_u8;
        let mut writes = vec![(0x38, seal, ERASED)];
        let now = self.cards[card].chip.image();
        for at in 0x20..=0x7F_u8 {
            let (old, new) = (now[usize::from(at)], ticket.target.0[usize::from(at)]);
            if old != new && at != seal {
                writes.push((0x38, at, new));
            }
        }
        writes.push((0x38, seal, ticket.target.0[usize::from(seal)]));
        let event = self.cells(s, card, writes);
        if matches!(event, Event::Failed(_)) || self.stations[s].live.is_none() {
            return;
        }
        let image = Hex(self.cards[card].chip.image());
        let outcome = if image == ticket.target {
            TicketOutcome::Written { image1: image.clone(), image2: image, tries: Some(3) }
        } else {
            let (step, code) = (Step::ReadBack, "write.unverified".into());
            TicketOutcome::Torn { image: Some(image), step, code, tries: Some(3), detail: String::new() }
        };
        let (op, epoch, session) = (ticket.op_id, ticket.epoch, ticket.session);
        self.finish(s, TicketResult { op, epoch, session, outcome, psc_changed: None });
    }
}

fn failed(kind: FailureKind) -> Event {
    Event::Failed(Failure { kind, detail: String::new() })
}

fn name(outcome: &TicketOutcome) -> String {
    match outcome {
        TicketOutcome::Written { .. } => "written".into(),
        TicketOutcome::Refused { code, .. } => format!("refused, {code}"),
        TicketOutcome::Torn { step, code, .. } => format!("torn at {step:?}, {code}"),
        TicketOutcome::Interrupted { last_stage } => format!("interrupted at {last_stage:?}"),
    }
}
