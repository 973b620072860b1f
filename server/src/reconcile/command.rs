//! `dianka reconcile`: the same check from the command line, told as text or JSON.

use chrono::Utc;
use dianka_store::{
    self as store, Finding, ReconcileOptions, Reconciled, ReconciliationCause, Store, StoreError, Verdict,
};
use serde_json::{Value, json};
use std::fmt::Write as _;
use uuid::Uuid;

use super::run::{self, Wanted};
use super::{texts, view};
use crate::http::catalogue::Language;

/// What the command found, over all organisations.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Everything was checked and holds.
    pub holds: bool,
    /// To be printed.
    pub text: String,
}

/// Checks every organisation, stores the reports, raises alarms.
///
/// # Errors
/// Those of the store.
pub async fn reconcile(
    store: &Store,
    options: ReconcileOptions,
    language: Language,
    as_json: bool,
) -> Result<Outcome, StoreError> {
    let mut holds = true;
    let (mut text, mut all) = (String::new(), Vec::new());
    for org in store.org_ids().await? {
        let name = store.tx(org, "org_get", async |s| store::org_get(s).await).await?.name;
        let wanted = Wanted {
            org,
            id: Uuid::now_v7(),
            cause: ReconciliationCause::Command,
            night: None,
            operator: None,
            request: None,
            at: Utc::now(),
        };
        let id = wanted.id;
        let found = run::run(store, options, wanted, |_| None).await?;
        holds &= found.report.holds();
        if as_json {
            all.push(as_value(org, &name, id, &found));
        } else {
            tell(&mut text, language, &name, &found);
        }
    }
    if as_json {
        text = format!("{:#}\n", json!({ "holds": holds, "organisations": all }));
    } else {
        text.push_str(words(language).verdict(holds));
        text.push('\n');
    }
    Ok(Outcome { holds, text })
}

fn as_value(org: Uuid, name: &str, id: Uuid, found: &Reconciled) -> Value {
    json!({
        "organisation_id": org, "organisation": name, "report_id": id, "snapshot_at": found.snapshot_at,
        "took_ms": u64::try_from(found.took.as_millis()).unwrap_or(u64::MAX), "holds": found.report.holds(),
        "report": found.report,
    })
}

struct Words {
    holds: &'static str,
    broken: &'static str,
    unknown: &'static str,
    waiting: &'static str,
    all: &'static str,
    not_all: &'static str,
}

impl Words {
    const fn verdict(&self, holds: bool) -> &'static str {
        if holds { self.all } else { self.not_all }
    }

    const fn mark(&self, of: Verdict) -> &'static str {
        match of {
            Verdict::Holds => self.holds,
            Verdict::Broken => self.broken,
            Verdict::Unknown => self.unknown,
        }
    }
}

const fn words(language: Language) -> Words {
    match language {
        Language::Zh => Words {
            holds: "相符",
            broken: "不符",
            unknown: "未能核对",
            waiting: "未完业务",
            all: "全部相符",
            not_all: "有不符或未能核对的项目",
        },
        Language::En => Words {
            holds: "holds",
            broken: "BROKEN",
            unknown: "NOT CHECKED",
            waiting: "open sales",
            all: "everything holds",
            not_all: "NOT everything holds",
        },
    }
}

/// A text cannot fail to be written to.
fn tell(out: &mut String, language: Language, name: &str, found: &Reconciled) {
    let words = words(language);
    let _ = writeln!(out, "{name}  {}  {} ms", found.snapshot_at.to_rfc3339(), found.took.as_millis());
    for finding in &found.report.findings {
        of_finding(out, language, &words, finding);
    }
    let _ = writeln!(out, "  {}: {}", words.waiting, found.report.waiting);
    for sale in &found.report.oldest_waiting {
        let _ = writeln!(
            out,
            "    {}  {:08}  {}  {} s  {}",
            sale.sale_id,
            sale.user_no,
            sale.opened_at.to_rfc3339(),
            sale.age_s,
            sale.reason
        );
    }
}

fn of_finding(out: &mut String, language: Language, words: &Words, finding: &Finding) {
    let title = texts::of(language, &finding.id).map_or("", |text| text.title.as_str());
    let figures: Vec<String> = finding.figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let _ = writeln!(
        out,
        "  {:<12} {:<18} {title}  {}/{}  {} ms  {}",
        words.mark(finding.verdict),
        finding.id,
        finding.broken,
        finding.compared,
        finding.took_ms,
        figures.join(", ")
    );
    if let Some(cause) = &finding.cause {
        let _ = writeln!(out, "    {}: {cause}", view::verdict(finding.verdict));
    }
    for row in &finding.rows {
        let _ = writeln!(out, "    {} {}  {}", row.kind, row.subject, Value::Object(row.facts.clone()));
    }
}
