//! Whether a card's password may be presented. Three wrong ones kill a card for ever.

use serde::{Deserialize, Serialize};

/// Tries of a card that has all of them.
pub const ALL_TRIES: u8 = 3;

/// Where the trust in a password for this card comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Derived by the rule of the card's own identity block.
    Derived,
    /// The maker's transport code, on a card that is blank or recorded as unopened.
    Transport,
    /// It has verified on this very card before.
    VerifiedOnThisCard,
    /// Nothing is known about it.
    Unknown,
}

/// Why the password is not presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum PresentRefusal {
    /// Nothing says that the password fits this card.
    #[error("the password is not known to fit this card")]
    NotTrusted,
    /// One try is used, and the password has not verified on this very card before.
    #[error("one try is used and the password has never verified on this card")]
    NotVerifiedHere,
    /// One try is left: never, by no role. Replace the card.
    #[error("only one try is left")]
    OneTryLeft,
    /// The card is dead for writing. Replace it.
    #[error("no try is left")]
    Dead,
    /// The error counter cannot be what a card answers.
    #[error("an error counter of {tries} tries cannot be")]
    BadCounter {
        /// What was read.
        tries: u8,
    },
}

impl PresentRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotTrusted => "card.password_unknown",
            Self::NotVerifiedHere => "card.tries_low",
            Self::OneTryLeft => "card.tries_low",
            Self::Dead => "card.locked",
            Self::BadCounter { .. } => "card.error_counter",
        }
    }
}

impl PresentRefusal {
    /// The figures: the free tries.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, i64)> {
        match *self {
            Self::NotTrusted => Vec::new(),
            Self::NotVerifiedHere => vec![("tries", 2)],
            Self::OneTryLeft => vec![("tries", 1)],
            Self::Dead => vec![("tries", 0)],
            Self::BadCounter { tries } => vec![("tries", i64::from(tries))],
        }
    }
}

/// Free tries by an SLE4442 error counter: each of its three low bits that is set.
#[must_use]
pub const fn tries_from_counter(error_counter: u8) -> u8 {
    match error_counter & 0b111 {
        0b111 => 3,
        0b110 | 0b101 | 0b011 => 2,
        0b100 | 0b010 | 0b001 => 1,
        _ => 0,
    }
}

/// Whether the password may be presented to a card with `tries` free tries. To be asked once per power-up, only if there is
/// something to write, and after reading the error counter.
pub const fn may_present(tries: u8, trust: Trust) -> Result<(), PresentRefusal> {
    match (tries, trust) {
        (0, _) => Err(PresentRefusal::Dead),
        (1, _) => Err(PresentRefusal::OneTryLeft),
        (2 | 3, Trust::Unknown) => Err(PresentRefusal::NotTrusted),
        (2, Trust::Derived | Trust::Transport) => Err(PresentRefusal::NotVerifiedHere),
        (2 | 3, _) => Ok(()),
        (tries, _) => Err(PresentRefusal::BadCounter { tries }),
    }
}

/// Which password a card answers to, as the books have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// The maker's.
    Transport,
    /// The one that the operation leaves on the card.
    Ours,
    /// A change was begun and not proven: either.
    Unknown,
}

/// One of an operation's two passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// Of the card as it was before the operation.
    Before,
    /// Of the card as it shall be.
    After,
}

/// What a ticket tells its station about the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Presentation {
    /// Which one is presented.
    pub present: Which,
    /// Whether the other one is then put in its place.
    pub changes: bool,
    /// Where the trust in it comes from.
    pub trust: Trust,
}

/// Which password an operation's next ticket presents. `changes`: the operation gives the card another password.
/// `verified_before`: the one from before is known to have verified on this very card.
#[must_use]
pub const fn presentation(changes: bool, holds: Holds, verified_before: bool) -> Presentation {
    let (derived, transport) = if verified_before {
        (Trust::VerifiedOnThisCard, Trust::VerifiedOnThisCard)
    } else {
        (Trust::Derived, Trust::Transport)
    };
    match (changes, holds) {
        (false, Holds::Ours) => {
            Presentation { present: Which::Before, changes: false, trust: Trust::VerifiedOnThisCard }
        }
        (false, Holds::Transport | Holds::Unknown) => {
            Presentation { present: Which::Before, changes: false, trust: derived }
        }
        (true, Holds::Transport) => Presentation { present: Which::Before, changes: true, trust: transport },
        (true, Holds::Ours) => Presentation { present: Which::After, changes: false, trust: Trust::VerifiedOnThisCard },
        // A change was begun and not proven. The new one first, with all three tries free; the old one has verified on
        // this card, so it may follow with two.
        (true, Holds::Unknown) => Presentation { present: Which::After, changes: false, trust: Trust::Derived },
    }
}
