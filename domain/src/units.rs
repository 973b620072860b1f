//! Every number has a unit type. All are integers, on the wire and in storage too.

use serde::{Deserialize, Serialize};

use crate::exact;

/// A figure does not fit its 64 bits (or has no finite value, such as the energy for money at price 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the figure is too large to be computed")]
pub struct Overflow;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $from:ident, $get:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            #[doc = concat!("From a number of ", $unit, ".")]
            #[must_use]
            pub const fn $from(value: i64) -> Self {
                Self(value)
            }

            #[doc = concat!("The number of ", $unit, ".")]
            #[must_use]
            pub const fn $get(self) -> i64 {
                self.0
            }

            /// Sum. Fails when it does not fit.
            pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_add(other.0).map(Self).ok_or(Overflow)
            }

            /// Difference. Fails when it does not fit.
            pub fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
            }

            /// The same figure with the other sign. Fails for the least 64-bit number.
            pub fn checked_neg(self) -> Result<Self, Overflow> {
                self.0.checked_neg().map(Self).ok_or(Overflow)
            }

            /// `times` as much. Fails when it does not fit.
            pub fn checked_mul(self, times: i64) -> Result<Self, Overflow> {
                self.0.checked_mul(times).map(Self).ok_or(Overflow)
            }

            /// Sum of many. Fails when it does not fit on the way.
            pub fn checked_sum(all: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
                all.into_iter().try_fold(Self::ZERO, Self::checked_add)
            }

            /// More than nothing.
            #[must_use]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// Less than nothing.
            #[must_use]
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }

            /// Exactly nothing.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }
        }
    };
}

quantity! {
    /// Money in fen (0.01 yuan).
    Money, from_fen, fen, "fen"
}
quantity! {
    /// Energy that is sold and billed, Wh.
    RealEnergy, from_wh, wh, "Wh"
}
quantity! {
    /// Energy as card and meter hold it, Wh: real energy divided by the multiplier.
    MeterEnergy, from_wh, wh, "Wh"
}

/// A price in micro-yuan (10⁻⁶ yuan) per kWh: 0.5683 yuan/kWh is 568 300.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(i64);

/// What to do with the part of a fen that is left over. All three treat a figure and its negative alike, so that the
/// reversal of an amount is exactly that amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Towards zero.
    Down,
    /// To the nearest; a half goes away from zero.
    HalfUp,
    /// Away from zero.
    Up,
}

/// Wh x micro-yuan/kWh in one fen: 1000 Wh/kWh x 10⁶ micro-yuan/yuan / 100 fen/yuan.
const PER_FEN: i128 = 10_000_000;

impl Price {
    /// From micro-yuan per kWh.
    #[must_use]
    pub const fn from_micro(value: i64) -> Self {
        Self(value)
    }

    /// Micro-yuan per kWh.
    #[must_use]
    pub const fn micro(self) -> i64 {
        self.0
    }

    /// What `energy` costs. Fails when the amount does not fit.
    pub fn amount(self, energy: RealEnergy, rounding: Rounding) -> Result<Money, Overflow> {
        let product = exact::mul(i128::from(energy.wh()), i128::from(self.0))?;
        let size = product.checked_abs().ok_or(Overflow)?;
        let whole = exact::floor_div(size, PER_FEN)?;
        let rest = exact::modulo(size, PER_FEN)?;
        let up = match rounding {
            Rounding::Down => false,
            Rounding::HalfUp => exact::mul(rest, 2)? >= PER_FEN,
            Rounding::Up => rest > 0,
        };
        let fen = if up { exact::add(whole, 1)? } else { whole };
        let signed = if product < 0 { fen.checked_neg().ok_or(Overflow)? } else { fen };
        exact::narrow(signed).map(Money::from_fen)
    }

    /// How much energy `money` buys exactly, cut off to whole Wh (towards minus infinity). Fails at a price of 0 or
    /// below, where there is no such figure, and when it does not fit.
    pub fn energy_for(self, money: Money) -> Result<RealEnergy, Overflow> {
        let wh = exact::floor_div(exact::mul(i128::from(money.fen()), PER_FEN)?, i128::from(self.0))?;
        exact::narrow(wh).map(RealEnergy::from_wh)
    }

