//! The reader's slot: shared between the line's thread and whoever inserts and removes cards.

use super::SlotOccupied;
use crate::card::{Card, CardError, Partial};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a look at the slot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotView {
    /// Nothing in it.
    Empty,
    /// A card in it.
    Card,
    /// A card was pulled out of it by a scheduled tear and lies beside it.
    Pulled,
}

/// Whether a card is in, and which insertion it came with (a swap between two looks shows in the number).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) card: bool,
    pub(super) insertion: u64,
}

#[derive(Debug, Default)]
struct Inner {
    card: Option<Card>,
    pulled: Option<Card>,
    insertion: u64,
}

#[derive(Debug, Default)]
pub(super) struct Slot {
    inner: Mutex<Inner>,
}

impl Slot {
    /// A panic of another thread leaves cells that are still true, so the lock goes on.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn view(&self) -> SlotView {
        let inner = self.lock();
        match (&inner.card, &inner.pulled) {
            (Some(_), _) => SlotView::Card,
            (None, Some(_)) => SlotView::Pulled,
            (None, None) => SlotView::Empty,
        }
    }

    pub(super) fn presence(&self) -> Presence {
        let inner = self.lock();
        Presence { card: inner.card.is_some(), insertion: inner.insertion }
    }

    pub(super) fn insert(&self, mut card: Card) -> Result<(), SlotOccupied> {
        let mut inner = self.lock();
        if inner.card.is_some() || inner.pulled.is_some() {
            return Err(SlotOccupied(Box::new(card)));
        }
        card.insert();
        inner.card = Some(card);
        inner.insertion += 1;
        Ok(())
    }

    pub(super) fn reinsert(&self) -> bool {
        let mut inner = self.lock();
        let Some(mut card) = inner.pulled.take() else { return false };
        card.insert();
        inner.card = Some(card);
        inner.insertion += 1;
        true
    }

    pub(super) fn remove(&self) -> Option<Card> {
        let mut inner = self.lock();
        let mut card = inner.card.take().or_else(|| inner.pulled.take())?;
        card.insert();
        Some(card)
    }

    pub(super) fn tear_after(&self, operations: u32, partial: Partial) -> bool {
        let mut inner = self.lock();
        let Some(card) = &mut inner.card else { return false };
        card.tear_after(operations, partial);
        true
    }

    /// Looks at the card in the slot or beside it.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Card) -> T) -> Option<T> {
        let inner = self.lock();
        inner.card.as_ref().or(inner.pulled.as_ref()).map(look)
    }

    /// One command to the card. The slot is free between two commands, so a card can be drawn in the middle of a write.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Card) -> Result<T, CardError>) -> Result<T, CardError> {
        let mut inner = self.lock();
        let card = inner.card.as_mut().ok_or(CardError::Pulled)?;
        let done = act(card);
        if card.is_pulled() {
            inner.pulled = inner.card.take();
        }
        done
    }
}
