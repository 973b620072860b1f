//! A vendor's key pair, in the formats of minisign, so that minisign itself may be used instead.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// The other half.
    #[error("{0} is a public key 公钥; sign with the secret one 请用私钥 (.key)")]
    Public(PathBuf),
    /// Not a key, a wrong password, or no chance to be had.
    #[error("{0}")]
    Key(#[from] minisign::PError),
}

/// Makes a key pair: `NAME.key`, for this user's eyes only, and `NAME.pub`. Without a password the secret key lies open.
/// No file is overwritten. Answers with the public key's text for a trust table.
pub fn generate(name: &Path, password: Option<String>) -> Result<String, KeyError> {
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password))?,
        None => KeyPair::generate_unencrypted_keypair()?,
    };
    let comment = "dianka-kit secret key";
    write_new(&with_end(name, "key"), 0o600, &pair.sk.to_box(Some(comment))?.into_string())?;
    write_new(&with_end(name, "pub"), 0o644, &pair.pk.to_box()?.into_string())?;
    Ok(pair.pk.to_base64())
}

/// `NAME.END`, also if the name has a dot in it.
#[must_use]
pub fn with_end(name: &Path, end: &str) -> PathBuf {
    let mut path = name.as_os_str().to_owned();
    path.push(".");
    path.push(end);
    path.into()
}

/// Reads a secret key. `ask` gives the password of one that has one.
pub fn secret(path: &Path, ask: impl FnOnce() -> io::Result<String>) -> Result<SecretKey, KeyError> {
    let file = |why| KeyError::File { path: path.to_path_buf(), why };
    let text = std::fs::read_to_string(path).map_err(file)?;
    if public(path).is_ok() {
        return Err(KeyError::Public(path.to_path_buf()));
    }
    if let Ok(key) = SecretKeyBox::from_string(&text)?.into_unencrypted_secret_key() {
        return Ok(key);
    }
    Ok(SecretKeyBox::from_string(&text)?.into_secret_key(Some(ask().map_err(file)?))?)
}

/// Reads a public key: the text of `NAME.pub`, or its second line alone.
pub fn public(path: &Path) -> Result<PublicKey, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|why| KeyError::File { path: path.to_path_buf(), why })?;
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    Ok(PublicKey::from_base64(last)?)
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), KeyError> {
    let file = |why| KeyError::File { path: path.to_path_buf(), why };
    let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(file)?;
    writeln!(out, "{}", text.trim_end()).map_err(file)
}
