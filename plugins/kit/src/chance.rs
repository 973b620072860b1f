//! Chance that repeats: SplitMix64.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included; `low` if they are crossed.
    pub const fn within(&mut self, low: u64, high: u64) -> u64 {
        let number = self.next();
        match high.saturating_sub(low).checked_add(1) {
            // The width is at least one.
            Some(width) => match number.checked_rem(width) {
                Some(rest) => low.saturating_add(rest),
                None => low,
            },
            None => number,
        }
    }
}
