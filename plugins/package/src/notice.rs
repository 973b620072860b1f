//! A reason that a person reads.

use serde::{Deserialize, Serialize};

/// Why something was refused or stopped: a stable code and one sentence in each language of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Stable and machine readable, `unsigned`, `too-large`, ...
    pub code: String,
    /// For the screen, in Chinese.
    pub zh: String,
    /// For the screen, in English.
    pub en: String,
}

impl Notice {
    /// Puts a notice together.
    pub fn new(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: code.to_owned(), zh: zh.into(), en: en.into() }
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.en)
    }
}
