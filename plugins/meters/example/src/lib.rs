//! A meter standard that nobody uses: what a new driver over the engine looks like, and what is dropped into a running
//! server to see that it is picked up. The system deducts the preset, and a purchase is at least 5 kWh (from version 1.1.0
//! on, which the feature `next` makes, 6 kWh). The feature `other-map` makes what no maker should ship: a version 2.0.0 with
//! another map, which cannot read the cards that are in the field.

use dianka_meter_engine::open_a::{KWH, OPEN_A};
use dianka_meter_engine::profile::Area;
use dianka_meter_engine::{Driver, PresetBy, Profile, Rules, Standard};

const NEXT: bool = cfg!(feature = "next");
const OTHER_MAP: bool = cfg!(feature = "other-map");

const MOVED: Profile =
    Profile { order: Area { offset: 0x80, len: 0x40 }, writable: Area { offset: 0x20, len: 0xA0 }, ..OPEN_A };

/// The standard's rules.
pub struct Example;

impl Rules for Example {
    const STANDARD: Standard = Standard {
        id: "example.open-a",
        version: match (NEXT, OTHER_MAP) {
            (_, true) => "2.0.0",
            (true, false) => "1.1.0",
            (false, false) => env!("CARGO_PKG_VERSION"),
        },
        name: ("示例电卡表（open-a 布局）", "Example card meter (layout open-a)"),
        standards: &["open-a example"],
        evidence: ("示例，由本项目自行设计，不对应任何真实电表", "An example of ours; no real meter follows it"),
        profile: if OTHER_MAP { &MOVED } else { &OPEN_A },
        profile_id: 0xAE,
        preset_by: PresetBy::System,
        quantity_min_wh: if NEXT { 6 * KWH } else { 5 * KWH },
    };
}

/// The driver, as the component exports it.
pub type Component = Driver<Example>;

dianka_sdk::export_meter!(Component);
