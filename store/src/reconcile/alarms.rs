//! Alarms: a broken invariant stands in a list until a person closes it with a reason.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::reports::NewReconciliation;
use super::{Finding, Verdict};
use crate::error::{Result, StoreError};
use crate::rows::AlarmRow;
use crate::schema::alarm;
use crate::scope::Scoped;

const KIND: &str = "reconciliation";

/// How an alarm was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Uuid,
    /// Why.
    pub reason: String,
}

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its id.
    pub alarm_id: Uuid,
    /// The invariant.
    pub subject: String,
    /// The report that raised it.
    pub first_report: Uuid,
    /// The newest report that found it.
    pub last_report: Uuid,
    /// Rows that break it; 0: it could not be checked.
    pub found: i64,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// When it was found again, the last time.
    pub seen_at: DateTime<Utc>,
    /// How it was closed.
    pub end: Option<AlarmEnd>,
}

/// What a finding says, in one word: another row, or another figure in it, is another one.
fn fingerprint(finding: &Finding) -> Result<String> {
    let said =
        serde_json::to_vec(&(finding.verdict, finding.broken, &finding.rows)).map_err(StoreError::inconsistent)?;
    Ok(hex::encode(Sha256::digest(said)))
}

/// Raises an alarm for each finding that does not hold, or renews the open one. What a person has closed is raised again
/// as soon as the finding says anything else; as it was, it stands in the reports and is not asked about every night.
pub(super) async fn raise(s: &mut Scoped, new: &NewReconciliation) -> Result<Vec<String>> {
    let mut raised = Vec::new();
    for finding in new.found.report.findings.iter().filter(|finding| finding.verdict != Verdict::Holds) {
        let fingerprint = fingerprint(finding)?;
        if !renewed(s, new, finding, &fingerprint).await? && !settled(s, finding, &fingerprint).await? {
            insert(s, new, finding, &fingerprint).await?;
            raised.push(finding.id.clone());
        }
    }
    Ok(raised)
}

async fn renewed(s: &mut Scoped, new: &NewReconciliation, finding: &Finding, fingerprint: &str) -> Result<bool> {
    let org_id = s.org();
    let open = alarm::org_id
        .eq(org_id)
        .and(alarm::kind.eq(KIND))
        .and(alarm::subject.eq(&finding.id))
        .and(alarm::closed_at.is_null());
    let changed = diesel::update(alarm::table.filter(open))
        .set((
            alarm::last_report.eq(new.reconciliation_id),
            alarm::found.eq(finding.broken),
            alarm::fingerprint.eq(fingerprint),
            alarm::seen_at.eq(new.at),
        ))
        .execute(s.conn())
        .await?;
    Ok(changed > 0)
}

/// Whether a person has closed just this.
async fn settled(s: &mut Scoped, finding: &Finding, fingerprint: &str) -> Result<bool> {
    let org_id = s.org();
    let last: Option<String> = alarm::table
        .filter(alarm::org_id.eq(org_id).and(alarm::kind.eq(KIND)).and(alarm::subject.eq(&finding.id)))
        .order(alarm::alarm_id.desc())
        .select(alarm::fingerprint)
        .first(s.conn())
        .await
        .optional()?;
    // What could not be checked is unknown anew each time.
    Ok(finding.verdict == Verdict::Broken && last.as_deref() == Some(fingerprint))
}

async fn insert(s: &mut Scoped, new: &NewReconciliation, finding: &Finding, fingerprint: &str) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(alarm::table)
        .values((
            alarm::org_id.eq(org_id),
            alarm::alarm_id.eq(Uuid::now_v7()),
            alarm::kind.eq(KIND),
            alarm::subject.eq(&finding.id),
            alarm::first_report.eq(new.reconciliation_id),
            alarm::last_report.eq(new.reconciliation_id),
            alarm::found.eq(finding.broken),
            alarm::fingerprint.eq(fingerprint),
            alarm::opened_at.eq(new.at),
            alarm::seen_at.eq(new.at),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// The alarms: the open ones, or all of them; the newest first, at most `limit`.
///
/// # Errors
/// Those of every call.
pub async fn alarm_list(s: &mut Scoped, open_only: bool, limit: u32) -> Result<Vec<Alarm>> {
    let org_id = s.org();
    let mut query = alarm::table.filter(alarm::org_id.eq(org_id)).into_boxed();
    if open_only {
        query = query.filter(alarm::closed_at.is_null());
    }
    let rows: Vec<AlarmRow> = query
        .order(alarm::alarm_id.desc())
        .limit(i64::from(limit))
        .select(AlarmRow::as_select())
        .load(s.conn())
        .await?;
    Ok(rows.into_iter().map(Alarm::from).collect())
}

/// One alarm.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn alarm_get(s: &mut Scoped, alarm_id: Uuid) -> Result<Alarm> {
    let org_id = s.org();
    let row: AlarmRow = alarm::table
        .filter(alarm::org_id.eq(org_id).and(alarm::alarm_id.eq(alarm_id)))
        .select(AlarmRow::as_select())
        .first(s.conn())
        .await?;
    Ok(row.into())
}

/// Closes an alarm. The reason stays for ever.
///
/// # Errors
/// [`StoreError::NotFound`]; [`StoreError::Conflict`] `alarm_closed` when it is closed already.
pub async fn alarm_close(s: &mut Scoped, alarm_id: Uuid, end: &AlarmEnd) -> Result<Alarm> {
    let org_id = s.org();
    let open = alarm::org_id.eq(org_id).and(alarm::alarm_id.eq(alarm_id)).and(alarm::closed_at.is_null());
    let changed = diesel::update(alarm::table.filter(open))
        .set((alarm::closed_at.eq(end.at), alarm::closed_by.eq(end.by), alarm::reason.eq(&end.reason)))
        .execute(s.conn())
        .await?;
    let after = alarm_get(s, alarm_id).await?;
    if changed == 1 { Ok(after) } else { Err(StoreError::conflict("alarm_closed")) }
}
