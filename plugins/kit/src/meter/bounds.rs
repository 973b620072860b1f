//! A quantity never changes and never leaves its bounds; what does not fit is refused and never cut off.

use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{Content, Purchase};
use serde_json::json;

use super::Subject;
use super::cards::{Figures, sale};
use crate::report::{Check, say};
use crate::words::Differences;

pub(super) fn quantities(subject: &Subject) -> Check {
    let mut check =
        Check::new("bounds", "超出自述范围的购电被拒绝", "purchases beyond the declared bounds are refused");
    let facts = &subject.description().facts;
    let figures = Figures::new(subject.description());
    let (step, min, max) = (facts.quantity_step_wh.wh(), facts.quantity_min_wh.wh(), facts.quantity_max_wh.wh());
    let mut beyond = vec![i64::MIN, -step, 0, max.saturating_add(step), max.saturating_mul(10), i64::MAX];
    beyond.push(min.saturating_sub(step));
    if step > 1 {
        beyond.extend([min.saturating_add(1), max.saturating_sub(1), min.saturating_add(step / 2)]);
    }
    let allowed = |wh: i64| (min.max(1)..=max).contains(&wh) && wh.checked_rem(step) == Some(0);
    for wh in beyond.into_iter().filter(|wh| !allowed(*wh)) {
        if check.is_full() {
            return check;
        }
        let purchase = figures.least(1, MeterEnergy::from_wh(wh));
        refused(subject, &mut check, &purchase, ("电量", "quantity"), &format!("quantity_wh = {wh} Wh"));
    }
    if let Some(count) = facts.count_max.checked_add(1) {
        let purchase = figures.least(count, figures.quantity(10));
        refused(subject, &mut check, &purchase, ("购电次数", "purchase number"), &format!("count = {count}"));
    }
    for wh in [min.max(step), max] {
        check.case();
        let content = sale(figures.least(facts.count_max, MeterEnergy::from_wh(wh)));
        let blank = subject.blank();
        let shown = || json!({"content": content, "before": blank});
        subject.must(&mut check, "encode", shown, |driver| driver.encode(&content, &blank));
    }
    check
}

fn refused(subject: &Subject, check: &mut Check, purchase: &Purchase, (zh, en): (&str, &str), what: &str) {
    check.case();
    let (content, blank) = (sale(purchase.clone()), subject.blank());
    let shown = || json!({"content": content, "before": blank});
    if let Some(Ok(_)) = subject.ask(check, "encode", shown, |driver| driver.encode(&content, &blank)) {
        check.fail(
            say(format!("超出范围的{zh}被编码了：{what}"), format!("a {en} beyond the bounds was encoded: {what}")),
            shown(),
        );
    }
}

pub(super) fn wild(subject: &Subject) -> Check {
    let mut check = Check::new(
        "no-cut-off",
        "任意数值：要么拒绝，要么原样返回",
        "any number at all is refused or comes back whole",
    );
    let mut chance = subject.chance("no-cut-off");
    let figures = Figures::new(subject.description());
    let blank = subject.blank();
    let mut taken = 0_u64;
    for _ in 0..subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        let mut content =
            Content { purchase: Some(figures.rich(&mut chance)), ..figures.anybody(&mut chance, "purchase") };
        let wild = match chance.within(0, 3) {
            0 => u64::MAX,
            1 => 1_u64.checked_shl(u32::try_from(chance.within(8, 63)).unwrap_or(8)).unwrap_or(1),
            2 => 10_u64.pow(u32::try_from(chance.within(2, 18)).unwrap_or(2)),
            _ => chance.next(),
        };
        spoil(&mut content, chance.within(0, 11), wild);
        let shown = || json!({"content": content, "before": blank});
        let Some(Ok(target)) = subject.ask(&mut check, "encode", shown, |driver| driver.encode(&content, &blank))
        else {
            continue;
        };
        taken = taken.saturating_add(1);
        let Some(found) = subject.must(&mut check, "decode", shown, |driver| driver.decode(&target)) else { continue };
        let differs = Differences::between(&content, &found);
        let what = || {
            let words = differs.words();
            say(format!("解码得到另外的内容：{}", words.zh), format!("it decodes to something else: {}", words.en))
        };
        let input = || json!({"content": content, "before": blank, "target": target, "differs": differs.json()});
        check.demand(found == content, what, input);
    }
    check.note = Some(say(format!("接受了 {taken} 个"), format!("{taken} of them were accepted")));
    check
}

/// Puts a number into one of the places of a content.
fn spoil(content: &mut Content, place: u64, wild: u64) {
    let short = u32::try_from(wild & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    let byte = u8::try_from(wild & 0xFF).unwrap_or(u8::MAX);
    let energy = MeterEnergy::from_wh(i64::from_ne_bytes(wild.to_ne_bytes()));
    let Some(purchase) = &mut content.purchase else { return };
    match place {
        0 => content.system_code = short,
        1 => content.region = short,
        2 => content.user_no = wild,
        3 => content.card_no = short,
        4 => content.key_version = byte,
        5 => purchase.meter_no = wild,
        6 => purchase.alarm_wh = energy,
        7 => purchase.overdraft_wh = energy,
        8 => purchase.hoard_wh = energy,
        9 => purchase.limit_mode = byte,
        10 => purchase.capacity_w = short,
        _ => (purchase.date.month, purchase.date.day) = (byte % 16, byte % 40),
    }
}
