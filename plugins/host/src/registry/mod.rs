//! The drivers that are there, as files come, change and go.

mod cache;
mod child;
mod conformance;
mod gate;
mod info;
mod install;
mod options;
mod scan;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use dianka_plugin_package::{Digest, Kind, Version};

use self::cache::Cache;
pub use self::conformance::{CheckFailure, CheckOutcome, ConformanceCheck, ConformanceReport};
use self::gate::{Examined, Gate};
pub use self::info::{Described, DriverInfo, DriverState};
use self::info::{Entry, Standing};
pub use self::options::{DriversDir, RegistryError, RegistryOptions, WallLimits};
use self::scan::{Change, Scanner};
use crate::engine::DriverEngine;
use crate::health::Health;
use crate::meter::MeterDriver;
use crate::reader::ReaderDriver;

/// All drivers of one program. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    gate: Gate,
    /// Where drivers that come while the program runs are put: the first folder that did not come with it.
    uploads: Option<PathBuf>,
    scanner: Mutex<Scanner>,
    table: RwLock<Vec<Entry>>,
    /// By file content: a file that comes back keeps its record.
    health: Mutex<HashMap<Digest, Arc<Health>>>,
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that became active drivers.
    pub loaded: Vec<PathBuf>,
    /// Files that were refused; the reasons are in [`Registry::list`].
    pub refused: Vec<PathBuf>,
    /// Files whose drivers are no longer offered.
    pub retired: Vec<PathBuf>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Registry {
    /// Opens the registry and loads what is there. A driver that cannot be loaded is listed with its reason; it is never
    /// an error here. A driver of others that was not tried yet is left to the next [`Self::rescan`], since trying it takes
    /// its time.
    pub fn open(options: RegistryOptions) -> Result<Self, RegistryError> {
        let engine = DriverEngine::start().map_err(|fault| RegistryError::Engine(fault.to_string()))?;
        let cache = Cache::open(&options.cache_dir, options.cache_secret.as_deref())?;
        let scanner = Scanner::new(options.drivers_dirs.clone());
        let uploads = options.drivers_dirs.iter().find(|dir| !dir.built_in).map(|dir| dir.path.clone());
        let registry = Self(Arc::new(Inner {
            gate: Gate::new(options, cache, engine),
            uploads,
            scanner: Mutex::new(scanner),
            table: RwLock::default(),
            health: Mutex::default(),
        }));
        registry.look(registry.scanner(), true);
        Ok(registry)
    }

    /// Looks for new, changed and removed files. Cheap when nothing changed (one `stat` a file); blocks for some seconds
    /// when something must be compiled or tried, so call it from a thread that may wait. Drivers that are in use, and
    /// look-ups, are not held up meanwhile. While somebody else looks, nothing is done.
    pub fn rescan(&self) -> Changes {
        match self.0.scanner.try_lock() {
            Ok(scanner) => self.look(scanner, false),
            Err(TryLockError::Poisoned(poisoned)) => self.look(poisoned.into_inner(), false),
            Err(TryLockError::WouldBlock) => Changes::default(),
        }
    }

    /// The same, after whoever looks now.
    fn rescan_in_turn(&self) -> Changes {
        self.look(self.scanner(), false)
    }

    fn scanner(&self) -> MutexGuard<'_, Scanner> {
        self.0.scanner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, mut scanner: MutexGuard<'_, Scanner>, starting: bool) -> Changes {
        let mut changes = Changes::default();
        for change in scanner.changes() {
            match change {
                Change::Gone(path) => {
                    if self.retire(&path) {
                        changes.retired.push(path);
                    }
                }
                Change::New { path, built_in } if starting && !built_in && self.0.gate.is_untried(&path) => {
                    scanner.forget(&path);
                }
                Change::New { path, built_in } => {
                    let examined = self.0.gate.examine(&path, built_in, |about| self.health(about));
                    self.settle(path, examined, &mut changes);
                }
            }
        }
        self.reconsider(&mut scanner, !(changes.loaded.is_empty() && changes.retired.is_empty()));
        changes
    }

    /// Everything that is known: active, in quarantine, refused and retired drivers.
    pub fn list(&self) -> Vec<DriverInfo> {
        let mut list: Vec<DriverInfo> = self.read(|table| table.iter().map(Entry::info).collect());
        list.sort_by(|a, b| (&a.id, a.version, &a.path).cmp(&(&b.id, b.version, &b.path)));
        list
    }

    /// The newest active meter driver of this id. Also in quarantine, as it may still decode.
    pub fn meter(&self, id: &str) -> Option<MeterDriver> {
        self.find_meter(|about| about.id == id)
    }

    /// The active meter driver of this id and version.
    pub fn meter_version(&self, id: &str, version: Version) -> Option<MeterDriver> {
        self.find_meter(|about| about.id == id && about.version == version)
    }

    /// The very driver that a sale was made with, retired ones included.
    pub fn meter_by_digest(&self, digest: Digest) -> Option<MeterDriver> {
        self.read(|table| {
            let mut meters = table.iter().filter_map(|entry| entry.driver()?.meter());
            meters.find(|driver| driver.about().digest == digest).cloned()
        })
    }

    /// The newest active reader driver of this id.
    pub fn reader(&self, id: &str) -> Option<ReaderDriver> {
        self.read(|table| {
            let readers = table.iter().filter_map(|entry| entry.active()?.reader());
            readers.filter(|driver| driver.about().id == id).max_by_key(|driver| driver.about().version).cloned()
        })
    }

    /// The active reader driver of this id and version.
    pub fn reader_version(&self, id: &str, version: Version) -> Option<ReaderDriver> {
        self.read(|table| {
            let mut readers = table.iter().filter_map(|entry| entry.active()?.reader());
            readers.find(|driver| driver.about().id == id && driver.about().version == version).cloned()
        })
    }

    /// All active reader drivers, the newest of each id.
    pub fn readers(&self) -> Vec<ReaderDriver> {
        self.ids(Kind::Reader).iter().filter_map(|id| self.reader(id)).collect()
    }

    /// All active meter drivers, the newest of each id.
    pub fn meters(&self) -> Vec<MeterDriver> {
        self.ids(Kind::Meter).iter().filter_map(|id| self.meter(id)).collect()
    }

    /// What the conformance suite found about the file of this hash, taken or not; none if it was not run on it.
    pub fn conformance(&self, digest: Digest) -> Option<ConformanceReport> {
        self.0.gate.report(&digest)
    }

    /// Lets a driver out of quarantine, after a person has looked at it. False if there is no such driver.
    pub fn release(&self, digest: Digest) -> bool {
        let health = self.0.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.get(&digest).map(|health| health.release()).is_some()
    }

    fn find_meter(&self, wanted: impl Fn(&crate::About) -> bool) -> Option<MeterDriver> {
        self.read(|table| {
            let meters = table.iter().filter_map(|entry| entry.active()?.meter());
            meters.filter(|driver| wanted(driver.about())).max_by_key(|driver| driver.about().version).cloned()
        })
    }

    fn ids(&self, kind: Kind) -> Vec<String> {
        let mut ids: Vec<String> = self.read(|table| {
            let drivers = table.iter().filter_map(|entry| Some(entry.active()?.about()));
            drivers.filter(|about| about.kind == kind).map(|about| about.id.clone()).collect()
        });
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn health(&self, about: &crate::About) -> Arc<Health> {
        let mut all = self.0.health.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(about.digest).or_insert_with(|| Arc::new(Health::new(about.clone()))))
    }

    fn read<R>(&self, look: impl FnOnce(&[Entry]) -> R) -> R {
        look(&self.0.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the outcome for a file into the table. A good driver replaces what was loaded from that file before; a bad
    /// one does not, so that overwriting a driver with a broken file stops no sale.
    fn settle(&self, path: PathBuf, examined: Examined, changes: &mut Changes) {
        let mut table = self.0.table.write().unwrap_or_else(PoisonError::into_inner);
        let Examined { standing, admission, report } = examined;
        let standing = standing.unless_taken(&table, &path);
        let known = standing.reason();
        if known.is_some() && table.iter().any(|entry| entry.path == path && entry.standing.reason() == known) {
            return;
        }
        table.retain(|entry| entry.path != path || entry.driver().is_some());
        if let Standing::Active(driver) = &standing {
            let about = driver.about();
            tracing::info!(driver = %about.id, version = %about.version, digest = %about.digest, "driver loaded");
            table.iter_mut().filter(|entry| entry.path == path).for_each(Entry::retire);
            changes.loaded.push(path.clone());
        } else if let Standing::Refused(rejected) = &standing {
            let reason = &rejected.reason;
            tracing::warn!(path = %path.display(), code = reason.code, "driver refused: {}", reason.en);
            changes.refused.push(path.clone());
        }
        // A file that came back unchanged is the same driver again.
        let returned = standing.digest();
        table.retain(|entry| entry.path != path || entry.active().is_some() || entry.digest() != returned);
        table.push(Entry { path, standing, admission, report });
    }

    /// Some reasons lie outside of the file: they may be gone at the next scan.
    fn reconsider(&self, scanner: &mut Scanner, moved: bool) {
        self.read(|table| {
            for entry in table {
                if let Standing::Refused(rejected) = &entry.standing
                    && rejected.may_pass(moved)
                {
                    scanner.forget(&entry.path);
                }
            }
        });
    }

    fn retire(&self, path: &PathBuf) -> bool {
        let mut table = self.0.table.write().unwrap_or_else(PoisonError::into_inner);
        let active = table.iter().any(|entry| entry.path == *path && entry.active().is_some());
        table.retain(|entry| entry.path != *path || entry.driver().is_some());
        table.iter_mut().filter(|entry| entry.path == *path).for_each(Entry::retire);
        active
    }
}
