//! The whole readable memory of a card.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The whole readable memory of a card, address 0 first. Hexadecimal in text and JSON.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardImage(Vec<u8>);

/// A text is not an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The number of digits is odd.
    #[error("a card image has two hexadecimal digits for each byte")]
    OddLength,
    /// Something that is not a hexadecimal digit.
    #[error("not a hexadecimal digit at position {at}")]
    NotHex {
        /// Position in the text, in bytes.
        at: usize,
    },
}

impl CardImage {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its bytes, for keeping.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The byte at `offset`, if the card reaches that far.
    #[must_use]
    pub fn at(&self, offset: u32) -> Option<u8> {
        self.0.get(usize::try_from(offset).ok()?).copied()
    }

    /// `len` bytes from `offset`, if the card reaches that far.
    #[must_use]
    pub fn slice(&self, offset: u32, len: u32) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        self.0.get(start..end)
    }

    /// Lower-case hexadecimal digits, two a byte.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.to_string()
    }

    /// From hexadecimal digits of either case, two a byte.
    pub fn from_hex(text: &str) -> Result<Self, ImageError> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) {
            return Err(ImageError::OddLength);
        }
        let nibbles: Vec<u8> = digits
            .iter()
            .enumerate()
            .map(|(at, digit)| nibble(*digit).ok_or(ImageError::NotHex { at }))
            .collect::<Result<_, _>>()?;
        let bytes = nibbles.chunks_exact(2).map(|pair| match pair {
            [high, low] => (high << 4) | low,
            _ => 0,
        });
        Ok(Self(bytes.collect()))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl fmt::Display for CardImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CardImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardImage({self})")
    }
}

impl TryFrom<String> for CardImage {
    type Error = ImageError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_hex(&text)
    }
}

impl From<CardImage> for String {
    fn from(image: CardImage) -> Self {
        image.to_string()
    }
}

impl From<Vec<u8>> for CardImage {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
