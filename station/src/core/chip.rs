//! What the machine has to know of a chip: its tries and its password.

use dianka_domain::card::password::ALL_TRIES;

/// Tries of an SLE4428 that has all of them.
const ALL_OF_SLE4428: u8 = 8;

/// A card with a password, by the name that power-on gave. Others are not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chip {
    /// 3 tries, a password of 3 bytes.
    Sle4442,
    /// 8 tries, a password of 2 bytes.
    Sle4428,
}

impl Chip {
    /// The chip of this name (`sle4442`, ...), if it is one that can be written.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sle4442" => Some(Self::Sle4442),
            "sle4428" => Some(Self::Sle4428),
            _ => None,
        }
    }

    /// Bytes of the password.
    #[must_use]
    pub const fn code_len(self) -> usize {
        match self {
            Self::Sle4442 => 3,
            Self::Sle4428 => 2,
        }
    }

    /// The tries as the domain's rule counts them, which is by the last three. Drivers of `dianka:reader` 1.0 count so
    /// too (3 says "three or more"); one that tells all eight is understood as well.
    #[must_use]
    pub const fn last_tries(self, told: u8) -> u8 {
        match self {
            Self::Sle4428 if told > ALL_TRIES && told <= ALL_OF_SLE4428 => ALL_TRIES,
            _ => told,
        }
    }

    /// Whether all tries are there, as far as it was told: so they must be once a password was verified.
    #[must_use]
    pub const fn has_all(self, told: u8) -> bool {
        told == ALL_TRIES || (matches!(self, Self::Sle4428) && told == ALL_OF_SLE4428)
    }
}
