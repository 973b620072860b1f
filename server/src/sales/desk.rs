//! What is known about sales under way and is not worth a row: the step of the write, why it waits, and who waits for its
//! end. Lost with the process, and learnt again from the card.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use dianka_store::{CardOpFacts, Carried, ReplacementFacts, Sale, SaleEnd, SaleFacts, SaleState};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::chain::Chain;
use super::receipt::Receipt;
use super::view::SaleProblem;

/// How a write stands.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// The station's step.
    pub step: Option<String>,
    /// Why it waits.
    pub problem: Option<SaleProblem>,
    /// The card session that the newest ticket is for.
    pub session: Option<Uuid>,
}

/// What an operation under way is.
#[derive(Debug, Clone)]
pub enum Act {
    /// The sale itself.
    Sale {
        /// A replacement card carries its purchase, or is about to: it only goes forward, and not onto its own card.
        replaced: bool,
    },
    /// A replacement card 补卡 with the sale's purchase.
    Replacement(Box<ReplacementFacts>),
}

/// The frozen operation, kept from its authorisation to its end so that the commit needs no reading.
#[derive(Debug, Clone)]
pub struct InFlight {
    /// What it is.
    pub act: Act,
    /// The sale as business: the one that is made, or the one whose purchase is repeated.
    pub facts: SaleFacts,
    /// As card.
    pub op: CardOpFacts,
    /// Its tickets, and the promises to refuse them.
    pub chain: Chain,
}

impl InFlight {
    /// The operation's id: the sale's, or the replacement's own.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match &self.act {
            Act::Sale { .. } => self.facts.sale_id,
            Act::Replacement(replacement) => replacement.op_id,
        }
    }

    /// The replacement, if it is one.
    #[must_use]
    pub fn replacement(&self) -> Option<&ReplacementFacts> {
        match &self.act {
            Act::Sale { .. } => None,
            Act::Replacement(replacement) => Some(replacement),
        }
    }

    /// Where it was begun.
    #[must_use]
    pub fn workstation(&self) -> Uuid {
        self.replacement().map_or(self.facts.workstation_id, |replacement| replacement.workstation_id)
    }

    /// The sale as the books have it, with the names that were frozen with it: nothing has to be read for an answer.
    #[must_use]
    pub fn sale(&self, receipt: &Receipt, end: Option<SaleEnd>) -> Sale {
        Sale {
            facts: self.facts.clone(),
            state: if end.is_some() { SaleState::Committed } else { SaleState::Authorised },
            end,
            user_no: receipt.user_no,
            account_name: receipt.name.clone(),
            factory_no: receipt.meter_no.clone(),
            site_name: receipt.site.clone(),
            operator_name: receipt.operator.clone(),
            driver_id: self.op.driver_id.clone(),
            driver_version: self.op.driver_version.clone(),
            carried: Carried::Card { card_no: self.op.card_no },
        }
    }
}

/// A sale has ended, or waits for a person.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Which.
    pub sale: Uuid,
    /// How it was committed; none while it waits, or when it was voided.
    pub end: Option<SaleEnd>,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    notes: Mutex<HashMap<Uuid, Note>>,
    in_flight: Mutex<HashMap<Uuid, Arc<InFlight>>>,
    /// Sales of which stations' results are being settled, or wait for the database; how many results.
    settling: Mutex<HashMap<Uuid, u32>>,
    /// Sales of which a ticket is being made.
    issuing: Mutex<HashSet<Uuid>>,
    /// The newest ticket of a sale whose result is settled.
    heard: Mutex<HashMap<Uuid, u32>>,
    /// Whose money shall go back as soon as the card comes in, and who asked. Lost with the process: then it goes forward.
    back: Mutex<HashMap<Uuid, Uuid>>,
    ended: broadcast::Sender<Ended>,
}

/// A ticket is being made.
#[derive(Debug)]
pub struct Issuing<'a> {
    desk: &'a Desk,
    sale: Uuid,
}

impl Drop for Issuing<'_> {
    fn drop(&mut self) {
        self.desk.issuing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.sale);
    }
}

/// A result is being settled.
#[derive(Debug)]
pub struct Settling<'a> {
    desk: &'a Desk,
    sale: Uuid,
}

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        let mut settling = self.desk.settling.lock().unwrap_or_else(PoisonError::into_inner);
        match settling.get_mut(&self.sale) {
            Some(results) if *results > 1 => *results -= 1,
            _ => {
                settling.remove(&self.sale);
            }
        }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            notes: Mutex::default(),
            in_flight: Mutex::default(),
            settling: Mutex::default(),
            issuing: Mutex::default(),
            heard: Mutex::default(),
            back: Mutex::default(),
            ended: broadcast::channel(1024).0,
        }
    }
}

