//! Reports and alarms as the page sees them.

use chrono::{DateTime, NaiveDate, Utc};
use dianka_store::{self as store, Finding, Reconciliation, WaitingSale};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A report in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReconciliationHead)]
pub struct HeadView {
    /// Its id.
    pub id: Uuid,
    /// `nightly`, `asked` or `command`.
    pub cause: String,
    /// The night that it is for.
    pub night: Option<NaiveDate>,
    /// Who asked for it.
    pub operator: Option<String>,
    /// Everything committed before is in it.
    pub snapshot_at: DateTime<Utc>,
    /// How long it took, ms.
    pub took_ms: i64,
    /// Everything was checked and holds.
    pub holds: bool,
    /// Invariants.
    pub invariants: i32,
    /// Broken ones.
    pub broken: i32,
    /// Those that could not be checked.
    pub unknown: i32,
}

/// A report.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub struct ReportView {
    /// In short.
    #[serde(flatten)]
    pub head: HeadView,
    /// Every invariant.
    pub findings: Vec<FindingView>,
    /// Open sales: nothing is broken by them.
    pub waiting: i64,
    /// The oldest 50 of them.
    pub oldest_waiting: Vec<WaitingView>,
}

/// One invariant of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReconciliationFinding)]
pub struct FindingView {
    /// The invariant.
    pub id: String,
    /// `holds`, `broken`, or `unknown`: it could not be checked.
    pub verdict: String,
    /// Things that were compared.
    pub compared: i64,
    /// Those of them that break it.
    pub broken: i64,
    /// Totals. Units by the ends of the names.
    #[schema(value_type = Object)]
    pub figures: Map<String, Value>,
    /// The first 50 rows that break it.
    pub rows: Vec<RowView>,
    /// Why it could not be checked.
    pub problem: Option<String>,
    /// Time, ms.
    pub took_ms: i64,
}

/// A row that breaks an invariant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BrokenRow)]
pub struct RowView {
    /// What it is: `sale`, `account`, `meter`, ...
    pub kind: String,
    /// Its id.
    pub subject: String,
    /// Both sides of the comparison. Units by the ends of the names.
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
}

/// An open sale.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = WaitingSale)]
pub struct WaitingView {
    /// The sale.
    pub sale_id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// User number.
    pub user_no: String,
    /// Purchase number.
    pub count: i32,
    /// What was paid.
    pub amount_fen: i64,
    /// When it was authorised.
    pub opened_at: DateTime<Utc>,
    /// Its age at the check, seconds.
    pub age_s: i64,
    /// Tickets issued for it.
    pub tickets: i32,
    /// The workstation that has the newest one.
    pub workstation: Option<i32>,
    /// `ticket.out`, `ticket.again`, or a code of the errors.
    pub reason: String,
}

/// An alarm.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Alarm)]
pub struct AlarmView {
    /// Its id.
    pub id: Uuid,
    /// The invariant.
    pub invariant: String,
    /// Rows that break it; 0: it could not be checked.
    pub found: i64,
    /// The report that raised it.
    pub first_report: Uuid,
    /// The newest report that found it.
    pub last_report: Uuid,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// When it was found again, the last time.
    pub seen_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub closed_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Names of operators.
pub struct Names(Vec<store::Operator>);

impl Names {
    /// Of the operators of this scope.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read(s: &mut store::Scoped) -> store::Result<Names> {
        store::operator_list(s).await.map(Names)
    }

    fn of(&self, id: Uuid) -> String {
        self.0.iter().find(|o| o.operator_id == id).map_or_else(|| id.to_string(), |o| o.name.clone())
    }
}

impl HeadView {
    /// From the stored one.
    #[must_use]
    pub fn new(stored: &Reconciliation, names: &Names) -> Self {
        Self {
            id: stored.reconciliation_id,
            cause: stored.cause.as_str().to_owned(),
            night: stored.night,
            operator: stored.operator_id.map(|id| names.of(id)),
            snapshot_at: stored.snapshot_at,
            took_ms: stored.took_ms,
            holds: stored.holds,
            invariants: stored.invariants,
            broken: stored.broken,
            unknown: stored.unknown,
        }
    }
}

impl ReportView {
    /// From the stored one, with what it says.
    #[must_use]
    pub fn new(stored: &Reconciliation, names: &Names) -> Self {
        let report = stored.report.as_ref();
        Self {
            head: HeadView::new(stored, names),
            findings: report.map(|r| r.findings.iter().map(FindingView::from).collect()).unwrap_or_default(),
            waiting: report.map_or(0, |r| r.waiting),
            oldest_waiting: report
                .map(|r| r.oldest_waiting.iter().map(WaitingView::from).collect())
                .unwrap_or_default(),
        }
    }
}

/// The word on the wire.
#[must_use]
pub const fn verdict(of: store::Verdict) -> &'static str {
    match of {
        store::Verdict::Holds => "holds",
        store::Verdict::Broken => "broken",
        store::Verdict::Unknown => "unknown",
    }
}

impl From<&Finding> for FindingView {
    fn from(f: &Finding) -> Self {
        let row =
            |r: &store::BrokenRow| RowView { kind: r.kind.clone(), subject: r.subject.clone(), facts: r.facts.clone() };
        Self {
            id: f.id.clone(),
            verdict: verdict(f.verdict).to_owned(),
            compared: f.compared,
            broken: f.broken,
            figures: f.figures.clone(),
            rows: f.rows.iter().map(row).collect(),
            problem: f.cause.clone(),
            took_ms: f.took_ms,
        }
    }
}

impl From<&WaitingSale> for WaitingView {
    fn from(w: &WaitingSale) -> Self {
        Self {
            sale_id: w.sale_id,
            account_id: w.account_id,
            user_no: format!("{:08}", w.user_no),
            count: w.count,
            amount_fen: w.amount_fen,
            opened_at: w.opened_at,
            age_s: w.age_s,
            tickets: w.tickets,
            workstation: w.workstation,
            reason: w.reason.clone(),
        }
    }
}

impl AlarmView {
    /// From the stored one.
    #[must_use]
    pub fn new(alarm: &store::Alarm, names: &Names) -> Self {
        let end = alarm.end.as_ref();
        Self {
            id: alarm.alarm_id,
            invariant: alarm.subject.clone(),
            found: alarm.found,
            first_report: alarm.first_report,
            last_report: alarm.last_report,
            opened_at: alarm.opened_at,
            seen_at: alarm.seen_at,
            closed_at: end.map(|end| end.at),
            closed_by: end.map(|end| names.of(end.by)),
            reason: end.map(|end| end.reason.clone()),
        }
    }
}
