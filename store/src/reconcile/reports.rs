//! Reports, as they were made.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::alarms;
use super::check::Reconciled;
use super::{Report, Verdict};
use crate::error::{Result, StoreError};
use crate::page::{Page, PageRequest};
use crate::schema::reconciliation;
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Why a check was made.
    ReconciliationCause {
        /// The night's.
        Nightly = "nightly",
        /// An operator asked for it.
        Asked = "asked",
        /// By the command line.
        Command = "command",
    }
}

/// A report to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReconciliation {
    /// Its id.
    pub reconciliation_id: Uuid,
    /// Why it was made.
    pub cause: ReconciliationCause,
    /// The night that it is for.
    pub night: Option<NaiveDate>,
    /// Who asked for it.
    pub operator_id: Option<Uuid>,
    /// What it found.
    pub found: Reconciled,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// Its id.
    pub reconciliation_id: Uuid,
    /// Why it was made.
    pub cause: ReconciliationCause,
    /// The night that it is for.
    pub night: Option<NaiveDate>,
    /// Who asked for it.
    pub operator_id: Option<Uuid>,
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
    /// What it says; not in lists.
    pub report: Option<Report>,
}

/// Stores a report, and raises or renews the alarms of what it found. Returns the invariants whose alarm is new.
///
/// # Errors
/// [`StoreError::Conflict`] `reconciliation_pkey` when the id was used, `reconciliation_night_key` when the night has its
/// report.
pub async fn reconciliation_add(s: &mut Scoped, new: &NewReconciliation) -> Result<Vec<String>> {
    let org_id = s.org();
    let report = &new.found.report;
    let number = |verdict| i32::try_from(report.with(verdict).count()).unwrap_or(i32::MAX);
    diesel::insert_into(reconciliation::table)
        .values((
            reconciliation::org_id.eq(org_id),
            reconciliation::reconciliation_id.eq(new.reconciliation_id),
            reconciliation::cause.eq(new.cause.as_str()),
            reconciliation::night.eq(new.night),
            reconciliation::operator_id.eq(new.operator_id),
            reconciliation::snapshot_at.eq(new.found.snapshot_at),
            reconciliation::took_ms.eq(i64::try_from(new.found.took.as_millis()).unwrap_or(i64::MAX)),
            reconciliation::holds.eq(report.holds()),
            reconciliation::invariants.eq(i32::try_from(report.findings.len()).unwrap_or(i32::MAX)),
            reconciliation::broken.eq(number(Verdict::Broken)),
            reconciliation::unknown.eq(number(Verdict::Unknown)),
            reconciliation::report.eq(serde_json::to_value(report).map_err(StoreError::inconsistent)?),
        ))
        .execute(s.conn())
        .await?;
    alarms::raise(s, new).await
}

type Head = (Uuid, String, Option<NaiveDate>, Option<Uuid>, DateTime<Utc>, i64, bool, i32, i32, i32);

const HEAD: (
    reconciliation::reconciliation_id,
    reconciliation::cause,
    reconciliation::night,
    reconciliation::operator_id,
    reconciliation::snapshot_at,
    reconciliation::took_ms,
    reconciliation::holds,
    reconciliation::invariants,
    reconciliation::broken,
    reconciliation::unknown,
) = (
    reconciliation::reconciliation_id,
    reconciliation::cause,
    reconciliation::night,
    reconciliation::operator_id,
    reconciliation::snapshot_at,
    reconciliation::took_ms,
    reconciliation::holds,
    reconciliation::invariants,
    reconciliation::broken,
    reconciliation::unknown,
);

fn parsed(head: Head, report: Option<serde_json::Value>) -> Result<Reconciliation> {
    let (reconciliation_id, cause, night, operator_id, snapshot_at, took_ms, holds, invariants, broken, unknown) = head;
    Ok(Reconciliation {
        reconciliation_id,
        cause: ReconciliationCause::try_from(cause.as_str())?,
        night,
        operator_id,
        snapshot_at,
        took_ms,
        holds,
        invariants,
        broken,
        unknown,
        report: report.map(serde_json::from_value).transpose().map_err(StoreError::inconsistent)?,
    })
}

/// One report, whole.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn reconciliation_get(s: &mut Scoped, reconciliation_id: Uuid) -> Result<Reconciliation> {
    let org_id = s.org();
    let (head, report): (Head, serde_json::Value) = reconciliation::table
        .filter(reconciliation::org_id.eq(org_id).and(reconciliation::reconciliation_id.eq(reconciliation_id)))
        .select((HEAD, reconciliation::report))
        .first(s.conn())
        .await?;
    parsed(head, Some(report))
}

/// The newest report, whole.
///
/// # Errors
/// Those of every call.
pub async fn reconciliation_last(s: &mut Scoped) -> Result<Option<Reconciliation>> {
    let org_id = s.org();
    let found: Option<(Head, serde_json::Value)> = reconciliation::table
        .filter(reconciliation::org_id.eq(org_id))
        .order(reconciliation::reconciliation_id.desc())
        .select((HEAD, reconciliation::report))
        .first(s.conn())
        .await
        .optional()?;
    found.map(|(head, report)| parsed(head, Some(report))).transpose()
}

/// The reports without what they say, the newest first.
///
/// # Errors
/// Those of every call.
pub async fn reconciliation_list(s: &mut Scoped, page: PageRequest) -> Result<Page<Reconciliation>> {
    let org_id = s.org();
    let all = || reconciliation::table.filter(reconciliation::org_id.eq(org_id));
    let total = all().count().get_result(s.conn()).await?;
    let heads: Vec<Head> = all()
        .order(reconciliation::reconciliation_id.desc())
        .limit(page.limit())
        .offset(page.offset())
        .select(HEAD)
        .load(s.conn())
        .await?;
    let items = heads.into_iter().map(|head| parsed(head, None)).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// The newest night that has its report, and since when the organisation is there.
///
/// # Errors
/// Those of every call.
pub async fn reconciliation_last_night(s: &mut Scoped) -> Result<(Option<NaiveDate>, DateTime<Utc>)> {
    use crate::schema::org;
    let org_id = s.org();
    let night = reconciliation::table
        .filter(reconciliation::org_id.eq(org_id))
        .select(diesel::dsl::max(reconciliation::night))
        .first(s.conn())
        .await?;
    let since = org::table.filter(org::org_id.eq(org_id)).select(org::created_at).first(s.conn()).await?;
    Ok((night, since))
}
