//! How a registry is set up.

use std::path::PathBuf;
use std::time::Duration;

use dianka_plugin_package::Policy;

/// A folder with driver files.
#[derive(Debug, Clone)]
pub struct DriversDir {
    /// Where it is. It need not exist yet.
    pub path: PathBuf,
    /// Whether it came with the program, so that its files need no signature.
    pub built_in: bool,
}

/// How long things may take on the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct WallLimits {
    /// Checking a component against its contract, in the child.
    pub check: Duration,
    /// Compiling it, in the child.
    pub compile: Duration,
    /// Trying it before it is offered, in the child.
    pub conformance: Duration,
    /// One call of a reader driver, waiting on the line included.
    pub reader_call: Duration,
}

impl Default for WallLimits {
    /// 10 s, 30 s, 60 s, 15 s.
    fn default() -> Self {
        Self {
            check: Duration::from_secs(10),
            compile: Duration::from_secs(30),
            conformance: Duration::from_secs(60),
            reader_call: Duration::from_secs(15),
        }
    }
}

/// Everything that a registry needs to know.
#[derive(Debug, Clone)]
pub struct RegistryOptions {
    /// Where drivers lie.
    pub drivers_dirs: Vec<DriversDir>,
    /// Where compiled drivers are kept: a folder that nobody but this program's user can enter. Made if it is not there.
    pub cache_dir: PathBuf,
    /// What compiled drivers are sealed with against being exchanged, from the server's own secrets. Without it, a
    /// random one is kept in the cache folder.
    pub cache_secret: Option<Vec<u8>>,
    /// The program `dianka-plugc`.
    pub plugc_path: PathBuf,
    /// The program `dianka-kit`. With it, a driver that did not come with this program is tried by its own vectors and
    /// the conformance suite before it is offered; without it, that was done elsewhere.
    pub kit_path: Option<PathBuf>,
    /// Which files may run.
    pub policy: Policy,
    /// Wall limits.
    pub wall: WallLimits,
}

/// Why a registry could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The engine does not start on this machine.
    #[error("the engine for drivers does not start: {0}")]
    Engine(String),
    /// The cache folder cannot be used.
    #[error("the cache folder {} cannot be used: {why}", .path.display())]
    Cache {
        /// The folder, or a file in it.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}
