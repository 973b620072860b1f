//! Refusals: the input was understood and is not acceptable.

use dianka_sdk::meter::types::{Param, Refusal, Value};

/// A refusal without a place on the card.
#[must_use]
pub fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Refusal { code: code.into(), message: message.into(), at: None, params: Vec::new() }
}

/// A refusal of a card image, with the offset where it went wrong.
#[must_use]
pub fn refuse_at(code: &str, offset: usize, message: impl Into<String>) -> Refusal {
    Refusal { at: u32::try_from(offset).ok(), ..refuse(code, message) }
}

/// A refusal with figures.
#[must_use]
pub fn refuse_with(code: &str, message: impl Into<String>, figures: &[(&str, i64)]) -> Refusal {
    let params = figures.iter().map(|(name, value)| int(name, *value)).collect();
    Refusal { params, ..refuse(code, message) }
}

/// An integer parameter.
#[must_use]
pub fn int(name: &str, value: i64) -> Param {
    Param { name: name.into(), value: Value::Int(value) }
}

/// A text parameter.
#[must_use]
pub fn text(name: &str, value: &str) -> Param {
    Param { name: name.into(), value: Value::Text(value.into()) }
}
