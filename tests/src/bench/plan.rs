//! How much of everything, and where the programs lie.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use dianka_tests::Failure;

/// Counts and paths.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether the counts are small.
    pub quick: bool,
    /// Times that each comparison is made.
    pub rounds: u32,
    /// Sales on each side of one round.
    pub sales: u32,
    /// The same, with real flushes.
    pub flushed_sales: u32,
    /// Areas that spread sales count for.
    pub areas: u32,
    /// Sites of spread sales, with one workstation each.
    pub sites: u32,
    /// Encode and decode of one round, native; the host does a twentieth.
    pub driver_calls: u32,
    /// Cargo's folder.
    pub target: PathBuf,
    programs: PathBuf,
}

impl Plan {
    /// The real counts.
    pub fn full() -> Result<Self, Failure> {
        let own = std::env::current_exe()?;
        let programs = own.parent().ok_or("no folder of programs")?.to_owned();
        let target = programs.parent().ok_or("no target folder")?.to_owned();
        Ok(Self {
            quick: false,
            rounds: 6,
            sales: 4_096,
            flushed_sales: 4_096,
            areas: 1_000,
            sites: 200,
            driver_calls: 20_000,
            target,
            programs,
        })
    }

    /// Small counts.
    pub fn quick(self) -> Self {
        Self {
            quick: true,
            rounds: 2,
            sales: 256,
            flushed_sales: 256,
            areas: 100,
            sites: 20,
            driver_calls: 400,
            ..self
        }
    }

    /// The server's program.
    pub fn server(&self) -> PathBuf {
        self.programs.join("dianka")
    }

    /// Folder of the shipped drivers.
    pub fn drivers(&self) -> PathBuf {
        std::env::var_os("DIANKA_DRIVERS_DIR").map_or_else(|| self.target.join("drivers"), PathBuf::from)
    }

    /// The compiler of drivers.
    pub fn plugc(&self) -> PathBuf {
        let found = |path: &Path| path.join("dianka-plugc");
        std::env::var_os("DIANKA_PLUGC").map_or_else(
            || {
                let own = found(&self.programs);
                if own.exists() { own } else { found(&self.target.join("debug")) }
            },
            PathBuf::from,
        )
    }

    /// What every server is started with.
    pub fn arguments(&self) -> Vec<OsString> {
        vec!["--drivers".into(), self.drivers().into(), "--plugc".into(), self.plugc().into()]
    }
}
