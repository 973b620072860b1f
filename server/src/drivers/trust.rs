//! The keys of vendors: those of the settings, and those that an administrator has added.

use crate::config::Config;
use dianka_plugin_host::package::{KeyText, TrustError, TrustTable};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why the keys could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        cause: std::io::Error,
    },
    /// Its content, or a new key.
    #[error("{}: {cause}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: TrustError,
    },
}

/// Both tables together. The settings come first: a key that stands there is not revoked by the other file.
///
/// # Errors
/// A file that cannot be read, or does not parse.
pub fn all(config: &Config) -> Result<TrustTable, KeysError> {
    Ok(fixed(config)?.with(&added(config)?))
}

/// The keys that the settings name.
///
/// # Errors
/// As [`all`].
pub fn fixed(config: &Config) -> Result<TrustTable, KeysError> {
    match &config.plugins.trust_file {
        Some(path) => read(path),
        None => Ok(TrustTable::default()),
    }
}

/// The keys that an administrator has added.
///
/// # Errors
/// As [`all`].
pub fn added(config: &Config) -> Result<TrustTable, KeysError> {
    let path = file(config);
    if path.exists() { read(&path) } else { Ok(TrustTable::default()) }
}

/// Adds a key for good, or lets one that was added sign other ids.
///
/// # Errors
/// A key that is none; the file system's.
pub fn add(config: &Config, key: KeyText) -> Result<(), KeysError> {
    let mut table = added(config)?;
    table.put(key).map_err(|cause| KeysError::Content { path: file(config), cause })?;
    write(config, &table)
}

/// Revokes a key for good. False if it is not among the added ones.
///
/// # Errors
/// The file system's.
pub fn revoke(config: &Config, name: &str) -> Result<bool, KeysError> {
    let mut table = added(config)?;
    if !table.revoke(name) {
        return Ok(false);
    }
    write(config, &table)?;
    Ok(true)
}

fn file(config: &Config) -> PathBuf {
    config.data.dir.join("driver-keys.toml")
}

fn read(path: &Path) -> Result<TrustTable, KeysError> {
    let text = std::fs::read_to_string(path).map_err(|cause| KeysError::File { path: path.to_owned(), cause })?;
    TrustTable::from_toml(&text).map_err(|cause| KeysError::Content { path: path.to_owned(), cause })
}

/// Whole or not at all.
fn write(config: &Config, table: &TrustTable) -> Result<(), KeysError> {
    let path = file(config);
    let text = table.to_toml().map_err(|cause| KeysError::Content { path: path.clone(), cause })?;
    let draft = path.with_extension("new");
    let written = || {
        let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&draft, &path)
    };
    written().map_err(|cause| KeysError::File { path: path.clone(), cause })
}
