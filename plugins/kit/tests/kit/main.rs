//! The kit against drivers that are right, drivers with one defect, and files that are no drivers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test may stop at the first surprise"
)]

mod broken;
mod broken_tokens;
#[path = "../../../host/tests/drivers/built.rs"]
mod built;
mod gate;
#[expect(dead_code, unused_imports, reason = "the host's guests; not all of them are needed here")]
#[path = "../../../host/tests/drivers/guest/mod.rs"]
mod guest;
mod messages;
mod meters;
mod package;
mod projects;
mod push;
mod readers;
mod vectors;
mod words;

use std::path::{Path, PathBuf};

use dianka_kit::check::{self, Options};
use dianka_kit::report::{Outcome, Report};

/// A driver's bytes in a file of their own.
fn file(dir: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join("driver.wasm");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn checked(path: &Path, cases: u64) -> Report {
    check::check(path, &Options { plugc: guest::plugc(), seed: 7, cases, transcripts: vec![] }).unwrap()
}

/// The checks that failed.
fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report.checks.iter().filter(|check| check.outcome == Outcome::Failed);
    failed.map(|check| check.id).collect()
}
