//! Whatever the meter shows is in the display table: a clerk explains it on the telephone.

use dianka_plugin_host::Text;
use dianka_plugin_host::meter::Snapshot;
use serde_json::json;

use super::Subject;
use super::bench::Meter;
use super::cards::{Figures, METER_NO, sale};
use crate::report::{Check, say};

pub(super) fn table(subject: &Subject) -> Check {
    let mut check = Check::new("displays", "显示项目表齐全", "everything that the meter shows is in the display table");
    let _ = walk(subject, &mut check);
    check
}

fn walk(subject: &Subject, check: &mut Check) -> Option<()> {
    let figures = Figures::new(subject.description());
    let mut meter = Meter::new(subject, check)?;
    explained(subject, check, &meter)?;
    let bought = meter.buy(check, &sale(figures.least(1, figures.quantity(100))), &subject.blank())?;
    explained(subject, check, &meter)?;
    let seen = meter.look(check)?;
    let held = seen.meter_no == METER_NO && seen.powered && !seen.lines.is_empty();
    check.demand(held, || not_shown(&seen, METER_NO), || json!({"snapshot": seen}));
    let again = meter.insert(check, &bought.card)?;
    explained(subject, check, &meter)?;
    let torn = meter.insert(check, &subject.blank())?;
    for outcome in [&bought, &again, &torn] {
        check.case();
        let what = || say(format!("{} 时显示为空", outcome.code), format!("nothing is shown at {}", outcome.code));
        check.demand(!outcome.display.is_empty(), what, || meter.shown(Some(outcome)));
    }
    // Used up: the alarm, the cut, and a negative balance.
    for _ in 0..6 {
        meter.pass(check, 360_000, 250 * u32::try_from(figures.step.clamp(1, 4000)).ok()?)?;
        explained(subject, check, &meter)?;
    }
    Some(())
}

/// A meter under voltage that does not look like one.
pub(crate) fn not_shown(seen: &Snapshot, meter_no: u64) -> Text {
    let (number, lines) = (seen.meter_no, seen.lines.len());
    let (zh, en) = if seen.powered { ("是", "yes") } else { ("否", "no") };
    say(
        format!(
            "通电的电表没有显示，或表号不对：meter_no（表号）应为 {meter_no}，实为 {number}；lines（显示行）{lines} 行；powered（有电）{zh}"
        ),
        format!(
            "a meter under voltage shows nothing, or another number: meter_no should be {meter_no} and is {number}; \
             {lines} lines; powered: {en}"
        ),
    )
}

fn explained(subject: &Subject, check: &mut Check, meter: &Meter<'_>) -> Option<()> {
    let seen = meter.look(check)?;
    for line in &seen.lines {
        check.case();
        let item = subject.description().displays.iter().find(|item| item.id == line.id);
        let (zh, en) =
            (format!("显示项 {} 不在表中", line.id), format!("the shown item {} is not in the table", line.id));
        check.demand(item.is_some(), || say(zh, en), || json!({"line": line}));
    }
    Some(())
}
