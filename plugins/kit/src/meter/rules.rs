//! The rules of prepaid meters, against the driver's own virtual meter.

use dianka_domain::facts::PresetDeductedBy;
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{Content, Param, Purchase, Value, kind};
use serde_json::json;

use super::Subject;
use super::bench::Meter;
use super::cards::{Figures, METER_NO, REGION, SETUP, SYSTEM, USER, plain, sale};
use crate::report::{Check, say};
use crate::words::Differences;

/// Only the next purchase number loads, and only once.
pub(super) fn counter(subject: &Subject) -> Check {
    let mut check =
        Check::new("counter", "购电次数：只装入下一次，且只装一次", "only the next purchase number loads, once");
    let _ = try_counter(subject, &mut check);
    check
}

fn try_counter(subject: &Subject, check: &mut Check) -> Option<()> {
    let figures = Figures::new(subject.description());
    let blank = subject.blank();
    let mut meter = Meter::new(subject, check)?;
    let number = |count| sale(figures.least(count, figures.quantity(100)));
    let ahead = meter.buy(check, &number(2), &blank)?;
    meter.expect(check, &ahead, &["count-ahead"]);
    let first = meter.buy(check, &number(1), &blank)?;
    meter.expect(check, &first, &["loaded"]);
    let what = || {
        let (is, should) = (first.loaded_wh.wh(), figures.quantity(100).wh());
        say(
            format!("装入的电量不是卡上的电量：loaded_wh 应为 {should} Wh，实为 {is} Wh"),
            format!("what was loaded is not what the card carries: loaded_wh should be {should} Wh and is {is} Wh"),
        )
    };
    check.demand(first.loaded_wh == figures.quantity(100), what, || meter.shown(Some(&first)));
    let again = meter.insert(check, &first.card)?;
    meter.expect(check, &again, &["count-behind", "resumed"]);
    // Another card with the same number, as after a loss.
    let copy = meter.buy(check, &Content { card_no: 2, ..number(1) }, &blank)?;
    meter.expect(check, &copy, &["count-behind", "resumed", "wrong-user"]);
    let gap = meter.buy(check, &number(3), &first.card)?;
    meter.expect(check, &gap, &["count-ahead"]);
    let second = meter.buy(check, &number(2), &first.card)?;
    meter.expect(check, &second, &["loaded"]);
    let old = meter.buy(check, &number(1), &blank)?;
    meter.expect(check, &old, &["count-behind"]);
    let seen = meter.look(check)?;
    let twice = figures.quantity(100).checked_mul(2).ok()?;
    let differs = Differences::between(
        &json!({"count": 2, "total_purchased_wh": twice}),
        &json!({"count": seen.count, "total_purchased_wh": seen.total_purchased_wh}),
    );
    let held = (seen.count, seen.total_purchased_wh) == (2, twice);
    let what = || {
        let words = differs.words();
        say(
            format!("两次购电后的次数或总购电量不对：{}", words.zh),
            format!("count or total after two purchases is wrong: {}", words.en),
        )
    };
    check.demand(held, what, || json!({"snapshot": seen, "differs": differs.json()}));
    what_comes_back(subject, check, &meter, &second.card, twice)
}

/// The card brings home what the meter says.
fn what_comes_back(
    subject: &Subject,
    check: &mut Check,
    meter: &Meter<'_>,
    card: &dianka_domain::card::CardImage,
    total: MeterEnergy,
) -> Option<()> {
    check.case();
    let shown = || meter.shown(None);
    let content = subject.must(check, "decode", shown, |driver| driver.decode(card))?;
    let right = json!({"meter_no": METER_NO, "user_no": USER, "count": 2, "total_purchased_wh": total});
    let said = content.returned.map_or(serde_json::Value::Null, |r| {
        json!({"meter_no": r.meter_no, "user_no": r.user_no, "count": r.count, "total_purchased_wh": r.total_purchased_wh})
    });
    let differs = Differences::between(&json!({"returned": right}), &json!({"returned": said}));
    let what = || {
        let words = differs.words();
        say(format!("卡带回的返写数据不对：{}", words.zh), format!("the card brings back something else: {}", words.en))
    };
    let input = || json!({"story": meter.shown(None), "differs": differs.json()});
    check.demand(said == right, what, input);
    restored(subject, check, card)
}

