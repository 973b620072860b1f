//! What a driver says about itself.

use dianka_sdk::meter::types::{ByteRange, Description, Facts, Field as MapField, Layout, ParamSpec, Text};

use crate::displays;
use crate::fields;
use crate::frame::{HEAD, START};
use crate::open_a::{self, KWH};
use crate::profile::{Area, Coding, Field, Item, PresetBy, Profile, Standard};

/// Facts of the card's fields: two BCD bytes of count, three of quantity, two of capacity in steps of 10 W.
const COUNT_MAX: u32 = 9999;
const QUANTITY_MAX_WH: i64 = 999_999 * KWH;
const CAPACITY_MAX_W: u32 = 99_990;

/// The whole description.
#[must_use]
pub fn describe(standard: &Standard) -> Description {
    Description {
        id: standard.id.into(),
        version: standard.version.into(),
        name: text(standard.name),
        standards: standard.standards.iter().map(|name| (*name).into()).collect(),
        carrier: "card".into(),
        evidence: text(standard.evidence),
        card_kinds: ["blank", "purchase", "clear", "preset", "check", "management"].map(String::from).to_vec(),
        facts: facts(standard),
        params: params(),
        layout: layout(standard.profile),
        displays: displays::table(),
    }
}

/// What distinguishes the standard. Of the meter's habits that a standard leaves open, these are the engine's own: it
/// does not load at the hoarding limit, writes back also when it rejects, shows the last taken number, and stops at 9999.
#[must_use]
pub fn facts(standard: &Standard) -> Facts {
    Facts {
        quantity_step_wh: KWH,
        quantity_min_wh: standard.quantity_min_wh,
        quantity_max_wh: QUANTITY_MAX_WH,
        count_max: COUNT_MAX,
        count_wraps_to: None,
        preset_deducted_by: match standard.preset_by {
            PresetBy::Meter => "meter".into(),
            PresetBy::System => "system".into(),
        },
        alarm_permille: 100,
        alarm_min_wh: KWH,
        loads_at_hoarding_limit: Some(false),
        writes_back_on_rejection: Some(true),
        shows_next_count: Some(false),
        capacity_max_w: CAPACITY_MAX_W,
    }
}

/// The field map: the identity and the purchase frame. A field that stands in both is named once, from the identity.
#[must_use]
pub fn layout(profile: &Profile) -> Layout {
    let mut map = Vec::new();
    add(&mut map, profile.identity_fields, profile.identity.offset);
    if let Some(purchase) = profile.kinds.iter().find(|kind| kind.code == open_a::TYPE_PURCHASE) {
        add(&mut map, purchase.frame.fields, profile.order.offset.saturating_add(HEAD));
    }
    Layout {
        chip: profile.chip.into(),
        size: number(profile.size),
        seal_offset: number(profile.order.offset),
        seal_value: START,
        fields: map,
        writable: vec![range(profile.writable)],
        returned: vec![range(profile.returned)],
    }
}

fn add(map: &mut Vec<MapField>, row: &[Field], offset: usize) {
    for field in row {
        let name = field.item.name();
        // The card type is a code, and a date no quantity: neither is a number that money depends on.
        if matches!(field.item, Item::CardType | Item::Date) || map.iter().any(|known| known.name == name) {
            continue;
        }
        map.push(MapField {
            name: name.into(),
            offset: number(offset.saturating_add(fields::offset_of(row, field.item).unwrap_or(0))),
            len: number(field.len),
            coding: match field.coding {
                Coding::Bcd => "bcd-be".into(),
                Coding::Uint => "uint-be".into(),
            },
            step: field.step,
        });
    }
}

fn params() -> Vec<ParamSpec> {
    let spec = |name: &str, kind: &str, min, max, unit: &str, doc| ParamSpec {
        name: name.into(),
        kind: kind.into(),
        // None is needed on every kind of card; the text says where it is.
        required: false,
        min,
        max,
        unit: unit.into(),
        doc: text(doc),
    };
    vec![
        spec(
            "meter-no",
            "int",
            Some(1),
            Some(99_999_999),
            "",
            (
                "清零卡、管理卡：对应电表的出厂编号；不填为通用卡，清零卡通用时只对未分配的电表有效",
                "Clear and management cards: factory number of the one meter; without it the card is universal, and a \
                 universal clear card works on unassigned meters only",
            ),
        ),
        spec(
            "preset-wh",
            "int",
            Some(KWH),
            Some(9999 * KWH),
            "Wh",
            ("预置卡：预置电量，必填", "Preset card: the preset quantity; needed"),
        ),
        spec(
            "operation",
            "text",
            None,
            None,
            "",
            (
                "管理卡：suspend 报停，wake 恢复，initialise 给未分配的电表设用户编号和报警电量；必填",
                "Management card: suspend, wake, or initialise (gives an unassigned meter its customer and alarm level); \
                 needed",
            ),
        ),
        spec(
            "alarm-wh",
            "int",
            Some(KWH),
            Some(QUANTITY_MAX_WH),
            "Wh",
            ("管理卡 initialise：报警电量，必填", "Management card, initialise: alarm level; needed"),
        ),
    ]
}

fn range(area: Area) -> ByteRange {
    ByteRange { offset: number(area.offset), len: number(area.len) }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn text((zh, en): (&str, &str)) -> Text {
    Text { zh: zh.into(), en: en.into() }
}