impl Desk {
    /// What is known of a sale's write.
    #[must_use]
    pub fn note(&self, sale: Uuid) -> Option<Note> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).get(&sale).cloned()
    }

    /// A ticket leaves for this card session; a former problem is over.
    pub fn sent(&self, sale: Uuid, session: Uuid) {
        let note = Note { step: Some("sent".to_owned()), problem: None, session: Some(session) };
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).insert(sale, note);
    }

    /// Notes a step of the write.
    pub fn step(&self, sale: Uuid, step: &str) {
        if let Some(note) = self.notes.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&sale) {
            note.step = Some(step.to_owned());
            note.problem = None;
        }
    }

    /// Whether a ticket for this card session is on its way or being run, or what came of one is not settled yet: until
    /// then nobody can say what the next one should hold.
    #[must_use]
    pub fn is_writing(&self, sale: Uuid, session: Uuid) -> bool {
        self.is_settling(sale)
            || self.note(sale).is_some_and(|note| note.problem.is_none() && note.session == Some(session))
    }

    /// A result came. It is being settled for as long as the guard lives.
    #[must_use]
    pub fn settling(&self, sale: Uuid) -> Settling<'_> {
        *self.settling.lock().unwrap_or_else(PoisonError::into_inner).entry(sale).or_default() += 1;
        Settling { desk: self, sale }
    }

    fn is_settling(&self, sale: Uuid) -> bool {
        self.settling.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&sale)
    }

    /// A ticket is to be made: the one and only at this moment, for as long as the guard lives. None: another one is.
    #[must_use]
    pub fn issue(&self, sale: Uuid) -> Option<Issuing<'_>> {
        let alone = self.issuing.lock().unwrap_or_else(PoisonError::into_inner).insert(sale);
        alone.then_some(Issuing { desk: self, sale })
    }

    /// The result of this ticket is settled.
    pub fn heard(&self, sale: Uuid, epoch: u32) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = heard.entry(sale).or_default();
        *newest = epoch.max(*newest);
    }

    /// Whether the result of this ticket, or of a newer one, was settled by this process.
    #[must_use]
    pub fn has_heard(&self, sale: Uuid, epoch: u32) -> bool {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).get(&sale).is_some_and(|newest| *newest >= epoch)
    }

    /// The line to the station was cut: whether its ticket arrived is not known. What the station still knows it says
    /// again; otherwise the sale waits for its card.
    pub fn line_cut(&self, session: Uuid, problem: &SaleProblem) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for note in notes.values_mut().filter(|note| note.problem.is_none() && note.session == Some(session)) {
            note.problem = Some(problem.clone());
        }
    }

    /// Notes why a sale waits, and tells those who wait for its end that it will take a person.
    pub fn problem(&self, sale: Uuid, problem: SaleProblem) {
        let note = Note { step: None, problem: Some(problem), session: None };
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).insert(sale, note);
        let _nobody_waits = self.ended.send(Ended { sale, end: None });
    }

    /// Whether the money shall go back when the card comes in, and who asked for it; none: forward.
    pub fn give_back(&self, sale: Uuid, asked_by: Option<Uuid>) {
        let mut back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        match asked_by {
            Some(operator) => back.insert(sale, operator),
            None => back.remove(&sale),
        };
    }

    /// Who asked for the money back.
    #[must_use]
    pub fn is_to_go_back(&self, sale: Uuid) -> Option<Uuid> {
        self.back.lock().unwrap_or_else(PoisonError::into_inner).get(&sale).copied()
    }

    /// A sale ended. `end`: how it was committed; none if it was voided.
    pub fn end(&self, sale: Uuid, end: Option<SaleEnd>) {
        self.give_back(sale, None);
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).remove(&sale);
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).remove(&sale);
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&sale);
        let _nobody_waits = self.ended.send(Ended { sale, end });
    }

    /// Whether a write is under way that needs nobody.
    #[must_use]
    pub fn is_under_way(&self, sale: Uuid) -> bool {
        self.note(sale).is_some_and(|note| note.problem.is_none())
    }

    /// Listens for ends and problems.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Ended> {
        self.ended.subscribe()
    }

    /// Keeps a sale for its commit.
    pub fn keep(&self, in_flight: InFlight) -> Arc<InFlight> {
        let kept = Arc::new(in_flight);
        let mut all = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(kept.id(), Arc::clone(&kept));
        kept
    }

    /// A sale under way has one more ticket or promise. One that has ended stays ended.
    pub fn grow(&self, flight: &InFlight, chain: Chain) {
        let mut all = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get_mut(&flight.id()) {
            *kept = Arc::new(InFlight { chain, ..flight.clone() });
        }
    }

    /// Forgets what is known of a sale's tickets: another server has issued one. The books are asked again.
    pub fn forget(&self, sale: Uuid) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&sale);
    }

    /// A sale under way, if this process authorised or recovered it.
    #[must_use]
    pub fn in_flight(&self, sale: Uuid) -> Option<Arc<InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).get(&sale).cloned()
    }
}
