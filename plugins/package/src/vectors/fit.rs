//! Whether vectors are of a driver's sort and size at all. Whether they hold is for the driver to show.

use super::Vectors;
use super::error::{VectorsError, Wrong};
use super::hexed::Hexed;

/// What vectors a driver can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Of a meter driver: cards of so many bytes.
    Cards {
        /// Bytes of readable memory.
        bytes: u32,
    },
    /// Of a driver of token meters: tokens of so many digits.
    Tokens {
        /// Digits of every token.
        digits: u32,
        /// Bytes of a vending key.
        key_bytes: u32,
    },
    /// Of a reader driver.
    Transcripts,
}

impl Shape {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Cards { .. } => ("卡式电表的驱动，只有 cards", "a driver of card meters, which has cards only"),
            Self::Tokens { .. } => ("代码式电表的驱动，只有 tokens", "a driver of token meters, which has tokens only"),
            Self::Transcripts => ("读卡器驱动，只有 transcripts", "a driver of readers, which has transcripts only"),
        }
    }
}

impl Vectors {
    /// Whether they are such as a driver of this shape can have.
    ///
    /// # Errors
    /// [`VectorsError::Wrong`]: the first place that does not fit.
    pub fn fit(&self, shape: Shape) -> Result<(), VectorsError> {
        let (zh, en) = shape.words();
        let other = |place: &str| Err(VectorsError::wrong(place, Wrong::NotOfThisDriver(zh, en)));
        let (cards, tokens, transcripts) = match shape {
            Shape::Cards { .. } => (true, false, false),
            Shape::Tokens { .. } => (false, true, false),
            Shape::Transcripts => (false, false, true),
        };
        if !cards && !self.cards.is_empty() {
            return other("cards");
        }
        if !tokens && !self.tokens.is_empty() {
            return other("tokens");
        }
        if !transcripts && !self.transcripts.is_empty() {
            return other("transcripts");
        }
        match shape {
            Shape::Cards { bytes } => self.images(bytes),
            Shape::Tokens { digits, key_bytes } => self.digits(digits, key_bytes),
            Shape::Transcripts => Ok(()),
        }
    }

    fn images(&self, expected: u32) -> Result<(), VectorsError> {
        for (at, card) in self.cards.iter().enumerate() {
            for (member, image) in [("before", card.before.as_ref()), ("image", Some(&card.image))] {
                let Some(Hexed(bytes)) = image else { continue };
                let place = || format!("cards[{at}].{member}");
                length(false, expected, bytes.len(), place).map_err(|error| error.named(&card.name))?;
            }
        }
        Ok(())
    }

    fn digits(&self, expected: u32, key_bytes: u32) -> Result<(), VectorsError> {
        for (at, vector) in self.tokens.iter().enumerate() {
            let place = || format!("tokens[{at}].key");
            length(false, key_bytes, vector.key.0.len(), place).map_err(|error| error.named(&vector.name))?;
            let place = || format!("tokens[{at}].token.digits");
            length(true, expected, vector.token.digits.len(), place).map_err(|error| error.named(&vector.name))?;
        }
        Ok(())
    }
}

fn length(digits: bool, expected: u32, got: usize, place: impl Fn() -> String) -> Result<(), VectorsError> {
    let (expected, got) = (u64::from(expected), u64::try_from(got).unwrap_or(u64::MAX));
    if expected == got {
        return Ok(());
    }
    Err(VectorsError::wrong(place(), Wrong::Length { digits, expected, got }))
}
