//! A row of numbers to bytes and back, by a list of fields.

use dianka_sdk::bcd;
use dianka_sdk::meter::types::Refusal;

use crate::profile::{Coding, Field, Item};
use crate::refuse::{refuse_at, refuse_with};

/// Numbers by item, in the engine's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(Vec<(Item, i64)>);

impl Values {
    /// The value of an item; 0 if it is not there, which a field list that names it excludes.
    #[must_use]
    pub fn get(&self, item: Item) -> i64 {
        self.0.iter().find(|(found, _)| *found == item).map_or(0, |(_, value)| *value)
    }

    /// The value as an unsigned number.
    #[must_use]
    pub fn number(&self, item: Item) -> u64 {
        u64::try_from(self.get(item)).unwrap_or(0)
    }

    /// The value as a short unsigned number.
    #[must_use]
    pub fn short(&self, item: Item) -> u32 {
        u32::try_from(self.get(item)).unwrap_or(u32::MAX)
    }

    /// The value as a byte.
    #[must_use]
    pub fn byte(&self, item: Item) -> u8 {
        u8::try_from(self.get(item)).unwrap_or(u8::MAX)
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, item: Item, value: i64) -> Self {
        self.0.push((item, value));
        self
    }

    /// Adds an unsigned value; what is beyond `i64` fits no field and is refused when it is written.
    #[must_use]
    pub fn with_number(self, item: Item, value: u64) -> Self {
        self.with(item, i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// Bytes that the fields take together.
#[must_use]
pub fn len(fields: &[Field]) -> usize {
    fields.iter().fold(0_usize, |sum, field| sum.saturating_add(field.len))
}

/// Offset of a field from the first one.
#[must_use]
pub fn offset_of(fields: &[Field], item: Item) -> Option<usize> {
    let at = fields.iter().position(|field| field.item == item)?;
    fields.get(..at).map(len)
}

/// Appends the fields to `out`.
///
/// # Errors
/// `bad-input` for a negative number, `not-a-step` for one between two steps, `above-maximum` for too many digits;
/// each names the field and gives its step and its maximum.
pub fn write(fields: &[Field], values: &Values, out: &mut Vec<u8>) -> Result<(), Refusal> {
    for field in fields {
        let value = values.get(field.item);
        let mut bytes = [0_u8; 8];
        let room = bytes.get_mut(..field.len).unwrap_or_default();
        let unfit = |code: &str| {
            let message = format!("{} = {value} cannot be written", field.item.name());
            Err(refuse_with(code, message, &[("value", value), ("step", field.step), ("max", max(field))]))
        };
        let Ok(raw) = u64::try_from(value.checked_div(field.step).unwrap_or(-1)) else {
            return unfit("bad-input");
        };
        if value < 0 {
            return unfit("bad-input");
        }
        if value.checked_rem(field.step) != Some(0) {
            return unfit("not-a-step");
        }
        let fits = match field.coding {
            Coding::Bcd => bcd::encode(raw, room),
            Coding::Uint => uint(raw, room),
        };
        if !fits {
            return unfit("above-maximum");
        }
        out.extend_from_slice(room);
    }
    Ok(())
}

/// Reads the fields from the head of `bytes`; `offset` is where they stand on the card, for the refusal.
///
/// # Errors
/// `bad-field` for BCD that has no digits, or for too few bytes.
pub fn read(fields: &[Field], bytes: &[u8], offset: usize) -> Result<Values, Refusal> {
    let mut values = Vec::with_capacity(fields.len());
    let mut at = 0_usize;
    for field in fields {
        let place = offset.saturating_add(at);
        let end = at.saturating_add(field.len);
        let raw = bytes.get(at..end).and_then(|raw| match field.coding {
            Coding::Bcd => bcd::decode(raw),
            Coding::Uint => Some(raw.iter().fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte))),
        });
        let value = raw.and_then(|raw| i64::try_from(raw).ok()).and_then(|raw| raw.checked_mul(field.step));
        let Some(value) = value else {
            return Err(refuse_at("bad-field", place, format!("{} is not a number", field.item.name())));
        };
        values.push((field.item, value));
        at = end;
    }
    Ok(Values(values))
}

/// The greatest value that a field holds, in the engine's unit.
#[must_use]
pub fn max(field: &Field) -> i64 {
    let width = u32::try_from(field.len).unwrap_or(u32::MAX);
    let states = match field.coding {
        Coding::Bcd => 100_i64.saturating_pow(width),
        Coding::Uint => 256_i64.saturating_pow(width),
    };
    states.saturating_sub(1).saturating_mul(field.step)
}

fn uint(value: u64, out: &mut [u8]) -> bool {
    let mut rest = value;
    for byte in out.iter_mut().rev() {
        *byte = u8::try_from(rest & 0xFF).unwrap_or(0);
        rest >>= 8;
    }
    rest == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUANTITY: Field = Field::bcd(Item::Quantity, 3, 1000);

    fn code(value: i64) -> String {
        write(&[QUANTITY], &Values::default().with(Item::Quantity, value), &mut Vec::new()).unwrap_err().code
    }

    #[test]
    fn says_why_a_number_does_not_fit() {
        assert_eq!(code(-1000), "bad-input");
        assert_eq!(code(-1), "bad-input");
        assert_eq!(code(1500), "not-a-step");
        assert_eq!(code(1_000_000_000), "above-maximum");
        assert_eq!(max(&QUANTITY), 999_999_000);
        assert_eq!(max(&Field::uint(Item::WriteCounter, 2)), 65_535);
    }

    #[test]
    fn a_whole_row_returns() {
        let fields = [QUANTITY, Field::uint(Item::WriteCounter, 2)];
        let values = Values::default().with(Item::Quantity, 312_000).with(Item::WriteCounter, 513);
        let mut out = Vec::new();
        write(&fields, &values, &mut out).unwrap();
        assert_eq!(out, [0x00, 0x03, 0x12, 0x02, 0x01]);
        assert_eq!(read(&fields, &out, 0).unwrap(), values);
        assert_eq!(offset_of(&fields, Item::WriteCounter), Some(3));
        assert_eq!(read(&fields, &[0xFF; 5], 0x4E).unwrap_err().at, Some(0x4E));
    }
}
