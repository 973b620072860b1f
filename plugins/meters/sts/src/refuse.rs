//! Refusals: the input was understood and is not acceptable.

use crate::contract::types::{Param, Refusal, Value};

/// A refusal.
pub(crate) fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Refusal { code: code.into(), message: message.into(), at: None, params: Vec::new() }
}

/// A refusal with figures.
pub(crate) fn refuse_with(code: &str, message: impl Into<String>, figures: &[(&str, i64)]) -> Refusal {
    let param = |(name, value): &(&str, i64)| Param { name: (*name).into(), value: Value::Int(*value) };
    Refusal { params: figures.iter().map(param).collect(), ..refuse(code, message) }
}

/// Of the functions that only a card has.
pub(crate) fn no_card(what: &str) -> Refusal {
    refuse("unsupported", format!("the carrier of this standard is a token: {what}"))
}
