//! What is left of the budget that every call has.

use serde_json::json;

use super::Subject;
use crate::report::{Check, say};

/// A call of a meter driver may take 10 ticks of 10 ms.
const BUDGET_NS: u64 = 100_000_000;

/// Half of it is as much as an honest driver should ever need: the server's machine may be slower than this one.
pub(super) fn budget(subject: &Subject) -> Check {
    let mut check =
        Check::new("limits", "在生产限额内运行，且有余量", "it runs within the production limits, with room to spare");
    let mut said = Vec::new();
    for (name, cost) in subject.costs() {
        check.count(cost.calls);
        let worst = cost.worst_ns / 1000;
        let mean = cost.total_ns.checked_div(cost.calls).unwrap_or_default() / 1000;
        said.push(format!("{name} {mean}/{worst}"));
        let used = cost.worst_ns.saturating_mul(100) / BUDGET_NS;
        let zh = format!("{name} 最长用了 {worst} µs，占限额的 {used}%");
        let en = format!("{name} took {worst} µs of CPU time, {used} % of its budget");
        // decode is also called with 255 images at once.
        check.demand(cost.worst_ns <= BUDGET_NS / 2, || say(zh, en), || json!({"call": name, "worst_us": worst}));
    }
    let said = said.join(", ");
    let zh = format!("处理器时间 µs（平均/最长，限额 100000）：{said}");
    check.note = Some(say(zh, format!("CPU time in µs (mean/worst, of 100000): {said}")));
    check
}
