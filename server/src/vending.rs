//! Vending keys of token standards: sealed in a file, opened at the start, and handed to nobody. What makes a token asks the
//! provider of its organisation to encrypt one block.
//!
//! The file has one line for each key: organisation's code, slot, and a sealed box (X25519, to a key that is derived from the
//! server's root key) with both of these and the key in it, so that no line works under another name. `dianka vending-key`
//! writes it. In learning mode the vending key of the published test cases is there besides, for whoever has none of his own:
//! a real meter takes no token of it.

use std::collections::HashMap;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use dianka_plugin_host::token::{KeyError, KeyProvider, KeyRule, SoftwareKeys};
use zeroize::Zeroizing;

use crate::keys::Keys;

/// The vending key of the published test cases of STS 531-1.
const TEST_KEY: [u8; 20] = [
    0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0xab, 0x94, 0x94, 0x94, 0x94, 0x94, 0x94, 0x94, 0x94, 0x01, 0x23, 0x45,
    0x67,
];
/// Where it lies: the supply group and the revisions of those test cases.
const TEST_SLOTS: [&str; 3] = ["sts-123457-2-1", "sts-123457-2-4", "sts-123457-2-5"];

/// The keys of the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VendingKeyError {
    /// The file cannot be read or written.
    #[error("vending keys {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Others than the server's user can read it.
    #[error("vending keys {path}: readable for others; allow only the server's user (chmod 600)")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// A line is not one, was sealed under another root key, or is of another organisation or slot.
    #[error("vending keys {path}, line {line}: not sealed by this server, or changed since")]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The slot's or organisation's name has a space in it or is empty.
    #[error("organisation and slot have names without spaces")]
    Name,
    /// The key is not 20 bytes.
    #[error("a vending key is 40 hexadecimal digits")]
    Key,
    /// The sealed box cannot be made.
    #[error("the key cannot be sealed")]
    Seal,
}

/// All vending keys of this server.
#[derive(Debug)]
pub struct VendingKeys {
    own: HashMap<String, SoftwareKeys>,
    test: SoftwareKeys,
}

/// The vending keys of one organisation.
#[derive(Debug, Clone, Copy)]
pub struct OrgKeys<'a> {
    own: Option<&'a SoftwareKeys>,
    test: Option<&'a SoftwareKeys>,
}

impl VendingKeys {
    /// Those of the file; none when there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is readable for others, or was changed.
    pub fn load(path: &Path, keys: &Keys) -> Result<Self, VendingKeyError> {
        let mut all = Self { own: HashMap::new(), test: test_keys() };
        let key = seal_key(keys);
        for (line, text) in (1..).zip(read(path)?.lines()) {
            let wrong = || VendingKeyError::Line { path: path.to_owned(), line };
            let (org, slot, vending) = open(&key, text).ok_or_else(wrong)?;
            all.own.entry(org).or_default().put(&slot, vending).map_err(|_| wrong())?;
        }
        Ok(all)
    }

    /// Those of an organisation. `learning`: with the published test key where it has no key of its own.
    #[must_use]
    pub fn of<'a>(&'a self, org_code: &str, learning: bool) -> OrgKeys<'a> {
        OrgKeys { own: self.own.get(org_code), test: learning.then_some(&self.test) }
    }
}

impl OrgKeys<'_> {
    /// Whether this slot has the published test key in it: no real meter takes a token of it.
    #[must_use]
    pub fn is_test_key(&self, slot: &str) -> bool {
        let has = |keys: Option<&SoftwareKeys>| keys.is_some_and(|keys| keys.slots().any(|known| known == slot));
        has(self.test) && !has(self.own)
    }

    fn holder(&self, rule: &KeyRule) -> Result<&SoftwareKeys, KeyError> {
        let keys = if self.is_test_key(&rule.slot) { self.test } else { self.own };
        keys.ok_or_else(|| KeyError::NoSlot { slot: rule.slot.clone() })
    }
}

impl KeyProvider for OrgKeys<'_> {
    fn encrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.holder(rule)?.encrypt(rule, block)
    }

    fn decrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.holder(rule)?.decrypt(rule, block)
    }
}

/// Seals a key (40 hexadecimal digits) into the file, in place of one with the same organisation and slot.
///
/// # Errors
/// When the names or the key are none, or the file cannot be written.
pub fn add(path: &Path, keys: &Keys, org: &str, slot: &str, key_hex: &str) -> Result<(), VendingKeyError> {
    let plain = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    if !plain(org) || !plain(slot) {
        return Err(VendingKeyError::Name);
    }
    let vending = Zeroizing::new(hex::decode(key_hex.trim()).map_err(|_| VendingKeyError::Key)?);
    SoftwareKeys::new().put(slot, vending).map_err(|_| VendingKeyError::Key)?;
    let text = Zeroizing::new(format!("{org} {slot} {}", key_hex.trim()));
    let sealed = seal_key(keys).public_key().seal(&mut OsRng, text.as_bytes()).map_err(|_| VendingKeyError::Seal)?;
    let name = format!("{org} {slot} ");
    let kept = read(path)?;
    let lines = kept.lines().filter(|line| !line.starts_with(&name)).map(str::to_owned);
    let lines: Vec<String> = lines.chain([format!("{name}{}", hex::encode(sealed))]).collect();
    replace(path, &format!("{}\n", lines.join("\n")))
        .map_err(|cause| VendingKeyError::Io { path: path.to_owned(), cause })
}