/// The server tries a sale on the meter as it last spoke: only the next purchase loads there.
fn restored(subject: &Subject, check: &mut Check, card: &dianka_domain::card::CardImage) -> Option<()> {
    let figures = Figures::new(subject.description());
    let shown = || json!({"card": card});
    let content = subject.must(check, "decode", shown, |driver| driver.decode(card))?;
    let (last, returned) = (content.purchase?, content.returned?);
    let state = subject.must(check, "restore", shown, |driver| driver.restore(&SETUP, &last, &returned))?;
    for (count, loads) in [(2, false), (3, true), (4, false)] {
        check.case();
        let next = sale(figures.least(count, figures.quantity(50)));
        let shown = || json!({"restored_from": card, "content": next});
        let target = subject.must(check, "encode", shown, |driver| driver.encode(&next, card))?;
        let outcome = subject.must(check, "insert", shown, |driver| driver.insert(&state, &target))?;
        let right = if loads { figures.quantity(50) } else { MeterEnergy::ZERO };
        let zh = format!("按返写数据还原的表应装入 {} Wh，实为 {}", right.wh(), outcome.loaded_wh.wh());
        let en = format!("the restored meter should load {} Wh, not {}", right.wh(), outcome.loaded_wh.wh());
        check.demand(outcome.loaded_wh == right, || say(zh, en), shown);
    }
    Some(())
}

/// The preset quantity is deducted once, by the one who declares it.
pub(super) fn preset(subject: &Subject) -> Check {
    let mut check =
        Check::new("preset", "预置电量只扣一次", "the preset quantity is deducted once, by whom the facts name");
    if !subject.description().card_kinds.iter().any(|known| known == kind::PRESET) {
        check.skip(say("没有声明预置卡", "preset cards are not declared"));
        return check;
    }
    let _ = try_preset(subject, &mut check);
    check
}

fn try_preset(subject: &Subject, check: &mut Check) -> Option<()> {
    let own = subject.description();
    let figures = Figures::new(own);
    let blank = subject.blank();
    let gift = own.params.iter().find(|spec| spec.name == "preset-wh").and_then(|spec| spec.min).unwrap_or(0);
    let gift = gift.max(figures.quantity(3).wh());
    let card = Content {
        params: vec![Param { name: "preset-wh".to_owned(), value: Value::Int(gift) }],
        ..plain(kind::PRESET)
    };
    let gift = MeterEnergy::from_wh(gift);
    let mut meter = Meter::new(subject, check)?;
    let given = meter.buy(check, &card, &blank)?;
    meter.expect(check, &given, &["preset"]);
    let again = meter.buy(check, &card, &blank)?;
    meter.expect(check, &again, &["already-preset", "assigned"]);
    // A quarter is used, at a load that divides it.
    let used = gift.wh() / 4 / figures.step.max(1) * figures.step;
    meter.pass(check, u64::try_from(used).ok()?.saturating_mul(36) / 10, 1000)?;
    let bought = figures.quantity(100);
    let carried = match own.facts.preset_deducted_by {
        PresetDeductedBy::Meter => bought,
        PresetDeductedBy::System => bought.checked_sub(gift).ok()?,
    };
    let loaded = meter.buy(check, &sale(figures.least(1, carried)), &blank)?;
    meter.expect(check, &loaded, &["loaded"]);
    let seen = meter.look(check)?;
    let left = bought.checked_sub(seen.total_used_wh).ok()?;
    let zh = format!(
        "购 {} Wh、用 {} Wh 后应剩 {} Wh，实为 {}",
        bought.wh(),
        seen.total_used_wh.wh(),
        left.wh(),
        seen.balance_wh.wh()
    );
    let en = format!(
        "{} Wh bought and {} Wh used leave {} Wh, not {}",
        bought.wh(),
        seen.total_used_wh.wh(),
        left.wh(),
        seen.balance_wh.wh()
    );
    check.case();
    check.demand(seen.balance_wh == left && seen.total_used_wh.wh() == used, || say(zh, en), || meter.shown(None));
    Some(())
}

