//! The same question gets the same answer, twice and from two instances in two hosts.

use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{Content, MeterDriver};
use serde::Serialize;
use serde_json::{Value, json};

use super::Subject;
use super::cards::{Figures, SETUP, sale};
use crate::report::{Check, say};
use crate::words::{answered, called, twice};

pub(super) fn answers(subject: &Subject) -> Check {
    let mut check = Check::new(
        "determinism",
        "相同输入得到相同结果（两次、两个实例）",
        "the same input gives the same answer, twice and in two instances",
    );
    let mut chance = subject.chance("determinism");
    let figures = Figures::new(subject.description());
    let blank = subject.blank();
    for _ in 0..subject.cases.div_ceil(10) {
        if check.is_full() {
            break;
        }
        let content = Content { purchase: Some(figures.rich(&mut chance)), ..figures.anybody(&mut chance, "purchase") };
        let shown = || json!({"content": content, "before": blank});
        same(subject, &mut check, "encode", &shown, |driver| driver.encode(&content, &blank));
        same(subject, &mut check, "access", &shown, |driver| driver.access(&content));
        let own = sale(figures.least(1, figures.any_quantity(&mut chance)));
        let shown = || json!({"content": own, "meter": SETUP});
        let card = subject.driver.encode(&own, &blank);
        let state = subject.driver.fresh(&SETUP).and_then(|state| subject.driver.power(&state, true));
        let (Ok(card), Ok(state)) = (card, state) else { continue };
        same(subject, &mut check, "decode", &shown, |driver| driver.decode(&card));
        same(subject, &mut check, "insert", &shown, |driver| driver.insert(&state, &card));
        let (seconds, watts) = (chance.within(0, 100_000), u32::try_from(chance.within(0, 9000)).unwrap_or_default());
        same(subject, &mut check, "pass", &shown, |driver| driver.pass(&state, seconds, watts));
        same(subject, &mut check, "look", &shown, |driver| driver.look(&state));
    }
    check
}

fn same<T: PartialEq + Serialize>(
    subject: &Subject,
    check: &mut Check,
    name: &'static str,
    shown: &dyn Fn() -> Value,
    call: impl Fn(&MeterDriver) -> Result<T, CallError>,
) {
    check.case();
    let (first, again, other) = (call(&subject.driver), call(&subject.driver), call(&subject.twin));
    let held = first == again && first == other;
    let failed = [&first, &again, &other].into_iter().find_map(|answer| match answer {
        Err(error @ (CallError::Fault(_) | CallError::Quarantined(_))) => Some(error),
        _ => None,
    });
    if let Some(error) = failed {
        let why = called(error);
        check.fault(say(format!("{name}：{}", why.zh), format!("{name}: {}", why.en)), shown());
    } else if !held {
        unlike(check, name, &[answered(&first), answered(&again), answered(&other)], shown());
    }
    if !held || subject.driver.quarantine().is_some() || subject.twin.quarantine().is_some() {
        subject.heal();
    }
}

/// Three answers to one question, of which two at least differ: the second of the same host, or the other host's.
pub(crate) fn unlike(check: &mut Check, name: &str, answers: &[Value; 3], input: Value) {
    let [first, again, other] = answers;
    let Some((words, differs)) = twice(first, again).or_else(|| twice(first, other)) else { return };
    let zh = format!("{name} 对同一输入给出不同的结果：{}", words.zh);
    let en = format!("{name} answers differently: {}", words.en);
    check.fail(say(zh, en), json!({"input": input, "answers": answers, "differs": differs}));
}
