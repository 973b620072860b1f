//! The states of a card operation: prepared, authorised, committed, voided, cancelled.
//!
//! ```text
//!         prepare               authorise             evidence: target, or taken by the meter
//! (none) ─────────▶ Prepared ─────────────▶ Authorised ─────────────────────────▶ Committed
//!                      │ cancel                │  old or torn: new ticket, stays Authorised
//!                      ▼                       └─ fenced + restored + asked for ─▶ Voided
//!                  Cancelled
//! ```
//!
//! Every transition takes the state that it leaves, so a state can be left once. After authorisation no time-out, crash
//! or person ends an operation: only evidence does. "In doubt" is a view (authorised, and no answer), not a state.
//!
//! Of the protocol's rules, these hold by type: no ticket without an authorised operation (R1), no clock after
//! authorisation (R11: nothing here takes a time), the frozen image is repaired as it is (R13: an [`Order`] is never
//! changed). The others are checked where they are decided; each refusal names its rule.

mod authorised;
mod judge;
mod order;
mod prepared;
mod rules;
mod ticket;
mod voiding;

pub use authorised::{Authorised, NotItsReplacement, Outcome, ReadBack, RestoreError, WhyReadAgain};
pub use judge::{Among, CardVerdict, Report, TICKETS_PER_SESSION, Verdict, Waiting, judge_among};
pub use order::{
    CommitProof, Committed, EventNo, MeterId, OpId, OpKind, OpState, OperatorId, Order, OrderError, SessionId,
    StationId, UnknownCode,
};
pub use prepared::{AuthoriseFacts, AuthoriseRefusal, CancelReason, Cancelled, Prepared};
pub use rules::{OpenOp, OpenRefusal, Opening, may_open};
pub use ticket::{Fence, Purpose, StationView, Ticket, TicketRefusal};
pub use voiding::{VoidRefusal, VoidRequest, Voided};

/// A transition that is refused: the state as it was, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused<S, R> {
    /// The state, unchanged.
    pub state: S,
    /// Why.
    pub reason: R,
}

/// What a transition gives: the next state, or the same one with the reason.
pub type Transition<Next, State, Reason> = Result<Next, Box<Refused<State, Reason>>>;

fn refuse<Next, S, R>(state: S, reason: R) -> Transition<Next, S, R> {
    Err(Box::new(Refused { state, reason }))
}

/// A card operation in any state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardOp {
    /// Intended; nothing paid, nothing written.
    Prepared(Prepared),
    /// Paid (a sale), and durable: it will be completed unless evidence shows that it never was.
    Authorised(Authorised),
    /// The card carries the target, or the meter has taken it.
    Committed(Committed),
    /// Proven undone.
    Voided(Voided),
    /// Given up before anything was paid or written.
    Cancelled(Cancelled),
}

impl CardOp {
    /// Which state it is in.
    #[must_use]
    pub const fn state(&self) -> OpState {
        match self {
            Self::Prepared(_) => OpState::Prepared,
            Self::Authorised(_) => OpState::Authorised,
            Self::Committed(_) => OpState::Committed,
            Self::Voided(_) => OpState::Voided,
            Self::Cancelled(_) => OpState::Cancelled,
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn order(&self) -> &Order {
        match self {
            Self::Prepared(op) => op.order(),
            Self::Authorised(op) => op.order(),
            Self::Committed(op) => &op.order,
            Self::Voided(op) => &op.order,
            Self::Cancelled(op) => &op.order,
        }
    }
}