/// The hoarding limit, by its formula: quantity + remaining against the limit.
pub(super) fn hoarding(subject: &Subject) -> Check {
    let mut check = Check::new("hoarding", "囤积限量", "the hoarding limit");
    let _ = try_hoarding(subject, &mut check);
    check
}

fn try_hoarding(subject: &Subject, check: &mut Check) -> Option<()> {
    let figures = Figures::new(subject.description());
    let blank = subject.blank();
    let (first, second) = (figures.quantity(70), figures.quantity(40));
    let sum = first.checked_add(second).ok()?;
    let step = figures.energy(1);
    let limited = |limit| sale(Purchase { hoard_wh: limit, ..figures.least(2, second) });
    let mut outcomes = Vec::new();
    for limit in [sum.checked_sub(step).ok()?, sum, sum.checked_add(step).ok()?] {
        let mut meter = Meter::new(subject, check)?;
        let one = meter.buy(check, &sale(figures.least(1, first)), &blank)?;
        meter.expect(check, &one, &["loaded"]);
        let two = meter.buy(check, &limited(limit), &one.card)?;
        outcomes.push((meter, two));
    }
    let at_limit: &[&str] = match subject.description().facts.loads_at_hoarding_limit {
        Some(true) => &["loaded"],
        Some(false) => &["over-hoarding-limit"],
        None => &["loaded", "over-hoarding-limit"],
    };
    for ((meter, outcome), codes) in outcomes.iter().zip([&["over-hoarding-limit"], at_limit, &["loaded"]]) {
        meter.expect(check, outcome, codes);
    }
    Some(())
}

/// Cards of other systems, regions, meters and customers, and what is no card at all.
pub(super) fn strangers(subject: &Subject) -> Check {
    let mut check = Check::new(
        "strangers",
        "别的系统、区域、电表、用户的卡不装入",
        "cards of another system, region, meter or customer",
    );
    let _ = try_strangers(subject, &mut check);
    check
}

fn try_strangers(subject: &Subject, check: &mut Check) -> Option<()> {
    let figures = Figures::new(subject.description());
    let blank = subject.blank();
    let own = || sale(figures.least(1, figures.quantity(100)));
    let mut meter = Meter::new(subject, check)?;
    let other = meter.buy(check, &Content { system_code: SYSTEM.saturating_add(1), ..own() }, &blank)?;
    meter.expect(check, &other, &["wrong-system"]);
    let other = meter.buy(check, &Content { region: REGION.saturating_add(1), ..own() }, &blank)?;
    meter.expect(check, &other, &["wrong-region", "wrong-system"]);
    let stranger = Purchase { meter_no: METER_NO.saturating_add(1), ..figures.least(1, figures.quantity(100)) };
    let other = meter.buy(check, &sale(stranger), &blank)?;
    meter.expect(check, &other, &["wrong-meter"]);
    let other = meter.insert(check, &blank)?;
    meter.expect(check, &other, &["unreadable", "wrong-kind", "wrong-system"]);
    let right = meter.buy(check, &own(), &blank)?;
    meter.expect(check, &right, &["loaded"]);
    let next = sale(figures.least(2, figures.quantity(100)));
    let other = meter.buy(check, &Content { user_no: USER.saturating_add(1), ..next }, &blank)?;
    meter.expect(check, &other, &["wrong-user"]);
    let seen = meter.look(check)?;
    let held = seen.balance_wh == figures.quantity(100) && seen.user_no == USER;
    let differs = Differences::between(
        &json!({"balance_wh": figures.quantity(100), "user_no": USER}),
        &json!({"balance_wh": seen.balance_wh, "user_no": seen.user_no}),
    );
    let what = || {
        let words = differs.words();
        say(
            format!("拒绝的卡改变了余量或用户：{}", words.zh),
            format!("a card that was turned down changed the balance or the customer: {}", words.en),
        )
    };
    check.demand(held, what, || json!({"story": meter.shown(None), "differs": differs.json()}));
    Some(())
}

