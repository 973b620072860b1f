//! Whether a ticket is run at all.

use dianka_domain::card::password::{self, PresentRefusal, Trust};
use uuid::Uuid;

use super::job::Task;
use super::steps::Steps;
use crate::proto::{BoxKey, Hex, SignedTicket, Ticket, TicketError, Welcome};

/// What the station knows when a ticket comes in.
#[derive(Debug)]
pub struct Station<'a> {
    /// What the server said when it greeted; without it no ticket can be believed.
    pub welcome: Option<&'a Welcome>,
    /// Opens the password.
    pub key: &'a BoxKey,
    /// The session of the card that is in the reader.
    pub session: Option<Uuid>,
    /// The highest epoch of the ticket's operation in the journal.
    pub highest_epoch: &'a dyn HighestEpoch,
    /// Whether a password failed in this session: then none is presented in it any more.
    pub mismatched: bool,
    /// Whether the reader's driver can change a password.
    pub changes_code: bool,
}

/// The journal's memory of epochs.
pub trait HighestEpoch: std::fmt::Debug {
    /// The highest epoch of this operation that was accepted or refused.
    fn of(&self, op: Uuid) -> Option<u32>;
}

/// A ticket that will be run.
#[derive(Debug)]
pub struct Accepted {
    /// The ticket.
    pub ticket: Ticket,
    pub(super) task: Task,
}

/// A ticket that will not be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// For the log, in English.
    pub detail: String,
    /// What the answer names.
    pub about: About,
}

/// Which ticket a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A ticket of our server: its epoch is spent by the refusal, which goes into the journal.
    Genuine {
        /// The operation.
        op: Uuid,
        /// The epoch.
        epoch: u32,
        /// The session that it was for.
        session: Uuid,
    },
    /// This epoch ran, or was refused, before: the journal has its result.
    Repeated {
        /// The operation.
        op: Uuid,
        /// The epoch.
        epoch: u32,
        /// The session that it was for.
        session: Uuid,
    },
    /// Not believed, so nothing in it is believed: nobody is answered.
    Unknown,
}

/// Checks a ticket, in the order of what can be believed: signature, addressee, epoch, session, plan, password.
///
/// # Errors
/// The first thing that does not hold.
pub fn accept(signed: &SignedTicket, station: &Station<'_>) -> Result<Accepted, Refusal> {
    let unknown = |code, detail: String| Refusal { code, detail, about: About::Unknown };
    let Some(welcome) = station.welcome else {
        return Err(unknown("ticket.no_key", "the server has not greeted".into()));
    };
    let ticket =
        signed.verify(&welcome.server_ticket_key).map_err(|error| unknown(ticket_code(error), error.to_string()))?;
    let (op, epoch, session) = (ticket.op_id, ticket.epoch, ticket.session);
    if (ticket.workstation_id, ticket.org) != (welcome.workstation_id, welcome.org) {
        return Err(unknown("ticket.wrong_station", format!("for workstation {}", ticket.workstation_id)));
    }
    if let Some(highest) = station.highest_epoch.of(op).filter(|highest| epoch <= *highest) {
        let detail = format!("epoch {epoch}, and {highest} was seen");
        return Err(Refusal { code: "ticket.stale_epoch", detail, about: About::Repeated { op, epoch, session } });
    }
    let refuse = |code, detail: String| Refusal { code, detail, about: About::Genuine { op, epoch, session } };
    if station.session != Some(session) {
        return Err(refuse("ticket.dead_session", format!("for session {session}, now {:?}", station.session)));
    }
    let task = task(&ticket, station).map_err(|(code, detail)| refuse(code, detail))?;
    Ok(Accepted { ticket, task })
}

fn task(ticket: &Ticket, station: &Station<'_>) -> Result<Task, (&'static str, String)> {
    let steps = Steps::check(&ticket.plan, &ticket.before.0, &ticket.target.0)
        .map_err(|error| ("ticket.bad_plan", error.to_string()))?;
    let password = match &ticket.psc_sealed {
        Some(sealed) => Some(station.key.open(sealed).map_err(|error| ("ticket.bad_password", error.to_string()))?),
        None => None,
    };
    let changes = password.as_ref().is_some_and(|password| password.change_to.is_some());
    if steps.is_some() && password.is_none() {
        return Err(("ticket.no_password", "something is to be written and there is no password".into()));
    }
    if station.mismatched && (steps.is_some() || changes) {
        return Err(("psc.closed", "a password failed in this card session".into()));
    }
    if changes && !station.changes_code {
        return Err(("reader.unsupported", "this reader cannot change a password".into()));
    }
    let Hex(before) = ticket.before.clone();
    let Hex(target) = ticket.target.clone();
    // Nothing to write: the password is not even kept.
    let password = password.filter(|_| steps.is_some() || changes);
    Ok(Task { before, target, steps, password, trust: ticket.trust })
}

fn ticket_code(error: TicketError) -> &'static str {
    match error {
        TicketError::Key => "ticket.no_key",
        TicketError::Signature => "ticket.bad_signature",
        TicketError::Form => "ticket.bad_form",
        TicketError::Hash => "ticket.bad_hash",
    }
}

/// The domain's rule, and one more: a reader that cannot tell the tries is not presented through.
pub(super) fn may_present(tries: Option<u8>, trust: Trust) -> Result<(), &'static str> {
    let Some(tries) = tries else { return Err("card.tries_unknown") };
    password::may_present(tries, trust).map_err(|refusal| match refusal {
        PresentRefusal::NotTrusted => refusal.code(),
        PresentRefusal::NotVerifiedHere | PresentRefusal::OneTryLeft => "card.tries_low",
        PresentRefusal::Dead => "card.locked",
        PresentRefusal::BadCounter { .. } => refusal.code(),
    })
}
