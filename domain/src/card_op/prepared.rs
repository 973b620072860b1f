//! An operation that is intended: nothing is paid and nothing written, so it may still be given up.

use super::{
    Authorised, EventNo, OpKind, Order, OrderError, Purpose, SessionId, StationId, Ticket, Transition, refuse,
};
use crate::counter::{CounterRefusal, CounterState};

/// An operation that is intended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    order: Order,
    station: StationId,
    session: SessionId,
}

/// What is true at the moment of authorisation, read under the meter's lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthoriseFacts {
    /// The station's card session now; none = no card, or no station.
    pub session: Option<SessionId>,
    /// Generation of the account's current card.
    pub card_generation: u32,
    /// Whether the price that was quoted still holds.
    pub price_holds: bool,
    /// Whether all journals of stations that ever served this meter are in (after a restore of the database they may not
    /// be).
    pub journals_complete: bool,
    /// The account's counter.
    pub counter: CounterState,
    /// The number of this event.
    pub at: EventNo,
}

/// Why an operation is not authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthoriseRefusal {
    /// R3: the card was pulled or exchanged since it was read.
    #[error("the card session has ended")]
    SessionEnded,
    /// R10: the card is not the account's current one any more.
    #[error("card generation {card}, the current one is {current}")]
    CardReplaced {
        /// The card's.
        card: u32,
        /// The account's current one.
        current: u32,
    },
    /// Another price holds now: quote again.
    #[error("the price has changed")]
    PriceChanged,
    /// R14: a station may hold a sale of this meter that the database lost.
    #[error("not all journals of this meter's stations are in")]
    JournalsMissing,
    /// R9 and the number itself.
    #[error(transparent)]
    Counter(#[from] CounterRefusal),
}

impl AuthoriseRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SessionEnded => "card.changed",
            Self::CardReplaced { .. } => "card.replaced",
            Self::PriceChanged => "sale.price_changed",
            Self::JournalsMissing => "sale.journals_missing",
            Self::Counter(refusal) => refusal.code(),
        }
    }
}

/// Why an operation was given up before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// Somebody wished so.
    Asked,
    /// Its quote expired.
    Expired,
    /// It was quoted again.
    Requoted,
    /// The account got another card.
    CardReplaced,
}

/// An operation that was given up before anything was paid or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// What it was about.
    pub order: Order,
    /// Why.
    pub reason: CancelReason,
}

impl Prepared {
    /// Intends `order` on the card of this session.
    pub fn new(order: Order, station: StationId, session: SessionId) -> Result<Self, OrderError> {
        order.validate()?;
        Ok(Self { order, station, session })
    }

    /// What it is about.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// Gives it up.
    #[must_use]
    pub fn cancel(self, reason: CancelReason) -> Cancelled {
        Cancelled { order: self.order, reason }
    }

    /// Authorises it, with its first ticket. From here on it goes forward.
    pub fn authorise(self, facts: &AuthoriseFacts) -> Transition<Authorised, Self, AuthoriseRefusal> {
        match self.check(facts) {
            Err(reason) => refuse(self, reason),
            Ok(()) => {
                let first = Ticket {
                    epoch: 1,
                    station: self.station,
                    session: self.session,
                    issued: facts.at,
                    purpose: Purpose::Write,
                };
                Ok(Authorised::begin(self.order, first))
            }
        }
    }

    fn check(&self, facts: &AuthoriseFacts) -> Result<(), AuthoriseRefusal> {
        if facts.session != Some(self.session) {
            return Err(AuthoriseRefusal::SessionEnded);
        }
        let (card, current) = (self.order.card_generation, facts.card_generation);
        if card != current {
            return Err(AuthoriseRefusal::CardReplaced { card, current });
        }
        if !facts.journals_complete {
            return Err(AuthoriseRefusal::JournalsMissing);
        }
        if self.order.kind == OpKind::Sale {
            if !facts.price_holds {
                return Err(AuthoriseRefusal::PriceChanged);
            }
            facts.counter.take(self.order.count)?;
        }
        Ok(())
    }
}
