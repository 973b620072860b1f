//! What is made: it says what was asked for, within its bounds, and the same every time.

use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{Setup, Value};
use dianka_plugin_host::token::{Minute, TokenOrder, TokenRequest};
use serde_json::json;

use super::stand::{NOON, Stand};
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{Differences, token_answered};

use super::super::same::unlike;

pub(super) fn round_trip(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-round-trip",
        "代码读回原样，系统自行读出的电量、标识号、电表也一致",
        "tokens read back to what was ordered, and the host reads the same by itself",
    );
    let mut chance = stand.subject.chance("token-round-trip");
    for _ in 0..stand.subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        let request = any_request(stand, &mut chance);
        let Some(token) = stand.must_make(&mut check, &request) else { continue };
        if !stand.verify(&mut check, &request, &token) {
            continue;
        }
        let Some(Ok(found)) = stand.read(&mut check, request.meter.meter_no, &token.digits) else { continue };
        let dated = request.after.is_some() || found.issued >= request.issued;
        let what = || {
            let words =
                Differences::between(&json!({"issued": request.issued}), &json!({"issued": found.issued})).words();
            say(
                format!("读回的签发时间早于发出的时间：{}", words.zh),
                format!("it is dated before it was issued: {}", words.en),
            )
        };
        check.demand(dated, what, || json!({"request": request, "token": token, "read": found}));
    }
    check
}

fn any_request(stand: &Stand<'_>, chance: &mut Chance) -> TokenRequest {
    let meter = stand.any_meter(chance);
    let order = stand.any_credit(chance);
    let request = TokenRequest { chance: chance.next(), ..stand.request(meter, order, any_minute(chance), None) };
    // As often as not the next one of a meter that has had some: its identifier counts on from anywhere.
    let after = (chance.within(0, 1) == 0).then(|| chance.within(0, 1_000_000));
    TokenRequest { after, ..request }
}

fn any_minute(chance: &mut Chance) -> Minute {
    let mut small = |low, high| u8::try_from(chance.within(low, high)).unwrap_or(1);
    Minute { month: small(1, 12), day: small(1, 28), hour: small(0, 23), minute: small(0, 59), ..NOON }
}

pub(super) fn kinds(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-kinds",
        "声明的每一种代码都能生成并读回",
        "every declared kind of token can be made and reads back",
    );
    let mut chance = stand.subject.chance("token-kinds");
    let (meter, _) = stand.pair();
    for kind in &stand.facts.kinds {
        let mut taken = 0_u32;
        let amounts = [0, 1, 10, 1000, 0xFFFF].into_iter();
        let more: Vec<i64> = (0..stand.subject.cases.div_ceil(20))
            .map(|_| i64::try_from(chance.within(0, 70_000)).unwrap_or_default())
            .collect();
        for amount in amounts.chain(more) {
            if check.is_full() {
                return check;
            }
            check.case();
            let order =
                order_of(&kind.id, amount.saturating_mul(if kind.unit == "Wh" { stand.facts.amount.step } else { 1 }));
            let request = stand.request(meter, order, NOON, None);
            if let Some(Ok(token)) = stand.make(&mut check, &request) {
                taken = taken.saturating_add(1);
                stand.verify(&mut check, &request, &token);
            }
        }
        let (zh, en) =
            (format!("声明了 {}，却怎样都不能生成", kind.id), format!("{} is declared, and never made", kind.id));
        check.demand(taken > 0, || say(zh, en), || json!({"kind": kind.id}));
    }
    check
}

pub(crate) fn order_of(kind: &str, amount: i64) -> TokenOrder {
    if kind == "credit" {
        TokenOrder::Credit { quantity_wh: MeterEnergy::from_wh(amount) }
    } else {
        TokenOrder::Other { kind: kind.to_owned(), amount }
    }
}

