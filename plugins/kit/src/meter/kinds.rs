//! Every other kind of card that the driver declares. Which parameters a kind takes is not in the contract, so it is
//! found by trying: sets of declared parameters, with the words of their texts.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, Param, ParamSpec, Value, kind};
use serde_json::json;

use super::Subject;
use super::cards::Figures;
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{Differences, refused};

/// Most sets of parameters that are tried for one kind.
const MOST_SHAPES: usize = 4096;

pub(super) fn service_cards(subject: &Subject) -> Check {
    let mut check = Check::new(
        "card-kinds",
        "其他各类卡：编码后解码原样返回，封印失效时不解码",
        "every other declared kind of card decodes to what was encoded, and only under its seal",
    );
    let mut chance = subject.chance("card-kinds");
    let kinds: Vec<&String> = subject
        .description()
        .card_kinds
        .iter()
        .filter(|known| ![kind::PURCHASE, kind::BLANK].contains(&known.as_str()))
        .collect();
    let share = subject.cases.checked_div(u64::try_from(kinds.len()).unwrap_or(1)).unwrap_or_default() / 2;
    let mut said = Vec::new();
    for card_kind in &kinds {
        let found = shapes(subject, &mut check, card_kind);
        said.push(format!("{card_kind} {}", found.len()));
        for case in 0..share.max(1) {
            let at = chance.within(0, u64::try_from(found.len()).unwrap_or(1).saturating_sub(1));
            let shape = usize::try_from(at).ok().and_then(|at| found.get(at));
            let Some(shape) = shape else { break };
            if check.is_full() {
                break;
            }
            one(subject, &mut check, &mut chance, card_kind, shape, case % 16 == 0);
        }
    }
    let said = said.join(", ");
    check.note = Some(say(format!("可用的参数组合：{said}"), format!("sets of parameters that it takes: {said}")));
    if kinds.is_empty() {
        check.skip(say("没有声明其他种类的卡", "no other kinds are declared"));
    }
    check
}

/// Sets of parameters that the driver accepts for this kind.
pub(crate) fn shapes(subject: &Subject, check: &mut Check, card_kind: &str) -> Vec<Vec<Param>> {
    let blank = subject.blank();
    let mut found = Vec::new();
    let mut last = None;
    for shape in candidates(&subject.description().params) {
        if check.is_full() {
            break;
        }
        let content = Content { params: shape.clone(), ..super::cards::plain(card_kind) };
        let shown = || json!({"content": content, "before": blank});
        match subject.ask(check, "encode", shown, |driver| driver.encode(&content, &blank)) {
            Some(Ok(_)) => found.push(shape),
            Some(Err(refusal)) => last = Some(refusal),
            // That it failed has been said; what it takes is not known.
            None => return found,
        }
    }
    if found.is_empty() && !check.is_full() {
        let why = last.as_ref().map_or_else(|| say("", ""), refused);
        let zh = format!("声明了 {card_kind} 卡，但用声明的参数怎样都不能编码：{}", why.zh);
        let en =
            format!("{card_kind} cards are declared, and no set of the declared parameters is accepted: {}", why.en);
        check.fail(say(zh, en), json!({"kind": card_kind, "refused": last}));
    }
    found
}

/// Every subset of the parameters, small ones first, with one value for each kind of value and every word for texts.
fn candidates(specs: &[ParamSpec]) -> Vec<Vec<Param>> {
    let mut all: Vec<Vec<Param>> = vec![Vec::new()];
    for spec in specs {
        let grown: Vec<Vec<Param>> = all
            .iter()
            .flat_map(|shape| {
                samples(spec).into_iter().map(|value| {
                    let mut shape = shape.clone();
                    shape.push(Param { name: spec.name.clone(), value });
                    shape
                })
            })
            .collect();
        all.extend(grown);
        all.truncate(MOST_SHAPES);
    }
    all
}

fn samples(spec: &ParamSpec) -> Vec<Value> {
    match spec.kind.as_str() {
        "flag" => vec![Value::Flag(true), Value::Flag(false)],
        "int" => vec![Value::Int(spec.min.or(spec.max).unwrap_or(1))],
        "text" => {
            let mut words: Vec<&str> = spec.doc.en.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).collect();
            words.retain(|word| word.len() > 2);
            words.sort_unstable();
            words.dedup();
            words.into_iter().take(64).map(|word| Value::Text(word.to_owned())).collect()
        }
        _ => vec![Value::Bytes(vec![1, 2, 3, 4])],
    }
}

