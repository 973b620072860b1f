//! JB/T 8382 (部标) prepayment meters with card layout open-a: the system deducts the preset quantity when it writes the
//! first purchase, and no card carries less than 12 kWh.

use dianka_meter_engine::open_a::{KWH, OPEN_A};
use dianka_meter_engine::{Driver, PresetBy, Rules, Standard};

/// The standard's rules.
pub struct Jbt8382;

impl Rules for Jbt8382 {
    const STANDARD: Standard = Standard {
        id: "jbt8382.open-a",
        version: env!("CARGO_PKG_VERSION"),
        name: ("部标 JB/T 8382 电卡表（open-a 布局）", "JB/T 8382 card meter (layout open-a)"),
        standards: &["JB/T 8382-1996"],
        evidence: (
            "卡片布局 open-a 由本项目自行设计（标准的卡片布局未公开）；预置电量由系统扣除、写卡电量不少于 12 度取自售电系统手册",
            "The card layout open-a is ours (the standard's layout is not public); that the system deducts the preset and \
             that no card carries less than 12 kWh is from the vending system's manual",
        ),
        profile: &OPEN_A,
        profile_id: 0xA2,
        preset_by: PresetBy::System,
        quantity_min_wh: 12 * KWH,
    };
}

/// The driver, as the component exports it.
pub type Component = Driver<Jbt8382>;

dianka_sdk::export_meter!(Component);
