//! Checks of single fields, each with its problem.

use crate::http::problem::Problem;
use dianka_domain::units::MeterEnergy;

/// Figures beyond this are mistakes: 1 TWh in Wh. Far below what sums could overflow.
const MOST_WH: i64 = 1_000_000_000_000;

/// A text of 1 to `longest` characters after trimming, without control characters.
///
/// # Errors
/// `request.field`.
pub fn text(field: &str, value: &str, longest: usize) -> Result<String, Problem> {
    let text = optional_text(field, Some(value), longest)?;
    if text.is_empty() { Err(Problem::field(field, "empty")) } else { Ok(text) }
}

/// The same, but it may be empty or missing.
///
/// # Errors
/// `request.field`.
pub fn optional_text(field: &str, value: Option<&str>, longest: usize) -> Result<String, Problem> {
    let text = value.unwrap_or_default().trim();
    if text.chars().any(char::is_control) {
        return Err(Problem::field(field, "control-character"));
    }
    if text.chars().count() > longest {
        return Err(Problem::field(field, "too-long").param("longest", longest));
    }
    Ok(text.to_owned())
}

/// A short code: letters, digits, `-`, `_` and `.`.
///
/// # Errors
/// `request.field`.
pub fn code(field: &str, value: &str) -> Result<String, Problem> {
    let code = text(field, value, 32)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if code.chars().all(plain) { Ok(code) } else { Err(Problem::field(field, "letters-and-digits")) }
}

/// A number of 8 digits, as factory and user numbers are written.
///
/// # Errors
/// `request.field`.
pub fn eight_digits(field: &str, value: &str) -> Result<String, Problem> {
    let value = value.trim();
    if value.len() == 8 && value.bytes().all(|b| b.is_ascii_digit()) {
        Ok(value.to_owned())
    } else {
        Err(Problem::field(field, "eight-digits"))
    }
}

/// A number of 11 or 13 digits, as keypad meters have them. Drivers take it as a number, so one of 13 digits must not be one
/// of 11 with zeros before it.
///
/// # Errors
/// `request.field`.
pub fn keypad_number(field: &str, value: &str) -> Result<String, Problem> {
    let value = value.trim();
    let whole = value.len() == 11 || (value.len() == 13 && !value.starts_with("00"));
    if whole && value.bytes().all(|b| b.is_ascii_digit()) {
        Ok(value.to_owned())
    } else {
        Err(Problem::field(field, "eleven-or-thirteen-digits"))
    }
}

/// A whole number between two bounds, both included.
///
/// # Errors
/// `request.field`.
pub fn between<T: PartialOrd + Copy + Into<i64>>(field: &str, value: T, least: T, most: T) -> Result<T, Problem> {
    if value >= least && value <= most {
        Ok(value)
    } else {
        Err(Problem::field(field, "out-of-range").param("least", least.into()).param("most", most.into()))
    }
}

/// Meter energy of 0 or more.
///
/// # Errors
/// `request.field`.
pub fn meter_energy(field: &str, wh: i64) -> Result<MeterEnergy, Problem> {
    between(field, wh, 0, MOST_WH).map(MeterEnergy::from_wh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_may_be() {
        assert_eq!(text("name", " 城关 供电所 ", 10).unwrap(), "城关 供电所");
        for bad in ["", "   ", "a\0b", "a\nb", "12345678901"] {
            assert!(text("name", bad, 10).is_err(), "{bad:?}");
        }
        assert_eq!(optional_text("unit", None, 10).unwrap(), "");
        assert!(code("code", "A-1.b_2").is_ok() && code("code", "a b").is_err());
        assert_eq!(eight_digits("factory_no", "00001234").unwrap(), "00001234");
        for bad in ["1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert!(eight_digits("factory_no", bad).is_err(), "{bad}");
        }
        assert_eq!(keypad_number("factory_no", " 86000000019 ").unwrap(), "86000000019");
        assert_eq!(keypad_number("factory_no", "0100000000008").unwrap(), "0100000000008");
        for bad in ["86000001", "0086000000019", "8600000001a", ""] {
            assert!(keypad_number("factory_no", bad).is_err(), "{bad}");
        }
        assert!(meter_energy("hoard_wh", -1).is_err() && meter_energy("hoard_wh", i64::MAX).is_err());
        assert!(between("phases", 3_u32, 1, 3).is_ok() && between("phases", 4_u32, 1, 3).is_err());
    }
}
