//! A driver of others is tried before it is offered: by the vectors in its package and by the conformance suite, in a
//! child process that this program starts, limits and kills (`dianka-kit gate`). One at a time, so that a heap of new
//! files never takes more than one processor from those who sell; the child also steps back behind everybody else.
//!
//! What it found is kept by the file's hash beside the compiled drivers, where nobody but this program writes. What passed
//! once stays passed; what failed is tried anew when the suite is another one.

use std::fs;
use std::io::Read;
#[cfg(unix)]
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use dianka_plugin_package::{Digest, Notice};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::child::{self, ChildError};
use crate::text::Text;

/// A report is some ten kilobytes; of one that is larger nothing is believed.
const MAX_REPORT_BYTES: u64 = 1024 * 1024;

/// How one check of the suite ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckOutcome {
    /// All of it held.
    Passed,
    /// Something did not.
    Failed,
    /// There was nothing to try.
    Skipped,
}

/// One thing that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFailure {
    /// What happened, and what should have.
    pub what: Text,
    /// The input that shows it.
    pub input: Value,
}

/// One rule, tried on many cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConformanceCheck {
    /// Stable and machine readable.
    pub id: String,
    /// For people.
    pub title: Text,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// Cases tried.
    pub cases: u64,
    /// Figures, or why it was skipped.
    pub note: Option<Text>,
    /// The first failures.
    pub failures: Vec<CheckFailure>,
}

/// What the suite found about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConformanceReport {
    /// Whether no check failed.
    pub passed: bool,
    /// The same seed makes the same cases.
    pub seed: u64,
    /// Milliseconds that it took.
    pub took_ms: u64,
    /// All checks, in their order.
    pub checks: Vec<ConformanceCheck>,
}

impl ConformanceReport {
    /// The first thing that did not hold, with the check that found it.
    #[must_use]
    pub fn first_failure(&self) -> Option<(&ConformanceCheck, &CheckFailure)> {
        self.checks.iter().find_map(|check| Some((check, check.failures.first()?)))
    }

    /// Cases of all checks together.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.checks.iter().fold(0, |sum, check| sum.saturating_add(check.cases))
    }
}

/// As it lies on the disk.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The suite that found it: size and time of its program.
    suite: String,
    report: ConformanceReport,
}

pub(super) struct Conformance {
    kit: PathBuf,
    plugc: PathBuf,
    /// Where reports are kept and the child may write.
    dir: PathBuf,
    wall: Duration,
    turn: Mutex<()>,
}

impl Conformance {
    pub(super) fn new(kit: PathBuf, plugc: PathBuf, dir: PathBuf, wall: Duration) -> Self {
        Self { kit, plugc, dir, wall, turn: Mutex::new(()) }
    }

    /// The report on a file, if it was tried and what was found still counts.
    pub(super) fn known(&self, digest: &Digest) -> Option<ConformanceReport> {
        let stored: Stored = serde_json::from_slice(&read(&self.path(digest))?).ok()?;
        (stored.report.passed || stored.suite == self.suite()).then_some(stored.report)
    }

    /// Tries a driver, or says what was found when it was tried.
    ///
    /// # Errors
    /// `check-too-long` when it was stopped, `no-kit` when it could not be tried.
    pub(super) fn report(&self, digest: &Digest, component: &[u8]) -> Result<ConformanceReport, Notice> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known(digest) {
            return Ok(known);
        }
        let place =
            Place::make(self.dir.join(super::cache::draft_name())).map_err(|error| no_kit(&error.to_string()))?;
        let report = self.run(&place, component)?;
        let stored = Stored { suite: self.suite(), report };
        // What cannot be kept is found again the next time.
        if let Ok(json) = serde_json::to_vec(&stored) {
            let _ = fs::write(place.0.join("kept"), json)
                .and_then(|()| fs::rename(place.0.join("kept"), self.path(digest)));
        }
        Ok(stored.report)
    }

    fn run(&self, place: &Place, component: &[u8]) -> Result<ConformanceReport, Notice> {
        let (file, out) = (place.0.join("driver.wasm"), place.0.join("report.json"));
        fs::write(&file, component).map_err(|error| no_kit(&error.to_string()))?;
        let seconds = self.wall.as_secs().max(1).to_string();
        let arguments = [
            "gate".as_ref(),
            file.as_os_str(),
            "--out".as_ref(),
            out.as_os_str(),
            "--plugc".as_ref(),
            self.plugc.as_os_str(),
            "--cpu-seconds".as_ref(),
            seconds.as_ref(),
        ];
        let ended = child::run(&self.kit, &arguments, Some(&place.0), self.wall).map_err(|error| match error {
            ChildError::TooLong(_) => self.too_long(),
            ChildError::NotStarted { .. } | ChildError::Lost(_) => no_kit(&error.to_string()),
        })?;
        if ended.signal.is_some() {
            return Err(self.too_long());
        }
        let report = read(&out).and_then(|json| serde_json::from_slice::<ConformanceReport>(&json).ok());
        report.ok_or_else(|| {
            let why = if ended.complained.is_empty() { "it gave no report".to_owned() } else { ended.complained };
            Notice::new("not-tried", "驱动的一致性检查没有结果", format!("the driver could not be tried: {why}"))
        })
    }

    fn too_long(&self) -> Notice {
        let seconds = self.wall.as_secs();
        let zh = format!("驱动的一致性检查超过 {seconds} 秒的上限，已被中止");
        Notice::new(
            "check-too-long",
            zh,
            format!("trying the driver took more than {seconds} s, or more than it may, and was stopped"),
        )
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(format!("{digest}.report.json"))
    }

    fn suite(&self) -> String {
        let Ok(metadata) = fs::metadata(&self.kit) else { return String::new() };
        let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        format!("{}-{}", metadata.len(), changed.unwrap_or_default().as_nanos())
    }
}

/// Why a driver with this report is not offered.
pub(super) fn verdict(report: &ConformanceReport) -> Result<(), Notice> {
    if report.passed {
        return Ok(());
    }
    let (id, what) = report.first_failure().map_or_else(
        || (String::new(), Text { zh: String::new(), en: String::new() }),
        |(check, failure)| (check.id.clone(), failure.what.clone()),
    );
    let zh = format!("没有通过一致性检查 {id}：{}", what.zh);
    Err(Notice::new("not-conforming", zh, format!("it does not pass the conformance check {id}: {}", what.en)))
}

fn no_kit(why: &str) -> Notice {
    Notice::new("no-kit", "驱动检查程序无法运行", format!("the program that tries drivers cannot be run: {why}"))
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    let read = file.take(MAX_REPORT_BYTES.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    u64::try_from(read).is_ok_and(|read| read <= MAX_REPORT_BYTES).then_some(bytes)
}

/// A folder that goes away with this value, with what a child that was killed left in it.
struct Place(PathBuf);

impl Place {
    fn make(path: PathBuf) -> std::io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        builder.mode(0o700);
        // Elsewhere it inherits the rights of the folder that it lies in.
        #[cfg(not(unix))]
        builder.recursive(false);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left is removed as a stale draft.
        let _ = fs::remove_dir_all(&self.0);
    }
}
