//! Limits that this process sets for itself before it looks at a stranger's file.

use clap::Args;
use nix::sys::resource::{Resource, setrlimit};

use crate::Failure;

/// What one check or compilation may take. Measured: an honest driver needs 0.1 s of CPU in a release build, and a
/// component of the greatest allowed size 6.3 s.
#[derive(Args)]
pub struct Limits {
    /// CPU seconds; the process dies of SIGXCPU.
    #[arg(long, default_value_t = 20)]
    cpu_seconds: u64,
    /// Address space, MiB; allocations fail beyond it.
    #[arg(long, default_value_t = 1024)]
    memory_mib: u64,
}

/// The compiled form of a driver is some three times as large as the driver.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

impl Limits {
    /// Sets them, for good.
    pub fn apply(&self) -> Result<(), Failure> {
        let memory = self.memory_mib.saturating_mul(1024 * 1024);
        // One second between the soft and the hard limit, so that the signal says which limit it was.
        for (resource, soft, hard) in [
            (Resource::RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds.saturating_add(1)),
            (Resource::RLIMIT_AS, memory, memory),
            (Resource::RLIMIT_FSIZE, MAX_FILE_BYTES, MAX_FILE_BYTES),
            (Resource::RLIMIT_CORE, 0, 0),
        ] {
            setrlimit(resource, soft, hard)
                .map_err(|error| Failure::Host(format!("{resource:?} cannot be set to {soft}: {error}")))?;
        }
        Ok(())
    }
}
