//! The handle of a loaded reader driver.

use std::sync::Arc;
use std::time::Duration;

use dianka_plugin_package::Notice;

use super::{Description, Port, ReaderAdapter, ReaderCallError, ReaderSession};
use crate::about::About;
use crate::health::Health;

/// A reader driver that is loaded and ready. Cheap to clone; a clone goes on working when the driver's file is replaced
/// or removed.
#[derive(Clone)]
pub struct ReaderDriver(Arc<Loaded>);

struct Loaded {
    about: About,
    description: Description,
    adapter: Box<dyn ReaderAdapter>,
    health: Arc<Health>,
    wall: Duration,
}

impl std::fmt::Debug for ReaderDriver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ReaderDriver").field(&self.0.about).finish()
    }
}

impl ReaderDriver {
    pub(crate) fn new(
        about: About,
        description: Description,
        adapter: Box<dyn ReaderAdapter>,
        health: Arc<Health>,
        wall: Duration,
    ) -> Self {
        Self(Arc::new(Loaded { about, description, adapter, health, wall }))
    }

    /// Id, version and hash.
    pub fn about(&self) -> &About {
        &self.0.about
    }

    /// What the driver said about itself when it was loaded.
    pub fn describe(&self) -> &Description {
        &self.0.description
    }

    /// Why the driver is out of service, if it is.
    pub fn quarantine(&self) -> Option<Notice> {
        self.0.health.quarantine()
    }

    /// Faults since the program started.
    pub fn faults(&self) -> u64 {
        self.0.health.faults()
    }

    /// Starts a session that owns `port`. The session belongs to one thread at a time; when it ends, the port is
    /// dropped with it.
    pub fn open(&self, port: Box<dyn Port>) -> Result<ReaderSession, ReaderCallError> {
        if let Some(notice) = self.quarantine() {
            return Err(ReaderCallError::Quarantined(notice));
        }
        match self.0.adapter.open(&self.0.about, port) {
            Ok(mut live) => {
                live.set_wall(self.0.wall);
                Ok(ReaderSession::new(live, Arc::clone(&self.0.health)))
            }
            Err(fault) => {
                self.0.health.fault("open", &fault);
                Err(ReaderCallError::Fault(fault))
            }
        }
    }
}
