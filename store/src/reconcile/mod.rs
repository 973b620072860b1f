//! Reconciliation: proves on the live database that money, card and row are equal. It reads one snapshot and changes nothing
//! of what it judges; what it finds is stored as a report, and what is broken stands as an alarm until a person closes it.

mod alarms;
mod check;
mod invariants;
mod reports;

pub use alarms::{Alarm, AlarmEnd, alarm_close, alarm_get, alarm_list};
pub use check::{ReconcileOptions, Reconciled};
pub use reports::{
    NewReconciliation, Reconciliation, ReconciliationCause, reconciliation_add, reconciliation_get,
    reconciliation_last, reconciliation_last_night, reconciliation_list,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Rows that are named for a broken invariant, and open sales that are listed; how many there are is always told.
pub const MOST_ROWS: u32 = 50;

/// The ids of all invariants, in the order of the report.
#[must_use]
pub fn invariant_ids() -> Vec<&'static str> {
    invariants::ALL.iter().map(|invariant| invariant.id).collect()
}

/// What one invariant came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Holds,
    /// Rows break it.
    Broken,
    /// It could not be checked (a time-out, a figure beyond every bound), so nothing is known: never taken for a yes.
    Unknown,
}

/// A row that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrokenRow {
    /// `sale`, `account`, `meter`, `workstation`, `area`, `reading`, `movement`, `adjustment`.
    pub kind: String,
    /// Its id.
    pub subject: String,
    /// Both sides of the comparison, and what names the row to a person. Units by the ends of the names.
    pub facts: Map<String, Value>,
}

/// One invariant of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The invariant.
    pub id: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Things that were compared.
    pub compared: i64,
    /// Those of them that break it.
    pub broken: i64,
    /// Totals. Units by the ends of the names.
    pub figures: Map<String, Value>,
    /// The first [`MOST_ROWS`] that break it.
    pub rows: Vec<BrokenRow>,
    /// Why it could not be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Time, ms.
    pub took_ms: i64,
}

/// A sale that waits for its card: nothing is broken by it, and nothing may hide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingSale {
    /// The sale.
    pub sale_id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// User number.
    pub user_no: i64,
    /// Purchase number.
    pub count: i32,
    /// What the customer paid, fen.
    pub amount_fen: i64,
    /// When it was authorised.
    pub opened_at: DateTime<Utc>,
    /// Its age at the snapshot, seconds.
    pub age_s: i64,
    /// Tickets issued for it.
    pub tickets: i32,
    /// Where the newest one went.
    pub workstation: Option<i32>,
    /// Why it waits: `ticket.out` (a station has its only ticket and has not proven the card), `ticket.again` (it was
    /// written on again and is still not proven); a code of the errors' catalogue where the server knows more.
    pub reason: String,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Every invariant.
    pub findings: Vec<Finding>,
    /// Sales that are open.
    pub waiting: i64,
    /// The oldest [`MOST_ROWS`] of them.
    pub oldest_waiting: Vec<WaitingSale>,
}

impl Report {
    /// Invariants with this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.verdict == verdict)
    }

    /// Whether everything was checked and holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.findings.is_empty() && self.findings.iter().all(|finding| finding.verdict == Verdict::Holds)
    }
}
