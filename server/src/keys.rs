//! The server's own keys: made at the first start, kept under `<data>/keys`, readable for its user only.
//!
//! Cards in the field hang on the root key: a damaged file is an error, never a reason for a new key. Servers that
//! share a database share this folder's content: a token, quote or card of one must hold at the other.

use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The keys. Not printed, not serialised.
pub struct Keys {
    root: [u8; 32],
    token: SigningKey,
    kid: String,
    ticket: SigningKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
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
    #[error("key file {path} does not hold 32 bytes; restore it from the backup")]
    Length {
        /// The file.
        path: PathBuf,
    },
}

impl Keys {
    /// Reads the keys of this folder, making those that are missing.
    ///
    /// # Errors
    /// When a file cannot be read or written, has another length, or is readable for others.
    pub fn load(dir: &Path) -> Result<Keys, KeyError> {
        let io = |cause| KeyError::Io { path: dir.to_owned(), cause };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io)?;
        Ok(Keys::from_bytes(load_or_make(&dir.join("root"))?, load_or_make(&dir.join("token"))?))
    }

    /// From bytes, for tests.
    #[must_use]
    pub fn from_bytes(root: [u8; 32], token: [u8; 32]) -> Keys {
        let token = SigningKey::from_bytes(&token);
        let kid = hex::encode(Sha256::digest(token.verifying_key().as_bytes())).chars().take(16).collect();
        let ticket = SigningKey::from_bytes(&hmac(&root, &[b"ticket"]));
        Keys { root, token, kid, ticket }
    }

    /// The key that signs access tokens.
    #[must_use]
    pub fn token(&self) -> &SigningKey {
        &self.token
    }

    /// Its id: what the `kid` of a token must be.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key that signs tickets. Made once: its public half costs as much as a signature.
    #[must_use]
    pub fn ticket(&self) -> &SigningKey {
        &self.ticket
    }

    /// A key for one purpose, for example `"quote"`: HMAC-SHA256 of the root key over its name.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(&self.root, &[purpose.as_bytes()])
    }
}

/// HMAC-SHA256 with a key of 32 bytes.
#[must_use]
pub fn hmac(key: &[u8; 32], message: &[&[u8]]) -> [u8; 32] {
    // The block-sized key of HMAC is the short one with zeros behind it (RFC 2104).
    let mut block = [0_u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in message {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn load_or_make(path: &Path) -> Result<[u8; 32], KeyError> {
    match read_key(path) {
        Err(KeyError::Io { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
            make(path).map_err(|cause| KeyError::Io { path: path.to_owned(), cause })?;
            read_key(path)
        }
        known => known,
    }
}

/// Whole or not at all: the link appears when the content is on the disk, and never over an existing key.
fn make(path: &Path) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&rand::random::<[u8; 32]>())?;
    file.sync_all()?;
    match std::fs::hard_link(&draft, path) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    std::fs::remove_file(&draft)
}

fn read_key(path: &Path) -> Result<[u8; 32], KeyError> {
    let io = |cause| KeyError::Io { path: path.to_owned(), cause };
    let mut file = std::fs::File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    bytes.try_into().map_err(|_| KeyError::Length { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_a_restart_and_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load(dir.path()).unwrap();
        let again = Keys::load(dir.path()).unwrap();
        assert_eq!(first.kid(), again.kid());
        assert_eq!(first.derive("quote"), again.derive("quote"));
        assert_ne!(first.derive("quote"), first.derive("ticket"));
        let file = dir.path().join("root");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::load(dir.path()), Err(KeyError::Open { .. })));
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        Keys::load(dir.path()).unwrap();
        std::fs::write(dir.path().join("root"), b"short").unwrap();
        assert!(matches!(Keys::load(dir.path()), Err(KeyError::Length { .. })));
        assert_eq!(std::fs::read(dir.path().join("root")).unwrap(), b"short");
    }

    /// RFC 4231, test case 4 cut to what fits: a 25 byte key padded with zeros is that key.
    #[test]
    fn the_mac_is_the_known_one() {
        let mut key = [0_u8; 32];
        for (n, byte) in (1..=25).zip(&mut key) {
            *byte = n;
        }
        let mac = hmac(&key, &[&[0xcd; 20], &[0xcd; 30]]);
        assert_eq!(hex::encode(mac), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    }
}
