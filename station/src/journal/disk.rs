//! Where the journal's bytes lie: a file, or whatever a test puts in its place.

use std::fmt::Debug;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::power_cut;

/// A place for bytes that are only ever added. What `append` took is safe from a power cut when `sync` has returned, and
/// not before.
pub trait Disk: Debug + Send {
    /// Everything that is there.
    ///
    /// # Errors
    /// The disk refuses.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Cuts off what is behind the first `len` bytes; later bytes follow there.
    ///
    /// # Errors
    /// The disk refuses.
    fn cut(&mut self, len: u64) -> io::Result<()>;

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// The disk refuses; how many of them are there is not known.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the bytes are safe.
    ///
    /// # Errors
    /// The disk refuses; what is safe is not known.
    fn sync(&mut self) -> io::Result<()>;

    /// Returns when the bytes, and that there is such a place, are safe.
    ///
    /// # Errors
    /// As `sync`.
    fn sync_all(&mut self) -> io::Result<()> {
        self.sync()
    }

    /// Puts other bytes in the place of all that is there, in one step: whatever is cut when, either all of the old
    /// ones are there or all of the new ones.
    fn replace(&mut self, bytes: &[u8]) -> Replaced;
}

/// How a replacement ended.
#[derive(Debug)]
pub enum Replaced {
    /// The new bytes are safe.
    Done,
    /// The old bytes are there as before.
    Kept(io::Error),
    /// The disk failed in between: which of the two are there is not known.
    Unknown(io::Error),
}

/// Name of the file.
pub(super) const FILE: &str = "journal.log";

/// [`FILE`] in a folder, locked against a second process.
#[derive(Debug)]
pub(super) struct FileDisk {
    dir: PathBuf,
    path: PathBuf,
    file: File,
    /// Held for as long as the journal is open. A file of its own: the journal's is replaced when it is shortened.
    _lock: File,
}

impl FileDisk {
    pub(super) fn open(dir: &Path) -> Result<Self, JournalError> {
        std::fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let path = dir.join(FILE);
        // A draft that a crash left.
        gone(&draft_of(&path))?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { dir: dir.to_owned(), path, file, _lock: lock })
    }

    /// The same with another file behind it.
    #[cfg(test)]
    pub(super) fn over(dir: &Path, file: File) -> Self {
        Self { dir: dir.to_owned(), path: dir.join(FILE), file, _lock: lock(dir).unwrap() }
    }

    fn sync_dir(&self) -> io::Result<()> {
        // Or a power cut could take the new file, or its new name, away.
        #[cfg(unix)]
        File::open(&self.dir)?.sync_all()?;
        #[cfg(not(unix))]
        let _nothing_to_open = &self.dir;
        Ok(())
    }
}

fn draft_of(journal: &Path) -> PathBuf {
    journal.with_extension("new")
}

fn gone(draft: &Path) -> io::Result<()> {
    match std::fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn draft(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    out.write_all(bytes)?;
    out.sync_all()
}

fn lock(dir: &Path) -> Result<File, JournalError> {
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("journal.lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Whether another process, or an open journal of this one, holds the folder.
pub(super) fn is_locked(dir: &Path) -> Result<bool, JournalError> {
    if !dir.join("journal.lock").exists() {
        return Ok(false);
    }
    match lock(dir) {
        Ok(_) => Ok(false),
        Err(JournalError::Locked) => Ok(true),
        Err(other) => Err(other),
    }
}

impl Disk for FileDisk {
    fn read(&self) -> io::Result<Vec<u8>> {
        std::fs::read(&self.path)
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::End(0)).map(drop)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        self.sync_dir()
    }

    fn replace(&mut self, bytes: &[u8]) -> Replaced {
        let path = draft_of(&self.path);
        let written = draft(&path, bytes);
        power_cut::point("journal.shortened");
        if let Err(error) = written.and_then(|()| std::fs::rename(&path, &self.path)) {
            let _left = gone(&path);
            return Replaced::Kept(error);
        }
        power_cut::point("journal.renamed");
        // From here on the old file has no name: only the new one may be written.
        match OpenOptions::new().append(true).open(&self.path).and_then(|file| self.sync_dir().map(|()| file)) {
            Ok(file) => {
                self.file = file;
                Replaced::Done
            }
            Err(error) => Replaced::Unknown(error),
        }
    }
}
