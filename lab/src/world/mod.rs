//! The bench: a folder with cards, readers and meters, shared by the processes of one machine.
//!
//! A card is in exactly one place. Its cells are written through at every operation (see `card_file.rs`), its label and
//! place lie beside them in a JSON file that is replaced whole. Who works a card holds its file's lock, so two processes
//! never write one card; whoever dies lets go.
//!
//! ```text
//! <dir>/world.lock           held for the moment of a change of places
//! <dir>/changes              counts the changes, so that other processes notice them
//! <dir>/cards/0001.bin       the cells        <dir>/cards/0001.json     label, place, scheduled tear
//! <dir>/meters/0001.json     the meter        <dir>/meters/0001.lock    held while it works
//! <dir>/readers/0001.lock    held by the process that has workstation 1's reader
//! ```

mod card_file;
mod cards;
mod contacts;
mod error;
mod files;
mod meters;
mod model;
mod readers;

pub use card_file::CardFile;
pub use cards::CardView;
pub use contacts::WriteBack;
pub use error::WorldError;
pub use meters::{Insertion, MeterView, NewMeter};
pub use model::MeterModel;
pub use readers::AttachedReader;

use crate::card::Partial;
use files::Files;
use readers::Station;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Number of a card on the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(pub u32);

/// Number of a meter on the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeterId(pub u32);

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl fmt::Display for MeterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// Where a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In nobody's hands.
    Drawer,
    /// In the reader of this workstation.
    Reader(u32),
    /// In this meter.
    Meter(MeterId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawer => write!(f, "the drawer"),
            Self::Reader(workstation) => write!(f, "the reader of workstation {workstation}"),
            Self::Meter(meter) => write!(f, "meter {meter}"),
        }
    }
}

/// A tear that waits for its card to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct TearPlan {
    operations: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<u8>,
    seed: u64,
}

impl TearPlan {
    fn new(operations: u32, partial: Partial) -> Self {
        match partial {
            Partial::Seeded(seed) => Self { operations, mask: None, seed },
            Partial::Mask(mask) => Self { operations, mask: Some(mask), seed: 0 },
        }
    }

    fn partial(self) -> Partial {
        self.mask.map_or(Partial::Seeded(self.seed), Partial::Mask)
    }
}

/// A bench; clones are the same one.
#[derive(Debug, Clone)]
pub struct World {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Files,
    stations: Mutex<Vec<Weak<Station>>>,
}

impl World {
    /// Opens the bench in `dir`, making it if there is none.
    ///
    /// # Errors
    /// The file system's.
    pub fn open(dir: &Path) -> Result<Self, WorldError> {
        Ok(Self { inner: Arc::new(Inner { files: Files::open(dir)?, stations: Mutex::default() }) })
    }

    fn files(&self) -> &Files {
        &self.inner.files
    }

    /// Brings this process's readers in step at once; those of others follow within [`readers::TICK`].
    fn sync_stations(&self) {
        let stations: Vec<Arc<Station>> = {
            let mut all = self.inner.stations.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|station| station.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        // A card that moves between two of them is let go in the first round and taken in the second.
        for _ in 0..2 {
            for station in &stations {
                station.sync();
            }
        }
    }
}
