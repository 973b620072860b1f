//! What a reader driver says about itself.

use dianka_plugin_package::Version;
use serde::{Deserialize, Serialize};

use super::port::LineSettings;
use crate::text::{Text, check, check_both, check_count, check_id};

/// A reader's protocol as its driver describes it; checked when the driver is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// `[a-z0-9.-]+`.
    pub id: String,
    /// Version of the driver.
    pub version: Version,
    /// For people.
    pub name: Text,
    /// Reader models that speak this protocol.
    pub models: Vec<String>,
    /// Cards that it can work: `sle4442`, ...
    pub chips: Vec<String>,
    /// Line settings to try, the likeliest first.
    pub line: Vec<LineSettings>,
    /// Whether the error counter can be read before a password is presented.
    pub reads_error_counter: bool,
    /// Whether a card's password can be replaced.
    pub changes_code: bool,
    /// What the protocol rests on.
    pub evidence: Text,
}

impl Description {
    /// Whether everything is there and within bounds.
    pub(crate) fn validate(&self) -> Result<(), String> {
        check_id(&self.id)?;
        check_both("the name", &self.name)?;
        check_both("the evidence", &self.evidence)?;
        check_count("models", self.models.len(), 1)?;
        self.models.iter().try_for_each(|model| check("a model", model))?;
        check_count("chips", self.chips.len(), 1)?;
        self.chips.iter().try_for_each(|chip| check("a chip", chip))?;
        check_count("line settings", self.line.len(), 1)?;
        self.line.iter().try_for_each(validate_line)
    }
}

fn validate_line(line: &LineSettings) -> Result<(), String> {
    let fits =
        (50..=4_000_000).contains(&line.baud) && (5..=8).contains(&line.data_bits) && (1..=2).contains(&line.stop_bits);
    if fits { Ok(()) } else { Err(format!("no line has the settings {line:?}")) }
}
