//! Whether the driver says everything that others build on. The host has refused what it cannot work with at all.

use std::collections::BTreeSet;

use dianka_domain::card::{FIELD_COUNT, FIELD_METER_NO, FIELD_QUANTITY};
use dianka_plugin_host::meter::{Carrier, Description, kind};
use serde_json::json;

use super::Subject;
use crate::report::{Check, say};

pub(super) fn complete(subject: &Subject) -> Check {
    let mut check = Check::new("describe", "自述完整", "the description is complete");
    let own = subject.description();
    let mut demand = |held: bool, zh: &str, en: &str, input: serde_json::Value| {
        check.case();
        check.demand(held, || say(zh, en), || input);
    };
    demand(
        own.card_kinds.iter().any(|known| known == kind::PURCHASE) || own.carrier == Carrier::Token,
        "card-kinds 中没有 purchase",
        "card-kinds has no purchase",
        json!({"card-kinds": own.card_kinds}),
    );
    let names = |all: Vec<&str>| all.len() == all.iter().collect::<BTreeSet<_>>().len();
    let params: Vec<&str> = own.params.iter().map(|spec| spec.name.as_str()).collect();
    demand(names(params.clone()), "参数重名", "two parameters have one name", json!({"params": params}));
    let items: Vec<&str> = own.displays.iter().map(|item| item.id.as_str()).collect();
    demand(names(items.clone()), "显示项重名", "two display items have one id", json!({"displays": items}));
    demand(!own.displays.is_empty(), "没有显示项目表", "there is no display table", json!({"displays": []}));
    let facts = &own.facts;
    let whole = |wh: i64| wh.checked_rem(facts.quantity_step_wh.wh()) == Some(0);
    demand(
        whole(facts.quantity_min_wh.wh()) && whole(facts.quantity_max_wh.wh()),
        "quantity-min-wh 和 quantity-max-wh 应为 quantity-step-wh 的整数倍",
        "quantity-min-wh and quantity-max-wh are not whole steps",
        json!({"facts": facts}),
    );
    if own.carrier == Carrier::Card {
        fields(own, &mut check);
    }
    check
}

/// The numbers that money depends on must fit what the facts promise, and the host must be able to write them.
fn fields(own: &Description, check: &mut Check) {
    let wants = [
        (FIELD_QUANTITY, own.facts.quantity_max_wh.wh()),
        (FIELD_COUNT, i64::from(own.facts.count_max)),
        (FIELD_METER_NO, 1),
    ];
    for (name, most) in wants {
        check.case();
        let Some(field) = own.layout.field(name) else { continue };
        let last = field.offset.saturating_add(field.len).saturating_sub(1);
        let writable = own.layout.is_writable(field.offset) && own.layout.is_writable(last);
        let zh = format!("字段 {name} 不在可写区域内");
        check.demand(
            writable,
            || say(zh, format!("the host may not write the field {name}")),
            || json!({"field": field}),
        );
        let base: i64 = match field.coding {
            dianka_domain::card::Coding::BcdBe => 100,
            dianka_domain::card::Coding::UintBe => 256,
        };
        let holds = base.saturating_pow(field.len).saturating_sub(1).saturating_mul(field.step);
        let zh = format!("字段 {name} 最多能写 {holds}，而自述的最大值是 {most}");
        let en = format!("the field {name} holds {holds} at most, and the facts promise {most}");
        check.demand(holds >= most, || say(zh, en), || json!({"field": field, "promised": most}));
    }
}
