//! The checks of standards whose carrier is a token.

mod digits;
mod making;
mod meter;
mod order;
mod stand;

pub(crate) use self::making::order_of;
pub(crate) use self::stand::{NOON, Stand};
use super::Subject;
use crate::report::{Check, say};
use crate::words::params as words;

/// All of them; only the first where no meter is found that the driver makes tokens for.
pub(super) fn checks(subject: &Subject) -> Vec<Check> {
    let mut check = Check::new(
        "token-meters",
        "按声明的参数能为电表生成代码",
        "with the declared parameters there are meters that tokens can be made for",
    );
    let Some(stand) = Stand::find(subject, &mut check) else { return vec![check] };
    check.note = Some(say(
        format!("参数{}，{} 个表号", words(&stand.params), stand.numbers.len()),
        format!("parameters{}, {} meter numbers", words(&stand.params), stand.numbers.len()),
    ));
    vec![
        check,
        making::round_trip(&stand),
        making::kinds(&stand),
        making::bounds(&stand),
        making::determinism(&stand),
        order::identifiers(&stand),
        meter::once(&stand),
        meter::strangers(&stand),
        digits::wrong(&stand),
        meter::displays(&stand),
    ]
}
