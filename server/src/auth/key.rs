//! The key that signs access tokens: Ed25519, made at the first start, kept in the data folder.
//!
//! Servers that share a database share this file: a token of one must hold at the other.

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The key and its id. Not printed, not serialised.
pub struct TokenKey {
    signing: SigningKey,
    kid: String,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    /// Reading or writing failed.
    #[error("key file {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file can be read by others.
    #[error("key file {path} is readable for others; run: chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// The file does not have 32 bytes.
    #[error("key file {path} does not hold 32 bytes")]
    Length {
        /// The file.
        path: PathBuf,
    },
}

impl TokenKey {
    /// Reads `<data>/token-signing.key`, making it if it is missing.
    ///
    /// # Errors
    /// When the file cannot be read or written, has another length, or is readable for others.
    pub fn load(data: &Path) -> Result<TokenKey, TokenKeyError> {
        Ok(TokenKey::from_bytes(load_or_make(&data.join("token-signing.key"))?))
    }

    /// From its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> TokenKey {
        let signing = SigningKey::from_bytes(&bytes);
        let kid = hex::encode(Sha256::digest(signing.verifying_key().as_bytes())).chars().take(16).collect();
        TokenKey { signing, kid }
    }

    /// The key.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// Its id: what the `kid` of a token must be.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

fn load_or_make(path: &Path) -> Result<[u8; 32], TokenKeyError> {
    let io = |cause| TokenKeyError::Io { path: path.to_owned(), cause };
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let key: [u8; 32] = rand::random();
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(io)?;
            Ok(key)
        }
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => read_key(path),
        Err(cause) => Err(io(cause)),
    }
}

fn read_key(path: &Path) -> Result<[u8; 32], TokenKeyError> {
    let io = |cause| TokenKeyError::Io { path: path.to_owned(), cause };
    let mut file = std::fs::File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(TokenKeyError::Open { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    bytes.try_into().map_err(|_| TokenKeyError::Length { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_survives_a_restart_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = TokenKey::load(dir.path()).unwrap();
        assert_eq!(first.kid(), TokenKey::load(dir.path()).unwrap().kid());
        let file = dir.path().join("token-signing.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(TokenKey::load(dir.path()), Err(TokenKeyError::Open { .. })));
    }

    #[test]
    fn a_short_key_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        TokenKey::load(dir.path()).unwrap();
        std::fs::write(dir.path().join("token-signing.key"), b"short").unwrap();
        assert!(matches!(TokenKey::load(dir.path()), Err(TokenKeyError::Length { .. })));
    }
}
