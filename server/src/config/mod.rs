//! Settings: `config/default.toml` (embedded) < `--config` file < `DATABASE_URL` < `DIANKA__A__B` < command line.
//!
//! Read once at the start; a mistake names the key and the source it came from.

mod load;

pub use load::{ConfigError, Overrides};

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The commented default, also what `dianka config default` prints.
pub const DEFAULT_TOML: &str = include_str!("../../../config/default.toml");

/// All settings. The meaning of each key stands in `config/default.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// HTTP.
    pub server: Server,
    /// The data folder.
    pub data: Data,
    /// The database.
    pub database: Database,
    /// Driver packages.
    pub plugins: Plugins,
    /// Workstation 0.
    pub station: Station,
    /// Token standards.
    pub tokens: Tokens,
    /// Log-in.
    pub auth: Auth,
    /// Bounds against overload.
    pub limits: Limits,
    /// The books.
    pub books: Books,
    /// Totals for reports.
    pub analysis: Analysis,
    /// The nightly check of the books.
    pub reconcile: Reconcile,
    /// The log.
    pub log: Log,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on; port 0 lets the system choose. See [`Server::address`].
    pub listen: String,
    /// HTTP worker threads; 0 = one per core.
    pub workers: usize,
    /// Pages from a folder instead of the built-in ones.
    #[serde(default)]
    pub ui_dir: Option<PathBuf>,
    /// Seconds for running requests at the end.
    pub shutdown_s: u64,
}

/// `[data]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The data folder.
    pub dir: PathBuf,
}

/// `[database]`
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Application role; `None` = private Postgres.
    #[serde(default)]
    pub url: Option<String>,
    /// Owner role for migrations.
    #[serde(default)]
    pub owner_url: Option<String>,
    /// Pool size; 0 = by cores.
    pub pool: usize,
}

/// `[plugins]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plugins {
    /// Drivers that came with the server.
    #[serde(default)]
    pub shipped_dir: Option<PathBuf>,
    /// Drivers of others.
    #[serde(default)]
    pub dir: Option<PathBuf>,
    /// Whether drivers of others may be unsigned.
    pub allow_unsigned: bool,
    /// Keys of vendors.
    #[serde(default)]
    pub trust_file: Option<PathBuf>,
    /// The compiler of drivers.
    #[serde(default)]
    pub plugc: Option<PathBuf>,
    /// The program that tries drivers of others; beside the compiler.
    #[serde(default)]
    pub kit: Option<PathBuf>,
    /// Milliseconds between two looks.
    pub rescan_ms: u64,
}

/// `[station]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// Serial port of workstation 0.
    #[serde(default)]
    pub port: Option<String>,
    /// Its reader driver.
    pub driver: String,
}

/// `[tokens]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// The file with the sealed vending keys. See [`Config::vending_keys_file`].
    #[serde(default)]
    pub key_file: Option<PathBuf>,
}

/// `[auth]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Life of an access token, seconds.
    pub access_token_s: u32,
    /// Life of a refresh token, hours.
    pub refresh_token_h: u32,
    /// Grace for a used refresh token, seconds.
    pub refresh_grace_s: u32,
    /// Argon2id memory, KiB.
    pub hash_memory_kib: u32,
    /// Argon2id passes.
    pub hash_passes: u32,
    /// Argon2id lanes.
    pub hash_lanes: u32,
    /// Concurrent hashes.
    pub hashes_at_once: usize,
    /// Failures before the first pause.
    pub lockout_after: u32,
    /// First pause, seconds.
    pub lockout_base_s: u32,
    /// Longest pause, seconds.
    pub lockout_max_s: u32,
    /// Shortest new password, characters.
    pub password_min: usize,
    /// Refresh cookie without `Secure`.
    pub insecure_cookie: bool,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest body, KiB.
    pub body_kib: usize,
    /// Admitted writes per database connection.
    pub writes_per_connection: usize,
    /// `Retry-After`, seconds.
    pub retry_after_s: u32,
}

/// `[books]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Books {
    /// Minutes that the organisation's own time is ahead of UTC.
    pub utc_offset_minutes: i32,
}

/// `[analysis]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// Milliseconds between two folds.
    pub fold_ms: u64,
}

/// `[reconcile]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    /// Whether every night is checked.
    pub nightly: bool,
    /// Local hour from which a night's check is due.
    pub hour: u32,
    /// Limit of the statement of one invariant, seconds.
    pub statement_timeout_s: u64,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For a collector.
    Json,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Text or JSON.
    pub format: LogFormat,
    /// `tracing` filter.
    pub filter: String,
}

/// A connection address contains a password: it is not printed.
impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.url.as_deref().map(hide_password))
            .field("owner_url", &self.owner_url.as_deref().map(hide_password))
            .field("pool", &self.pool)
            .finish()
    }
}

/// `postgres://user:secret@host/db` becomes `postgres://user:***@host/db`.
pub(crate) fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
    let Some((login, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
        None => url.to_owned(),
    }
}

impl Server {
    /// `listen` as an address; `None` if it is none, which [`Config::load`] refuses.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }
}

impl Config {
    /// The folder of the keys, readable for the server's user only.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data.dir.join("keys")
    }

    /// The file with the sealed vending keys.
    #[must_use]
    pub fn vending_keys_file(&self) -> PathBuf {
        self.tokens.key_file.clone().unwrap_or_else(|| self.keys_dir().join("vending-keys"))
    }

    /// The folder of drivers that did not come with the server.
    #[must_use]
    pub fn drivers_dir(&self) -> PathBuf {
        self.plugins.dir.clone().unwrap_or_else(|| self.data.dir.join("drivers"))
    }

    /// The file with the one-time set-up token.
    #[must_use]
    pub fn setup_token_file(&self) -> PathBuf {
        self.data.dir.join("setup-token")
    }
}
