//! Bytes that stand in a file as hexadecimal digits.

use serde::{Serialize, Serializer};

/// Bytes; hexadecimal in text and JSON, two digits a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hexed(pub Vec<u8>);

impl Serialize for Hexed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}
