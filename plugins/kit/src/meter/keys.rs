//! Keys for checks: a provider that has one vending key in every slot, whatever a driver calls it.

use dianka_plugin_host::token::{KeyError, KeyProvider, KeyRule, SoftwareKeys};
use zeroize::Zeroizing;

/// A test key. It works as the house's own software keys do; only its slots are not fixed.
pub(crate) struct TestKeys(Zeroizing<Vec<u8>>);

impl TestKeys {
    /// The key of the checks. It is published here and of no use elsewhere.
    pub(crate) fn usual() -> Self {
        Self(Zeroizing::new((0x30..0x44).collect()))
    }

    /// The one of a vector.
    ///
    /// # Errors
    /// When it is not hexadecimal.
    pub(crate) fn of(hexadecimal: &str) -> Result<Self, hex::FromHexError> {
        hex::decode(hexadecimal).map(|key| Self(Zeroizing::new(key)))
    }

    fn slot(&self, rule: &KeyRule) -> Result<SoftwareKeys, KeyError> {
        let mut keys = SoftwareKeys::new();
        keys.put(&rule.slot, self.0.clone())?;
        Ok(keys)
    }
}

impl KeyProvider for TestKeys {
    fn encrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.slot(rule)?.encrypt(rule, block)
    }

    fn decrypt(&self, rule: &KeyRule, block: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.slot(rule)?.decrypt(rule, block)
    }
}
