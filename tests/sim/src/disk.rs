//! A station's disk that keeps only what was synced: a power cut leaves any beginning of the rest.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dianka_station::journal::{Disk, Replaced};

use crate::chance::Chance;

#[derive(Debug, Default)]
struct Platter {
    safe: Vec<u8>,
    loose: Vec<u8>,
    /// The power goes at the next sync.
    dies: bool,
    died: bool,
    /// A full disk.
    full: bool,
    /// Planted: sync says that it has, and has not.
    lies: bool,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct SimDisk(Arc<Mutex<Platter>>);

impl SimDisk {
    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Planted: from now on nothing is ever synced.
    pub fn lie(&self) {
        self.platter().lies = true;
    }

    /// The power goes in the middle of the next write.
    pub fn die_at_next_sync(&self) {
        self.platter().dies = true;
    }

    /// Whether it went.
    #[must_use]
    pub fn died(&self) -> bool {
        self.platter().died
    }

    /// Fills it up.
    pub fn fill(&self) {
        self.platter().full = true;
    }

    /// Power cut and return: loose bytes stay up to a random place.
    pub fn crash(&self, chance: &mut Chance) {
        let mut platter = self.platter();
        let kept = chance.below(platter.loose.len() + 1);
        let tail: Vec<u8> = platter.loose.drain(..).take(kept).collect();
        platter.safe.extend(tail);
        (platter.dies, platter.died, platter.full) = (false, false, false);
    }
}

impl Disk for SimDisk {
    fn read(&self) -> io::Result<Vec<u8>> {
        let platter = self.platter();
        Ok([platter.safe.as_slice(), platter.loose.as_slice()].concat())
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        let mut platter = self.platter();
        let mut all = [platter.safe.as_slice(), platter.loose.as_slice()].concat();
        all.truncate(usize::try_from(len).map_err(io::Error::other)?);
        (platter.safe, platter.loose) = (all, Vec::new());
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut platter = self.platter();
        if platter.full || platter.died {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        platter.loose.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut platter = self.platter();
        if platter.dies {
            platter.died = true;
            return Err(io::Error::other("power cut"));
        }
        if !platter.lies {
            let loose = std::mem::take(&mut platter.loose);
            platter.safe.extend(loose);
        }
        Ok(())
    }

    fn replace(&mut self, bytes: &[u8]) -> Replaced {
        let mut platter = self.platter();
        if platter.full || platter.died {
            return Replaced::Kept(io::Error::from(io::ErrorKind::StorageFull));
        }
        if platter.dies {
            platter.died = true;
            return Replaced::Kept(io::Error::other("power cut"));
        }
        (platter.safe, platter.loose) = (bytes.to_vec(), Vec::new());
        Replaced::Done
    }
}
