//! Where the settings come from, and what they must fulfil.

use super::{Config, DEFAULT_TOML};
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use std::path::PathBuf;

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
            .merge(given("DATABASE_URL").map(|_| "database.url".into()).split("."))
            .merge(given("DATABASE_OWNER_URL").map(|_| "database.owner_url".into()).split("."))
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
        let programs = [&mut plugins.plugc, &mut plugins.kit];
        let optional =
            [&mut plugins.shipped_dir, &mut plugins.dir, &mut plugins.trust_file].into_iter().chain(programs);
        let all = optional.flatten().chain(&mut self.server.ui_dir).chain(&mut self.tokens.key_file);
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
            (self.reconcile.hour > 23, "reconcile.hour", "must be between 0 and 23"),
            (self.reconcile.statement_timeout_s == 0, "reconcile.statement_timeout_s", "must be at least 1"),
            (self.analysis.fold_ms < 50, "analysis.fold_ms", "must be at least 50"),
        ];
        rules.into_iter().find(|(broken, ..)| *broken).map(|(_, key, rule)| (key, rule))
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
/// A variable of the environment; one that is empty is one that is not set.
fn given(name: &str) -> Env {
    let is_set = std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Env::raw().only(if is_set { std::slice::from_ref(&name) } else { &[] })
}

fn origin(figment: &Figment, key: &str) -> String {
    figment.find_metadata(key).map_or_else(
        || "the built-in default".to_owned(),
        |metadata| match &metadata.source {
            Some(source) => source.to_string(),
            None => metadata.name.to_string(),
        },
    )
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
    use crate::config::LogFormat;
    use figment::Jail;
    use std::net::SocketAddr;

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
    fn the_example_for_production_is_good() {
        Jail::expect_with(|jail| {
            jail.clear_env();
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/production.example.toml");
            let config = Config::load(&Overrides { file: Some(file.into()), ..Overrides::default() }).unwrap();
            assert_eq!(config.log.format, LogFormat::Json);
            assert!(config.database.url.is_some() && config.database.owner_url.is_some());
            Ok(())
        });
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
            jail.set_env("DATABASE_URL", "");
            assert_eq!(Config::load(&cli).unwrap().database.url, None, "empty is not set");
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
