//! Whether a ticket is run at all.

use dianka_domain::card::password::{self, PresentRefusal, Trust};
use uuid::Uuid;

use super::chip::Chip;
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
    /// The journal.
    pub memory: &'a dyn Memory,
    /// The card's chip, if it is one that can be written.
    pub chip: Option<Chip>,
    /// Whether the reader tells the tries before a password is presented.
    pub counts_tries: bool,
    /// Whether nothing was presented since the slot was last seen empty; asked only of a reader that cannot tell the
    /// tries.
    pub unpresented: bool,
    /// Whether a password failed in this session: then none is presented in it any more.
    pub mismatched: bool,
    /// Whether the reader's driver can change a password.
    pub changes_code: bool,
}

/// What the journal remembers.
pub trait Memory: std::fmt::Debug {
    /// The highest epoch of this operation that was accepted or refused.
    fn highest_epoch(&self, op: Uuid) -> Option<u32>;
    /// Whether a password was presented to a card with this image (by its hash) and was not seen to verify.
    fn is_doubted(&self, image_sha256: &Hex) -> bool;
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
    if let Some(highest) = station.memory.highest_epoch(op).filter(|highest| epoch <= *highest) {
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
    let blind = !station.counts_tries;
    if let Some(password) = password.as_ref().filter(|_| steps.is_some() || changes) {
        let Some(chip) = station.chip else {
            return Err(("card.unknown", "a card of this kind is not written".into()));
        };
        let codes = [Some(&password.present), password.change_to.as_ref()];
        if codes.into_iter().flatten().any(|code| code.expose().len() != chip.code_len()) {
            return Err(("ticket.bad_password", format!("the password of this card has {} bytes", chip.code_len())));
        }
        if blind {
            may_present_blindly(ticket, station, changes)?;
        }
    }
    let Hex(before) = ticket.before.clone();
    let Hex(target) = ticket.target.clone();
    // Nothing to write: the password is not even kept.
    let password = password.filter(|_| steps.is_some() || changes);
    Ok(Task { before, target, steps, password, trust: ticket.trust, chip: station.chip, blind })
}

fn ticket_code(error: TicketError) -> &'static str {
    match error {
        TicketError::Key => "ticket.no_key",
        TicketError::Signature => "ticket.bad_signature",
        TicketError::Form => "ticket.bad_form",
        TicketError::Hash => "ticket.bad_hash",
    }
}

/// The rule for a reader that cannot tell the tries. What is known then: a password that verified on this card gave it
/// back all its tries, and since then none was presented here that was not seen to verify. So it is presented, once in
/// an insertion; any other password is not, since the try that it takes may be the last.
fn may_present_blindly(ticket: &Ticket, station: &Station<'_>, changes: bool) -> Result<(), (&'static str, String)> {
    let unknown =
        |detail: &str| Err(("card.tries_unknown", format!("this reader cannot tell the tries, and {detail}")));
    if ticket.trust != Trust::VerifiedOnThisCard {
        return unknown("the password has never verified on this card");
    }
    if changes {
        return unknown("a new password has to be proven by a second presentation");
    }
    if station.memory.is_doubted(&ticket.before_sha256) {
        return unknown("a password was presented to this card and not seen to verify");
    }
    if !station.unpresented {
        return Err(("psc.once", "this reader cannot tell the tries: one presentation in one insertion".into()));
    }
    Ok(())
}

/// The domain's rule, and one more: without the tries, only a task that was taken so.
pub(super) fn may_present(told: Option<u8>, task: &Task) -> Result<(), &'static str> {
    let Some(chip) = task.chip else { return Err("card.unknown") };
    let Some(told) = told else { return if task.blind { Ok(()) } else { Err("card.tries_unknown") } };
    password::may_present(chip.last_tries(told), task.trust).map_err(|refusal| match refusal {
        PresentRefusal::NotTrusted => refusal.code(),
        PresentRefusal::NotVerifiedHere | PresentRefusal::OneTryLeft => "card.tries_low",
        PresentRefusal::Dead => "card.locked",
        PresentRefusal::BadCounter { .. } => refusal.code(),
    })
}
