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
    /// Counts entries.
    clock: u64,
    /// When each operation was last written about.
    touched: HashMap<Uuid, u64>,
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
        self.clock += 1;
        if let Some(op) = entry.op() {
            self.touched.insert(op, self.clock);
        }
        match entry {
            Entry::Shortened { .. } => {}
            Entry::Doubted { images } => self.doubted = images.iter().map(|image| image.0.clone()).collect(),
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

    /// Images in doubt, in an order of their own.
    pub(super) fn doubted(&self) -> Vec<Hex> {
        let mut images: Vec<_> = self.doubted.iter().cloned().map(Hex).collect();
        images.sort_by(|a, b| a.0.cmp(&b.0));
        images
    }

    /// Operations that a shortened journal keeps: those that are open or not acknowledged, and the newest others.
    pub(super) fn staying(&self, newest: usize) -> HashSet<Uuid> {
        let open = self.operations.iter().filter(|(_, at)| at.stage != JournalStage::Result).map(|(op, _)| *op);
        let mut stays: HashSet<Uuid> = open.chain(self.unacknowledged.iter().map(|result| result.op)).collect();
        let mut others: Vec<_> = self.touched.iter().filter(|(op, _)| !stays.contains(op)).collect();
        others.sort_by_key(|(_, at)| std::cmp::Reverse(**at));
        stays.extend(others.into_iter().take(newest).map(|(op, _)| *op));
        stays
    }

    /// Forgets all other operations.
    pub(super) fn keep(&mut self, stays: &HashSet<Uuid>) {
        self.touched.retain(|op, _| stays.contains(op));
        self.operations.retain(|op, _| stays.contains(op));
        self.fenced.retain(|op, _| stays.contains(op));
        self.before.retain(|op, _| stays.contains(op));
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
