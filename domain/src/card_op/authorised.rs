//! An authorised operation: it completes, or is proven undone.

use super::{CommitProof, Committed, EventNo, Fence, OpKind, Order, OrderError, Purpose, SessionId, StationId, Ticket};
use crate::card::Seen;

/// An authorised operation, with every ticket that was issued for it and every promise to refuse them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorised {
    pub(super) order: Order,
    pub(super) tickets: Vec<Ticket>,
    pub(super) fences: Vec<Fence>,
    pub(super) replaced: bool,
}

/// A card that was read, beside what [`crate::card::classify`] says of its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBack {
    /// When it was read.
    pub at: EventNo,
    /// Whether it was read twice and both were the same.
    pub reads_equal: bool,
    /// The meter's count in the returned data, if there are any.
    pub returned_count: Option<u32>,
}

/// What evidence means for an authorised operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Commit(Committed),
    /// The card is as it was, or torn: write again, with a ticket of this epoch.
    NewTicket {
        /// The operation, still authorised.
        op: Authorised,
        /// Epoch of the ticket to issue ([`Authorised::issue`]).
        epoch: u32,
    },
    /// This reading decides nothing.
    ReadAgain {
        /// The operation, still authorised.
        op: Authorised,
        /// Why not.
        why: WhyReadAgain,
    },
    /// The card shows nothing of this operation: another card, or written by something else.
    OtherCard {
        /// The operation, still authorised.
        op: Authorised,
    },
}

/// Why a reading decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyReadAgain {
    /// R6: it is older than the newest ticket or a fence.
    Stale,
    /// The two readings differ.
    ReadsDiffer,
}

/// Why stored rows are not an authorised operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// An authorised operation has at least its first ticket.
    #[error("an authorised operation has a ticket")]
    NoTicket,
    /// R4: epochs, or the numbers of their events, do not rise.
    #[error("the epochs of the tickets do not rise")]
    EpochsDoNotRise,
    /// The order makes no sense.
    #[error(transparent)]
    Order(#[from] OrderError),
}

impl Authorised {
    pub(super) fn begin(order: Order, first: Ticket) -> Self {
        Self { order, tickets: vec![first], fences: Vec::new(), replaced: false }
    }

    /// From storage: its tickets in the order of issue, the fences received, and whether a replacement was opened for it.
    pub fn restore(
        order: Order,
        tickets: Vec<Ticket>,
        fences: Vec<Fence>,
        replaced: bool,
    ) -> Result<Self, RestoreError> {
        order.validate()?;
        if tickets.is_empty() {
            return Err(RestoreError::NoTicket);
        }
        let rises = tickets.windows(2).all(|pair| match pair {
            [a, b] => a.epoch < b.epoch && a.issued < b.issued,
            _ => true,
        });
        if rises { Ok(Self { order, tickets, fences, replaced }) } else { Err(RestoreError::EpochsDoNotRise) }
    }

    /// R14: takes back, from a signed ticket in a station's journal, an operation that the database lost.
    pub fn adopt(order: Order, ticket: Ticket) -> Result<Self, RestoreError> {
        Self::restore(order, vec![ticket], Vec::new(), false)
    }

    /// What it is about.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// Every ticket, in the order of issue.
    #[must_use]
    pub fn tickets(&self) -> &[Ticket] {
        &self.tickets
    }

    /// Epoch of the newest ticket.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.tickets.last().map_or(0, |ticket| ticket.epoch)
    }

    /// Whether a replacement was opened for it: then it only goes forward (R8).
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        self.replaced
    }

    /// Judges a card that was seen. The comparison is the server's own (R12); a station's word does not count.
    ///
    /// What the meter returned cannot be undone, so it counts whenever it was read; the image of a card counts only if it
    /// was read after the newest ticket and all fences (R6). A replacement is done only when its own card is (R16): the
    /// meter may have taken the number from the card before it.
    #[must_use]
    pub fn evidence(self, seen: Seen, read: &ReadBack) -> Outcome {
        let taken = read.returned_count.filter(|returned| *returned >= self.order.count);
        if let Some(returned_count) = taken
            && self.order.kind == OpKind::Sale
        {
            let proof = CommitProof::TakenByMeter { returned_count, at: read.at };
            return Outcome::Commit(Committed { order: self.order, proof });
        }
        if !read.reads_equal {
            return Outcome::ReadAgain { op: self, why: WhyReadAgain::ReadsDiffer };
        }
        if !self.is_newer(read.at) {
            return Outcome::ReadAgain { op: self, why: WhyReadAgain::Stale };
        }
        match seen {
            Seen::New => {
                let proof = CommitProof::Image { at: read.at };
                Outcome::Commit(Committed { order: self.order, proof })
            }
            Seen::Old | Seen::Torn => {
                // 4 billion tickets of one operation do not happen; if they did, `issue` refuses to repeat an epoch.
                let epoch = self.epoch().saturating_add(1);
                Outcome::NewTicket { op: self, epoch }
            }
            Seen::Other => Outcome::OtherCard { op: self },
        }
    }

    /// Whether an event came after the newest ticket and after all fences.
    pub(super) fn is_newer(&self, at: EventNo) -> bool {
        self.tickets.iter().all(|ticket| ticket.issued < at) && self.fences.iter().all(|fence| fence.received < at)
    }

    /// Issues the next ticket of the chain (R4). Every earlier one is dead from now on.
    pub fn issue(
        mut self,
        station: StationId,
        session: SessionId,
        at: EventNo,
        purpose: Purpose,
    ) -> Result<Self, RestoreError> {
        let epoch = self.epoch().checked_add(1).ok_or(RestoreError::EpochsDoNotRise)?;
        if !self.tickets.iter().all(|ticket| ticket.issued < at) {
            return Err(RestoreError::EpochsDoNotRise);
        }
        self.tickets.push(Ticket { epoch, station, session, issued: at, purpose });
        Ok(self)
    }

    /// Takes note of a station's promise.
    #[must_use]
    pub fn fence(mut self, fence: Fence) -> Self {
        self.fences.push(fence);
        self
    }

    /// Takes note that a replacement was opened for it (R8).
    #[must_use]
    pub fn replacement_opened(mut self) -> Self {
        self.replaced = true;
        self
    }

    /// R7, R16: closes a sale whose number and quantity a replacement carries, once that one's own card is verified.
    pub fn closed_by_replacement(
        self,
        replacement: &Committed,
    ) -> super::Transition<Committed, Self, NotItsReplacement> {
        let other = &replacement.order;
        let same = other.kind.repeats()
            && self.replaced
            && (other.meter, other.period, other.count, other.quantity)
                == (self.order.meter, self.order.period, self.order.count, self.order.quantity);
        if !same {
            return super::refuse(self, NotItsReplacement);
        }
        Ok(Committed { order: self.order, proof: CommitProof::Replacement { by: other.id } })
    }
}

/// The operation does not carry this sale's number and quantity onto another card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a replacement of this sale")]
pub struct NotItsReplacement;
