//! Answers that say no, and the typed parameters in which the contract grows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A typed value of an extension parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number; its unit is in the driver's parameter specification.
    Int(i64),
    /// A text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// As in the driver's parameter specification.
    pub name: String,
    /// The value.
    pub value: Value,
}

/// The input was understood and is not acceptable. An answer, not a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable and machine readable: `not-this-standard`, `blank`, `torn`, `checksum`, `bad-field`, `unsupported`,
    /// `bad-input`, `bad-state`, `below-minimum`, `above-maximum`, `not-a-step`, `over-hoarding-limit`,
    /// `preset-not-exceeded`, `count-exhausted`; others are shown as they are.
    pub code: String,
    /// For the log, in English.
    pub message: String,
    /// Offset in the card image where it went wrong.
    pub at: Option<u32>,
    /// Figures.
    pub params: Vec<Param>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code, self.message)
    }
}