pub(super) fn bounds(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-bounds",
        "范围之外的电量被拒绝；任意电量要么拒绝，要么原样写入",
        "energies beyond the bounds are refused; any energy at all is refused or carried whole",
    );
    let (step, exact, most) = (stand.facts.amount.step, stand.facts.exact_up_to_wh.wh(), stand.facts.most_wh.wh());
    let (meter, _) = stand.pair();
    let request = |wh: i64| stand.request(meter, order_of("credit", wh), NOON, None);
    let mut beyond = vec![i64::MIN, -1, -step, 0, most.saturating_add(step), most.saturating_mul(10), i64::MAX];
    if step > 1 {
        beyond.extend([1, step.saturating_sub(1), step.saturating_add(1), exact.saturating_sub(1)]);
    }
    for wh in beyond {
        check.case();
        if let Some(Ok(token)) = stand.make(&mut check, &request(wh)) {
            let (zh, en) = (format!("{wh} Wh 不应能写入代码"), format!("{wh} Wh must not be carried by a token"));
            check.fail(say(zh, en), json!({"wh": wh, "token": token}));
        }
    }
    for wh in [step, exact] {
        check.case();
        if let Some(token) = stand.must_make(&mut check, &request(wh)) {
            stand.verify(&mut check, &request(wh), &token);
        }
    }
    let sold = stand.subject.description().facts.quantity_max_wh.wh();
    let what = || {
        say(
            format!("quantity-max-wh 为 {sold} Wh，代码能准确表示的最多是 exact-up-to-wh {exact} Wh"),
            format!("quantity-max-wh is {sold} Wh, beyond what a token carries exactly: exact-up-to-wh {exact} Wh"),
        )
    };
    check.demand(sold <= exact, what, || json!({"quantity_max_wh": sold, "exact_up_to_wh": exact}));
    let mut chance = stand.subject.chance("token-bounds");
    let mut taken = 0_u64;
    for _ in 0..stand.subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        let wide = u64::try_from(most.saturating_add(most / 4)).unwrap_or(u64::MAX);
        let wh = i64::try_from(chance.within(0, wide)).unwrap_or(i64::MAX);
        // On the grid of some step or other, or nowhere.
        let grid = 10_i64.saturating_pow(u32::try_from(chance.within(0, 3)).unwrap_or_default()).saturating_mul(step);
        let wh =
            if chance.within(0, 3) == 0 { wh } else { wh.saturating_sub(wh.checked_rem(grid).unwrap_or_default()) };
        let mut asked = vec![wh];
        // Where there is none, the refusal may name the nearest ones.
        if let Some(Err(refusal)) = stand.make(&mut check, &request(wh)) {
            let named = refusal.params.iter().filter_map(|param| match param.value {
                Value::Int(wh) => Some(wh),
                _ => None,
            });
            asked = named.filter(|wh| (1..=most).contains(wh)).collect();
        }
        for wh in asked {
            if let Some(Ok(token)) = stand.make(&mut check, &request(wh)) {
                taken = taken.saturating_add(1);
                stand.verify(&mut check, &request(wh), &token);
            }
        }
    }
    check.note =
        Some(say(format!("任意电量中接受了 {taken} 个"), format!("{taken} of the random energies were accepted")));
    check
}

pub(super) fn determinism(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-determinism",
        "相同输入得到相同结果（两次、两个实例）",
        "the same input gives the same answer, twice and in two instances",
    );
    let mut chance = stand.subject.chance("token-determinism");
    let (driver, twin, keys) = (&stand.subject.driver, &stand.subject.twin, &stand.keys);
    for _ in 0..stand.subject.cases.div_ceil(10) {
        if check.is_full() {
            break;
        }
        check.count(3);
        let request = any_request(stand, &mut chance);
        let made = [driver, driver, twin].map(|driver| driver.token(&request, keys));
        let shown = || json!({"request": request});
        same(&mut check, "token", &made, token_answered, shown);
        let [Ok(token), ..] = &made else { continue };
        let read = [driver, driver, twin].map(|driver| driver.read_token(&request.meter, &token.digits, keys));
        same(&mut check, "read-token", &read, token_answered, shown);
        let setup = Setup { meter_no: request.meter.meter_no, ..super::super::cards::SETUP };
        let entered = [driver, driver, twin].map(|driver| {
            let state = driver.fresh(&setup).and_then(|state| driver.power(&state, true))?;
            driver.enter_token(&state, &request.meter, &token.digits, keys)
        });
        same(&mut check, "insert", &entered, token_answered, shown);
    }
    stand.subject.heal();
    check
}

fn same<T: PartialEq, E: PartialEq>(
    check: &mut Check,
    name: &str,
    answers: &[Result<T, E>; 3],
    value: impl Fn(&Result<T, E>) -> serde_json::Value,
    shown: impl Fn() -> serde_json::Value,
) {
    let [first, again, other] = answers;
    if first != again || first != other {
        unlike(check, name, &[value(first), value(again), value(other)], shown());
    }
}
