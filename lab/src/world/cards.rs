//! The cards of the bench and their places.

use super::card_file::CardFile;
use super::contacts;
use super::error::{IoAt, WorldError};
use super::files::{load, save};
use super::{CardId, Place, TearPlan, World};
use crate::card::{Card, Cells, Chip, Partial};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How long to wait for the reader that a card was taken from to let go of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What lies beside a card's cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CardMeta {
    pub(super) label: String,
    pub(super) place: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tear: Option<TearPlan>,
}

/// A card as it lies on the bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardView {
    /// Its number.
    pub id: CardId,
    /// What is written on it.
    pub label: String,
    /// Where it is.
    pub place: Place,
    /// Content and wear.
    pub cells: Cells,
}

impl World {
    /// Puts a blank SLE4442 into the drawer.
    ///
    /// # Errors
    /// The file system's.
    pub fn new_card(&self, label: &str) -> Result<CardId, WorldError> {
        self.new_card_of(label, Chip::Sle4442)
    }

    /// Puts a blank card of a chip into the drawer.
    ///
    /// # Errors
    /// The file system's.
    pub fn new_card_of(&self, label: &str, chip: Chip) -> Result<CardId, WorldError> {
        let files = self.files();
        let _lock = files.lock()?;
        let id = CardId(files.ids("cards")?.last().map_or(1, |last| last.saturating_add(1)));
        CardFile::create(&self.cells_path(id), chip)?;
        // The card exists from here on: its cells are there already.
        save(&self.meta_path(id), &CardMeta { label: label.to_owned(), place: Place::Drawer, tear: None })?;
        files.changed()?;
        Ok(id)
    }

    /// Writes a whole image onto a card through its contacts, with the code that it has: a card that came from elsewhere.
    /// Takes it out of its reader or meter first. Where counter and code lie in main memory, the image's bytes there are
    /// not written.
    ///
    /// # Errors
    /// [`WorldError::NoCard`], [`WorldError::Busy`]; [`WorldError::NotWritten`] for an image of another size, a locked
    /// card or protected bytes.
    pub fn fill_card(&self, id: CardId, image: &[u8]) -> Result<(), WorldError> {
        self.take(id)?;
        let mut card = self.hold(id)?;
        contacts::write(&mut card, image, &[]).at(&self.cells_path(id))?;
        if contacts::holds(&card, image) { Ok(()) } else { Err(WorldError::NotWritten(id)) }
    }

    /// All cards, by number.
    ///
    /// # Errors
    /// The file system's, or a file that does not parse.
    pub fn cards(&self) -> Result<Vec<CardView>, WorldError> {
        // Between two moves, so that no card is seen in two places or none.
        let _lock = self.files().lock()?;
        self.files().ids("cards")?.into_iter().map(|id| self.card(CardId(id))).collect()
    }

    /// One card.
    ///
    /// # Errors
    /// [`WorldError::NoCard`], or as [`World::cards`].
    pub fn card(&self, id: CardId) -> Result<CardView, WorldError> {
        let meta = self.meta(id)?;
        Ok(CardView { id, label: meta.label, place: meta.place, cells: CardFile::peek(&self.cells_path(id))? })
    }

    /// The card in a reader or a meter, if there is one; the drawer answers none.
    ///
    /// # Errors
    /// As [`World::cards`].
    pub fn card_in(&self, place: Place) -> Result<Option<CardId>, WorldError> {
        if place == Place::Drawer {
            return Ok(None);
        }
        for id in self.files().ids("cards")?.into_iter().map(CardId) {
            if self.meta(id)?.place == place {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Puts a card, wherever it is, into the reader of a workstation.
    ///
    /// # Errors
    /// [`WorldError::NoCard`]; [`WorldError::Occupied`] by another card.
    pub fn insert_into_reader(&self, id: CardId, workstation: u32) -> Result<(), WorldError> {
        self.put(id, Place::Reader(workstation))
    }

    /// Takes a card, wherever it is, also in the middle of a write, and puts it into the drawer.
    ///
    /// # Errors
    /// [`WorldError::NoCard`].
    pub fn take(&self, id: CardId) -> Result<(), WorldError> {
        self.put(id, Place::Drawer)
    }

    /// Schedules a tear: once the card is in a reader, `operations` cell operations succeed and the next one is torn.
    /// The card then lies in the drawer. Taking the card out before that forgets the tear.
    ///
    /// # Errors
    /// [`WorldError::NoCard`].
    pub fn tear_after(&self, id: CardId, operations: u32, partial: Partial) -> Result<(), WorldError> {
        self.change(id, |meta| {
            meta.tear = Some(TearPlan::new(operations, partial));
            Ok(())
        })?;
        self.sync_stations();
        Ok(())
    }

    /// The card in the caller's hands, writing through to its file; nobody else can work it until it is dropped.
    ///
    /// # Errors
    /// [`WorldError::NoCard`]; [`WorldError::Busy`] when whoever has it does not let go in time.
    pub fn hold(&self, id: CardId) -> Result<Card, WorldError> {
        self.meta(id)?;
        CardFile::open_within(&self.cells_path(id), PATIENCE)?.into_card()
    }

    pub(super) fn put(&self, id: CardId, place: Place) -> Result<(), WorldError> {
        // A card that a tear has just pulled lies in the drawer already, also if its reader has not noted it yet:
        // putting it back where it was is a move then.
        self.sync_stations();
        self.change(id, |meta| {
            if let Some(card) = self.card_in(place)?.filter(|card| *card != id) {
                return Err(WorldError::Occupied { place, card });
            }
            meta.place = place;
            Ok(())
        })?;
        self.sync_stations();
        Ok(())
    }

    /// Changes what lies beside a card's cells, alone on the bench.
    pub(super) fn change<T>(
        &self,
        id: CardId,
        change: impl FnOnce(&mut CardMeta) -> Result<T, WorldError>,
    ) -> Result<T, WorldError> {
        let _lock = self.files().lock()?;
        let before = self.meta(id)?;
        let mut meta = before.clone();
        let done = change(&mut meta)?;
        if meta != before {
            save(&self.meta_path(id), &meta)?;
            self.files().changed()?;
        }
        Ok(done)
    }

    pub(super) fn meta(&self, id: CardId) -> Result<CardMeta, WorldError> {
        load(&self.meta_path(id))?.ok_or(WorldError::NoCard(id))
    }

    fn meta_path(&self, id: CardId) -> PathBuf {
        self.files().path("cards", id.0, "json")
    }

    pub(super) fn cells_path(&self, id: CardId) -> PathBuf {
        self.files().path("cards", id.0, "bin")
    }
}
