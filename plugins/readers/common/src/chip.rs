//! The memory cards that drivers work. Sources: Siemens data sheets of SLE4442 (07.95) and SLE4428; Atmel's of AT24C02.

/// A memory card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// 256 bytes, password of 3 bytes, 3 tries.
    Sle4442,
    /// 1024 bytes, password of 2 bytes, 8 tries. Counter and password are cells of the main memory.
    Sle4428,
    /// 256 bytes without any protection. Read only here: nothing would stop a copy of a purchase.
    At24c02,
}

/// Where the SLE4428 has its error counter; its password follows.
pub const COUNTER_SLE4428: u16 = 0x3FD;
/// Where the SLE4428 has its password.
pub const CODE_SLE4428: u16 = 0x3FE;

impl Chip {
    /// The chip with this answer to reset (the card's own four bytes).
    #[must_use]
    pub fn by_atr(atr: &[u8]) -> Option<Self> {
        match atr {
            [0xA2, 0x13, 0x10, 0x91, ..] => Some(Self::Sle4442),
            [0x92, 0x23, 0x10, 0x91, ..] => Some(Self::Sle4428),
            _ => None,
        }
    }

    /// As the contract names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sle4442 => "sle4442",
            Self::Sle4428 => "sle4428",
            Self::At24c02 => "at24c02",
        }
    }

    /// Bytes of main memory from 0 on. The last three of an SLE4428 are its counter and its password: they are no part
    /// of an image, which is compared and kept, while those cells change with every presentation.
    #[must_use]
    pub const fn size(self) -> u32 {
        match self {
            Self::Sle4442 | Self::At24c02 => 256,
            Self::Sle4428 => 0x3FD,
        }
    }

    /// Bytes of the password; none for a chip without.
    #[must_use]
    pub const fn code_len(self) -> Option<usize> {
        match self {
            Self::Sle4442 => Some(3),
            Self::Sle4428 => Some(2),
            Self::At24c02 => None,
        }
    }

    /// The counter with every try free.
    #[must_use]
    pub const fn full_counter(self) -> u8 {
        match self {
            Self::Sle4442 => 0x07,
            Self::Sle4428 | Self::At24c02 => 0xFF,
        }
    }

    /// Free tries by the error counter, as the contract can say it: it counts to three. The eight of an SLE4428 are
    /// told from below, since the last ones are those that matter: 3 says "three or more".
    #[must_use]
    pub fn tries(self, counter: u8) -> u8 {
        u8::try_from((counter & self.full_counter()).count_ones().min(3)).unwrap_or(0)
    }

    /// The counter with one more try spent: the lowest free bit written to 0.
    #[must_use]
    pub const fn spend(self, counter: u8) -> u8 {
        let counter = counter & self.full_counter();
        counter & counter.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters() {
        for (raw, tries) in [(7, 3), (6, 2), (5, 2), (3, 2), (4, 1), (2, 1), (1, 1), (0, 0), (0xF8, 0)] {
            assert_eq!(Chip::Sle4442.tries(raw), tries, "{raw:02X}");
        }
        for (raw, tries) in [(0xFF, 3), (0xFE, 3), (0xE0, 3), (0xC0, 2), (0x81, 2), (0x80, 1), (0x01, 1), (0, 0)] {
            assert_eq!(Chip::Sle4428.tries(raw), tries, "{raw:02X}");
        }
    }

    #[test]
    fn a_try_is_one_bit() {
        let chain = |chip: Chip| {
            let next = move |counter: &u8| (*counter != 0).then(|| chip.spend(*counter));
            core::iter::successors(Some(chip.full_counter()), next).collect::<Vec<_>>()
        };
        assert_eq!(chain(Chip::Sle4442), [7, 6, 4, 0]);
        assert_eq!(chain(Chip::Sle4428), [0xFF, 0xFE, 0xFC, 0xF8, 0xF0, 0xE0, 0xC0, 0x80, 0]);
    }
}
