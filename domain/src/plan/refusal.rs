//! Why a purchase cannot be made, each with the figures that say what can.

use serde::{Deserialize, Serialize};

use crate::units::{MeterEnergy, Multiplier, Overflow, RealEnergy};

/// Why a purchase cannot be made. An absent neighbour or bound means that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum PlanRefusal {
    /// Nothing was asked for.
    #[error("the quantity is 0")]
    QuantityZero,
    /// Less than nothing was asked for.
    #[error("the quantity is negative")]
    QuantityNegative {
        /// What was asked for; 0 Wh if it was money.
        wanted: RealEnergy,
    },
    /// More than a card can carry.
    #[error("more than a card can carry")]
    TooLarge {
        /// What was asked for.
        wanted: RealEnergy,
        /// Greatest purchase below it that can be sold.
        greatest: Option<RealEnergy>,
        /// Greatest quantity on a card.
        limit: MeterEnergy,
    },
    /// Purchase and adjustment do not divide by the multiplier into what a card can carry. Both neighbours can be sold;
    /// where one of them could not, the refusal is the one that says why.
    #[error("the quantity does not divide by the multiplier")]
    NotMultiple {
        /// What was asked for.
        wanted: RealEnergy,
        /// The multiplier.
        multiplier: Multiplier,
        /// Greatest purchase below it that can be sold.
        lower: RealEnergy,
        /// Smallest purchase above it that can be sold.
        upper: RealEnergy,
    },
    /// The card would carry less than the least quantity.
    #[error("the card would carry less than its least quantity")]
    BelowMin {
        /// What was asked for.
        wanted: RealEnergy,
        /// What the card would carry, cut off to a whole step.
        quantity: MeterEnergy,
        /// Least quantity on a card.
        minimum: MeterEnergy,
        /// Smallest purchase above the wanted one that can be sold.
        smallest: Option<RealEnergy>,
    },
    /// The first purchase must exceed the preset.
    #[error("the first purchase must exceed the preset quantity")]
    PresetFirst {
        /// What was asked for.
        wanted: RealEnergy,
        /// The preset quantity.
        preset: MeterEnergy,
        /// Smallest purchase above the wanted one that can be sold.
        smallest: Option<RealEnergy>,
    },
    /// The card could never load, not even into an empty meter. Equality with the limit is not sold to either: what
    /// meters do with it is not known.
    #[error("the card could never load: over the hoarding limit")]
    OverHoard {
        /// What was asked for.
        wanted: RealEnergy,
        /// What the card would carry.
        quantity: MeterEnergy,
        /// The hoarding limit.
        limit: MeterEnergy,
        /// Greatest purchase below the wanted one that can be sold.
        greatest: Option<RealEnergy>,
    },
    /// The purchase number does not fit the card any more: the meter's period must be renewed first.
    #[error("the purchase numbers of this meter's period are used up")]
    CountExhausted {
        /// The number that the sale would have.
        count: u32,
        /// Greatest number on a card.
        max: u32,
    },
    /// A figure is beyond what can be computed (or the meter's facts make no sense).
    #[error("a figure is too large to be computed")]
    Overflow,
}

impl From<Overflow> for PlanRefusal {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl PlanRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::QuantityZero => "sale.quantity_zero",
            Self::QuantityNegative { .. } => "sale.quantity_negative",
            Self::TooLarge { .. } => "sale.too_large",
            Self::NotMultiple { .. } => "sale.not_multiple",
            Self::BelowMin { .. } => "sale.below_min",
            Self::PresetFirst { .. } => "sale.preset_first",
            Self::OverHoard { .. } => "sale.over_hoard",
            Self::CountExhausted { .. } => "sale.count_exhausted",
            Self::Overflow => "sale.overflow",
        }
    }

    /// The figures, by the names that the texts for people use; each ends in its unit (`_wh`), or is a plain number.
    ///
    /// `wanted_wh`, `min_wh`, `max_wh`, `lower_wh` and `upper_wh` are purchases (real energy); `quantity_wh`, `least_wh`,
    /// `most_wh`, `limit_wh` and `preset_wh` are what card and meter hold (meter energy). A code has always the same
    /// names; a `min_wh` or `max_wh` of 0 means that nothing can be sold at all.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, i64)> {
        let real = |energy: &Option<RealEnergy>| energy.map_or(0, RealEnergy::wh);
        match self {
            Self::QuantityZero | Self::Overflow => Vec::new(),
            Self::QuantityNegative { wanted } => vec![("wanted_wh", wanted.wh())],
            Self::TooLarge { wanted, greatest, limit } => {
                vec![("wanted_wh", wanted.wh()), ("max_wh", real(greatest)), ("most_wh", limit.wh())]
            }
            Self::NotMultiple { wanted, multiplier, lower, upper } => vec![
                ("wanted_wh", wanted.wh()),
                ("multiplier", i64::from(multiplier.get())),
                ("lower_wh", lower.wh()),
                ("upper_wh", upper.wh()),
            ],
            Self::BelowMin { wanted, quantity, minimum, smallest } => vec![
                ("wanted_wh", wanted.wh()),
                ("quantity_wh", quantity.wh()),
                ("least_wh", minimum.wh()),
                ("min_wh", real(smallest)),
            ],
            Self::PresetFirst { wanted, preset, smallest } => {
                vec![("wanted_wh", wanted.wh()), ("preset_wh", preset.wh()), ("min_wh", real(smallest))]
            }
            Self::OverHoard { wanted, quantity, limit, greatest } => vec![
                ("wanted_wh", wanted.wh()),
                ("quantity_wh", quantity.wh()),
                ("limit_wh", limit.wh()),
                ("max_wh", real(greatest)),
            ],
            Self::CountExhausted { count, max } => vec![("count", i64::from(*count)), ("max", i64::from(*max))],
        }
    }
}
