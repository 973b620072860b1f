//! The rule of a card's password: every card its own, and the maker's code on virgin cards only.

use dianka_plugin_host::meter::{AccessRule, kind};
use serde_json::json;

use super::Subject;
use super::cards::Figures;
use crate::report::{Check, say};

pub(super) fn rules(subject: &Subject) -> Check {
    let mut check = Check::new("access", "卡密码规则：每张卡各不相同", "the rule of the password: every card its own");
    let mut chance = subject.chance("access");
    let figures = Figures::new(subject.description());
    let len = match subject.description().layout.chip.as_str() {
        "sle4442" => Some(3),
        "sle4428" => Some(2),
        _ => None,
    };
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..subject.cases.div_ceil(20) {
        if check.is_full() {
            break;
        }
        check.case();
        let content = figures.anybody(&mut chance, kind::PURCHASE);
        let shown = || json!({"content": content});
        let Some(rule) = subject.must(&mut check, "access", shown, |driver| driver.access(&content)) else { continue };
        let AccessRule::Derived(rule) = rule else {
            check.fail(
                say("已发的卡不应使用出厂密码", "an issued card must not keep its maker's transport code"),
                shown(),
            );
            continue;
        };
        let fits = !rule.slot.is_empty() && !rule.message.is_empty() && len.is_none_or(|len| len == rule.len);
        let zh = format!("规则不合用：密钥槽 {:?}，长度 {}", rule.slot, rule.len);
        let en = format!("the rule cannot be used: slot {:?}, {} bytes of password", rule.slot, rule.len);
        check.demand(fits, || say(zh, en), shown);
        if let Some(other) = seen.insert(rule.message, content.clone()) {
            let what = || say("两张不同的卡用同一密码", "two different cards have one password");
            check.demand(other == content, what, || json!({"one": other, "other": content}));
        }
    }
    check
}
