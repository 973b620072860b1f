//! What the server makes of what it hears: a station's result, and a card that comes in. Decisions only; whoever asks
//! obeys, and writes them down.
//!
//! Events of one operation are numbered by its tickets: [`EventNo::of_ticket`] for the issue of one,
//! [`EventNo::after_ticket`] for what happened under it and before the next. A result names its ticket, so a reading that
//! is older than the newest ticket is known without a clock.

use super::{
    Authorised, CommitProof, Committed, EventNo, Fence, OpKind, Outcome, Purpose, ReadBack, SessionId, VoidRefusal,
    VoidRequest, Voided, WhyReadAgain,
};
use crate::card::{CardImage, Layout, Seen};

/// Tickets for one operation in one card session: a card that does not keep what is written must not be written for ever.
pub const TICKETS_PER_SESSION: usize = 4;

impl EventNo {
    /// The issue of a ticket.
    #[must_use]
    pub fn of_ticket(epoch: u32) -> Self {
        Self(u64::from(epoch).saturating_mul(2))
    }

    /// What happened while this was the newest ticket.
    #[must_use]
    pub fn after_ticket(epoch: u32) -> Self {
        Self(u64::from(epoch).saturating_mul(2).saturating_add(1))
    }
}

/// How a ticket ended, as its station reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report<'a> {
    /// Two full reads after a power cycle.
    ReadBack {
        /// The first.
        first: &'a CardImage,
        /// The second.
        second: &'a CardImage,
        /// The meter's count in what it wrote onto this very card for this account; only a restoring asks for it.
        returned_count: Option<u32>,
    },
    /// No byte was touched.
    Refused,
    /// Bytes may have been touched, and the target was not proven.
    BrokeOff {
        /// What is on the card, if it is still in the reader and could be read.
        here: Option<&'a CardImage>,
    },
    /// The station stopped in the middle, and does not go on by itself.
    Interrupted,
}

/// What a report means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is done.
    Commit(Box<Committed>),
    /// It is proven undone.
    Void(Box<Voided>),
    /// The card is still there: write on from what is on it, with the next ticket of this purpose.
    WriteOn(Purpose),
    /// Nothing is decided: the operation waits for a card or a person.
    Wait(Waiting),
}

/// Why a report decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// R6: a newer ticket is out; its own result decides.
    Stale,
    /// The two readings differ, or show something else than this operation's images.
    Unproven,
    /// The station wrote nothing.
    Refused,
    /// It broke off, and the card is gone or cannot be read.
    BrokeOff,
    /// The station stopped.
    Interrupted,
    /// The card is restored, and the operation is not voided all the same.
    NotVoided(VoidRefusal),
}

/// What an arriving card means for an open operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardVerdict {
    /// The meter says that it has taken the purchase.
    Commit(Box<Committed>),
    /// Write on from what is on the card.
    WriteOn,
    /// A blank card looks like any other: a person says whether it is this operation's.
    Ask,
    /// The card shows nothing of this operation.
    NotMine,
}

impl Authorised {
    /// Judges the result of the ticket with this epoch. `journals_complete`: see [`VoidRequest`].
    #[must_use]
    pub fn judge_result(&self, epoch: u32, report: &Report<'_>, layout: &Layout, journals_complete: bool) -> Verdict {
        let Some(ticket) = self.tickets().last().filter(|newest| newest.epoch == epoch) else {
            return Verdict::Wait(Waiting::Stale);
        };
        match report {
            Report::Refused => Verdict::Wait(Waiting::Refused),
            Report::Interrupted => Verdict::Wait(Waiting::Interrupted),
            Report::BrokeOff { here: None } => Verdict::Wait(Waiting::BrokeOff),
            Report::BrokeOff { here: Some(image) } => match self.order().classify(image, layout) {
                Seen::Other => Verdict::Wait(Waiting::Unproven),
                Seen::Old | Seen::Torn | Seen::New => Verdict::WriteOn(ticket.purpose),
            },
            Report::ReadBack { first, second, returned_count } => {
                let seen = self.order().classify(first, layout);
                let (at, reads_equal) = (EventNo::after_ticket(epoch), first == second);
                let read = ReadBack { at, reads_equal, returned_count: *returned_count };
                match ticket.purpose {
                    Purpose::Write => self.judge_written(seen, &read),
                    Purpose::Restore { asked_by } => {
                        // Whoever ran this epoch runs none up to it any more.
                        let spent = Fence { station: ticket.station, up_to_epoch: epoch, received: ticket.issued };
                        match self.can_go_back(layout) {
                            Err(refused) => Verdict::Wait(Waiting::NotVoided(refused)),
                            Ok(()) => {
                                self.judge_restored(spent, VoidRequest { asked_by, seen, read, journals_complete })
                            }
                        }
                    }
                }
            }
        }
    }

