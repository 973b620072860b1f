//! From class and cipher block to the 20 digits, and back.
//!
//! The class takes the place of bits 28 and 27 of the block (bit 0 is the lowest), and what stood there goes to the top:
//! bits 65 and 64. The 66 bits are written as a decimal number with leading zeros.

/// Digits of a token.
pub const DIGITS: usize = 20;

const PLACE: u32 = 27;
const TOP: u32 = 64;
const TWO_BITS: u128 = 3;

/// `None` if the class is above 3.
#[must_use]
pub fn compose(class: u8, block: [u8; 8]) -> Option<String> {
    let block = u128::from(u64::from_be_bytes(block));
    let moved = (block >> PLACE) & TWO_BITS;
    let number = (moved << TOP) | (block & !(TWO_BITS << PLACE)) | (u128::from(class) << PLACE);
    (class <= 3).then(|| format!("{number:020}"))
}

/// Class and cipher block. Spaces and hyphens between digits are ignored; `None` if anything else is left that is not 20
/// digits of a number of 66 bits.
#[must_use]
pub fn dissect(digits: &str) -> Option<(u8, [u8; 8])> {
    let digits: String = digits.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u128 = digits.parse().ok()?;
    let moved = number >> TOP;
    if moved > TWO_BITS {
        return None;
    }
    let class = u8::try_from((number >> PLACE) & TWO_BITS).ok()?;
    let low = number & u128::from(u64::MAX);
    let block = u64::try_from((low & !(TWO_BITS << PLACE)) | (moved << PLACE)).ok()?;
    Some((class, block.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE_1: [u8; 8] = [0x38, 0x26, 0x9A, 0x8E, 0x59, 0x31, 0x98, 0x17];

    #[test]
    fn the_digits_of_case_1() {
        assert_eq!(compose(0, CASE_1).as_deref(), Some("59386323472137426967"));
        assert_eq!(dissect("59386323472137426967"), Some((0, CASE_1)));
        assert_eq!(dissect("5938-6323-4721-3742-6967"), Some((0, CASE_1)));
        assert_eq!(dissect("5938 6323 4721 3742 6967"), Some((0, CASE_1)));
    }

    #[test]
    fn all_classes_and_all_bits_return() {
        for class in 0..=3 {
            for bit in 0..64 {
                for block in [1_u64 << bit, !(1 << bit)] {
                    let digits = compose(class, block.to_be_bytes()).unwrap_or_default();
                    assert_eq!(digits.len(), DIGITS);
                    assert_eq!(dissect(&digits), Some((class, block.to_be_bytes())));
                }
            }
        }
        assert_eq!(compose(4, CASE_1), None);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for digits in
            ["", "5938632347213742696", "593863234721374269670", "5938632347213742696x", "５9386323472137426967"]
        {
            assert_eq!(dissect(digits), None, "{digits}");
        }
        // 2^66 has 20 digits, too.
        assert_eq!(dissect("73786976294838206463"), Some((3, [0xFF; 8])));
        assert_eq!(dissect("73786976294838206464"), None);
    }
}
