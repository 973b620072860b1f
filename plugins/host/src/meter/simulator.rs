//! The virtual meter of a standard. Its state is opaque bytes that the host keeps.

use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use serde::{Deserialize, Serialize};

/// How a virtual meter left the factory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Factory number.
    pub meter_no: u64,
    /// imp/kWh.
    pub constant: u32,
    /// The seller's system.
    pub system_code: u32,
    /// The region.
    pub region: u32,
}

/// What an insertion did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The meter afterwards.
    pub state: Vec<u8>,
    /// The card as the meter left it.
    pub card: CardImage,
    /// Whether a purchase was loaded.
    pub accepted: bool,
    /// How much, Wh.
    pub loaded_wh: MeterEnergy,
    /// `loaded`, `resumed`, ... or why not: `wrong-meter`, `count-behind`, ...
    pub code: String,
    /// What the display shows (`E=C07`), or empty.
    pub display: String,
}

/// One line of the display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Id of the item in the driver's display table.
    pub id: String,
    /// On an LCD.
    pub lcd: String,
    /// On a 4-digit LED.
    pub led: String,
}

/// A look at the meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Factory number.
    pub meter_no: u64,
    /// The user that it belongs to; 0 = none yet.
    pub user_no: u64,
    /// The last purchase number that it took.
    pub count: u32,
    /// Negative when overdrawn, Wh.
    pub balance_wh: MeterEnergy,
    /// Used, Wh.
    pub total_used_wh: MeterEnergy,
    /// Loaded, Wh.
    pub total_purchased_wh: MeterEnergy,
    /// Preset quantity, Wh.
    pub preset_wh: MeterEnergy,
    /// Load, W.
    pub power_w: u32,
    /// Whether it supplies.
    pub relay_closed: bool,
    /// Whether it alarms.
    pub alarm: bool,
    /// Whether it has voltage.
    pub powered: bool,
    /// Status word: 0 = in order.
    pub status: u32,
    /// The display.
    pub lines: Vec<Line>,
}
