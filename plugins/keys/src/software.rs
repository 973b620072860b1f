//! Keys in memory: for learning mode, for tests, and where an operator has no module for them.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::dkga04;
use crate::misty1::{BLOCK, KEY, Misty1};
use crate::provider::{KeyError, KeyProvider, KeyRule};

/// Vending keys by slot. Wiped when they are replaced, removed or dropped; printing shows the names only.
#[derive(Default)]
pub struct SoftwareKeys(BTreeMap<String, Zeroizing<Vec<u8>>>);

impl fmt::Debug for SoftwareKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SoftwareKeys").field(&self.0.keys()).finish()
    }
}

impl SoftwareKeys {
    /// Without a key.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a vending key of 20 bytes into `slot`; what was there is wiped.
    ///
    /// # Errors
    /// [`KeyError::BadKey`] for another length; the key is wiped then, too.
    pub fn put(&mut self, slot: &str, key: Zeroizing<Vec<u8>>) -> Result<(), KeyError> {
        if key.len() != dkga04::VENDING_KEY {
            return Err(KeyError::BadKey { given: key.len(), wanted: dkga04::VENDING_KEY });
        }
        self.0.insert(slot.to_owned(), key);
        Ok(())
    }

    /// Removes and wipes a key. False if there is none.
    pub fn remove(&mut self, slot: &str) -> bool {
        self.0.remove(slot).is_some()
    }

    /// The names of the slots.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The cipher under the decoder key of `rule`.
    fn cipher(&self, rule: &KeyRule) -> Result<Misty1, KeyError> {
        let known = rule.algorithm == dkga04::NAME && rule.cipher == Misty1::NAME;
        if !known || usize::try_from(rule.len) != Ok(KEY) {
            return Err(KeyError::Unknown {
                algorithm: rule.algorithm.clone(),
                len: rule.len,
                cipher: rule.cipher.clone(),
            });
        }
        // What is derived for must be a whole and proper block, so that a driver can have nothing else authenticated.
        dkga04::Subject::parse(&rule.data)?;
        let vending = self.0.get(&rule.slot).ok_or_else(|| KeyError::NoSlot { slot: rule.slot.clone() })?;
        let key = dkga04::derive(vending, &rule.data)?;
        Ok(Misty1::new(&key))
    }
}

fn whole_block(block: &[u8]) -> Result<[u8; BLOCK], KeyError> {
    block.try_into().map_err(|_| KeyError::BadBlock { given: block.len(), wanted: BLOCK })
}

impl KeyProvider for SoftwareKeys {
    fn encrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(self.cipher(rule)?.encrypt(whole_block(block)?).to_vec())
    }

    fn decrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(self.cipher(rule)?.decrypt(whole_block(block)?).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkga04::tests::{CASE_1_BLOCK, VENDING};

    fn keys() -> SoftwareKeys {
        let mut keys = SoftwareKeys::new();
        keys.put("one", Zeroizing::new(hex::decode(VENDING).unwrap())).unwrap();
        keys
    }

    fn rule() -> KeyRule {
        KeyRule {
            slot: "one".into(),
            algorithm: "dkga04".into(),
            data: hex::decode(CASE_1_BLOCK).unwrap(),
            len: 16,
            cipher: "misty1".into(),
        }
    }

    #[test]
    fn case_1_of_the_published_tokens() {
        let plain = hex::decode("0559982c00012831").unwrap();
        let cipher = keys().encrypt(&rule(), &plain).unwrap();
        assert_eq!(hex::encode(&cipher), "38269a8e59319817");
        assert_eq!(keys().decrypt(&rule(), &cipher).unwrap(), plain);
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let (keys, plain) = (keys(), [0; 8]);
        let code = |rule: KeyRule, block: &[u8]| keys.encrypt(&rule, block).unwrap_err().code();
        assert_eq!(code(KeyRule { slot: "two".into(), ..rule() }, &plain), "key-no-slot");
        assert_eq!(code(KeyRule { algorithm: "dkga02".into(), ..rule() }, &plain), "key-unknown-algorithm");
        assert_eq!(code(KeyRule { cipher: "sta".into(), ..rule() }, &plain), "key-unknown-algorithm");
        assert_eq!(code(KeyRule { len: 8, ..rule() }, &plain), "key-unknown-algorithm");
        assert_eq!(code(KeyRule { data: b"anything".to_vec(), ..rule() }, &plain), "key-bad-data");
        assert_eq!(code(rule(), &[0; 7]), "key-bad-block");
        let short = SoftwareKeys::new().put("one", Zeroizing::new(vec![0; 16]));
        assert_eq!(short, Err(KeyError::BadKey { given: 16, wanted: 20 }));
    }

    #[test]
    fn printing_shows_names_only() {
        let printed = format!("{:?}", keys());
        assert_eq!(printed, r#"SoftwareKeys(["one"])"#);
    }

    #[test]
    fn a_removed_key_is_gone() {
        let mut keys = keys();
        assert_eq!(keys.slots().collect::<Vec<_>>(), ["one"]);
        assert!(keys.remove("one"));
        assert!(!keys.remove("one"));
        assert_eq!(keys.encrypt(&rule(), &[0; 8]), Err(KeyError::NoSlot { slot: "one".into() }));
    }
}
