//! What the registry knows about each file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dianka_plugin_package::{Admission, Digest, Kind, Manifest, Notice, Version};
use serde::Serialize;

use super::conformance::ConformanceReport;
use crate::about::About;
use crate::meter::{self, MeterDriver};
use crate::reader::{self, ReaderDriver};
use crate::text::Text;

/// Where a driver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverState {
    /// In service.
    Active,
    /// Out of service after faults: no plans, no encoding; decoding goes on.
    Quarantined,
    /// Never got in.
    Refused,
    /// Its file is gone or replaced: no new uses.
    Retired,
}

/// The driver's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Described {
    /// Of a meter driver.
    Meter(Box<meter::Description>),
    /// Of a reader driver.
    Reader(Box<reader::Description>),
}

/// One row of the drivers' list. What is not known about a refused file is empty or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriverInfo {
    /// The driver's id, or the file's name if none is known.
    pub id: String,
    /// Version.
    pub version: Option<Version>,
    /// Meter or reader.
    pub kind: Option<Kind>,
    /// Name in both languages.
    pub name: Option<Text>,
    /// Published standards (of a meter), or models (of a reader).
    pub standards: Vec<String>,
    /// Where it stands.
    pub state: DriverState,
    /// Why it is refused or in quarantine.
    pub reason: Option<Notice>,
    /// SHA-256 of the file.
    pub sha256: Option<Digest>,
    /// Faults since the program started.
    pub faults: u64,
    /// The file.
    pub path: PathBuf,
    /// It came with the program.
    pub built_in: bool,
    /// The trusted key that signed it, by its name.
    pub signed_by: Option<String>,
    /// What the conformance suite found when it was tried here; none for a driver that came with the program.
    #[serde(skip)]
    pub conformance: Option<Arc<ConformanceReport>>,
    /// Everything that it says about itself.
    pub description: Option<Described>,
}

impl DriverInfo {
    /// Whether this is the driver in service, or stopped, under another's kind, id and version.
    pub(super) fn is(&self, other: &About) -> bool {
        matches!(self.state, DriverState::Active | DriverState::Quarantined)
            && (self.kind, self.id.as_str(), self.version) == (Some(other.kind), other.id.as_str(), Some(other.version))
    }
}

/// A loaded driver of either kind.
#[derive(Clone)]
pub(super) enum Driver {
    Meter(MeterDriver),
    Reader(ReaderDriver),
}

impl Driver {
    pub(super) fn about(&self) -> &About {
        match self {
            Self::Meter(driver) => driver.about(),
            Self::Reader(driver) => driver.about(),
        }
    }

    pub(super) fn meter(&self) -> Option<&MeterDriver> {
        match self {
            Self::Meter(driver) => Some(driver),
            Self::Reader(_) => None,
        }
    }

    pub(super) fn reader(&self) -> Option<&ReaderDriver> {
        match self {
            Self::Meter(_) => None,
            Self::Reader(driver) => Some(driver),
        }
    }

    fn quarantine(&self) -> (Option<Notice>, u64) {
        match self {
            Self::Meter(driver) => (driver.quarantine(), driver.faults()),
            Self::Reader(driver) => (driver.quarantine(), driver.faults()),
        }
    }

    fn described(&self) -> (Text, Vec<String>, Described) {
        match self {
            Self::Meter(driver) => {
                let own = driver.describe();
                (own.name.clone(), own.standards.clone(), Described::Meter(Box::new(own.clone())))
            }
            Self::Reader(driver) => {
                let own = driver.describe();
                (own.name.clone(), own.models.clone(), Described::Reader(Box::new(own.clone())))
            }
        }
    }
}

/// What the gate said about a file, or what became of it.
pub(super) enum Standing {
    Active(Driver),
    Retired(Driver),
    Refused(Box<Rejected>),
}

/// A file that did not get in, with what is known about it.
pub(super) struct Rejected {
    pub(super) digest: Option<Digest>,
    pub(super) manifest: Option<Manifest>,
    pub(super) reason: Notice,
}

/// One file, once for each of its contents that was ever loaded.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) standing: Standing,
    /// On what ground it was let in; none for a refused file.
    pub(super) admission: Option<Admission>,
    /// What the conformance suite found, if it was run.
    pub(super) report: Option<Arc<ConformanceReport>>,
}

impl Standing {
    pub(super) fn refused(digest: Option<Digest>, manifest: Option<Manifest>, reason: Notice) -> Self {
        Self::Refused(Box::new(Rejected { digest, manifest, reason }))
    }

    pub(super) fn digest(&self) -> Option<Digest> {
        match self {
            Self::Active(driver) | Self::Retired(driver) => Some(driver.about().digest),
            Self::Refused(rejected) => rejected.digest,
        }
    }

