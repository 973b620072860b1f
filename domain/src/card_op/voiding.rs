//! Voiding: only on evidence, and only when nobody can write the card any more.

use super::{Authorised, OperatorId, Order, ReadBack, StationId, Transition, refuse};
use crate::card::{Layout, Seen};

/// What a void is asked for with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoidRequest {
    /// Who asks, for the customer. A void is never done by itself.
    pub asked_by: OperatorId,
    /// What the card shows by the server's own comparison.
    pub seen: Seen,
    /// How it was read.
    pub read: ReadBack,
    /// Whether all journals of stations that ever served this meter are in.
    pub journals_complete: bool,
}

/// Why an operation is not voided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VoidRefusal {
    /// It opened a card: a blank one proves nothing of the one that was begun, so it only goes forward.
    #[error("the first sale onto a card only goes forward")]
    FirstCard,
    /// R8: a replacement was opened for it; forward only.
    #[error("a replacement was opened for this operation")]
    Replaced,
    /// R14: a station may hold a later ticket that the database lost.
    #[error("not all journals of this meter's stations are in")]
    JournalsMissing,
    /// R5: a station that had a ticket has not promised to refuse it.
    #[error("a station has not promised to refuse its tickets")]
    NotFenced {
        /// Which one.
        station: StationId,
    },
    /// R6: the card was read before the newest ticket or a fence.
    #[error("the card was read too early")]
    ReadTooEarly,
    /// The two readings differ.
    #[error("the two readings differ")]
    ReadsDiffer,
    /// The meter has taken the purchase.
    #[error("the meter has taken the purchase")]
    TakenByMeter,
    /// The card is not restored to what it was.
    #[error("the card is not as it was before")]
    NotRestored {
        /// What it shows.
        seen: Seen,
    },
}

impl VoidRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FirstCard => "void.first_card",
            Self::Replaced => "void.replaced",
            Self::JournalsMissing => "void.journals_missing",
            Self::NotFenced { .. } => "void.not_fenced",
            Self::ReadTooEarly => "void.read_too_early",
            Self::ReadsDiffer => "void.reads_differ",
            Self::TakenByMeter => "void.taken_by_meter",
            Self::NotRestored { .. } => "void.not_restored",
        }
    }
}

/// An operation that is proven undone. Its number must be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voided {
    /// What it was about.
    pub order: Order,
    /// Who asked for it, and on what evidence.
    pub request: VoidRequest,
}

impl Authorised {
    /// Whether the operation can be voided at all. What it wrote onto a card that was blank before cannot: any blank card
    /// looks like that one, while its own may be whole in the customer's hand.
    ///
    /// # Errors
    /// [`VoidRefusal::FirstCard`], [`VoidRefusal::Replaced`].
    pub fn can_go_back(&self, layout: &Layout) -> Result<(), VoidRefusal> {
        if self.replaced {
            return Err(VoidRefusal::Replaced);
        }
        if layout.is_sealed(&self.order.before) { Ok(()) } else { Err(VoidRefusal::FirstCard) }
    }

    /// Voids the operation: every station that ever had a ticket is fenced, the card was read after that and is as it was
    /// before, and somebody asks for it.
    pub fn void(self, request: VoidRequest) -> Transition<Voided, Self, VoidRefusal> {
        match self.check_void(&request) {
            Err(reason) => refuse(self, reason),
            Ok(()) => Ok(Voided { order: self.order, request }),
        }
    }

    /// Stations whose promise is still missing, each once.
    #[must_use]
    pub fn unfenced(&self) -> Vec<StationId> {
        let mut stations: Vec<StationId> = Vec::new();
        for ticket in &self.tickets {
            let fenced = self.fences.iter().any(|f| f.station == ticket.station && f.up_to_epoch >= ticket.epoch);
            if !fenced && !stations.contains(&ticket.station) {
                stations.push(ticket.station);
            }
        }
        stations
    }

    fn check_void(&self, request: &VoidRequest) -> Result<(), VoidRefusal> {
        if self.replaced {
            return Err(VoidRefusal::Replaced);
        }
        if request.read.returned_count.is_some_and(|returned| returned >= self.order.count) {
            return Err(VoidRefusal::TakenByMeter);
        }
        if !request.journals_complete {
            return Err(VoidRefusal::JournalsMissing);
        }
        if let Some(station) = self.unfenced().first() {
            return Err(VoidRefusal::NotFenced { station: *station });
        }
        if !self.is_newer(request.read.at) {
            return Err(VoidRefusal::ReadTooEarly);
        }
        if !request.read.reads_equal {
            return Err(VoidRefusal::ReadsDiffer);
        }
        if request.seen != Seen::Old {
            return Err(VoidRefusal::NotRestored { seen: request.seen });
        }
        Ok(())
    }
}
