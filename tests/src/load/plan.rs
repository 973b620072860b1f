//! How much of everything, and where the programs lie.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use dianka_tests::{Failure, programs};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};

/// Counts and paths.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether the counts are small.
    quick: bool,
    /// Stations that are held, step by step.
    pub held: Vec<usize>,
    /// Times that the server is killed while the last step is held.
    pub kills: u32,
    /// How long they are held before each kill: longer than the longest back-off, after which pauses begin anew.
    pub stand: Duration,
    /// Requests whose answers are timed, at each step.
    pub requests: u32,
    /// Stations that sell at once.
    pub sellers: usize,
    /// Sales of each in one round.
    pub sales: usize,
    /// Rounds of selling.
    pub rounds: usize,
    /// Kills that a sale is waited for after.
    pub outages: usize,
    /// Cargo's folder.
    pub target: PathBuf,
}

impl Plan {
    /// The real counts.
    pub fn full() -> Result<Self, Failure> {
        Ok(Self {
            quick: false,
            held: vec![500, 1_000, 2_000],
            kills: 3,
            stand: Duration::from_secs(35),
            requests: 500,
            sellers: 50,
            sales: 20,
            rounds: 3,
            outages: 30,
            target: programs().parent().ok_or("no target folder")?.to_owned(),
        })
    }

    /// Small counts.
    pub fn quick(self) -> Self {
        Self {
            quick: true,
            held: vec![20, 50],
            kills: 1,
            stand: Duration::from_secs(2),
            requests: 20,
            sellers: 10,
            sales: 3,
            rounds: 1,
            outages: 2,
            ..self
        }
    }

    /// What every server is started with.
    pub fn arguments(&self) -> Vec<OsString> {
        let given = |name: &str, otherwise: PathBuf| std::env::var_os(name).map_or(otherwise, PathBuf::from).into();
        vec![
            "--drivers".into(),
            given("DIANKA_DRIVERS_DIR", self.target.join("drivers")),
            "--plugc".into(),
            given("DIANKA_PLUGC", self.target.join("debug/dianka-plugc")),
        ]
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "quick": self.quick, "held": self.held, "kills": self.kills, "stand_s": self.stand.as_secs(),
            "requests": self.requests, "sellers": self.sellers, "sales": self.sales, "rounds": self.rounds,
            "outages": self.outages,
        })
    }
}

/// As many sockets as the system allows; the server takes them for itself.
pub fn raise_open_files() -> Result<(), Failure> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}
