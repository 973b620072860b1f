//! What the journal's entries add up to, kept in memory.

use std::collections::HashMap;

use uuid::Uuid;

use super::Entry;
use crate::proto::{JournalStage, TicketResult};

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
    /// In the order of the journal.
    unacknowledged: Vec<TicketResult>,
}

impl State {
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Received { op, epoch, session, .. } => self.advance(*op, *epoch, *session, JournalStage::Received),
            Entry::Stage { op, epoch, stage } => {
                if let Some(standing) = self.operations.get_mut(op).filter(|standing| standing.epoch == *epoch) {
                    standing.stage = *stage;
                }
            }
            Entry::Result(result) => {
                self.advance(result.op, result.epoch, result.session, JournalStage::Result);
                self.unacknowledged.push(result.clone());
            }
            Entry::Acknowledged { op, epoch } => {
                self.unacknowledged.retain(|result| (result.op, result.epoch) != (*op, *epoch));
            }
        }
    }

    fn advance(&mut self, op: Uuid, epoch: u32, session: Uuid, stage: JournalStage) {
        let standing = self.operations.entry(op).or_insert(Standing { epoch, session, stage });
        if standing.epoch <= epoch {
            *standing = Standing { epoch, session, stage };
        }
    }

    pub(super) fn highest_epoch(&self, op: Uuid) -> Option<u32> {
        self.operations.get(&op).map(|standing| standing.epoch)
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
