//! From the generated types of contract major 1 to the host's own.

use dianka_domain::card::{ByteRange, Coding, Field, Layout};
use dianka_domain::facts::{MeterFacts, PresetDeductedBy};
use dianka_domain::units::MeterEnergy;

use super::meter::bindings::dianka::meter::types as wit;
use super::meter::bindings::exports::dianka::meter::{driver, simulator};
use crate::meter::{
    AccessRule, CalendarDate, Carrier, Content, Derivation, Description, DisplayItem, Line, Param, ParamSpec, Purchase,
    QuantityPlan, Refusal, Returned, Snapshot, Value,
};
use crate::text::Text;

pub(super) fn energy(wh: i64) -> MeterEnergy {
    MeterEnergy::from_wh(wh)
}

fn text(text: wit::Text) -> Text {
    Text { zh: text.zh, en: text.en }
}

fn param(param: wit::Param) -> Param {
    let value = match param.value {
        wit::Value::Flag(flag) => Value::Flag(flag),
        wit::Value::Int(int) => Value::Int(int),
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::Bytes(bytes) => Value::Bytes(bytes),
    };
    Param { name: param.name, value }
}

pub(super) fn refusal(refusal: wit::Refusal) -> Refusal {
    Refusal {
        code: refusal.code,
        message: refusal.message,
        at: refusal.at,
        params: refusal.params.into_iter().map(param).collect(),
    }
}

/// Fails on what the contract's strings do not allow.
pub(super) fn description(described: wit::Description) -> Result<Description, String> {
    Ok(Description {
        id: described.id,
        version: described.version.parse().map_err(|error| format!("version {:?}: {error}", described.version))?,
        name: text(described.name),
        standards: described.standards,
        carrier: match described.carrier.as_str() {
            "card" => Carrier::Card,
            "token" => Carrier::Token,
            other => return Err(format!("the carrier {other:?} is neither card nor token")),
        },
        evidence: text(described.evidence),
        card_kinds: described.card_kinds,
        facts: facts(described.facts)?,
        params: described.params.into_iter().map(param_spec).collect(),
        layout: layout(described.layout)?,
        displays: described.displays.into_iter().map(display_item).collect(),
    })
}

fn facts(facts: wit::Facts) -> Result<MeterFacts, String> {
    Ok(MeterFacts {
        quantity_step_wh: energy(facts.quantity_step_wh),
        quantity_min_wh: energy(facts.quantity_min_wh),
        quantity_max_wh: energy(facts.quantity_max_wh),
        count_max: facts.count_max,
        count_wraps_to: facts.count_wraps_to,
        preset_deducted_by: match facts.preset_deducted_by.as_str() {
            "meter" => PresetDeductedBy::Meter,
            "system" => PresetDeductedBy::System,
            other => return Err(format!("the preset is deducted by {other:?}, neither meter nor system")),
        },
        alarm_permille: facts.alarm_permille,
        alarm_min_wh: energy(facts.alarm_min_wh),
        loads_at_hoarding_limit: facts.loads_at_hoarding_limit,
        writes_back_on_rejection: facts.writes_back_on_rejection,
        shows_next_count: facts.shows_next_count,
        capacity_max_w: facts.capacity_max_w,
    })
}

fn layout(layout: wit::Layout) -> Result<Layout, String> {
    Ok(Layout {
        chip: layout.chip,
        size: layout.size,
        seal_offset: layout.seal_offset,
        seal_value: layout.seal_value,
        fields: layout.fields.into_iter().map(field).collect::<Result<_, _>>()?,
        writable: layout.writable.iter().map(byte_range).collect(),
        returned: layout.returned.iter().map(byte_range).collect(),
    })
}

fn field(field: wit::Field) -> Result<Field, String> {
    let coding = match field.coding.as_str() {
        "bcd-be" => Coding::BcdBe,
        "uint-be" => Coding::UintBe,
        other => return Err(format!("field {:?} is coded as {other:?}, which is unknown", field.name)),
    };
    Ok(Field { name: field.name, offset: field.offset, len: field.len, coding, step: field.step })
}

