//! One check: made, stored, and told in the log.

use chrono::{DateTime, NaiveDate, Utc};
use dianka_store::{
    self as store, NewAudit, NewReconciliation, ReconcileOptions, Reconciled, ReconciliationCause, Store, StoreError,
    Verdict,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

use crate::config::Config;
use crate::state::AppState;

/// A check to be made.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The organisation.
    pub org: Uuid,
    /// The report's id.
    pub id: Uuid,
    /// Why.
    pub cause: ReconciliationCause,
    /// For which night.
    pub night: Option<NaiveDate>,
    /// Who asked for it.
    pub operator: Option<Uuid>,
    /// With which request.
    pub request: Option<String>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// The bounds of the settings.
#[must_use]
pub fn options(config: &Config) -> ReconcileOptions {
    ReconcileOptions { statement_timeout: Duration::from_secs(config.reconcile.statement_timeout_s) }
}

/// On a running server, which knows of some open sales why they wait.
///
/// # Errors
/// As [`run`].
pub async fn on_server(app: &AppState, wanted: Wanted) -> Result<Reconciled, StoreError> {
    let reason = |sale| app.desk.note(sale).and_then(|note| note.problem).map(|problem| problem.code);
    run(&app.store, options(&app.config), wanted, reason).await
}

/// Makes a check, stores its report, raises its alarms. What is broken is logged at error level, every time.
///
/// # Errors
/// `reconciliation_running` as a conflict while another one runs; `reconciliation_night_key` when another server has had
/// this night; those of the store.
pub async fn run(
    store: &Store,
    options: ReconcileOptions,
    wanted: Wanted,
    reason: impl Fn(Uuid) -> Option<String>,
) -> Result<Reconciled, StoreError> {
    let mut found = store.reconcile(wanted.org, options).await?;
    for sale in &mut found.report.oldest_waiting {
        if let Some(known) = reason(sale.sale_id) {
            sale.reason = known;
        }
    }
    let new = NewReconciliation {
        reconciliation_id: wanted.id,
        cause: wanted.cause,
        night: wanted.night,
        operator_id: wanted.operator,
        found,
        at: wanted.at,
    };
    let raised = store
        .tx(wanted.org, "reconciliation_add", async |s| {
            let raised = store::reconciliation_add(s, &new).await?;
            if wanted.operator.is_some() {
                store::audit_add(s, &audit(&wanted, &new.found)).await?;
            }
            Ok(raised)
        })
        .await?;
    tell(&wanted, &new.found, &raised);
    Ok(new.found)
}

fn audit(wanted: &Wanted, found: &Reconciled) -> NewAudit {
    NewAudit {
        at: wanted.at,
        operator_id: wanted.operator,
        workstation_id: None,
        action: "reconciliation.run".to_owned(),
        subject_kind: "reconciliation".to_owned(),
        subject_id: Some(wanted.id),
        detail: json!({ "holds": found.report.holds() }),
        request_id: wanted.request.clone(),
    }
}

fn tell(wanted: &Wanted, found: &Reconciled, raised: &[String]) {
    let (org, report) = (wanted.org, wanted.id);
    let took_ms = u64::try_from(found.took.as_millis()).unwrap_or(u64::MAX);
    for finding in found.report.findings.iter().filter(|finding| finding.verdict != Verdict::Holds) {
        let invariant = finding.id.as_str();
        let new = raised.contains(&finding.id);
        match (&finding.cause, finding.rows.first()) {
            (Some(cause), _) => {
                tracing::error!(%org, %report, invariant, new, %cause, "reconciliation: an invariant could not be checked");
            }
            (None, row) => {
                let (kind, subject) = row.map_or(("", ""), |row| (row.kind.as_str(), row.subject.as_str()));
                let rows = finding.broken;
                tracing::error!(%org, %report, invariant, new, rows, kind, subject, "reconciliation: an invariant is broken");
            }
        }
    }
    let (cause, waiting) = (wanted.cause.as_str(), found.report.waiting);
    if found.report.holds() {
        tracing::info!(%org, %report, cause, took_ms, waiting, "reconciliation: everything holds");
    } else {
        tracing::error!(%org, %report, cause, took_ms, waiting, "reconciliation: NOT everything holds");
    }
}
