//! The host's own reading of a token, by the published rules and without any driver.

use super::facts::{AmountCoding, BitField, DigitsCoding, TokenFacts};

/// Class and cipher block of digits; `None` if they are no such token.
pub(super) fn dissect(facts: &TokenFacts, digits: &str) -> Option<(u8, Vec<u8>)> {
    let count = usize::try_from(facts.digits).ok()?;
    if digits.len() != count || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match facts.digits_coding {
        DigitsCoding::Sts66 => sts_66(digits),
    }
}

/// The top two bits change places with the class, which stands at the bits 28 and 27.
fn sts_66(digits: &str) -> Option<(u8, Vec<u8>)> {
    let number = digits.parse::<u128>().ok()?;
    let bit = |at: u32| number.checked_shr(at).map(|rest| rest & 1);
    let class = bit(28)?.checked_mul(2)?.checked_add(bit(27)?)?;
    if number.checked_shr(66)? != 0 {
        return None;
    }
    let mut block = 0_u64;
    for at in (0..64).rev() {
        let from = match at {
            28 => 65,
            27 => 64,
            other => other,
        };
        block = block.checked_shl(1)? | u64::try_from(bit(from)?).ok()?;
    }
    Some((u8::try_from(class).ok()?, block.to_be_bytes().to_vec()))
}

/// The number in a field of a plain block, in the unit of the field's step.
pub(super) fn number(field: &BitField, block: &[u8]) -> Option<i64> {
    let mut bits = 0_u64;
    for at in field.offset..field.offset.checked_add(field.len)? {
        let byte = block.get(usize::try_from(at / 8).ok()?)?;
        bits = bits.checked_mul(2)?.checked_add(u64::from((byte >> (7 - at % 8)) & 1))?;
    }
    let number = match field.coding {
        AmountCoding::UintBe => bits,
        AmountCoding::StsAmount => sts_amount(bits)?,
    };
    i64::try_from(number).ok()?.checked_mul(field.step)
}

/// `m * 10^e`, and for e > 0 the sum of `2^14 * 10^(n-1)` for n = 1..e.
fn sts_amount(bits: u64) -> Option<u64> {
    let (exponent, mantissa) = (bits >> 14, bits & 0x3FFF);
    let mut below = 0_u64;
    let mut step = 1_u64;
    for _ in 0..exponent {
        below = below.checked_add(step.checked_mul(1 << 14)?)?;
        step = step.checked_mul(10)?;
    }
    mantissa.checked_mul(step)?.checked_add(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_the_first_published_token() {
        assert_eq!(sts_66("59386323472137426967"), Some((0, hex::decode("38269a8e59319817").unwrap())));
        // One of class 2, whose block has other bits where the class stands.
        assert_eq!(sts_66("26521936751055502278"), Some((2, hex::decode("7010d8f4aa0a7bc6").unwrap())));
        assert_eq!(sts_66("73786976294838206464"), None);
    }

    #[test]
    fn amounts_at_the_steps_of_the_rule() {
        let words = [
            (0x0000, 0),
            (0x3FFF, 16_383),
            (0x4000, 16_384),
            (0x7FFF, 180_214),
            (0x8000, 180_224),
            (0xBFFF, 1_818_524),
            (0xC000, 1_818_624),
            (0xFFFF, 18_201_624),
        ];
        for (word, amount) in words {
            assert_eq!(sts_amount(word), Some(amount), "{word:04x}");
        }
    }

    #[test]
    fn fields_of_the_first_published_block() {
        let block = hex::decode("0559982c00012831").unwrap();
        let field = |offset, len, coding, step| BitField { offset, len, coding, step };
        assert_eq!(number(&field(8, 24, AmountCoding::UintBe, 1), &block), Some(0x59_982c));
        assert_eq!(number(&field(32, 16, AmountCoding::StsAmount, 100), &block), Some(100));
        assert_eq!(number(&field(0, 4, AmountCoding::UintBe, 1), &block), Some(0));
        assert_eq!(number(&field(4, 4, AmountCoding::UintBe, 1), &block), Some(5));
        assert_eq!(number(&field(60, 5, AmountCoding::UintBe, 1), &block), None);
    }
}
