//! A driver tried as a server does before it takes one: `dianka-kit gate`, a child that the server starts, limits and kills.

use std::io;
use std::path::Path;

use dianka_plugin_package::Notice;
use nix::sys::resource::{Resource, setrlimit};

use crate::check::{self, CheckError, Options};
use crate::pack;
use crate::told::Told;
use crate::words::io_words;

/// Cards that are generated at the gate; the other checks follow in proportion. A tenth of what `check` tries by itself: a
/// driver of cards takes some seconds then, and every check still meets some hundred cases (see docs/figures.md).
pub const GATE_CASES: u64 = 200;

/// The cases are the same for every server and every vendor.
pub const GATE_SEED: u64 = 1;

/// What this process may have of memory of its own. A driver has 16 MiB; the rest is the engine's and the compiler's.
const DATA_BYTES: u64 = 1024 * 1024 * 1024;
/// A compiled driver and a report.
const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Behind everybody who sells.
const STEP_BACK: i32 = 10;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The system does not grant a limit.
    #[error("a limit cannot be set: {0}")]
    Limit(io::Error),
    /// It could not be tried.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The report could not be written.
    #[error(transparent)]
    Write(#[from] pack::PackError),
    /// The report is no JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

impl Told for GateError {
    fn notice(&self) -> Notice {
        match self {
            Self::Limit(why) => {
                let why = io_words(why);
                Notice::new("limit", format!("无法设定限额：{}", why.zh), format!("a limit cannot be set: {}", why.en))
            }
            Self::Check(error) => error.notice(),
            Self::Write(error) => error.notice(),
            Self::Json(error) => {
                Notice::new("json", format!("报告无法写成 JSON：{error}"), format!("the report is no JSON: {error}"))
            }
        }
    }
}

/// Limits this process for good: CPU time, memory, files, and its place in the queue. Beyond its CPU time it dies of SIGXCPU.
pub fn limit(cpu_seconds: u64) -> Result<(), GateError> {
    let limits = [
        (Resource::RLIMIT_CPU, cpu_seconds, cpu_seconds.saturating_add(1)),
        (Resource::RLIMIT_DATA, DATA_BYTES, DATA_BYTES),
        (Resource::RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES),
        (Resource::RLIMIT_CORE, 0, 0),
    ];
    for (resource, soft, hard) in limits {
        setrlimit(resource, soft, hard).map_err(|error| GateError::Limit(error.into()))?;
    }
    rustix::process::nice(STEP_BACK).map_err(|error| GateError::Limit(error.into()))?;
    Ok(())
}

/// Tries the driver in `file` and writes the report to `out`, whole or not at all.
pub fn report(file: &Path, out: &Path, plugc: &Path) -> Result<(), GateError> {
    let options = Options { plugc: plugc.to_path_buf(), seed: GATE_SEED, cases: GATE_CASES, transcripts: Vec::new() };
    let report = check::check(file, &options)?;
    Ok(pack::write(out, &serde_json::to_vec(&report)?)?)
}