/// Over a long life at random, the books close: what was loaded less what was used is what is left.
pub(super) fn books(subject: &Subject) -> Check {
    let mut check = Check::new(
        "books",
        "长期使用后账目相符：装入 − 用掉 = 剩余",
        "over a long life, loaded less used is what is left",
    );
    let _ = try_books(subject, &mut check);
    check
}

fn try_books(subject: &Subject, check: &mut Check) -> Option<()> {
    let mut chance = subject.chance("books");
    let figures = Figures::new(subject.description());
    let mut meter = Meter::new(subject, check)?;
    let (mut card, mut loaded, mut next) = (subject.blank(), MeterEnergy::ZERO, 1_u32);
    let most = subject.description().facts.count_max;
    for _ in 0..subject.cases.div_ceil(10) {
        if check.is_full() || next > most {
            break;
        }
        check.case();
        match chance.within(0, 3) {
            0 => meter.pass(check, chance.within(1, 50_000), u32::try_from(chance.within(0, 5000)).ok()?)?,
            1 => {
                let off = u32::try_from(chance.within(0, 2)).ok()?;
                let count = next.saturating_add(off).saturating_sub(1).clamp(1, most);
                let content = sale(figures.least(count, figures.quantity(chance.within(0, 30))));
                let outcome = meter.buy(check, &content, &card)?;
                let right = if count == next { content.purchase.as_ref()?.quantity_wh } else { MeterEnergy::ZERO };
                // A full meter may turn the next one down, and must not take any other.
                let held = outcome.loaded_wh == right || outcome.loaded_wh.is_zero();
                let what = || {
                    let (is, should) = (outcome.loaded_wh.wh(), right.wh());
                    say(
                        format!("装入了不该装入的电量：loaded_wh 应为 {should} Wh 或 0，实为 {is} Wh"),
                        format!(
                            "a quantity was loaded that was not this purchase's: loaded_wh should be {should} Wh or 0 and is {is} Wh"
                        ),
                    )
                };
                check.demand(held, what, || meter.shown(Some(&outcome)));
                loaded = loaded.checked_add(outcome.loaded_wh).ok()?;
                next = if outcome.accepted { next.saturating_add(1) } else { next };
                card = outcome.card;
            }
            2 => {
                let outcome = meter.insert(check, &card)?;
                // A card that was turned down before may load now.
                loaded = loaded.checked_add(outcome.loaded_wh).ok()?;
                next = if outcome.accepted { next.saturating_add(1) } else { next };
                card = outcome.card;
            }
            _ => {
                let seen = meter.look(check)?;
                // Meters count in finer units: used and left are both rounded down.
                let left = loaded.checked_sub(seen.total_used_wh).ok()?;
                let off = left.checked_sub(seen.balance_wh).ok()?.wh();
                let count = next.saturating_sub(1);
                let held = seen.total_purchased_wh == loaded && (0..=1).contains(&off) && seen.count == count;
                let differs = Differences::between(
                    &json!({"total_purchased_wh": loaded, "balance_wh": left, "count": count}),
                    &json!({"total_purchased_wh": seen.total_purchased_wh, "balance_wh": seen.balance_wh, "count": seen.count}),
                );
                let what = || {
                    let words = differs.words();
                    say(
                        format!("表上与账面不符：{}", words.zh),
                        format!("the meter does not show what the books say: {}", words.en),
                    )
                };
                check.demand(held, what, || json!({"story": meter.shown(None), "differs": differs.json()}));
            }
        }
    }
    Some(())
}
