//! What is encoded is decoded: purchases, over every card that a purchase can be written onto.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, Refusal, Returned};
use dianka_plugin_host::verify_encode;
use serde_json::json;

use super::Subject;
use super::cards::{Figures, METER_NO, SETUP, sale};
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{integrity, refused};

/// Refusals by which a driver says that it has no room for something that not every purchase has.
pub(crate) const NO_ROOM: [&str; 4] = ["not-a-step", "above-maximum", "unsupported", "bad-input"];

pub(super) fn purchases(subject: &Subject) -> Check {
    let mut check = Check::new(
        "round-trip",
        "购电卡：编码后解码原样返回，系统自行读出的数也一致",
        "purchase cards decode to what was encoded, and the host reads the same by itself",
    );
    let mut chance = subject.chance("round-trip");
    let mut walk = Walk { before: subject.blank(), returned: None, rich: 0, meters: 0 };
    for _ in 0..subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        one(subject, &mut check, &mut chance, &mut walk);
    }
    blank_is_blank(subject, &mut check);
    check.note = Some(say(
        format!("{} 个用例含全部字段，{} 张卡插过虚拟表", walk.rich, walk.meters),
        format!("{} cases with every field in use, {} cards were in the virtual meter before", walk.rich, walk.meters),
    ));
    check
}

/// The card goes from sale to sale, as in life.
struct Walk {
    before: CardImage,
    /// What the meter wrote onto it.
    returned: Option<Returned>,
    rich: u64,
    meters: u64,
}

fn one(subject: &Subject, check: &mut Check, chance: &mut Chance, walk: &mut Walk) {
    let figures = Figures::new(subject.description());
    if chance.within(0, 7) == 0 {
        (walk.before, walk.returned) = (subject.blank(), None);
    }
    // A sale may name the returned data that are on the card, or leave them out; they stay in any case.
    let returned = walk.returned.clone().filter(|_| chance.within(0, 1) == 0);
    let purchase = Some(figures.rich(chance));
    let rich = Content { purchase, returned: returned.clone(), ..figures.anybody(chance, "purchase") };
    let shown = |content: &Content, before: &CardImage| json!({"content": content, "before": before});
    let before = walk.before.clone();
    let answer = subject.ask(check, "encode", || shown(&rich, &before), |driver| driver.encode(&rich, &before));
    let (content, target) = match answer {
        Some(Ok(target)) => {
            walk.rich = walk.rich.saturating_add(1);
            (rich, target)
        }
        Some(Err(refusal)) if NO_ROOM.contains(&refusal.code.as_str()) => {
            let plain = sale(figures.least(figures.any_count(chance), figures.any_quantity(chance)));
            let plain = Content { returned, ..plain };
            let target =
                subject.must(check, "encode", || shown(&plain, &before), |driver| driver.encode(&plain, &before));
            let Some(target) = target else { return };
            (plain, target)
        }
        Some(Err(refusal)) => return unexpected(check, &refusal, shown(&rich, &before)),
        None => return,
    };
    if let Err(fault) = verify_encode(&subject.driver, &content, &before, &target) {
        let (text, differs) = integrity(&fault);
        let input = json!({"content": content, "before": before, "target": target, "code": fault.code(),
            "differs": differs});
        check.fail(text, input);
        subject.heal();
        return;
    }
    walk.before = target;
    if chance.within(0, 15) == 0 {
        visit_meter(subject, check, chance, walk);
    }
}

fn unexpected(check: &mut Check, refusal: &Refusal, input: serde_json::Value) {
    let why = refused(refusal);
    let zh = format!("允许范围内的购电被拒绝：{}", why.zh);
    check.fail(say(zh, format!("a purchase within the bounds was refused: {}", why.en)), input);
}

/// Returned data of a meter must survive the next sale and be nobody's concern.
fn visit_meter(subject: &Subject, check: &mut Check, chance: &mut Chance, walk: &mut Walk) {
    let figures = Figures::new(subject.description());
    let content = sale(figures.least(1, figures.quantity(chance.within(0, 500))));
    let shown = || json!({"content": content, "meter": METER_NO});
    let card = subject.must(check, "encode", shown, |driver| driver.encode(&content, &walk.before));
    let fresh = subject.must(check, "fresh", shown, |driver| driver.fresh(&SETUP));
    let (Some(card), Some(fresh)) = (card, fresh) else { return };
    let state = subject.must(check, "power", shown, |driver| driver.power(&fresh, true));
    let outcome = state.and_then(|state| subject.must(check, "insert", shown, |driver| driver.insert(&state, &card)));
    if let Some(outcome) = outcome {
        let read = subject.must(check, "decode", shown, |driver| driver.decode(&outcome.card));
        (walk.before, walk.returned) = (outcome.card, read.and_then(|content| content.returned));
        walk.meters = walk.meters.saturating_add(1);
    }
}

fn blank_is_blank(subject: &Subject, check: &mut Check) {
    check.case();
    let blank = subject.blank();
    let shown = || json!({"image": blank});
    if let Some(content) = subject.must(check, "decode", shown, |driver| driver.decode(&blank)) {
        let what = || {
            let kind = &content.kind;
            say(
                format!("新卡的 kind（卡的种类）应为 blank 且没有购电数据，实为“{kind}”"),
                format!("a virgin card has the kind blank and no purchase; this one is “{kind}”"),
            )
        };
        check.demand(content.kind == "blank" && content.purchase.is_none(), what, shown);
        let rule = subject.must(check, "access", shown, |driver| driver.access(&content));
        let transport = matches!(rule, Some(dianka_plugin_host::meter::AccessRule::Transport(_)) | None);
        let what = || say("新卡的密码应为出厂密码", "the password of a virgin card is its maker's transport code");
        check.demand(transport, what, shown);
    }
}
