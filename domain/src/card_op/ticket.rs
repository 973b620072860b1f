//! Tickets: the permission to write one image onto one card in one session, and the promise not to.

use super::{EventNo, OperatorId, SessionId, StationId};
use crate::card::CardImage;

/// What a ticket is to put onto the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// The target: forward, as a rule.
    #[default]
    Write,
    /// The image of before, so that the operation can be voided.
    Restore {
        /// Who asked for it, for the customer.
        asked_by: OperatorId,
    },
}

/// A ticket that was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Rises with every ticket of an operation.
    pub epoch: u32,
    /// The only station that may run it.
    pub station: StationId,
    /// The card session that it dies with.
    pub session: SessionId,
    /// When it was issued.
    pub issued: EventNo,
    /// What it is to put onto the card.
    pub purpose: Purpose,
}

/// A station's journalled promise to refuse an operation's tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Who promises.
    pub station: StationId,
    /// It refuses every epoch up to and including this one.
    pub up_to_epoch: u32,
    /// When the server received it.
    pub received: EventNo,
}

/// What a station knows when it gets a ticket.
#[derive(Debug, Clone, Copy)]
pub struct StationView<'a> {
    /// Itself.
    pub station: StationId,
    /// The card session now.
    pub session: SessionId,
    /// Highest epoch of this operation that it ever ran or promised to refuse; 0 = none.
    pub highest_epoch: u32,
    /// The whole card, read just now.
    pub card: &'a CardImage,
}

/// Why a station does not run a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefusal {
    /// It is another station's.
    #[error("the ticket is another station's")]
    OtherStation,
    /// R3: the session has ended.
    #[error("the card session of the ticket has ended")]
    SessionEnded,
    /// R4, R5: not above what was run or refused.
    #[error("epoch {epoch} is not above {highest}")]
    OldEpoch {
        /// The ticket's.
        epoch: u32,
        /// The highest that was run or refused.
        highest: u32,
    },
    /// R2: the card is not what the ticket was made for.
    #[error("the card is not as the ticket expects it")]
    BeforeDiffers,
}

impl TicketRefusal {
    /// Stable code for results and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherStation => "ticket.other_station",
            Self::SessionEnded => "ticket.session_ended",
            Self::OldEpoch { .. } => "ticket.old_epoch",
            Self::BeforeDiffers => "ticket.before_differs",
        }
    }
}

impl Ticket {
    /// Whether a station may run this ticket, which was made for a card that shows `before`.
    pub fn admit(&self, before: &CardImage, view: &StationView<'_>) -> Result<(), TicketRefusal> {
        if self.station != view.station {
            return Err(TicketRefusal::OtherStation);
        }
        if self.session != view.session {
            return Err(TicketRefusal::SessionEnded);
        }
        if self.epoch <= view.highest_epoch {
            return Err(TicketRefusal::OldEpoch { epoch: self.epoch, highest: view.highest_epoch });
        }
        if before != view.card {
            return Err(TicketRefusal::BeforeDiffers);
        }
        Ok(())
    }
}
