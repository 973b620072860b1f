//! What a driver declares before any of its code runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::notice::Notice;
use crate::version::Version;

/// Name of the custom section that carries the manifest as JSON.
pub const MANIFEST_SECTION: &str = "dianka:manifest";

/// A manifest is a few lines; more is not read.
const MAX_MANIFEST_BYTES: usize = 16 * 1024;

/// What the driver drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A meter standard.
    Meter,
    /// A card reader's protocol.
    Reader,
}

impl Kind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Meter, Self::Reader];

    /// `meter` or `reader`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meter => "meter",
            Self::Reader => "reader",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The manifest of a driver.
///
/// Fields that this version does not know are ignored, so that a newer kit's packages stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `[a-z0-9.-]+`, 1 to 64 characters, equal to what the driver describes.
    pub id: String,
    /// Equal to what the driver describes.
    pub version: Version,
    /// What it drives.
    pub kind: Kind,
    /// The contract that it was built against, `dianka:meter@1.0.0`.
    pub contract: String,
    /// Who made it.
    #[serde(default)]
    pub vendor: String,
    /// What it asks the operator to grant (`port` for a reader).
    #[serde(default)]
    pub needs: Vec<String>,
}

/// Why a manifest is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than 16 KiB.
    #[error("the manifest has {0} bytes, more than {MAX_MANIFEST_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of a manifest.
    #[error("the manifest does not parse: {0}")]
    Json(String),
    /// An id outside `[a-z0-9.-]{1,64}`.
    #[error("the id {0:?} is not 1 to 64 of a-z, 0-9, dot and hyphen")]
    Id(String),
    /// A contract that is not the one of the kind.
    #[error("the contract {contract:?} is not one of a {kind} driver")]
    Contract {
        /// What the manifest says.
        contract: String,
        /// What it says it is.
        kind: Kind,
    },
}

impl ManifestError {
    /// For the screen, in both languages, with a stable code.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let (code, zh) = match self {
            Self::TooLarge(bytes) => {
                ("manifest-too-large", format!("清单有 {bytes} 字节，超过 {MAX_MANIFEST_BYTES} 字节的上限"))
            }
            Self::Json(why) => ("manifest-json", format!("清单无法解析：{why}")),
            Self::Id(id) => ("manifest-id", format!("驱动名“{id}”不合要求：1 到 64 个 a-z、0-9、点或连字符")),
            Self::Contract { contract, kind } => {
                ("manifest-contract", format!("接口“{contract}”不是 {kind} 驱动的接口"))
            }
        };
        Notice::new(code, zh, self.to_string())
    }
}

impl Manifest {
    /// Parses and checks the JSON of a manifest.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        if json.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge(json.len()));
        }
        let manifest: Self = serde_json::from_slice(json).map_err(|error| ManifestError::Json(error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestError> {
        if !is_id(&self.id) {
            return Err(ManifestError::Id(self.id.clone()));
        }
        let wrong = || ManifestError::Contract { contract: self.contract.clone(), kind: self.kind };
        let (package, version) = self.contract.split_once('@').ok_or_else(wrong)?;
        if package.strip_prefix("dianka:") != Some(self.kind.name()) || Version::from_str(version).is_err() {
            return Err(wrong());
        }
        Ok(())
    }
}

/// Whether `text` may be the id of a driver.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"gbt18460","version":"1.0.0","kind":"meter","contract":"dianka:meter@1.0.0",
        "vendor":"Dianka","needs":[],"later":"ignored"}"#;

    #[test]
    fn a_manifest_parses() {
        let manifest = Manifest::parse(GOOD.as_bytes()).unwrap();
        assert_eq!(manifest.kind, Kind::Meter);
        assert_eq!(manifest.version.to_string(), "1.0.0");
    }

    #[test]
    fn wrong_manifests_are_refused() {
        for (from, to) in [
            ("gbt18460", "GBT 18460"),
            ("gbt18460", ""),
            ("1.0.0\",\"kind", "1.0\",\"kind"),
            ("dianka:meter@1.0.0", "dianka:reader@1.0.0"),
            ("dianka:meter@1.0.0", "dianka:meter"),
            ("\"meter\"", "\"toaster\""),
        ] {
            let json = GOOD.replacen(from, to, 1);
            assert!(Manifest::parse(json.as_bytes()).is_err(), "{json}");
        }
        assert!(matches!(Manifest::parse(&vec![b' '; 20_000]), Err(ManifestError::TooLarge(20_000))));
    }
}
