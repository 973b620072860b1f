//! Digits that a customer mistypes: every one of them changed, every two of them exchanged, none or one too many.

use serde_json::{Value, json};

use super::meter::Keypad;
use super::stand::{NOON, Stand};
use crate::report::{Check, say};

/// Of so many wrong rows of digits, one may happen to be a good token: a block has 16 bits of check sum, and whatever is
/// typed decrypts to something. Eight times that is a defect.
const ONE_IN: u64 = 8192;

pub(super) fn wrong(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-digits",
        "输错任一位、任意两位对调：不装入，不读出",
        "any digit mistyped, any two exchanged: nothing loads, nothing reads",
    );
    let (meter_no, _) = stand.pair();
    let mut good: Vec<Value> = Vec::new();
    let mut tried = 0_u64;
    for round in 0..stand.subject.cases.div_ceil(50) {
        let request = stand.request(meter_no, stand.credit(round.saturating_mul(97).saturating_add(1)), NOON, None);
        let Some(token) = stand.must_make(&mut check, &request) else { return check };
        let Some(mut keypad) = Keypad::new(stand, &mut check, meter_no) else { return check };
        for digits in mistyped(&token.digits) {
            if check.is_full() {
                return check;
            }
            check.case();
            tried = tried.saturating_add(1);
            let read = matches!(stand.read(&mut check, meter_no, &digits), Some(Ok(_)));
            let entered = keypad.enter(&mut check, &digits);
            let loaded = entered.flatten().is_some_and(|outcome| outcome.accepted || outcome.loaded_wh.wh() != 0);
            if read || loaded {
                good.push(json!({"token": token.digits, "typed": digits, "reads": read, "loads": loaded}));
            }
        }
    }
    let found = u64::try_from(good.len()).unwrap_or(u64::MAX);
    let allowed = tried.checked_div(ONE_IN).unwrap_or_default().saturating_add(1);
    let (zh, en) = (
        format!("{tried} 个输错的代码中有 {found} 个被接受；偶然最多 {allowed} 个"),
        format!("{found} of {tried} mistyped tokens are taken; by chance it would be {allowed} at most"),
    );
    good.truncate(5);
    check.demand(found <= allowed, || say(zh, en), || json!({"taken": good}));
    check.note = Some(say(format!("偶然为真的 {found} 个"), format!("{found} happened to be good tokens")));
    check
}

/// All that differ from `digits` by one slip.
fn mistyped(digits: &str) -> Vec<String> {
    let whole: Vec<u8> = digits.bytes().collect();
    let mut all = Vec::new();
    for at in 0..whole.len() {
        for digit in b'0'..=b'9' {
            let mut other = whole.clone();
            other.iter_mut().skip(at).take(1).for_each(|place| *place = digit);
            all.push(other);
        }
        for second in at.saturating_add(1)..whole.len() {
            let mut other = whole.clone();
            other.swap(at, second);
            all.push(other);
        }
        let mut short = whole.clone();
        short.remove(at);
        all.push(short);
    }
    let mut long = whole.clone();
    long.push(b'0');
    all.push(long);
    all.sort_unstable();
    all.dedup();
    all.into_iter().filter(|other| *other != whole).filter_map(|other| String::from_utf8(other).ok()).collect()
}