fn byte_range(range: &wit::ByteRange) -> ByteRange {
    ByteRange { offset: range.offset, len: range.len }
}

fn param_spec(spec: wit::ParamSpec) -> ParamSpec {
    ParamSpec {
        name: spec.name,
        kind: spec.kind,
        required: spec.required,
        min: spec.min,
        max: spec.max,
        unit: spec.unit,
        doc: text(spec.doc),
    }
}

fn display_item(item: wit::DisplayItem) -> DisplayItem {
    DisplayItem {
        id: item.id,
        name: text(item.name),
        lcd: item.lcd,
        led: item.led,
        code: item.code,
        meaning: text(item.meaning),
    }
}

pub(super) fn content(content: wit::Content) -> Content {
    Content {
        kind: content.kind,
        system_code: content.system_code,
        region: content.region,
        user_no: content.user_no,
        card_no: content.card_no,
        key_version: content.key_version,
        purchase: content.purchase.as_ref().map(purchase),
        returned: content.returned.as_ref().map(returned),
        params: content.params.into_iter().map(param).collect(),
    }
}

fn purchase(purchase: &wit::Purchase) -> Purchase {
    let wit::CalendarDate { year, month, day } = purchase.date;
    Purchase {
        meter_no: purchase.meter_no,
        count: purchase.count,
        quantity_wh: energy(purchase.quantity_wh),
        alarm_wh: energy(purchase.alarm_wh),
        overdraft_wh: energy(purchase.overdraft_wh),
        hoard_wh: energy(purchase.hoard_wh),
        limit_mode: purchase.limit_mode,
        capacity_w: purchase.capacity_w,
        preset_wh: energy(purchase.preset_wh),
        date: CalendarDate { year, month, day },
    }
}

fn returned(returned: &wit::Returned) -> Returned {
    Returned {
        user_no: returned.user_no,
        meter_no: returned.meter_no,
        count: returned.count,
        total_used_wh: energy(returned.total_used_wh),
        remaining_wh: energy(returned.remaining_wh),
        overdraft_wh: energy(returned.overdraft_wh),
        total_purchased_wh: energy(returned.total_purchased_wh),
        power_w: returned.power_w,
        relay_open: returned.relay_open,
        status: returned.status,
        errors: returned.errors,
    }
}

pub(super) fn quantity_plan(plan: driver::QuantityPlan) -> QuantityPlan {
    QuantityPlan {
        quantity_wh: energy(plan.quantity_wh),
        alarm_wh: energy(plan.alarm_wh),
        preset_deducted_wh: energy(plan.preset_deducted_wh),
    }
}

pub(super) fn access_rule(rule: wit::AccessRule) -> AccessRule {
    match rule {
        wit::AccessRule::Transport(code) => AccessRule::Transport(code),
        wit::AccessRule::Derived(wit::Derivation { slot, message, len }) => {
            AccessRule::Derived(Derivation { slot, message, len })
        }
    }
}

pub(super) fn snapshot(snapshot: simulator::Snapshot) -> Snapshot {
    Snapshot {
        meter_no: snapshot.meter_no,
        user_no: snapshot.user_no,
        count: snapshot.count,
        balance_wh: energy(snapshot.balance_wh),
        total_used_wh: energy(snapshot.total_used_wh),
        total_purchased_wh: energy(snapshot.total_purchased_wh),
        preset_wh: energy(snapshot.preset_wh),
        power_w: snapshot.power_w,
        relay_closed: snapshot.relay_closed,
        alarm: snapshot.alarm,
        powered: snapshot.powered,
        status: snapshot.status,
        lines: snapshot.lines.into_iter().map(|line| Line { id: line.id, lcd: line.lcd, led: line.led }).collect(),
    }
}
