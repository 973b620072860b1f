//! GB/T 18460 (国标) prepayment meters with card layout open-a: the meter itself deducts the preset quantity from the
//! first purchase, and there is no least purchase beyond one kWh.

use dianka_meter_engine::open_a::{KWH, OPEN_A};
use dianka_meter_engine::{Driver, PresetBy, Rules, Standard};

/// The standard's rules.
pub struct Gbt18460;

impl Rules for Gbt18460 {
    const STANDARD: Standard = Standard {
        id: "gbt18460.open-a",
        version: env!("CARGO_PKG_VERSION"),
        name: ("国标 GB/T 18460 电卡表（open-a 布局）", "GB/T 18460 card meter (layout open-a)"),
        standards: &["GB/T 18460.1-2001", "GB/T 18460.2-2001", "GB/T 18460.3-2001"],
        evidence: (
            "卡片布局 open-a 由本项目自行设计（标准的地址附录未公开）；帧格式和命令 01H 取自公开资料；规则取自售电系统手册",
            "The card layout open-a is ours (the standard's address annexes are not public); frame and command 01h are from \
             public sources, the rules from the vending system's manual",
        ),
        profile: &OPEN_A,
        profile_id: 0xA1,
        preset_by: PresetBy::Meter,
        quantity_min_wh: KWH,
    };
}

/// The driver, as the component exports it.
pub type Component = Driver<Gbt18460>;

dianka_sdk::export_meter!(Component);
