//! Tokens of every kind that a driver declares, under the kit's test key.

use dianka_plugin_host::token::{Token, TokenOrder, TokenRequest};
use dianka_plugin_package::vectors::{Hexed, TokenVector, Vectors};
use serde_json::json;

use crate::meter::tokens::{NOON, Stand, order_of};
use crate::meter::{Subject, TestKeys};
use crate::report::{Check, Lang, say};

/// Tokens of one kind, each of another amount.
const EACH: usize = 4;

/// Some of each kind; what does not hold is a failure of `check`.
pub(super) fn make(subject: &Subject, check: &mut Check, lang: Lang) -> Vec<TokenVector> {
    let Some(stand) = Stand::find(subject, check) else { return Vec::new() };
    let mut made = Vec::new();
    let (mine, other) = stand.pair();
    for kind in &stand.facts.kinds {
        let mut after = None;
        let mut count = 0_usize;
        for (amount, meter) in amounts(&stand, &kind.id, &kind.unit).into_iter().zip([mine, other].into_iter().cycle())
        {
            let request = stand.request(meter, order_of(&kind.id, amount), NOON, after.filter(|_| meter == mine));
            // A kind takes some amounts only; that it takes none is a failure.
            let Some(Ok(token)) = stand.make(check, &request) else { continue };
            if !stand.verify(check, &request, &token) {
                return made;
            }
            if meter == mine {
                after = Some(token.identifier);
            }
            let name = lang
                .pick_text(
                    &format!("{} {amount} {}", kind.name.zh, kind.unit),
                    &format!("{} {amount} {}", kind.name.en, kind.unit),
                )
                .trim()
                .to_owned();
            match written(name, &request, &token) {
                Ok(vector) => made.push(vector),
                Err(why) => check.fail(say(&why, &why), json!({"request": request})),
            }
            count = count.saturating_add(1);
            if count >= EACH {
                break;
            }
        }
        let what =
            || say(format!("声明了 {}，却怎样都不能生成", kind.id), format!("{} is declared, and never made", kind.id));
        check.demand(count > 0, what, || json!({"kind": kind.id}));
    }
    made
}

/// The ends, and what lies between.
fn amounts(stand: &Stand<'_>, kind: &str, unit: &str) -> Vec<i64> {
    let step = if unit == "Wh" { stand.facts.amount.step } else { 1 };
    if matches!(order_of(kind, 0), TokenOrder::Credit { .. }) {
        return [1, 100, 1000]
            .map(|steps: i64| steps.saturating_mul(step))
            .into_iter()
            .chain([stand.facts.exact_up_to_wh.wh()])
            .collect();
    }
    [0, 1, 10, 100, 1000, 0xFFFF].map(|steps: i64| steps.saturating_mul(step)).to_vec()
}

/// The vector as the file has it.
fn written(name: String, request: &TokenRequest, token: &Token) -> Result<TokenVector, String> {
    let key = Hexed(TestKeys::USUAL.to_vec());
    let value = json!({"tokens": [{"name": name, "key": key, "request": request, "token": token}]});
    let read = Vectors::parse(value.to_string().as_bytes()).map_err(|error| error.to_string())?;
    read.tokens.into_iter().next().ok_or_else(String::new)
}
