//! Why there is no private Postgres.

use std::path::{Path, PathBuf};

/// Result of this module.
pub type Result<T, E = PrivatePostgresError> = std::result::Result<T, E>;

/// Why there is no private Postgres, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivatePostgresError {
    /// Another server works on this data folder.
    #[error("another server (process {holder}) works on the data folder {}", data_dir.display())]
    InUse {
        /// The data folder.
        data_dir: PathBuf,
        /// Its process id, as it wrote it down.
        holder: String,
    },
    /// No binaries.
    #[error(
        "postgres and initdb were not found in /usr/lib/postgresql/*/bin or on the PATH; install postgresql 15 or newer"
    )]
    NotInstalled,
    /// The data were made by another major version.
    #[error("the data in {} need Postgres {needed}; installed: {}", dir.display(), installed.join(", "))]
    Version {
        /// The data.
        dir: PathBuf,
        /// The major version that made them.
        needed: String,
        /// What is there.
        installed: Vec<String>,
    },
    /// Run by root, and there is nobody to run Postgres as.
    #[error("Postgres does not run as root and there is no user `postgres`; install the system's postgresql package")]
    NoUser,
    /// A file is where a folder is needed.
    #[error("{} is not a folder", .0.display())]
    NotADirectory(PathBuf),
    /// The data belong to somebody else.
    #[error("{} belongs to another user; run the server as before", .0.display())]
    NotOwned(PathBuf),
    /// A file could not be read, written or made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb failed: {0}")]
    InitDb(String),
    /// It ended while starting, or did not answer in time.
    #[error("Postgres did not start ({reason}); the end of {}:\n{tail}", log.display())]
    NotStarted {
        /// What was seen.
        reason: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// It answers, but role or database could not be made.
    #[error("preparing the database: {0}")]
    Database(String),
    /// It does not end.
    #[error("Postgres (process {0}) is still stopping")]
    NotStopped(i32),
}

/// Names the file of an error.
pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PrivatePostgresError + use<> {
    let path = path.to_owned();
    move |source| PrivatePostgresError::Io { path, source }
}
