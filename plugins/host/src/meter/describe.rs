//! What a meter driver says about itself, and whether that can be worked with.

use dianka_domain::card::Layout;
use dianka_domain::facts::MeterFacts;
use dianka_plugin_package::Version;
use serde::{Deserialize, Serialize};

use crate::text::{Text, check, check_both, check_count, check_id, check_optional};

/// Largest card memory that is worked with, bytes. The SLE4428 has 1 KiB.
const MAX_CARD_BYTES: u32 = 64 * 1024;

/// What stands for the card where a token is entered into the virtual meter: its class and its plain block.
const TOKEN_CHIP: &str = "token";

/// How purchases reach the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// On a card.
    Card,
    /// As digits on a keypad.
    Token,
}

/// What a driver publishes about a parameter that it understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Name in [`super::Param`].
    pub name: String,
    /// `flag`, `int`, `text` or `bytes`.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// Least `int`.
    pub min: Option<i64>,
    /// Greatest `int`.
    pub max: Option<i64>,
    /// Unit of an `int` (`Wh`, `W`, `s`, or empty).
    pub unit: String,
    /// For people.
    pub doc: Text,
}

/// One item of the meter's display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayItem {
    /// Stable id: `constant`, `meter-no`, `remaining`, `count`, ...
    pub id: String,
    /// For people.
    pub name: Text,
    /// The form on an 8-digit LCD.
    pub lcd: String,
    /// The form on a 4-digit LED.
    pub led: String,
    /// The prefix that identifies the item on the LED (`P3`), or the whole code (`E=C07`).
    pub code: String,
    /// For people.
    pub meaning: Text,
}

/// A meter standard as its driver describes it; checked when the driver is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// `[a-z0-9.-]+`.
    pub id: String,
    /// Version of the driver.
    pub version: Version,
    /// For people.
    pub name: Text,
    /// The published standards that it follows.
    pub standards: Vec<String>,
    /// Card or token.
    pub carrier: Carrier,
    /// What layout and rules rest on.
    pub evidence: Text,
    /// Kinds of cards that it can encode.
    pub card_kinds: Vec<String>,
    /// What the host plans with.
    pub facts: MeterFacts,
    /// Parameters that it understands.
    pub params: Vec<ParamSpec>,
    /// Where the host finds the numbers that money depends on.
    pub layout: Layout,
    /// What the meter shows.
    pub displays: Vec<DisplayItem>,
}

impl Description {
    /// Whether everything is there and within bounds.
    pub(crate) fn validate(&self) -> Result<(), String> {
        check_id(&self.id)?;
        check_both("the name", &self.name)?;
        check_both("the evidence", &self.evidence)?;
        check_count("standards", self.standards.len(), 1)?;
        self.standards.iter().try_for_each(|standard| check("a standard", standard))?;
        check_count("card-kinds", self.card_kinds.len(), 1)?;
        self.card_kinds.iter().try_for_each(|kind| check("a card kind", kind))?;
        self.facts.validate().map_err(|error| format!("facts: {error}"))?;
        self.validate_layout()?;
        check_count("params", self.params.len(), 0)?;
        self.params.iter().try_for_each(ParamSpec::validate)?;
        check_count("displays", self.displays.len(), 0)?;
        self.displays.iter().try_for_each(DisplayItem::validate)
    }

    fn validate_layout(&self) -> Result<(), String> {
        let layout = &self.layout;
        check("the chip", &layout.chip)?;
        if layout.size > MAX_CARD_BYTES {
            return Err(format!("a card of {} bytes is larger than {MAX_CARD_BYTES}", layout.size));
        }
        check_count("fields", layout.fields.len(), 0)?;
        check_count("writable ranges", layout.writable.len(), 0)?;
        check_count("returned ranges", layout.returned.len(), 0)?;
        match self.carrier {
            Carrier::Card => layout.validate().map_err(|error| format!("layout: {error}")),
            Carrier::Token if layout.chip != TOKEN_CHIP => Err(format!("the chip of a token is {TOKEN_CHIP:?}")),
            Carrier::Token
                if !(layout.fields.is_empty() && layout.writable.is_empty() && layout.returned.is_empty()) =>
            {
                Err("a token has no card's fields and ranges".to_owned())
            }
            Carrier::Token => Ok(()),
        }
    }
}

impl ParamSpec {
    fn validate(&self) -> Result<(), String> {
        check("the name of a parameter", &self.name)?;
        if !["flag", "int", "text", "bytes"].contains(&self.kind.as_str()) {
            return Err(format!("parameter {:?} is of the unknown kind {:?}", self.name, self.kind));
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(format!("parameter {:?} has its bounds crossed", self.name));
        }
        check_optional("the unit of a parameter", &self.unit)?;
        check_both("the text of a parameter", &self.doc)
    }
}

impl DisplayItem {
    fn validate(&self) -> Result<(), String> {
        check("the id of a display item", &self.id)?;
        check_both("the name of a display item", &self.name)?;
        check_optional("the LCD form of a display item", &self.lcd)?;
        check_optional("the LED form of a display item", &self.led)?;
        check_optional("the code of a display item", &self.code)?;
        check_both("the meaning of a display item", &self.meaning)
    }
}
