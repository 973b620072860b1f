//! Where the journal's bytes lie: a file, or whatever a test puts in its place.

use std::fmt::Debug;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::JournalError;

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
}

/// `journal.log` in a folder, locked against a second process.
#[derive(Debug)]
pub(super) struct FileDisk {
    dir: PathBuf,
    path: PathBuf,
    file: File,
}

impl FileDisk {
    pub(super) fn open(dir: &Path) -> Result<Self, JournalError> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join("journal.log");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Locked),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.seek(SeekFrom::End(0))?;
        Ok(Self { dir: dir.to_owned(), path, file })
    }

    /// The same with another file behind it.
    #[cfg(test)]
    pub(super) fn over(dir: &Path, file: File) -> Self {
        Self { dir: dir.to_owned(), path: dir.join("journal.log"), file }
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
        // The folder too, or a power cut could take the new file away.
        #[cfg(unix)]
        File::open(&self.dir)?.sync_all()?;
        Ok(())
    }
}
