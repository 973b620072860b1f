//! How far a write came, and how it ended.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Hex;

/// Steps of a write, as a clerk sees them and as the journal names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Reading and comparing.
    Compare,
    /// Presenting the password.
    Present,
    /// Erasing the seal. From here on the card must stay in.
    EraseSeal,
    /// Writing the changed bytes.
    Body,
    /// Reading them back.
    VerifyBody,
    /// Giving a new card its password.
    ChangeCode,
    /// Proving the new password after a power cycle.
    VerifyCode,
    /// Writing the seal.
    Seal,
    /// Reading everything twice after a power cycle.
    ReadBack,
}

/// What became of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketResult {
    /// The operation.
    pub op: Uuid,
    /// The ticket's epoch.
    pub epoch: u32,
    /// The card session that it ran in.
    pub session: Uuid,
    /// How it ended.
    pub outcome: TicketOutcome,
    /// The card's password: none = no change was tried, the old one holds; true = the new one is proven; false = a
    /// change was tried and not proven, so either may hold.
    #[serde(default)]
    pub psc_changed: Option<bool>,
}

/// How a ticket ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum TicketOutcome {
    /// Both full reads after a power cycle equal the target. The server compares them again.
    Written {
        /// First read.
        image1: Hex,
        /// Second read.
        image2: Hex,
        /// Free tries afterwards.
        tries: Option<u8>,
    },
    /// No byte of the card was touched.
    Refused {
        /// Why (`ticket.before_differs`, `card.tries_low`, ...).
        code: String,
        /// What is on the card, where it was read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<Hex>,
        /// Free tries, where they are known.
        #[serde(default)]
        tries: Option<u8>,
        /// For the log, in English.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// At least one byte may have been touched, and the target was not proven.
    Torn {
        /// What is on the card, where it could still be read.
        #[serde(default)]
        image: Option<Hex>,
        /// Where it broke off.
        step: Step,
        /// Why (`write.removed`, `write.unverified`, `reader.unplugged`, ...).
        code: String,
        /// Free tries, where they are known.
        #[serde(default)]
        tries: Option<u8>,
        /// For the log, in English.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    /// The station stopped in the middle and does not go on by itself: the card decides.
    Interrupted {
        /// The last stage in the journal; before `writing` no byte was touched.
        last_stage: JournalStage,
    },
}

/// How far the journal says that a ticket came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalStage {
    /// Accepted, nothing done.
    Received,
    /// About to present the password and write.
    Writing,
    /// About to change the card's password.
    ChangingCode,
    /// Ended, with its result.
    Result,
}
