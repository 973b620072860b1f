//! Why a purchase cannot be made, each with the figures that say what can.

use serde::{Deserialize, Serialize};

use crate::units::{MeterEnergy, Overflow, RealEnergy};

/// Why a purchase cannot be made. An absent neighbour or bound means that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum PlanRefusal {
    /// Nothing was asked for.
    #[error("the quantity is 0")]
    QuantityZero,
    /// Less than nothing was asked for.
    #[error("the quantity is negative")]
    QuantityNegative,
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
    /// Purchase and adjustment do not divide by the multiplier into what a card can carry.
    #[error("the quantity does not divide by the multiplier")]
    NotMultiple {
        /// What was asked for.
        wanted: RealEnergy,
        /// Greatest purchase below it that can be sold.
        lower: Option<RealEnergy>,
        /// Smallest purchase above it that can be sold.
        upper: Option<RealEnergy>,
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
            Self::QuantityNegative => "sale.quantity_negative",
            Self::TooLarge { .. } => "sale.too_large",
            Self::NotMultiple { .. } => "sale.not_multiple",
            Self::BelowMin { .. } => "sale.below_min",
            Self::PresetFirst { .. } => "sale.preset_first",
            Self::OverHoard { .. } => "sale.over_hoard",
            Self::CountExhausted { .. } => "sale.count_exhausted",
            Self::Overflow => "sale.overflow",
        }
    }

    /// The figures, with the unit at the end of each name. `..._real_wh` is what is sold, `..._meter_wh` what the card
    /// carries. Always the same names for a code; 0 where there is no such purchase.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, i64)> {
        let real = |energy: &Option<RealEnergy>| energy.map_or(0, RealEnergy::wh);
        match self {
            Self::QuantityZero | Self::QuantityNegative | Self::Overflow => Vec::new(),
            Self::TooLarge { wanted, greatest, limit } => vec![
                ("wanted_real_wh", wanted.wh()),
                ("greatest_real_wh", real(greatest)),
                ("limit_meter_wh", limit.wh()),
            ],
            Self::NotMultiple { wanted, lower, upper } => {
                vec![("wanted_real_wh", wanted.wh()), ("lower_real_wh", real(lower)), ("upper_real_wh", real(upper))]
            }
            Self::BelowMin { wanted, quantity, minimum, smallest } => vec![
                ("wanted_real_wh", wanted.wh()),
                ("quantity_meter_wh", quantity.wh()),
                ("minimum_meter_wh", minimum.wh()),
                ("smallest_real_wh", real(smallest)),
            ],
            Self::PresetFirst { wanted, preset, smallest } => vec![
                ("wanted_real_wh", wanted.wh()),
                ("preset_meter_wh", preset.wh()),
                ("smallest_real_wh", real(smallest)),
            ],
            Self::OverHoard { wanted, quantity, limit, greatest } => vec![
                ("wanted_real_wh", wanted.wh()),
                ("quantity_meter_wh", quantity.wh()),
                ("limit_meter_wh", limit.wh()),
                ("greatest_real_wh", real(greatest)),
            ],
            Self::CountExhausted { count, max } => {
                vec![("count_times", i64::from(*count)), ("max_times", i64::from(*max))]
            }
        }
    }
}
