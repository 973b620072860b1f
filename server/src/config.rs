//! Settings: `config/default.toml` (embedded) < `--config` file < `DATABASE_URL` < `DIANKA__A__B` < command line.
//!
//! Read once at the start; a mistake names the key and the source it came from.

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The commented default, also what `dianka config default` prints.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

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
    /// Log-in.
    pub auth: Auth,
    /// Bounds against overload.
    pub limits: Limits,
    /// The books.
    pub books: Books,
    /// Totals for reports.
    pub analysis: Analysis,
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
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
    let Some((login, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
        None => url.to_owned(),
    }
}

/// What the command line may set; it wins over everything else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--config`
    pub file: Option<PathBuf>,
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--port`
    pub port: Option<String>,
    /// `--driver`
    pub driver: Option<String>,
    /// `--ui-dir`
    pub ui_dir: Option<PathBuf>,
    /// `--drivers`
    pub drivers: Option<PathBuf>,
    /// `--plugc`
    pub plugc: Option<PathBuf>,
}

/// A setting is missing, unknown or of the wrong kind; or two of them contradict each other.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// From one source; the text names key and source.
    #[error("settings: {0}")]
    Source(#[from] Box<figment::Error>),
    /// The `--config` file cannot be read.
    #[error("settings: cannot read {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A value that cannot be used.
    #[error("settings: {key} (from {origin}): {rule}")]
    Value {
        /// The key.
        key: &'static str,
        /// Where the value comes from.
        origin: String,
        /// The rule it breaks.
        rule: &'static str,
    },
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// When a source cannot be read or a key is unknown, missing, of the wrong kind or out of bounds.
    pub fn load(cli: &Overrides) -> Result<Config, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULT_TOML));
        if let Some(file) = &cli.file {
            // Read here first: figment takes a missing file for an empty one.
            std::fs::read_to_string(file).map_err(|cause| ConfigError::File { path: file.clone(), cause })?;
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment
            .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()).split("."))
            .merge(Env::raw().only(&["DATABASE_OWNER_URL"]).map(|_| "database.owner_url".into()).split("."))
            .merge(Env::prefixed("DIANKA__").split("__"));
        figment = figment.merge(CommandLine(cli));
        let mut config: Config = figment.extract().map_err(Box::new)?;
        config.make_absolute();
        match config.broken_rule() {
            None => Ok(config),
            Some((key, rule)) => Err(ConfigError::Value { key, origin: origin(&figment, key), rule }),
        }
    }

    /// The embedded default alone, for tests and for `dianka openapi`.
    ///
    /// # Errors
    /// Never with the file as checked in; a test holds that.
    pub fn embedded() -> Result<Config, ConfigError> {
        Ok(Figment::from(Toml::string(DEFAULT_TOML)).extract().map_err(Box::new)?)
    }

    /// Paths count from where the server was started, also for the programs that it starts elsewhere.
    fn make_absolute(&mut self) {
        let plugins = &mut self.plugins;
        let optional = [&mut plugins.shipped_dir, &mut plugins.dir, &mut plugins.trust_file, &mut plugins.plugc];
        let all = optional.into_iter().flatten().chain(&mut self.server.ui_dir);
        for path in all.chain([&mut self.data.dir]) {
            if let Ok(absolute) = std::path::absolute(&*path) {
                *path = absolute;
            }
        }
    }

    /// The first rule that the values break, with the key.
    fn broken_rule(&self) -> Option<(&'static str, &'static str)> {
        let auth = &self.auth;
        // The floor of OWASP ASVS 5.0, appendix C, for one lane.
        let weak = auth.hash_memory_kib < 12 * 1024 || auth.hash_passes == 0 || auth.hash_lanes == 0;
        let rules = [
            (self.server.address().is_none(), "server.listen", "must be an address and a port, like 127.0.0.1:8080"),
            (
                self.database.owner_url.is_some() && self.database.url.is_none(),
                "database.owner_url",
                "is set, but database.url is not",
            ),
            (!(60..=3600).contains(&auth.access_token_s), "auth.access_token_s", "must be between 60 and 3600"),
            (auth.hashes_at_once == 0, "auth.hashes_at_once", "must be at least 1"),
            (weak, "auth.hash_memory_kib", "must be at least 12288, with one pass and one lane or more"),
            (self.limits.body_kib == 0, "limits.body_kib", "must be at least 1"),
            (self.limits.writes_per_connection == 0, "limits.writes_per_connection", "must be at least 1"),
            (self.books.utc_offset_minutes.abs() > 14 * 60, "books.utc_offset_minutes", "must be between -840 and 840"),
            (self.plugins.rescan_ms < 100, "plugins.rescan_ms", "must be at least 100"),
            (self.analysis.fold_ms < 50, "analysis.fold_ms", "must be at least 50"),
        ];
        rules.into_iter().find(|(broken, ..)| *broken).map(|(_, key, rule)| (key, rule))
    }

    /// The folder of the keys, readable for the server's user only.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data.dir.join("keys")
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

/// Puts `inner` into `dict`; what both have are tables.
fn merge(dict: &mut Dict, part: String, inner: Value) {
    match (dict.get_mut(&part), inner) {
        (Some(Value::Dict(_, known)), Value::Dict(_, more)) => known.extend(more),
        (_, inner) => {
            dict.insert(part, inner);
        }
    }
}

/// The source that a value came from, for people.
fn origin(figment: &Figment, key: &str) -> String {
    figment.find_metadata(key).map_or_else(
        || "the built-in default".to_owned(),
        |metadata| match &metadata.source {
            Some(source) => source.to_string(),
            None => metadata.name.to_string(),
        },
    )
}

impl Server {
    /// `listen` as an address; `None` if it is none, which [`Config::load`] refuses.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }
}

/// The command line as a source, so that a mistake there is named as such.
struct CommandLine<'a>(&'a Overrides);

impl Provider for CommandLine<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("the command line")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let path = |p: &Option<PathBuf>| p.as_ref().map(|p| p.to_string_lossy().into_owned());
        let given = [
            ("data.dir", path(&self.0.data)),
            ("server.listen", self.0.listen.clone()),
            ("server.ui_dir", path(&self.0.ui_dir)),
            ("plugins.shipped_dir", path(&self.0.drivers)),
            ("plugins.plugc", path(&self.0.plugc)),
            ("station.port", self.0.port.clone()),
            ("station.driver", self.0.driver.clone()),
        ];
        let mut all = Map::from([(Profile::Default, Dict::new())]);
        for (key, value) in given {
            if let (Some(value), Some(dict)) = (value, all.get_mut(&Profile::Default)) {
                let nested = Serialized::default(key, value).data()?.remove(&Profile::Default).unwrap_or_default();
                for (part, inner) in nested {
                    merge(dict, part, inner);
                }
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's error, in the closures of its Jail")]
mod tests {
    use super::*;
    use figment::Jail;

    fn port(port: u16) -> Option<SocketAddr> {
        Some(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    #[test]
    fn the_default_is_complete() {
        let config = Config::embedded().unwrap();
        assert_eq!(config.server.address(), port(8080));
        assert!(config.database.url.is_none() && config.station.port.is_none());
        assert_eq!(config.broken_rule(), None);
    }

    #[test]
    fn every_key_is_explained() {
        // A key stands below its own comment, or below the key that shares the comment.
        let is_key =
            |line: &str| line.trim_start_matches("# ").split_once(" = ").is_some_and(|(k, _)| !k.contains(' '));
        let mut before = "";
        for line in DEFAULT_TOML.lines() {
            if is_key(line) {
                assert!(before.starts_with('#') || is_key(before), "{line}");
            }
            before = line;
        }
    }

    #[test]
    fn later_sources_win() {
        Jail::expect_with(|jail| {
            jail.clear_env();
            jail.create_file("mine.toml", "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"\n")?;
            let cli = Overrides { file: Some("mine.toml".into()), ..Overrides::default() };
            assert_eq!(Config::load(&cli).unwrap().server.address(), port(1));
            jail.set_env("DIANKA__SERVER__LISTEN", "127.0.0.1:2");
            jail.set_env("DIANKA__DATABASE__POOL", "12");
            jail.set_env("DATABASE_URL", "postgres://app:secret@db/dianka");
            jail.set_env("DIANKA_SOMETHING_ELSE", "1");
            let config = Config::load(&cli).unwrap();
            assert_eq!((config.server.address(), config.database.pool), (port(2), 12));
            assert_eq!(config.database.url.as_deref(), Some("postgres://app:secret@db/dianka"));
            assert!(!format!("{config:?}").contains("secret"));
            jail.set_env("DIANKA__DATABASE__URL", "postgres://other/dianka");
            let cli = Overrides { listen: Some("127.0.0.1:3".into()), port: Some("/dev/ttyUSB0".into()), ..cli };
            let config = Config::load(&cli).unwrap();
            assert_eq!(config.server.address(), port(3));
            assert_eq!(config.station.port.as_deref(), Some("/dev/ttyUSB0"));
            assert_eq!(config.database.url.as_deref(), Some("postgres://other/dianka"));
            assert_eq!(config.log.format, LogFormat::Json);
            Ok(())
        });
    }

    #[test]
    fn mistakes_name_key_and_source() {
        Jail::expect_with(|jail| {
            jail.clear_env();
            jail.create_file("bad.toml", "[database]\nurll = \"x\"\n")?;
            let file = Overrides { file: Some("bad.toml".into()), ..Overrides::default() };
            let text = Config::load(&file).unwrap_err().to_string();
            assert!(text.contains("urll") && text.contains("bad.toml"), "{text}");
            let text = Config::load(&Overrides { file: Some("none.toml".into()), ..Overrides::default() });
            assert!(text.unwrap_err().to_string().contains("none.toml"));
            let cli = Overrides { listen: Some("everywhere".into()), ..Overrides::default() };
            let text = Config::load(&cli).unwrap_err().to_string();
            assert!(text.contains("server.listen") && text.contains("command line"), "{text}");
            jail.set_env("DIANKA__AUTH__ACCESS_TOKEN_S", "5");
            let text = Config::load(&Overrides::default()).unwrap_err().to_string();
            assert!(text.contains("auth.access_token_s") && text.contains("environment"), "{text}");
            jail.set_env("DIANKA__AUTH__ACCESS_TOKEN_S", "often");
            let text = Config::load(&Overrides::default()).unwrap_err().to_string();
            assert!(text.contains("ACCESS_TOKEN_S") && text.contains("environment"), "{text}");
            jail.set_env("DIANKA__AUTH__ACCESS_TOKEN_S", "300");
            jail.set_env("DIANKA__LOG__FORMAT", "xml");
            let text = Config::load(&Overrides::default()).unwrap_err().to_string();
            assert!(text.contains("xml") && text.contains("environment"), "{text}");
            Ok(())
        });
    }
}
