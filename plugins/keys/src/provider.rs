//! What the host asks of whoever holds the keys.

/// Which key, how it is derived from what lies in a slot, and what it is used with. It comes from a driver and holds no
/// secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRule {
    /// Name of the key that the derivation starts from, never the key.
    pub slot: String,
    /// The derivation: `dkga04`.
    pub algorithm: String,
    /// What is derived for: the data block of the derivation.
    pub data: Vec<u8>,
    /// Length of the derived key, bytes.
    pub len: u32,
    /// The block cipher that the derived key is for: `misty1`.
    pub cipher: String,
}

/// Why there is no result. None of the texts has a byte of a key or of a block in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key of this name.
    #[error("there is no key in slot {slot:?}")]
    NoSlot {
        /// The name.
        slot: String,
    },
    /// This provider does not know the derivation, or not with such a length or cipher.
    #[error("the derivation {algorithm:?} of {len} bytes for the cipher {cipher:?} is not known here")]
    Unknown {
        /// Name of the derivation.
        algorithm: String,
        /// Bytes that were asked for.
        len: u32,
        /// Name of the cipher.
        cipher: String,
    },
    /// What is derived for makes no sense for the derivation.
    #[error("the data of the derivation are not acceptable: {0}")]
    BadData(&'static str),
    /// A block of the wrong length.
    #[error("a block of {given} bytes; the cipher takes {wanted}")]
    BadBlock {
        /// Bytes that were given.
        given: usize,
        /// Bytes of a block.
        wanted: usize,
    },
    /// A key of the wrong length for its derivation.
    #[error("a key of {given} bytes; the derivation takes {wanted}")]
    BadKey {
        /// Bytes that were given.
        given: usize,
        /// Bytes of such a key.
        wanted: usize,
    },
    /// The provider cannot be asked just now.
    #[error("the keys cannot be used now: {0}")]
    Unavailable(String),
}

impl KeyError {
    /// Stable and machine readable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSlot { .. } => "key-no-slot",
            Self::Unknown { .. } => "key-unknown-algorithm",
            Self::BadData(_) => "key-bad-data",
            Self::BadBlock { .. } => "key-bad-block",
            Self::BadKey { .. } => "key-bad-key",
            Self::Unavailable(_) => "key-unavailable",
        }
    }
}

/// Holds keys and works with them; a key never leaves it.
///
/// Calls may block (an HSM is a device); make them where a driver is called, off the executor's workers. A provider
/// is given per driver with the slots that were granted to that driver, and no others.
pub trait KeyProvider: Send + Sync {
    /// Encrypts one block with the key of `rule`.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn encrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// Decrypts one block with the key of `rule`.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn decrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError>;
}
