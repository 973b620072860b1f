//! The virtual meter with a keypad: each token once, of this meter only, and everything that it shows explained.

use dianka_plugin_host::meter::{Outcome, Setup, Snapshot};
use dianka_plugin_host::token::{Token, TokenOrder};
use serde_json::{Value, json};

use super::super::cards::SETUP;
use super::super::displays::not_shown;
use super::stand::{NOON, Stand};
use crate::report::{Check, say};
use crate::words::Differences;

/// Tokens that one meter gets, each of them several times: more than most meters remember.
const MANY: u64 = 60;

/// One virtual meter under voltage.
pub(super) struct Keypad<'a> {
    stand: &'a Stand<'a>,
    meter_no: u64,
    state: Vec<u8>,
}

impl<'a> Keypad<'a> {
    pub(super) fn new(stand: &'a Stand<'a>, check: &mut Check, meter_no: u64) -> Option<Self> {
        let setup = Setup { meter_no, ..SETUP };
        let shown = || json!({"setup": setup});
        let state = stand.subject.must(check, "fresh", shown, |driver| driver.fresh(&setup))?;
        let state = stand.subject.must(check, "power", shown, |driver| driver.power(&state, true))?;
        Some(Self { stand, meter_no, state })
    }

    /// Types digits in. None after a fault; a refusal stands for a meter that takes nothing.
    pub(super) fn enter(&mut self, check: &mut Check, digits: &str) -> Option<Option<Outcome>> {
        let shown = || json!({"meter_no": self.meter_no, "digits": digits, "state": hex::encode(&self.state)});
        let meter = self.stand.meter(self.meter_no);
        let answer = self
            .stand
            .ask(check, "insert", shown, |driver| driver.enter_token(&self.state, &meter, digits, &self.stand.keys))?;
        let Ok(outcome) = answer else { return Some(None) };
        self.state.clone_from(&outcome.state);
        Some(Some(outcome))
    }

    pub(super) fn look(&self, check: &mut Check) -> Option<Snapshot> {
        let shown = || json!({"state": hex::encode(&self.state)});
        self.stand.subject.must(check, "look", shown, |driver| driver.look(&self.state))
    }

    fn pass(&mut self, check: &mut Check, seconds: u64, watts: u32) -> Option<()> {
        let shown = || json!({"state": hex::encode(&self.state), "seconds": seconds, "watts": watts});
        self.state =
            self.stand.subject.must(check, "pass", shown, |driver| driver.pass(&self.state, seconds, watts))?;
        Some(())
    }
}

/// What the meter did, for the report.
fn told(outcome: &Outcome) -> Value {
    json!({"accepted": outcome.accepted, "loaded_wh": outcome.loaded_wh, "code": outcome.code, "display": outcome.display})
}

fn steps(order: &TokenOrder) -> i64 {
    match order {
        TokenOrder::Credit { quantity_wh } => quantity_wh.wh(),
        TokenOrder::Other { .. } => 0,
    }
}

/// Demands that nothing was loaded.
fn nothing(check: &mut Check, outcome: Option<&Outcome>, zh: &str, en: &str, shown: impl Fn() -> Value) {
    let held = outcome.is_none_or(|outcome| !outcome.accepted && outcome.loaded_wh.wh() == 0);
    let wh = outcome.map_or(0, |outcome| outcome.loaded_wh.wh());
    let what = || {
        say(
            format!("{zh}：loaded_wh 应为 0 Wh，实为 {wh} Wh"),
            format!("{en}: loaded_wh should be 0 Wh and is {wh} Wh"),
        )
    };
    check.demand(held, what, || json!({"case": shown(), "outcome": outcome.map(told)}));
}

pub(super) fn once(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-once",
        "虚拟电表：每个代码只装入一次，电量不多不少",
        "the virtual meter loads each token once, and just what was sold",
    );
    let _ = walk(stand, &mut check);
    check
}

fn walk(stand: &Stand<'_>, check: &mut Check) -> Option<()> {
    let (meter_no, _) = stand.pair();
    let mut keypad = Keypad::new(stand, check, meter_no)?;
    let (mut tokens, mut after, mut sold): (Vec<Token>, _, i64) = (Vec::new(), None, 0);
    for round in 0..MANY {
        check.case();
        let order = stand.credit(round.saturating_add(1));
        let wh = steps(&order);
        let token = stand.must_make(check, &stand.request(meter_no, order, NOON, after))?;
        after = Some(token.identifier);
        let outcome = keypad.enter(check, &token.digits)?;
        let loaded = outcome.as_ref().is_some_and(|outcome| outcome.accepted && outcome.loaded_wh.wh() == wh);
        let got = outcome.as_ref().map_or(0, |outcome| outcome.loaded_wh.wh());
        let (zh, en) = (
            format!("应装入 {wh} Wh，loaded_wh 实为 {got} Wh"),
            format!("it should load {wh} Wh, and loaded_wh is {got} Wh"),
        );
        let said = outcome.as_ref().map(told);
        check.demand(loaded, || say(zh, en), || json!({"token": token, "outcome": said}));
        sold = sold.saturating_add(wh);
        tokens.push(token);
        // At once again, and the first one of all.
        for old in tokens.last().into_iter().chain(tokens.first()) {
            check.case();
            let again = keypad.enter(check, &old.digits)?;
            nothing(
                check,
                again.as_ref(),
                "同一代码装入了两次",
                "the same token loads twice",
                || json!({"token": old}),
            );
        }
        let seen = keypad.look(check)?;
        let held = seen.total_purchased_wh.wh() == sold && seen.balance_wh.wh() == sold;
        let differs = Differences::between(
            &json!({"total_purchased_wh": sold, "balance_wh": sold}),
            &json!({"total_purchased_wh": seen.total_purchased_wh, "balance_wh": seen.balance_wh}),
        );
        let what = || {
            let words = differs.words();
            say(
                format!("累计和余量应为 {sold} Wh：{}", words.zh),
                format!("total and balance should be {sold} Wh: {}", words.en),
            )
        };
        check.demand(held, what, || json!({"snapshot": seen, "differs": differs.json()}));
        if check.is_full() {
            return None;
        }
    }
    for old in &tokens {
        check.case();
        let again = keypad.enter(check, &old.digits)?;
        nothing(check, again.as_ref(), "旧代码再次装入", "an old token loads again", || json!({"token": old}));
    }
    let seen = keypad.look(check)?;
    let what = || {
        let is = seen.total_purchased_wh.wh();
        say(
            format!("累计 total_purchased_wh 应仍为 {sold} Wh，实为 {is} Wh"),
            format!("total_purchased_wh should still be {sold} Wh and is {is} Wh"),
        )
    };
    check.demand(seen.total_purchased_wh.wh() == sold, what, || json!({"snapshot": seen}));
    Some(())
}

