//! Test vectors that a vendor puts into his package: what must come out on every server, byte for byte.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::section::{SectionError, find_section};

/// Name of the custom section that carries them as JSON. A package without it is a package as before.
pub const VECTORS_SECTION: &str = "dianka:vectors";

/// More is not read.
pub const MAX_VECTORS_BYTES: usize = 512 * 1024;

/// The vectors of one package. Who runs the driver reads the cards and tokens in it; here they are only carried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vectors {
    /// Of a meter driver: contents and the images that they encode to.
    pub cards: Vec<Value>,
    /// Of a driver of token meters: orders and the digits that they make under a test key.
    pub tokens: Vec<Value>,
    /// Of a reader driver: recorded lines.
    pub transcripts: Vec<Recorded>,
}

/// A recorded line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// For reports.
    pub name: String,
    /// The transcript.
    pub text: String,
}

/// Why there are no vectors to be had from a package that may have some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VectorsError {
    /// The sections of the file.
    #[error(transparent)]
    Section(#[from] SectionError),
    /// More than 512 KiB.
    #[error("the vectors have {0} bytes, more than {MAX_VECTORS_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of vectors. What is not known is not passed over: it would look as if it had been tried.
    #[error("the vectors do not parse: {0}")]
    Json(String),
}

impl Vectors {
    /// Those in a package; none in one without the section.
    pub fn of(component: &[u8]) -> Result<Self, VectorsError> {
        find_section(component, VECTORS_SECTION)?.map_or_else(|| Ok(Self::default()), Self::parse)
    }

    /// Reads their JSON.
    pub fn parse(json: &[u8]) -> Result<Self, VectorsError> {
        if json.len() > MAX_VECTORS_BYTES {
            return Err(VectorsError::TooLarge(json.len()));
        }
        serde_json::from_slice(json).map_err(|error| VectorsError::Json(error.to_string()))
    }

    /// Whether there is nothing in them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty() && self.tokens.is_empty() && self.transcripts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::append_section;

    const EMPTY: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

    #[test]
    fn they_are_found_or_none() {
        let mut component = EMPTY.to_vec();
        assert!(Vectors::of(&component).unwrap().is_empty());
        append_section(&mut component, VECTORS_SECTION, br#"{"transcripts":[{"name":"a","text":"C probe"}]}"#);
        assert_eq!(Vectors::of(&component).unwrap().transcripts.len(), 1);
        append_section(&mut component, VECTORS_SECTION, b"{}");
        assert!(matches!(Vectors::of(&component), Err(VectorsError::Section(SectionError::Repeated(_)))));
    }

    #[test]
    fn what_is_not_known_is_not_passed_over() {
        assert!(matches!(Vectors::parse(br#"{"dreams":[]}"#), Err(VectorsError::Json(_))));
        assert!(matches!(Vectors::parse(&vec![b' '; MAX_VECTORS_BYTES + 1]), Err(VectorsError::TooLarge(_))));
    }
}