fn test_keys() -> SoftwareKeys {
    let mut keys = SoftwareKeys::new();
    for slot in TEST_SLOTS {
        if let Err(error) = keys.put(slot, Zeroizing::new(TEST_KEY.to_vec())) {
            tracing::error!(%error, slot, "the published test key");
        }
    }
    keys
}

fn seal_key(keys: &Keys) -> SecretKey {
    SecretKey::from_bytes(keys.derive("vending-keys"))
}

/// Organisation, slot and key of a line; none when the box does not say the same names.
fn open(key: &SecretKey, line: &str) -> Option<(String, String, Zeroizing<Vec<u8>>)> {
    let (name, sealed) = line.rsplit_once(' ')?;
    let text = Zeroizing::new(key.unseal(&hex::decode(sealed).ok()?).ok()?);
    let (sealed_name, vending) = std::str::from_utf8(&text).ok()?.rsplit_once(' ')?;
    let (org, slot) = name.split_once(' ').filter(|_| name == sealed_name)?;
    Some((org.to_owned(), slot.to_owned(), Zeroizing::new(hex::decode(vending).ok()?)))
}

/// The file's text; empty when there is none.
fn read(path: &Path) -> Result<String, VendingKeyError> {
    let io = |cause| VendingKeyError::Io { path: path.to_owned(), cause };
    match std::fs::metadata(path) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(io(cause)),
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            Err(VendingKeyError::Open { path: path.to_owned() })
        }
        Ok(_) => std::fs::read_to_string(path).map_err(io),
    }
}

/// Whole or not at all.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0102030405060708090a0b0c0d0e0f1011121314";

    fn rule(slot: &str) -> KeyRule {
        // The data block of the first published case.
        let data = "04023034023933023131023031000406313233343537013201311236303037323730303030303030303030303900000080";
        KeyRule {
            slot: slot.into(),
            algorithm: "dkga04".into(),
            data: hex::decode(data).unwrap(),
            len: 16,
            cipher: "misty1".into(),
        }
    }

    #[test]
    fn a_key_is_sealed_kept_replaced_and_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vending-keys");
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        add(&path, &keys, "east", "sts-123457-2-1", KEY).unwrap();
        add(&path, &keys, "east", "sts-000001-2-1", &"ab".repeat(20)).unwrap();
        let first =
            VendingKeys::load(&path, &keys).unwrap().of("east", false).encrypt(&rule("sts-123457-2-1"), &[0; 8]);
        add(&path, &keys, "east", "sts-123457-2-1", &KEY.to_uppercase()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(!text.to_lowercase().contains(KEY));
        let all = VendingKeys::load(&path, &keys).unwrap();
        assert!(first.is_ok());
        assert_eq!(all.of("east", false).encrypt(&rule("sts-123457-2-1"), &[0; 8]), first);
        assert!(!all.of("east", true).is_test_key("sts-123457-2-1"));
        assert_eq!(all.of("west", false).encrypt(&rule("sts-123457-2-1"), &[0; 8]).unwrap_err().code(), "key-no-slot");
        assert!(!format!("{all:?}").contains("0102"));
    }

    #[test]
    fn the_published_key_is_there_for_learning_only() {
        let dir = tempfile::tempdir().unwrap();
        let all = VendingKeys::load(&dir.path().join("none"), &Keys::from_bytes([1; 32], [2; 32])).unwrap();
        let block = hex::decode("0559982c00012831").unwrap();
        let learning = all.of("learning", true);
        assert_eq!(hex::encode(learning.encrypt(&rule("sts-123457-2-1"), &block).unwrap()), "38269a8e59319817");
        assert!(learning.is_test_key("sts-123457-2-1") && !learning.is_test_key("sts-000001-2-1"));
        assert_eq!(learning.decrypt(&rule("sts-000001-2-1"), &block).unwrap_err().code(), "key-no-slot");
        assert_eq!(
            all.of("learning", false).encrypt(&rule("sts-123457-2-1"), &block).unwrap_err().code(),
            "key-no-slot"
        );
    }

    #[test]
    fn what_was_changed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vending-keys");
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        add(&path, &keys, "east", "one", KEY).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let other = Keys::from_bytes([3; 32], [2; 32]);
        assert!(matches!(VendingKeys::load(&path, &other), Err(VendingKeyError::Line { line: 1, .. })));
        for changed in [text.replace("east", "west"), text.replace("one", "two"), "east one\n".to_owned()] {
            replace(&path, &changed).unwrap();
            assert!(matches!(VendingKeys::load(&path, &keys), Err(VendingKeyError::Line { .. })), "{changed}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(VendingKeys::load(&path, &keys), Err(VendingKeyError::Open { .. })));
        for (org, slot, key) in [("", "a", KEY), ("a", "b c", KEY), ("a", "b", "zz"), ("a", "b", "0102")] {
            assert!(add(&dir.path().join("new"), &keys, org, slot, key).is_err(), "{org} {slot} {key}");
        }
    }
}
