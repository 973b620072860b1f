//! DKGA04 of STS: the key of one meter's decoder from the vending key of its supply group.
//!
//! `decoder key = first 16 bytes of HMAC-SHA256(vending key, data block)`. The data block names the meter; `L` is a
//! byte with the length of what follows it, numbers are ASCII digits:
//!
//! | part | bytes |
//! |---|---|
//! | 04h | 1 |
//! | L, algorithm `04` | 3 |
//! | L, base date `93`, `14` or `35` | 3 |
//! | L, encryption algorithm `11` | 3 |
//! | L, tariff index | 3 |
//! | 00h, 04h | 2 |
//! | L, supply group code | 7 |
//! | L, key type | 2 |
//! | L, key revision number | 2 |
//! | L, primary account number of the meter | 19 |
//! | length of the key in bits, big endian: 128 | 4 |

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::misty1::KEY;
use crate::provider::KeyError;

/// The name of the derivation in a key rule.
pub const NAME: &str = "dkga04";
/// Bytes of a vending key.
pub const VENDING_KEY: usize = 20;

/// The decoder key for the meter of `block`.
pub(crate) fn derive(vending: &[u8], block: &[u8]) -> Result<Zeroizing<[u8; KEY]>, KeyError> {
    let wrong = || KeyError::BadKey { given: vending.len(), wanted: VENDING_KEY };
    let mut mac = Hmac::<Sha256>::new_from_slice(vending).map_err(|_| wrong())?;
    mac.update(block);
    let tag = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    let mut key = Zeroizing::new([0; KEY]);
    for (to, from) in key.iter_mut().zip(tag.iter()) {
        *to = *from;
    }
    Ok(key)
}

/// What a data block derives for: read by the host itself, whatever a driver says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Two digits of the base date's year.
    pub base_date: String,
    /// Two digits.
    pub tariff_index: String,
    /// Six digits.
    pub supply_group: String,
    /// One digit.
    pub key_type: String,
    /// One digit.
    pub key_revision: String,
    /// Primary account number, 18 digits.
    pub account: String,
}

impl Subject {
    /// Reads a data block.
    ///
    /// # Errors
    /// [`KeyError::BadData`] if it is not a data block of DKGA04 for encryption algorithm 11.
    pub fn parse(block: &[u8]) -> Result<Self, KeyError> {
        let mut rest = Rest(block);
        rest.fixed(&[0x04])?;
        rest.fixed(b"\x0204")?;
        let base_date = rest.digits(2)?;
        rest.fixed(b"\x0211")?;
        let tariff_index = rest.digits(2)?;
        rest.fixed(&[0x00, 0x04])?;
        let supply_group = rest.digits(6)?;
        let key_type = rest.digits(1)?;
        let key_revision = rest.digits(1)?;
        let account = rest.digits(18)?;
        rest.fixed(&128_u32.to_be_bytes())?;
        if !rest.0.is_empty() {
            return Err(KeyError::BadData("it goes on after its end"));
        }
        Ok(Self { base_date, tariff_index, supply_group, key_type, key_revision, account })
    }

    /// The number of the meter within its account number: without the issuer in front (6 digits, or 4 zeros before a
    /// number of 13 digits) and without the check digit behind.
    #[must_use]
    pub fn meter_no(&self) -> Option<u64> {
        let issuer = if self.account.starts_with("0000") { 4 } else { 6 };
        let (_, number) = self.account.split_at_checked(issuer)?;
        let (number, _) = number.split_at_checked(number.len().checked_sub(1)?)?;
        number.parse().ok()
    }
}

/// What was not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn fixed(&mut self, expected: &[u8]) -> Result<(), KeyError> {
        let after = self.0.strip_prefix(expected);
        self.0 = after.ok_or(KeyError::BadData("a fixed part of it is missing"))?;
        Ok(())
    }

    fn digits(&mut self, count: usize) -> Result<String, KeyError> {
        let (len, rest) = self.0.split_first().ok_or(KeyError::BadData("it ends early"))?;
        let (digits, rest) = rest.split_at_checked(count).ok_or(KeyError::BadData("it ends early"))?;
        if usize::from(*len) != count || !digits.iter().all(u8::is_ascii_digit) {
            return Err(KeyError::BadData("a part of it is not the number of digits that it shall be"));
        }
        self.0 = rest;
        Ok(digits.iter().copied().map(char::from).collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const VENDING: &str = "abababababababab949494949494949401234567";
    pub(crate) const CASE_1_BLOCK: &str =
        "04023034023933023131023031000406313233343537013201311236303037323730303030303030303030303900000080";

    fn case_1() -> Vec<u8> {
        hex::decode(CASE_1_BLOCK).unwrap()
    }

    #[test]
    fn the_published_key_of_case_1() {
        let key = derive(&hex::decode(VENDING).unwrap(), &case_1()).unwrap();
        assert_eq!(hex::encode(*key), "f94b6ed353c3bfdb113e2d3a7ea3c41d");
    }

    #[test]
    fn the_host_reads_whom_a_key_is_for() {
        assert_eq!(case_1().len(), 49);
        let subject = Subject::parse(&case_1()).unwrap();
        assert_eq!((subject.base_date.as_str(), subject.tariff_index.as_str()), ("93", "01"));
        assert_eq!(subject.supply_group, "123457");
        assert_eq!((subject.key_type.as_str(), subject.key_revision.as_str()), ("2", "1"));
        assert_eq!(subject.account, "600727000000000009");
        assert_eq!(subject.meter_no(), Some(0));
        let long = Subject { account: "000001000000000082".into(), ..subject };
        assert_eq!(long.meter_no(), Some(100_000_000_008));
    }

    #[test]
    fn anything_but_a_whole_block_is_refused() {
        let whole = case_1();
        for len in 0..whole.len() {
            assert!(Subject::parse(&whole[..len]).is_err(), "{len}");
        }
        assert!(Subject::parse(&[whole.clone(), vec![0]].concat()).is_err());
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] |= 0x80;
            let last = at == whole.len() - 1;
            assert_eq!(Subject::parse(&changed).is_err(), !last, "{at}");
        }
    }
}
