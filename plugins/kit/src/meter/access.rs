//! The rule of a card's password: every card its own, and the maker's code on virgin cards only.

use dianka_plugin_host::meter::{AccessRule, kind};
use serde_json::json;

use super::Subject;
use super::cards::Figures;
use crate::report::{Check, say};
use crate::words::Differences;

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
                say(
                    "已发的卡不应使用出厂密码（access 应为 derived，实为 transport）",
                    "an issued card must not keep its maker's transport code (access should be derived and is transport)",
                ),
                shown(),
            );
            continue;
        };
        let fits = !rule.slot.is_empty() && !rule.message.is_empty() && len.is_none_or(|len| len == rule.len);
        let (slot, message) = (&rule.slot, rule.message.len());
        let want = len.map_or_else(|| rule.len.to_string(), |len| len.to_string());
        let zh = format!(
            "规则不合用：密钥槽 slot 为“{slot}”，派生数据 message 有 {message} 字节，密码长度 len 应为 {want} 字节，实为 {} 字节",
            rule.len
        );
        let en = format!(
            "the rule cannot be used: slot is “{slot}”, message has {message} bytes, len should be {want} bytes and is {}",
            rule.len
        );
        check.demand(fits, || say(zh, en), || json!({"content": content, "rule": rule}));
        if let Some(other) = seen.insert(rule.message.clone(), content.clone()) {
            let differs = Differences::between(&other, &content);
            let what = || {
                let words = differs.words();
                say(
                    format!("两张不同的卡用同一密码（派生数据 message 相同）；两张卡的不同之处：{}", words.zh),
                    format!("two different cards have one password (the same message); the cards differ: {}", words.en),
                )
            };
            let input = || json!({"one": other, "other": content, "differs": differs.json()});
            check.demand(other == content, what, input);
        }
    }
    check
}
