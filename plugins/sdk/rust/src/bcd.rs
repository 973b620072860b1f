//! Packed BCD, two digits a byte, high byte first: how GB/T 18460 cards carry their numbers.

/// Writes `value` into the whole of `out`, with leading zeros.
///
/// Answers `false`, and leaves `out` in an undefined state, if the value has more digits than there is room for.
#[must_use]
pub fn encode(value: u64, out: &mut [u8]) -> bool {
    let mut rest = value;
    for byte in out.iter_mut().rev() {
        let pair = rest % 100;
        rest /= 100;
        // A pair is below 100, so both halves fit a nibble.
        *byte = u8::try_from(((pair / 10) << 4) | (pair % 10)).unwrap_or(0xFF);
    }
    rest == 0
}

/// Reads packed BCD; `None` if a nibble is not a digit or the number exceeds 18 digits.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > 9 {
        return None;
    }
    let mut value = 0_u64;
    for byte in bytes {
        let (high, low) = (byte >> 4, byte & 0x0F);
        if high > 9 || low > 9 {
            return None;
        }
        // Nine bytes are at most 18 digits: no overflow.
        value = value.wrapping_mul(100).wrapping_add(u64::from(high.wrapping_mul(10).wrapping_add(low)));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_high_byte_first() {
        let mut out = [0; 3];
        assert!(encode(300, &mut out));
        assert_eq!(out, [0x00, 0x03, 0x00]);
        assert_eq!(decode(&out), Some(300));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert!(encode(9999, &mut [0; 2]));
        assert!(!encode(10_000, &mut [0; 2]));
        assert!(!encode(1, &mut []));
    }

    #[test]
    fn refuses_what_is_no_digit() {
        assert_eq!(decode(&[0x0A]), None);
        assert_eq!(decode(&[0xA0]), None);
        assert_eq!(decode(&[0xFF]), None);
        assert_eq!(decode(&[0x99; 9]), Some(999_999_999_999_999_999));
        assert_eq!(decode(&[0; 10]), None);
    }

    #[test]
    fn every_four_digit_number_returns() {
        for value in 0..=9999 {
            let mut out = [0; 2];
            assert!(encode(value, &mut out));
            assert_eq!(decode(&out), Some(value));
        }
    }
}
