//! Versions of drivers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `major.minor.patch`. No pre-release tags: an interface's pre-release gets no compatible matching either, and a
/// driver that sells electricity is released or it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Breaking changes.
    pub major: u32,
    /// Additions.
    pub minor: u32,
    /// Corrections.
    pub patch: u32,
}

/// A text that is not `major.minor.patch`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a version is three numbers, such as 1.2.0")]
pub struct VersionError;

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut parts = text.split('.').map(part);
        let (Some(major), Some(minor), Some(patch), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(VersionError);
        };
        Ok(Self { major: major?, minor: minor?, patch: patch? })
    }
}

/// One number: digits only, no sign, no leading zero, so that two texts never mean one version.
fn part(text: &str) -> Result<u32, VersionError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if plain { text.parse().map_err(|_| VersionError) } else { Err(VersionError) }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_order_by_number() {
        let old: Version = "1.9.0".parse().unwrap();
        let new: Version = "1.10.0".parse().unwrap();
        assert!(old < new);
        assert_eq!(new.to_string(), "1.10.0");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.3-rc1", "01.2.3", "+1.2.3", "1..3", "1.2.4294967296"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
