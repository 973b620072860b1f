//! A report is for a vendor to read: words in his language, the field that differs, and no dump of the program's values.

use dianka_kit::report::{Lang, Report};
use serde_json::Value;

/// What no text of a report has in it: how a program shows its own values.
const DUMPS: [&str; 17] = [
    "Some(",
    "None",
    "Ok(",
    "Err(",
    "{ ",
    "Content",
    "Purchase",
    "QuantityPlan",
    "Plan ",
    "CardImage",
    "Refusal",
    "CalendarDate",
    "MeterEnergy",
    "TokenContent",
    "Silent",
    "Garbage",
    "Derivation",
];

/// Demands that nothing in the report, in either language or as JSON, is such a dump, and that no failure is told twice.
pub fn are_plain(report: &Report) {
    let json = serde_json::to_value(report).unwrap();
    each_text(&json, &mut |text| {
        let dump = DUMPS.iter().find(|dump| text.contains(**dump));
        assert_eq!(dump, None, "{text}");
        assert!(!text.contains("\\\""), "quoted twice: {text}");
    });
    for check in &report.checks {
        let said: Vec<&str> = check.failures.iter().map(|failure| failure.what.en.as_str()).collect();
        let mut once = said.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), said.len(), "{said:?}");
        for failure in &check.failures {
            assert!(failure.what.zh != failure.what.en && !failure.what.zh.is_ascii(), "{}", failure.what.zh);
        }
    }
    for lang in [Lang::Zh, Lang::En] {
        let text = report.to_text(lang);
        assert!(DUMPS.iter().all(|dump| !text.contains(dump)), "{text}");
    }
}

fn each_text(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, each)),
        Value::Object(members) => members.values().for_each(|member| each_text(member, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The first failure of a check, in both languages, and the fields that its JSON says differ.
pub fn first(report: &Report, check: &str) -> (String, String, Vec<String>) {
    let failure = &report.check(check).unwrap().failures[0];
    let differs = failure.input["differs"].as_array().cloned().unwrap_or_default();
    let fields = differs.iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect();
    (failure.what.zh.clone(), failure.what.en.clone(), fields)
}