    /// The most energy whose amount, rounded half up, is not above `money`. Fails as [`Price::energy_for`] does.
    pub fn most_energy_billed_within(self, money: Money) -> Result<RealEnergy, Overflow> {
        // half_up(q·p / F) <= money  <=>  2·q·p < (2·money + 1)·F
        let halves = exact::add(exact::mul(i128::from(money.fen()), 2)?, 1)?;
        let bound = exact::sub(exact::mul(halves, PER_FEN)?, 1)?;
        let wh = exact::floor_div(bound, exact::mul(i128::from(self.0), 2)?)?;
        exact::narrow(wh).map(RealEnergy::from_wh)
    }
}

/// A transformer ratio as it stands on the name plate: 3000:100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ratio {
    /// Primary side (volts or amperes).
    pub primary: u32,
    /// Secondary side, in the same unit.
    pub secondary: u32,
}

impl Ratio {
    /// No transformer.
    pub const ONE: Self = Self { primary: 1, secondary: 1 };
}

/// Multiplier 倍率 = PT ratio x CT ratio: real energy = meter energy x multiplier. Never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Multiplier(u32);

/// Why a multiplier cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultiplierError {
    /// One side of a ratio, or the multiplier itself, is 0.
    #[error("a side of the ratio is 0")]
    Zero,
    /// PT x CT is not a whole number.
    #[error("{primary}:{secondary} is not a whole number")]
    NotWhole {
        /// Product of the primary sides.
        primary: u64,
        /// Product of the secondary sides.
        secondary: u64,
    },
    /// PT x CT does not fit 32 bits.
    #[error("the multiplier is too large")]
    TooLarge,
}

impl MultiplierError {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Zero => "multiplier.zero",
            Self::NotWhole { .. } => "multiplier.not_whole",
            Self::TooLarge => "multiplier.too_large",
        }
    }
}

impl Multiplier {
    /// Without transformers.
    pub const ONE: Self = Self(1);

    /// From a whole number, which must not be 0.
    pub const fn new(value: u32) -> Result<Self, MultiplierError> {
        if value == 0 { Err(MultiplierError::Zero) } else { Ok(Self(value)) }
    }

    /// PT ratio x CT ratio, which must be a whole number.
    pub fn from_ratios(pt: Ratio, ct: Ratio) -> Result<Self, MultiplierError> {
        // Two 32-bit figures always fit 64 bits.
        let primary = u64::from(pt.primary).saturating_mul(u64::from(ct.primary));
        let secondary = u64::from(pt.secondary).saturating_mul(u64::from(ct.secondary));
        if primary == 0 || secondary == 0 {
            return Err(MultiplierError::Zero);
        }
        match (primary.checked_div(secondary), primary.checked_rem(secondary)) {
            (Some(whole), Some(0)) => u32::try_from(whole).map(Self).map_err(|_| MultiplierError::TooLarge),
            _ => Err(MultiplierError::NotWhole { primary, secondary }),
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Multiplier {
    type Error = MultiplierError;
    fn try_from(value: u32) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Multiplier> for u32 {
    fn from(value: Multiplier) -> Self {
        value.0
    }
}

impl MeterEnergy {
    /// What the customer has for it: times the multiplier. Fails when it does not fit.
    pub fn to_real(self, multiplier: Multiplier) -> Result<RealEnergy, Overflow> {
        self.0.checked_mul(i64::from(multiplier.0)).map(RealEnergy::from_wh).ok_or(Overflow)
    }
}

/// Real energy is not a whole number of Wh on the meter's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wh} Wh do not divide by the multiplier {multiplier}")]
pub struct NotDivisible {
    /// The real energy.
    pub wh: i64,
    /// The multiplier.
    pub multiplier: u32,
}

impl RealEnergy {
    /// What card and meter hold for it; only when it divides without rest.
    pub fn to_meter_exact(self, multiplier: Multiplier) -> Result<MeterEnergy, NotDivisible> {
        let m = i64::from(multiplier.0);
        match (self.0.checked_div(m), self.0.checked_rem(m)) {
            (Some(whole), Some(0)) => Ok(MeterEnergy::from_wh(whole)),
            _ => Err(NotDivisible { wh: self.0, multiplier: multiplier.0 }),
        }
    }
}
