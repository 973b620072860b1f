//! Test vectors that a vendor puts into his package: what must come out on every server, byte for byte.
//!
//! The types are those of the file, not those of the host that runs the driver: what stands in a package stays readable
//! when the host's own types grow. Both are written alike in JSON (a test of the kit holds them together).

mod card;
mod error;
mod fit;
mod hexed;
mod node;
mod token;
mod walk;

use serde::Serialize;

pub use self::card::{CalendarDate, CardVector, Content, Param, ParamValue, Purchase, Returned};
pub use self::error::{VectorsError, Wrong};
pub use self::fit::Shape;
pub use self::hexed::Hexed;
use self::node::Node;
pub use self::token::{Minute, Token, TokenMeter, TokenOrder, TokenRequest, TokenVector};
use self::walk::Members;
use crate::section::find_section;

/// Name of the custom section that carries them as JSON. A package without it is a package as before.
pub const VECTORS_SECTION: &str = "dianka:vectors";

/// More is not read.
pub const MAX_VECTORS_BYTES: usize = 512 * 1024;

/// The vectors of one package. Who runs the driver tries them; here they are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Vectors {
    /// Of a meter driver: contents and the images that they encode to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardVector>,
    /// Of a driver of token meters: orders and the digits that they make under a test key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenVector>,
    /// Of a reader driver: recorded lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transcripts: Vec<Recorded>,
}

/// A recorded line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// For reports.
    pub name: String,
    /// The transcript.
    pub text: String,
}

impl Recorded {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let recorded = Self { name: members.text("name")?, text: members.text("text")? };
        members.end()?;
        Ok(recorded)
    }
}

impl Vectors {
    /// Those in a package; none in one without the section.
    ///
    /// # Errors
    /// As [`Self::parse`]; and when the file's sections cannot be walked.
    pub fn of(component: &[u8]) -> Result<Self, VectorsError> {
        find_section(component, VECTORS_SECTION)?.map_or_else(|| Ok(Self::default()), Self::parse)
    }

    /// Reads their JSON. What is not known in it is not passed over: it would look as if it had been tried.
    ///
    /// # Errors
    /// More than 512 KiB, no JSON, or a member that is missing, unknown, there twice, or not what it should be: with its
    /// place.
    pub fn parse(json: &[u8]) -> Result<Self, VectorsError> {
        if json.len() > MAX_VECTORS_BYTES {
            return Err(VectorsError::TooLarge(json.len()));
        }
        let root: Node = serde_json::from_slice(json).map_err(|error| VectorsError::json(&error))?;
        let mut members = Members::of(&root, "")?;
        let vectors = Self {
            cards: members.list("cards", CardVector::read)?,
            tokens: members.list("tokens", TokenVector::read)?,
            transcripts: members.list("transcripts", Recorded::read)?,
        };
        members.end()?;
        Ok(vectors)
    }

    /// Whether there is nothing in them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty() && self.tokens.is_empty() && self.transcripts.is_empty()
    }
}

#[cfg(test)]
mod tests;
