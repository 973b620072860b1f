//! Identifiers: what makes two tokens of one meter different, and what a meter tells an old one by.

use dianka_plugin_host::token::Minute;
use serde_json::json;

use super::stand::{NOON, Stand};
use crate::report::{Check, say};

/// Tokens in one minute.
const IN_A_ROW: u64 = 40;

pub(super) fn identifiers(stand: &Stand<'_>) -> Check {
    let mut check = Check::new(
        "token-order",
        "标识号只增不减，用完时拒绝",
        "identifiers only grow, whatever the clock does, and their end is refused",
    );
    let (meter, _) = stand.pair();
    let mut after = None;
    for round in 0..IN_A_ROW {
        check.case();
        // The clock stands still, then goes back by years.
        let issued = if round < IN_A_ROW / 2 { NOON } else { Minute { year: 2021, ..NOON } };
        let request = stand.request(meter, stand.credit(1), issued, after);
        let Some(token) = stand.must_make(&mut check, &request) else { return check };
        let grown = after.is_none_or(|last| token.identifier > last);
        let what = || say("标识号没有增大", "the identifier does not grow");
        check.demand(grown, what, || json!({"request": request, "token": token}));
        stand.verify(&mut check, &request, &token);
        after = Some(token.identifier);
    }
    for last in [u64::MAX, u64::MAX - 1, u64::from(u32::MAX)] {
        check.case();
        let request = stand.request(meter, stand.credit(1), NOON, Some(last));
        if let Some(Ok(token)) = stand.make(&mut check, &request) {
            let what = || say("标识号回绕了", "the identifier wraps around");
            check.demand(token.identifier > last, what, || json!({"request": request, "token": token}));
        }
    }
    check
}
