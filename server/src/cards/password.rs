//! Card passwords: derived here, never stored, and sealed to one station before they leave.
//!
//! A meter driver names a slot and a message; which key lies in the slot only this module knows. Password of a card =
//! the first bytes of HMAC-SHA256(site key of the version, message). Versions rise; old ones stay for cards in use.

use crate::keys::Keys;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The version that new cards are made with.
pub const VERSION: u8 = 1;

/// A driver asked for something that this provider does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key slot {slot:?}, version {version}, {len} bytes: not available")]
pub struct NoSuchKey {
    slot: String,
    version: u8,
    len: u32,
}

/// The password for a card.
///
/// # Errors
/// [`NoSuchKey`] for another slot than `psc`, an unknown version, or more than 32 bytes.
pub fn derive(keys: &Keys, slot: &str, version: u8, message: &[u8], len: u32) -> Result<Vec<u8>, NoSuchKey> {
    let none = || NoSuchKey { slot: slot.to_owned(), version, len };
    if slot != "psc" || version == 0 || version > VERSION {
        return Err(none());
    }
    let key = keys.derive(&format!("psc-{version}"));
    usize::try_from(len).ok().and_then(|len| with_key(&key, message, len)).ok_or_else(none)
}

fn with_key(key: &[u8], message: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    mac.finalize().into_bytes().get(..len).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of profile open-a: key 00..1F, system 86, region 1, user 161, card 1.
    #[test]
    fn the_vector_of_the_open_profile() {
        let key: Vec<u8> = (0..32).collect();
        let message = hex::decode("70736301008600010000016100000001").unwrap();
        assert_eq!(with_key(&key, &message, 3).unwrap(), [0x92, 0xAC, 0xF4]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        assert_eq!(derive(&keys, "psc", 1, b"m", 3).unwrap().len(), 3);
        for (slot, version, len) in [("ticket", 1, 3), ("psc", 0, 3), ("psc", 2, 3), ("psc", 1, 33)] {
            assert!(derive(&keys, slot, version, b"m", len).is_err(), "{slot} {version} {len}");
        }
    }
}
