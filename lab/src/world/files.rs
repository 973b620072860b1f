//! The bench's folder: its lock, its change counter, its JSON files.

use super::error::{IoAt, WorldError};
use nix::fcntl::{Flock, FlockArg};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Paths under the bench's folder.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
}

impl Files {
    pub(super) fn open(dir: &Path) -> Result<Self, WorldError> {
        for folder in ["cards", "meters", "readers"] {
            let folder = dir.join(folder);
            std::fs::create_dir_all(&folder).at(&folder)?;
        }
        Ok(Self { dir: dir.to_path_buf() })
    }

    pub(super) fn path(&self, folder: &str, id: u32, extension: &str) -> PathBuf {
        self.dir.join(folder).join(format!("{id:04}.{extension}"))
    }

    /// The numbers of all files `folder/<number>.json`, ascending.
    pub(super) fn ids(&self, folder: &str) -> Result<Vec<u32>, WorldError> {
        let folder = self.dir.join(folder);
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(&folder).at(&folder)? {
            let name = entry.at(&folder)?.file_name();
            let id =
                name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|name| name.parse::<u32>().ok());
            ids.extend(id);
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Waits for the bench to itself; the guard ends with the value, or with the process.
    pub(super) fn lock(&self) -> Result<Flock<File>, WorldError> {
        wait_for(&self.dir.join("world.lock"))
    }

    /// How often places, labels or scheduled tears have changed.
    pub(super) fn changes(&self) -> u64 {
        let mut count = [0; 8];
        let read = File::open(self.dir.join("changes")).and_then(|file| file.read_exact_at(&mut count, 0));
        if read.is_ok() { u64::from_le_bytes(count) } else { 0 }
    }

    /// Counts a change; only under the lock.
    pub(super) fn changed(&self) -> Result<(), WorldError> {
        let path = self.dir.join("changes");
        let next = self.changes().wrapping_add(1);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).at(&path)?;
        file.write_all_at(&next.to_le_bytes(), 0).at(&path)
    }
}

/// Waits for the lock of a file made for nothing else.
pub(super) fn wait_for(path: &Path) -> Result<Flock<File>, WorldError> {
    Flock::lock(lock_file(path)?, FlockArg::LockExclusive).map_err(|(_, error)| error).at(path)
}

/// The lock if it is free.
pub(super) fn try_for(path: &Path) -> Result<Flock<File>, WorldError> {
    Flock::lock(lock_file(path)?, FlockArg::LockExclusiveNonblock).map_err(|_| WorldError::Busy(path.to_path_buf()))
}

fn lock_file(path: &Path) -> Result<File, WorldError> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path).at(path)
}

/// A JSON file, or none where there is none.
pub(super) fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, WorldError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).at(path),
    };
    let parsed = serde_json::from_slice(&text);
    parsed.map(Some).map_err(|error| WorldError::Corrupt { path: path.to_path_buf(), what: error.to_string() })
}

/// Writes a JSON file that appears whole or not at all.
pub(super) fn save<T: Serialize>(path: &Path, value: &T) -> Result<(), WorldError> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|error| WorldError::Corrupt { path: path.to_path_buf(), what: error.to_string() })?;
    let aside = path.with_extension("json.new");
    std::fs::write(&aside, text).at(&aside)?;
    std::fs::rename(&aside, path).at(path)
}
