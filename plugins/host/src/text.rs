//! Texts for people that come from drivers.

use serde::{Deserialize, Serialize};

/// A text in both languages of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Longest text that a driver may bring along, bytes.
const MAX_TEXT: usize = 4096;
/// Most items in any list of a description.
const MAX_ITEMS: usize = 256;

/// Whether a description's text may be shown: not empty, not endless, no control characters.
pub(crate) fn check(what: &str, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(format!("{what} is empty"));
    }
    check_optional(what, text)
}

/// The same for a text that may be empty.
pub(crate) fn check_optional(what: &str, text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        return Err(format!("{what} has {} bytes, more than {MAX_TEXT}", text.len()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(format!("{what} has control characters in it"));
    }
    Ok(())
}

/// Whether a text is there in both languages.
pub(crate) fn check_both(what: &str, text: &Text) -> Result<(), String> {
    check(what, &text.zh)?;
    check(what, &text.en)
}

/// Whether a list has at least `least` and not too many items.
pub(crate) fn check_count(what: &str, count: usize, least: usize) -> Result<(), String> {
    if (least..=MAX_ITEMS).contains(&count) {
        return Ok(());
    }
    Err(format!("{what} has {count} items; {least} to {MAX_ITEMS} are acceptable"))
}

/// Whether an id is one that the house uses for drivers.
pub(crate) fn check_id(id: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    if (1..=64).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(format!("the id {id:?} is not 1 to 64 of a-z, 0-9, dot and hyphen"))
}
