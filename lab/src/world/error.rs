//! What can go wrong on the bench.

use super::{CardId, MeterId, Place};
use std::io;
use std::path::{Path, PathBuf};

/// Why the bench did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the bench does not parse.
    #[error("{}: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another holder has the file of a card, a meter or a workstation's reader.
    #[error("{} is in use", .0.display())]
    Busy(PathBuf),
    /// No card with this number.
    #[error("there is no card {0}")]
    NoCard(CardId),
    /// No meter with this number.
    #[error("there is no meter {0}")]
    NoMeter(MeterId),
    /// The card did not take what it was to be filled with.
    #[error("card {0} did not take the image")]
    NotWritten(CardId),
    /// Another card is in that place.
    #[error("card {card} is in {place}")]
    Occupied {
        /// The place asked for.
        place: Place,
        /// The card that is there.
        card: CardId,
    },
    /// A meter with this factory number exists.
    #[error("a meter with factory number {0} exists")]
    FactoryNoTaken(u64),
    /// A reader simulator is attached for this workstation already, here or in another process.
    #[error("workstation {0} has a reader already")]
    WorkstationTaken(u32),
    /// The meter's driver refused or failed.
    #[error("the meter's driver: {0}")]
    Driver(#[from] dianka_plugin_host::CallError),
}

/// Adds the path to an error of the system.
pub(super) trait IoAt<T> {
    fn at(self, path: &Path) -> Result<T, WorldError>;
}

impl<T, E: Into<io::Error>> IoAt<T> for Result<T, E> {
    fn at(self, path: &Path) -> Result<T, WorldError> {
        self.map_err(|error| WorldError::Io { path: path.to_path_buf(), source: error.into() })
    }
}