pub(super) fn strangers(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-strangers",
        "别的电表的代码不装入，也读不出",
        "a token of another meter neither loads nor reads",
    );
    let mut chance = stand.subject.chance("token-strangers");
    for _ in 0..stand.subject.cases.div_ceil(10) {
        if check.is_full() {
            break;
        }
        let (mine, other) = (stand.any_meter(&mut chance), stand.any_meter(&mut chance));
        if mine == other {
            continue;
        }
        check.case();
        let order = stand.any_credit(&mut chance);
        let Some(token) = stand.must_make(&mut check, &stand.request(other, order, NOON, None)) else { continue };
        let shown = || json!({"made_for": other, "meter_no": mine, "token": token});
        if let Some(Ok(found)) = stand.read(&mut check, mine, &token.digits) {
            let wh = steps(&found.order);
            let zh = format!("别的电表的代码被读成 {wh} Wh，标识号 identifier {}", found.identifier);
            let en = format!("a token of another meter reads as {wh} Wh with the identifier {}", found.identifier);
            check.fail(say(zh, en), json!({"case": shown(), "read": found}));
        }
        let entered =
            Keypad::new(stand, &mut check, mine).and_then(|mut keypad| keypad.enter(&mut check, &token.digits));
        if let Some(outcome) = entered {
            nothing(&mut check, outcome.as_ref(), "别的电表的代码装入了", "a token of another meter loads", shown);
        }
    }
    check
}

pub(super) fn displays(stand: &Stand<'_>) -> Check {
    let mut check = Check::new("displays", "显示项目表齐全", "everything that the meter shows is in the display table");
    let _ = shown(stand, &mut check);
    check
}

fn shown(stand: &Stand<'_>, check: &mut Check) -> Option<()> {
    let (meter_no, other) = stand.pair();
    let mut keypad = Keypad::new(stand, check, meter_no)?;
    explained(stand, check, &keypad)?;
    let mine = stand.must_make(check, &stand.request(meter_no, stand.credit(50), NOON, None))?;
    let theirs = stand.must_make(check, &stand.request(other, stand.credit(50), NOON, None))?;
    for (digits, wanted) in [(&mine.digits, "good"), (&mine.digits, "used"), (&theirs.digits, "another meter's")] {
        check.case();
        let outcome = keypad.enter(check, digits)?;
        let told = outcome.as_ref().is_none_or(|outcome| !outcome.display.is_empty());
        let what = || say("输入代码后没有提示", format!("nothing is shown after a {wanted} token"));
        check.demand(told, what, || json!({"digits": digits}));
        explained(stand, check, &keypad)?;
    }
    let seen = keypad.look(check)?;
    let held = seen.meter_no == meter_no && seen.powered && !seen.lines.is_empty();
    check.demand(held, || not_shown(&seen, meter_no), || json!({"snapshot": seen}));
    // Used up, and nothing for nothing.
    let bought = seen.balance_wh.wh();
    for _ in 0..6 {
        keypad.pass(check, 3600, 2000)?;
        explained(stand, check, &keypad)?;
    }
    let seen = keypad.look(check)?;
    let spent = seen.balance_wh.wh().saturating_add(seen.total_used_wh.wh()) == bought;
    let what = || {
        let (used, left) = (seen.total_used_wh.wh(), seen.balance_wh.wh());
        say(
            format!(
                "用电量与剩余电量之和不等于购电量：total_used_wh {used} Wh + balance_wh {left} Wh，应为 {bought} Wh"
            ),
            format!(
                "used and left are not what was bought: total_used_wh {used} Wh + balance_wh {left} Wh should be {bought} Wh"
            ),
        )
    };
    check.demand(spent, what, || json!({"snapshot": seen, "bought_wh": bought}));
    Some(())
}

fn explained(stand: &Stand<'_>, check: &mut Check, keypad: &Keypad<'_>) -> Option<()> {
    let seen = keypad.look(check)?;
    for line in &seen.lines {
        check.case();
        let known = stand.subject.description().displays.iter().any(|item| item.id == line.id);
        let (zh, en) =
            (format!("显示项 {} 不在表中", line.id), format!("the shown item {} is not in the table", line.id));
        check.demand(known, || say(zh, en), || json!({"line": line}));
    }
    Some(())
}
