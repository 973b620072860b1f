//! A Postgres of the server's own, for when none is given: the system's binaries, the data under the server's data folder,
//! one unix socket and no network port.
//!
//! It is a process of its own. [`PrivatePostgres::stop`] ends it; when the server is killed it stays, and the next start
//! finds it and takes it over. Authentication is by the socket's folder, which nobody else may enter.
//!
//! Run by root, Postgres itself runs as the unprivileged user `postgres`.

mod binaries;
mod cluster;
mod error;
mod owner;
mod place;
mod postmaster;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};

pub use error::PrivatePostgresError;
use error::{Result, at};
use owner::Owner;
use place::Place;
use postmaster::Postmaster;

/// Superuser and owner of the tables: migrations only.
pub const OWNER_ROLE: &str = "dianka_owner";
/// What the application logs in as: owns nothing, bound by row-level security.
pub const APP_ROLE: &str = "dianka_app";
/// The database.
pub const DATABASE: &str = "dianka";

/// Where and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's data folder.
    pub data_dir: PathBuf,
    /// Folder of `postgres` and `initdb`; `None`: the newest of the system that fits the data.
    pub bin_dir: Option<PathBuf>,
    /// Whether a commit survives a power cut. Off in tests only.
    pub durable: bool,
    /// How long a start may take (recovery after a crash included), and a stop.
    pub timeout: Duration,
}

impl Options {
    /// Durable, with the system's newest binaries, under `data_dir`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), bin_dir: None, durable: true, timeout: Duration::from_secs(60) }
    }
}

/// A running Postgres. Dropping it leaves it running, to be taken over by the next start.
#[derive(Debug)]
pub struct PrivatePostgres {
    postmaster: Postmaster,
    place: Place,
    owner: Owner,
    options: Options,
    /// Held as long as this server lives; the kernel lets go of it however the server ends.
    _lock: Flock<std::fs::File>,
}

impl PrivatePostgres {
    /// Starts it, or takes over the one that an earlier server left running; makes its data on the first start.
    ///
    /// # Errors
    /// [`PrivatePostgresError::InUse`] when another server works on this data folder;
    /// [`PrivatePostgresError::NotInstalled`], [`PrivatePostgresError::NoUser`], [`PrivatePostgresError::Version`] say
    /// what to install; [`PrivatePostgresError::NotStarted`] carries the end of its log.
    pub async fn start(options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.data_dir).map_err(at(&options.data_dir))?;
        let data_dir = options.data_dir.canonicalize().map_err(at(&options.data_dir))?;
        let lock = take_lock(&data_dir)?;
        let owner = Owner::find()?;
        let place = Place::find(&data_dir, &owner)?;
        let binaries = binaries::find(options.bin_dir.as_deref(), place.version()?.as_deref())?;
        cluster::ensure(&place, &binaries, &owner, options.durable).await?;
        let postmaster = Postmaster::adopt_or_start(&place, &binaries, &owner, options).await?;
        cluster::ensure_database(&postmaster.url(OWNER_ROLE, "postgres")).await?;
        Ok(Self { postmaster, place, owner, options: options.clone(), _lock: lock })
    }

    /// Connection texts of the owner and of the application for the Postgres that a running server has on this data
    /// folder. Nothing is started, taken over or stopped.
    ///
    /// # Errors
    /// The file system's.
    pub fn urls_of_running(options: &Options) -> Result<Option<(String, String)>> {
        let data_dir = options.data_dir.canonicalize().map_err(at(&options.data_dir))?;
        let place = Place::find(&data_dir, &Owner::find()?)?;
        let url = |role| postmaster::url_of_running(&place.cluster, role, DATABASE);
        Ok(url(OWNER_ROLE).zip(url(APP_ROLE)))
    }

    /// Starts it again if it has ended by itself (it was killed, say); returns whether it had. Call it now and then.
    ///
    /// # Errors
    /// As [`PrivatePostgres::start`].
    pub async fn keep_running(&mut self) -> Result<bool> {
        if self.postmaster.is_running() {
            return Ok(false);
        }
        tracing::warn!(pid = self.pid(), "the private Postgres has ended by itself: starting it again");
        let binaries = binaries::find(self.options.bin_dir.as_deref(), self.place.version()?.as_deref())?;
        self.postmaster = Postmaster::adopt_or_start(&self.place, &binaries, &self.owner, &self.options).await?;
        Ok(true)
    }

    /// Connection text of the tables' owner.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.postmaster.url(OWNER_ROLE, DATABASE)
    }

    /// Connection text of the application.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.postmaster.url(APP_ROLE, DATABASE)
    }

    /// Connection text for another role or database of this Postgres.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        self.postmaster.url(role, database)
    }

    /// The postmaster's process id.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.postmaster.pid()
    }

    /// Whether an earlier server had left it running.
    #[must_use]
    pub const fn was_adopted(&self) -> bool {
        self.postmaster.was_adopted()
    }

    /// Ends it: open sessions are cut, everything committed is on disk.
    ///
    /// # Errors
    /// [`PrivatePostgresError::NotStopped`] when it takes longer than the time-out; it then goes on stopping.
    pub async fn stop(self) -> Result<()> {
        self.postmaster.stop(self.options.timeout).await?;
        self.place.leave();
        Ok(())
    }
}

/// One server per data folder.
fn take_lock(data_dir: &Path) -> Result<Flock<std::fs::File>> {
    let path = data_dir.join("server.lock");
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(at(&path))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => {
            // For people: who holds it. The lock itself is the kernel's.
            std::fs::write(&path, format!("{}\n", std::process::id())).map_err(at(&path))?;
            Ok(lock)
        }
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => {
            let holder = std::fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
            Err(PrivatePostgresError::InUse { data_dir: data_dir.to_owned(), holder })
        }
        Err((_, errno)) => Err(at(&path)(errno.into())),
    }
}

/// Makes a folder that only its owner may enter, or checks that it is one.
fn private_dir(path: &Path, owner: &Owner) -> Result<()> {
    match std::fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(at(path)(error)),
    }
    let found = std::fs::symlink_metadata(path).map_err(at(path))?;
    if !found.is_dir() {
        return Err(PrivatePostgresError::NotADirectory(path.to_owned()));
    }
    owner.give(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(at(path))
}