/// Other numbers of the same shape.
pub(crate) fn vary(chance: &mut Chance, specs: &[ParamSpec], shape: &[Param], step: i64) -> Vec<Param> {
    let mut shape = shape.to_vec();
    for param in &mut shape {
        let Some(spec) = specs.iter().find(|spec| spec.name == param.name) else { continue };
        if let Value::Int(value) = &mut param.value {
            let step = if spec.unit == "Wh" { step } else { 1 };
            let (low, high) = (spec.min.unwrap_or(0), spec.max.unwrap_or(i64::from(u16::MAX)));
            let steps = high.saturating_sub(low).checked_div(step).unwrap_or_default();
            let more = chance.within(0, u64::try_from(steps).unwrap_or_default());
            *value = low.saturating_add(i64::try_from(more).unwrap_or_default().saturating_mul(step));
        }
    }
    shape
}

fn one(subject: &Subject, check: &mut Check, chance: &mut Chance, card_kind: &str, shape: &[Param], seals: bool) {
    check.case();
    let own = subject.description();
    let figures = Figures::new(own);
    let params = vary(chance, &own.params, shape, figures.step);
    let content = Content { params, ..figures.anybody(chance, card_kind) };
    let before = subject.blank();
    let shown = || json!({"content": content, "before": before});
    let Some(target) = subject.must(check, "encode", shown, |driver| driver.encode(&content, &before)) else { return };
    let shown = || json!({"content": content, "before": before, "target": target});
    let Some(found) = subject.must(check, "decode", shown, |driver| driver.decode(&target)) else { return };
    let differs = Differences::between(&in_order(&content), &in_order(&found));
    let what = || {
        let words = differs.words();
        say(format!("解码得到另外的内容：{}", words.zh), format!("it decodes to something else: {}", words.en))
    };
    let input = || json!({"content": content, "before": before, "target": target, "differs": differs.json()});
    check.demand(in_order(&found) == in_order(&content), what, input);
    let stray = strays(subject, &before, &target);
    let bytes = stray.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let zh = format!("改动了不可写的字节：第 {bytes} 字节");
    let input = || json!({"content": content, "before": before, "target": target, "changed": stray});
    check.demand(stray.is_empty(), || say(zh, format!("bytes changed that the host may not write: {bytes}")), input);
    if seals {
        broken_seals(subject, check, &target);
    }
}

/// Parameters are found by name; their order says nothing.
pub(crate) fn in_order(content: &Content) -> Content {
    let mut content = content.clone();
    content.params.sort_by(|a, b| a.name.cmp(&b.name));
    content
}

/// Offsets that changed and are not writable.
fn strays(subject: &Subject, before: &CardImage, target: &CardImage) -> Vec<u32> {
    let layout = &subject.description().layout;
    let bytes = before.bytes().iter().zip(target.bytes()).zip(0_u32..);
    bytes.filter(|((old, new), at)| old != new && !layout.is_writable(*at)).map(|(_, at)| at).collect()
}

fn broken_seals(subject: &Subject, check: &mut Check, target: &CardImage) {
    let layout = &subject.description().layout;
    let seal = usize::try_from(layout.seal_offset).unwrap_or(usize::MAX);
    let images: Vec<CardImage> = (0..=u8::MAX)
        .filter(|value| *value != layout.seal_value)
        .map(|value| {
            let mut bytes = target.bytes().to_vec();
            bytes.iter_mut().skip(seal).take(1).for_each(|byte| *byte = value);
            CardImage::new(bytes)
        })
        .collect();
    let shown = || json!({"image": target});
    let Some(Ok(answers)) = subject.ask(check, "decode", shown, |driver| driver.decode_each(&images)) else { return };
    for (image, answer) in images.iter().zip(answers) {
        let what = || say("封印失效的卡仍能解码", "a card whose seal is broken decodes");
        check.demand(answer.is_err(), what, || json!({"image": image}));
    }
}