    fn judge_written(&self, seen: Seen, read: &ReadBack) -> Verdict {
        if seen != Seen::New {
            return Verdict::Wait(Waiting::Unproven);
        }
        match self.clone().evidence(seen, read) {
            Outcome::Commit(committed) => Verdict::Commit(Box::new(committed)),
            Outcome::ReadAgain { why: WhyReadAgain::Stale, .. } => Verdict::Wait(Waiting::Stale),
            Outcome::ReadAgain { .. } | Outcome::NewTicket { .. } | Outcome::OtherCard { .. } => {
                Verdict::Wait(Waiting::Unproven)
            }
        }
    }

    fn judge_restored(&self, spent: Fence, request: VoidRequest) -> Verdict {
        match self.clone().fence(spent).void(request) {
            Ok(voided) => Verdict::Void(Box::new(voided)),
            Err(refused) => Verdict::Wait(Waiting::NotVoided(refused.reason)),
        }
    }

    /// Judges a card that came in. `blank`: it is a card as a maker delivers it. `returned_count`: what this account's
    /// meter wrote onto it, if it did.
    ///
    /// Forward is the default, also for an operation whose restoring broke off: in doubt means forward.
    #[must_use]
    pub fn judge_card(
        &self,
        image: &CardImage,
        layout: &Layout,
        blank: bool,
        returned_count: Option<u32>,
    ) -> CardVerdict {
        if let Some(count) = returned_count.filter(|count| *count >= self.order().count)
            && self.order().kind == OpKind::Sale
        {
            let proof = CommitProof::TakenByMeter { returned_count: count, at: EventNo::after_ticket(self.epoch()) };
            return CardVerdict::Commit(Box::new(Committed { order: self.order().clone(), proof }));
        }
        match self.order().classify(image, layout) {
            Seen::Other => CardVerdict::NotMine,
            Seen::Old if blank => CardVerdict::Ask,
            Seen::Old | Seen::Torn | Seen::New => CardVerdict::WriteOn,
        }
    }

    /// Whether this torn card may as well be another operation's: nothing on a card that was new before is as it was, so
    /// whatever is half written on it fits every operation that writes a new card.
    #[must_use]
    pub fn may_be_anothers(&self, image: &CardImage, layout: &Layout) -> bool {
        !layout.is_sealed(&self.order().before) && self.order().classify(image, layout) == Seen::Torn
    }

    /// Whether this card session may have one more ticket.
    #[must_use]
    pub fn may_write_in(&self, session: SessionId) -> bool {
        self.tickets().iter().filter(|ticket| ticket.session == session).count() < TICKETS_PER_SESSION
    }
}

/// Which of the open operations an arriving card is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among<T> {
    /// None of them.
    Nothing,
    /// This one, and what it means for it: [`CardVerdict::Commit`] or [`CardVerdict::WriteOn`].
    This(T, CardVerdict),
    /// One of these: a person says which, or none.
    Ask(Vec<T>),
}

/// Which of the open operations an arriving card is for, by what each of them says of it ([`Authorised::judge_card`]) and
/// whether that may as well be said by another ([`Authorised::may_be_anothers`]). The first that is sure has it. A torn
/// new card belongs to the only one that it fits; if it fits several, a person says which.
#[must_use]
pub fn judge_among<T>(judged: impl IntoIterator<Item = (T, CardVerdict, bool)>) -> Among<T> {
    let (mut fits, mut tells) = (Vec::new(), true);
    for (which, verdict, may_be_anothers) in judged {
        match verdict {
            CardVerdict::NotMine => {}
            CardVerdict::WriteOn if may_be_anothers => fits.push(which),
            CardVerdict::Ask => {
                tells = false;
                fits.push(which);
            }
            sure => return Among::This(which, sure),
        }
    }
    match fits.len() {
        0 => Among::Nothing,
        1 if tells => fits.pop().map_or(Among::Nothing, |only| Among::This(only, CardVerdict::WriteOn)),
        _ => Among::Ask(fits),
    }
}
