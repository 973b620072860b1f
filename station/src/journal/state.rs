//! What the journal's entries add up to, kept in memory.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::Entry;
use crate::proto::{Hex, JournalStage, SignedTicket, Ticket, TicketOutcome, TicketResult};

/// Where the newest ticket of an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its epoch.
    pub(super) epoch: u32,
    /// The card session that it was for.
    pub(super) session: Uuid,
    /// How far it came.
    pub(super) stage: JournalStage,
}

#[derive(Debug, Default)]
pub(super) struct State {
    operations: HashMap<Uuid, Standing>,
    /// The highest epoch of an operation that was promised to be refused.
    fenced: HashMap<Uuid, u32>,
    /// Hash of the image that the newest ticket of an open operation found on its card.
    before: HashMap<Uuid, Vec<u8>>,
    /// Hashes of images of cards that were presented a password which was not seen to verify.
    doubted: HashSet<Vec<u8>>,
    /// In the order of the journal.
    unacknowledged: Vec<TicketResult>,
}

impl State {
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Received { op, epoch, session, ticket } => {
                self.advance(*op, *epoch, *session, JournalStage::Received);
                self.before.insert(*op, image_of(ticket));
            }
            Entry::Stage { op, epoch, stage } => {
                if let Some(standing) = self.operations.get_mut(op).filter(|standing| standing.epoch == *epoch) {
                    standing.stage = *stage;
                }
            }
            Entry::Result(result) => {
                self.judge(result);
                self.advance(result.op, result.epoch, result.session, JournalStage::Result);
                self.unacknowledged.push(result.clone());
            }
            Entry::Fenced { op, up_to_epoch } => {
                let promised = self.fenced.entry(*op).or_default();
                *promised = (*promised).max(*up_to_epoch);
            }
            Entry::Acknowledged { op, epoch } => {
                self.unacknowledged.retain(|result| (result.op, result.epoch) != (*op, *epoch));
            }
        }
    }

    /// A password that opened the card to a write has verified; one after which nothing was written may have taken a
    /// try. Before `Writing` none was presented.
    fn judge(&mut self, result: &TicketResult) {
        let standing = self.operations.get(&result.op).filter(|standing| standing.epoch == result.epoch);
        let Some(stage) = standing.map(|standing| standing.stage) else { return };
        let Some(image) = self.before.remove(&result.op) else { return };
        if !matches!(stage, JournalStage::Writing | JournalStage::ChangingCode) {
            return;
        }
        match &result.outcome {
            TicketOutcome::Written { .. } | TicketOutcome::Torn { .. } => self.doubted.remove(&image),
            TicketOutcome::Refused { .. } | TicketOutcome::Interrupted { .. } => self.doubted.insert(image),
        };
    }

    pub(super) fn is_doubted(&self, image_sha256: &Hex) -> bool {
        self.doubted.contains(&image_sha256.0)
    }

    fn advance(&mut self, op: Uuid, epoch: u32, session: Uuid, stage: JournalStage) {
        let standing = self.operations.entry(op).or_insert(Standing { epoch, session, stage });
        if standing.epoch <= epoch {
            *standing = Standing { epoch, session, stage };
        }
    }

    pub(super) fn highest_epoch(&self, op: Uuid) -> Option<u32> {
        let ran = self.operations.get(&op).map(|standing| standing.epoch);
        ran.max(self.fenced.get(&op).copied())
    }

    pub(super) fn unacknowledged(&self) -> Vec<TicketResult> {
        self.unacknowledged.clone()
    }

    pub(super) fn awaits_acknowledgement(&self, op: Uuid, epoch: u32) -> bool {
        self.unacknowledged.iter().any(|result| (result.op, result.epoch) == (op, epoch))
    }

    /// Tickets that were accepted and have no result.
    pub(super) fn unfinished(&self) -> Vec<(Uuid, u32, Standing)> {
        let open = self.operations.iter().filter(|(_, standing)| standing.stage != JournalStage::Result);
        open.map(|(op, standing)| (*op, standing.epoch, *standing)).collect()
    }
}

/// The hash in a ticket that was believed when it was journalled. One of a form that nobody reads any more has none.
fn image_of(ticket: &SignedTicket) -> Vec<u8> {
    serde_json::from_str::<Ticket>(&ticket.body).map(|ticket| ticket.before_sha256.0).unwrap_or_default()
}
