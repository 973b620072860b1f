//! What a token is asked for with, and what it says.

use dianka_domain::units::MeterEnergy;
use dianka_keys::{KeyError, KeyRule};
use serde::{Deserialize, Serialize};

use crate::fault::CallError;
use crate::meter::Param;

/// The kind of token that every token driver makes.
const CREDIT: &str = "credit";

/// A minute of the calendar, of the clock that all tokens of a meter are dated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Minute {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// The meter that a token is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMeter {
    /// Its number as it stands on its face.
    pub meter_no: u64,
    /// As the driver's description specifies them.
    pub params: Vec<Param>,
}

/// What a token does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenOrder {
    /// Loads energy.
    Credit {
        /// How much, Wh.
        quantity_wh: MeterEnergy,
    },
    /// Something else of the standard's.
    Other {
        /// Id of the kind, as the driver's facts have it.
        kind: String,
        /// In the unit of the kind.
        amount: i64,
    },
}

impl TokenOrder {
    /// Kind and amount as the contract has them.
    pub(crate) fn parts(&self) -> (&str, i64) {
        match self {
            Self::Credit { quantity_wh } => (CREDIT, quantity_wh.wh()),
            Self::Other { kind, amount } => (kind, *amount),
        }
    }

    pub(crate) fn of(kind: String, amount: i64) -> Self {
        if kind == CREDIT {
            Self::Credit { quantity_wh: MeterEnergy::from_wh(amount) }
        } else {
            Self::Other { kind, amount }
        }
    }
}

/// The id of the kind that loads energy.
pub(crate) const fn token_kind() -> &'static str {
    CREDIT
}

/// Everything that a token is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// What it does.
    pub order: TokenOrder,
    /// Whom it is for.
    pub meter: TokenMeter,
    /// When it is issued.
    pub issued: Minute,
    /// Identifier of the last token that was issued for this meter under this key; none = there is none.
    pub after: Option<u64>,
    /// Chance, for standards that want some.
    pub chance: u64,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What the customer types, without spaces.
    pub digits: String,
    /// To be kept: the next token of this meter is made `after` it.
    pub identifier: u64,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenContent {
    /// What it does.
    pub order: TokenOrder,
    /// The number that makes it another one than the one before.
    pub identifier: u64,
    /// The minute that the identifier stands for: that of issue, or a later one.
    pub issued: Minute,
    /// The bits of chance in it.
    pub chance: u64,
}

/// A driver's answer to `prepare`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) class: u8,
    pub(crate) block: Vec<u8>,
    pub(crate) key: KeyRule,
    pub(crate) identifier: u64,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TokenError {
    /// The carrier of the standard is a card.
    #[error("the standard has no tokens; its carrier is a card")]
    NoTokens,
    /// The driver refused or failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The key provider refused or failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}
