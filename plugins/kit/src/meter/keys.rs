//! Keys for checks: a provider that has one vending key in every slot, whatever a driver calls it.

use dianka_plugin_host::token::{KeyError, KeyProvider, KeyRule, SoftwareKeys};
use zeroize::Zeroizing;

/// A test key. It works as the house's own software keys do; only its slots are not fixed.
pub(crate) struct TestKeys(Zeroizing<Vec<u8>>);

impl TestKeys {
    /// Bytes of a vending key.
    pub(crate) const BYTES: u32 = 20;

    /// The key of the checks, "0" to "C". It is published here and of no use elsewhere.
    pub(crate) const USUAL: &[u8] = b"0123456789:;<=>?@ABC";

    /// [`Self::USUAL`].
    pub(crate) fn usual() -> Self {
        Self::of(Self::USUAL)
    }

    /// The one of a vector.
    pub(crate) fn of(key: &[u8]) -> Self {
        Self(Zeroizing::new(key.to_vec()))
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
