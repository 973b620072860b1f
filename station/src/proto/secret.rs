//! The card's password on its way from the server to one station: sealed to that station's key, opened only to be
//! presented, wiped afterwards, and never shown by `Debug`.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use crypto_box::{PublicKey, SecretKey, aead::OsRng};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::Hex;

/// A password in clear. It is wiped when it goes out of scope and prints as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over the bytes of a password.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the one call that presents them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// What a ticket's sealed box holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPassword {
    /// The password that the card has now.
    pub present: Secret,
    /// The password that it is to get, when a card is opened.
    pub change_to: Option<Secret>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    present: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_to: Option<String>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.present.zeroize();
        if let Some(code) = &mut self.change_to {
            code.zeroize();
        }
    }
}

/// A sealed box that cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The public key is not 32 bytes.
    #[error("the station's public key is not 32 bytes")]
    Key,
    /// Not sealed to this station, or damaged.
    #[error("the sealed password is not for this station, or it is damaged")]
    NotOurs,
    /// It opened, and what is inside is not a password.
    #[error("the sealed password has an unknown form")]
    Form,
}

impl CardPassword {
    /// Seals the password to a station's box key (X25519, from its `Hello`).
    ///
    /// # Errors
    /// `Key` when the public key is not 32 bytes; `Form` when the box cannot be made.
    pub fn seal(&self, station: &Hex) -> Result<Hex, SealError> {
        let key = PublicKey::from_bytes(station.array().ok_or(SealError::Key)?);
        let wire = Wire {
            present: hex::encode(self.present.expose()),
            change_to: self.change_to.as_ref().map(|code| hex::encode(code.expose())),
        };
        let text = Zeroizing::new(serde_json::to_vec(&wire).map_err(|_| SealError::Form)?);
        key.seal(&mut OsRng, &text).map(Hex).map_err(|_| SealError::Form)
    }
}

/// The station's own box key; its secret half never leaves the station.
#[derive(Clone)]
pub struct BoxKey(SecretKey);

impl fmt::Debug for BoxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoxKey(public {})", self.public())
    }
}

impl BoxKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(SecretKey::generate(&mut OsRng))
    }

    /// Reads the key from a file, or makes one and stores it there (readable by its owner alone).
    ///
    /// # Errors
    /// The file cannot be read or written, or it does not hold a key.
    pub fn load_or_create(file: &Path) -> std::io::Result<Self> {
        match fs::read_to_string(file) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                let bytes = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                let bytes = bytes.ok_or_else(|| std::io::Error::other("the station's key file does not hold a key"))?;
                Ok(Self(SecretKey::from(bytes)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate();
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut out = options.open(file)?;
                let text = Zeroizing::new(hex::encode(key.0.to_bytes()));
                out.write_all(text.as_bytes())?;
                out.sync_all()?;
                Ok(key)
            }
            Err(error) => Err(error),
        }
    }

    /// From its secret half as text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(hex::decode(text).ok()?);
        Some(Self(SecretKey::from(<[u8; 32]>::try_from(bytes.as_slice()).ok()?)))
    }

    /// Its secret half as text, for the station's own folder.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*Zeroizing::new(self.0.to_bytes())))
    }

    /// The public half, sent in `Hello`.
    #[must_use]
    pub fn public(&self) -> Hex {
        Hex(self.0.public_key().to_bytes().to_vec())
    }

    /// Opens a ticket's sealed password.
    ///
    /// # Errors
    /// `NotOurs` when it was sealed to another key or is damaged; `Form` when its content is not a password.
    pub fn open(&self, sealed: &Hex) -> Result<CardPassword, SealError> {
        let text = Zeroizing::new(self.0.unseal(&sealed.0).map_err(|_| SealError::NotOurs)?);
        let wire: Wire = serde_json::from_slice(&text).map_err(|_| SealError::Form)?;
        let code = |text: &str| hex::decode(text).map(Secret::new).map_err(|_| SealError::Form);
        Ok(CardPassword { present: code(&wire.present)?, change_to: wire.change_to.as_deref().map(code).transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> CardPassword {
        CardPassword { present: Secret::new(vec![0xFF; 3]), change_to: Some(Secret::new(vec![0xA1, 0xB2, 0xC3])) }
    }

    #[test]
    fn a_sealed_password_opens_at_its_station_only() {
        let (ours, other) = (BoxKey::generate(), BoxKey::generate());
        let sealed = password().seal(&ours.public()).unwrap();
        assert_eq!(ours.open(&sealed).unwrap(), password());
        assert!(matches!(other.open(&sealed), Err(SealError::NotOurs)));
        for at in 0..sealed.0.len() {
            let mut damaged = sealed.clone();
            damaged.0[at] ^= 1;
            assert!(matches!(ours.open(&damaged), Err(SealError::NotOurs)), "byte {at}");
        }
        assert!(matches!(password().seal(&Hex(vec![1; 31])), Err(SealError::Key)));
    }

    #[test]
    fn a_password_is_never_printed() {
        let text = format!("{:?}", password());
        assert!(!text.contains("255") && !text.to_lowercase().contains("a1"), "{text}");
    }

    #[test]
    fn the_key_survives_a_restart_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("station.key");
        let first = BoxKey::load_or_create(&file).unwrap();
        let again = BoxKey::load_or_create(&file).unwrap();
        assert_eq!(first.public(), again.public());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&file, "not a key").unwrap();
        assert!(BoxKey::load_or_create(&file).is_err());
    }
}
