//! The transfer amount: 2 bits of exponent, 14 of mantissa.
//!
//! `amount = m` for exponent 0, else `m * 10^e + sum of 2^14 * 10^(n-1) for n = 1..e`. So amounts are exact up to 16384
//! and go in steps of 10 from there, of 100 from 180224, of 1000 from 1818624.

/// Greatest amount: all bits set.
pub const MAX: u32 = 18_201_624;
/// Greatest amount up to which every amount exists.
pub const EXACT_UP_TO: u32 = 16_384;

/// Exponent, first amount, step; the greatest first.
const RANGES: [(u16, u32, u32); 4] = [(3, 1_818_624, 1000), (2, 180_224, 100), (1, 16_384, 10), (0, 0, 1)];
const MANTISSA_BITS: u32 = 14;
const MANTISSA: u16 = 0x3FFF;

/// An amount that cannot be coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inexact {
    /// It lies between these two that can.
    Between(u32, u32),
    /// It is above [`MAX`].
    TooMuch,
}

/// Codes exactly this amount.
///
/// # Errors
/// [`Inexact`]; nothing is rounded.
pub fn encode(amount: u32) -> Result<u16, Inexact> {
    if amount > MAX {
        return Err(Inexact::TooMuch);
    }
    for (exponent, first, step) in RANGES {
        let Some(rest) = amount.checked_sub(first) else { continue };
        let steps = rest.checked_div(step).unwrap_or(0);
        let lower = steps.saturating_mul(step).saturating_add(first);
        if lower != amount {
            return Err(Inexact::Between(lower, lower.saturating_add(step)));
        }
        // The range above begins where the mantissa of this one ends.
        let mantissa = u16::try_from(steps).map_err(|_| Inexact::TooMuch)?;
        return Ok((exponent << MANTISSA_BITS) | mantissa);
    }
    Err(Inexact::TooMuch)
}

/// The amount of 16 coded bits.
#[must_use]
pub fn decode(coded: u16) -> u32 {
    let (exponent, mantissa) = (coded >> MANTISSA_BITS, u32::from(coded & MANTISSA));
    let of = |(_, first, step): &(u16, u32, u32)| mantissa.saturating_mul(*step).saturating_add(*first);
    RANGES.iter().find(|(e, ..)| *e == exponent).map_or(0, of)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test may stop at the first surprise")]
    use super::*;

    /// The rule, as the standard writes it.
    fn by_rule(exponent: u32, mantissa: u32) -> u32 {
        let base: u32 = (1..=exponent).map(|n| (1 << 14) * 10_u32.pow(n - 1)).sum();
        10_u32.pow(exponent) * mantissa + base
    }

    #[test]
    fn every_coded_word_is_the_rules_and_returns() {
        for coded in 0..=u16::MAX {
            let amount = decode(coded);
            assert_eq!(amount, by_rule(u32::from(coded >> 14), u32::from(coded & 0x3FFF)), "{coded:04x}");
            assert_eq!(encode(amount), Ok(coded));
        }
    }

    #[test]
    fn the_steps_widen_where_the_rule_says() {
        assert_eq!((encode(16_383), encode(16_384), encode(16_394)), (Ok(0x3FFF), Ok(0x4000), Ok(0x4001)));
        assert_eq!((encode(180_214), encode(180_224), encode(180_324)), (Ok(0x7FFF), Ok(0x8000), Ok(0x8001)));
        assert_eq!((encode(1_818_524), encode(1_818_624), encode(1_819_624)), (Ok(0xBFFF), Ok(0xC000), Ok(0xC001)));
        assert_eq!((encode(MAX), encode(MAX + 1)), (Ok(0xFFFF), Err(Inexact::TooMuch)));
    }

    #[test]
    fn what_lies_between_is_refused_with_its_neighbours() {
        for (amount, lower, upper) in [
            (16_385, 16_384, 16_394),
            (16_393, 16_384, 16_394),
            (180_223, 180_214, 180_224),
            (180_225, 180_224, 180_324),
            (1_818_623, 1_818_524, 1_818_624),
            (18_201_623, 18_200_624, 18_201_624),
        ] {
            assert_eq!(encode(amount), Err(Inexact::Between(lower, upper)));
            assert!(encode(lower).is_ok() && encode(upper).is_ok());
        }
    }

    #[test]
    fn every_amount_is_exact_or_between_two_that_are() {
        for amount in 0..=2_000_000 {
            match encode(amount) {
                Ok(coded) => assert_eq!(decode(coded), amount),
                Err(Inexact::Between(lower, upper)) => {
                    assert!(amount > EXACT_UP_TO && lower < amount && amount < upper);
                    assert!(upper - lower <= 1000);
                }
                Err(Inexact::TooMuch) => unreachable!(),
            }
        }
    }
}