    /// Why the file did not get in, with its hash.
    pub(super) fn reason(&self) -> Option<(Option<Digest>, &Notice)> {
        match self {
            Self::Refused(rejected) => Some((rejected.digest, &rejected.reason)),
            Self::Active(_) | Self::Retired(_) => None,
        }
    }

    /// Two active drivers of one id and version from two files would make "the driver" ambiguous: the first one stays.
    pub(super) fn unless_taken(self, table: &[Entry], path: &Path) -> Self {
        let Self::Active(driver) = &self else { return self };
        let about = driver.about();
        let same = |other: &About| other.kind == about.kind && other.id == about.id && other.version == about.version;
        let taken = table.iter().find(|entry| entry.path != path && entry.active().is_some_and(|d| same(d.about())));
        let Some(other) = taken else { return self };
        let (id, version, place) = (&about.id, about.version, other.path.display());
        let zh = format!("驱动 {id} {version} 已从 {place} 加载");
        let en = format!("{id} {version} is loaded from {place} already");
        let reason = Notice::new(DUPLICATE, zh, en);
        Self::refused(Some(about.digest), None, reason)
    }
}

/// Reasons that are this machine's and not the file's.
const PASSING: [&str; 5] = ["no-compiler", "no-kit", "no-cache", "file-unreadable", "file-gone"];

/// The reason of a driver that is loaded from elsewhere already.
const DUPLICATE: &str = "duplicate";

impl Rejected {
    /// Whether another look at the unchanged file may end otherwise. `moved`: other drivers came or went.
    pub(super) fn may_pass(&self, moved: bool) -> bool {
        let code = self.reason.code.as_str();
        PASSING.contains(&code) || (moved && code == DUPLICATE)
    }
}

impl Entry {
    /// The driver, if it is offered for new uses.
    pub(super) fn active(&self) -> Option<&Driver> {
        match &self.standing {
            Standing::Active(driver) => Some(driver),
            Standing::Retired(_) | Standing::Refused(_) => None,
        }
    }

    /// The driver, retired or not.
    pub(super) fn driver(&self) -> Option<&Driver> {
        match &self.standing {
            Standing::Active(driver) | Standing::Retired(driver) => Some(driver),
            Standing::Refused(_) => None,
        }
    }

    pub(super) fn digest(&self) -> Option<Digest> {
        self.standing.digest()
    }

    /// The name of the key whose signature let it in.
    pub(super) fn signed_by(&self) -> Option<&str> {
        match &self.admission {
            Some(Admission::Signed(key)) => Some(key),
            _ => None,
        }
    }

    pub(super) fn retire(&mut self) {
        if let Standing::Active(driver) = &self.standing {
            self.standing = Standing::Retired(driver.clone());
        }
    }

    pub(super) fn info(&self) -> DriverInfo {
        match &self.standing {
            Standing::Active(driver) => {
                let (reason, faults) = driver.quarantine();
                let state = if reason.is_some() { DriverState::Quarantined } else { DriverState::Active };
                self.loaded_info(driver, state, reason, faults)
            }
            Standing::Retired(driver) => {
                let (reason, faults) = driver.quarantine();
                self.loaded_info(driver, DriverState::Retired, reason, faults)
            }
            Standing::Refused(rejected) => self.refused_info(rejected),
        }
    }

    fn loaded_info(&self, driver: &Driver, state: DriverState, reason: Option<Notice>, faults: u64) -> DriverInfo {
        let about = driver.about();
        let (name, standards, description) = driver.described();
        DriverInfo {
            id: about.id.clone(),
            version: Some(about.version),
            kind: Some(about.kind),
            name: Some(name),
            standards,
            state,
            reason,
            sha256: Some(about.digest),
            faults,
            path: self.path.clone(),
            built_in: self.admission == Some(Admission::BuiltIn),
            signed_by: self.signed_by().map(str::to_owned),
            conformance: self.report.clone(),
            description: Some(description),
        }
    }

    fn refused_info(&self, rejected: &Rejected) -> DriverInfo {
        let manifest = rejected.manifest.as_ref();
        let file = || self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        DriverInfo {
            id: manifest.map_or_else(file, |manifest| manifest.id.clone()),
            version: manifest.map(|manifest| manifest.version),
            kind: manifest.map(|manifest| manifest.kind),
            name: None,
            standards: Vec::new(),
            state: DriverState::Refused,
            reason: Some(rejected.reason.clone()),
            sha256: rejected.digest,
            faults: 0,
            path: self.path.clone(),
            built_in: false,
            signed_by: None,
            conformance: self.report.clone(),
            description: None,
        }
    }
}
