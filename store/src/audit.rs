//! The audit trail: who did what, apart from sales, whose own rows carry author, place and time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::Result;
use crate::page::PageRequest;
use crate::schema::audit;
use crate::scope::Scoped;

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAudit {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; `None`: the system.
    pub operator_id: Option<Uuid>,
    /// Where.
    pub workstation_id: Option<Uuid>,
    /// What, for example `account.open`.
    pub action: String,
    /// On what, for example `account`.
    pub subject_kind: String,
    /// On which one.
    pub subject_id: Option<Uuid>,
    /// The figures.
    pub detail: serde_json::Value,
    /// The request that it came with.
    pub request_id: Option<String>,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its number, rising.
    pub seq: i64,
    /// What was done.
    pub entry: NewAudit,
}

/// Adds an entry.
///
/// # Errors
/// Those of every call.
pub async fn audit_add(s: &mut Scoped, new: &NewAudit) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(audit::table)
        .values((
            audit::org_id.eq(org_id),
            audit::at.eq(new.at),
            audit::operator_id.eq(new.operator_id),
            audit::workstation_id.eq(new.workstation_id),
            audit::action.eq(&new.action),
            audit::subject_kind.eq(&new.subject_kind),
            audit::subject_id.eq(new.subject_id),
            audit::detail.eq(&new.detail),
            audit::request_id.eq(&new.request_id),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

type AuditColumns =
    (i64, DateTime<Utc>, Option<Uuid>, Option<Uuid>, String, String, Option<Uuid>, serde_json::Value, Option<String>);

/// The trail, the newest first.
///
/// # Errors
/// Those of every call.
pub async fn audit_list(s: &mut Scoped, page: PageRequest) -> Result<Vec<AuditEntry>> {
    let org_id = s.org();
    let rows: Vec<AuditColumns> = audit::table
        .filter(audit::org_id.eq(org_id))
        .order(audit::seq.desc())
        .limit(page.limit())
        .offset(page.offset())
        .select((
            audit::seq,
            audit::at,
            audit::operator_id,
            audit::workstation_id,
            audit::action,
            audit::subject_kind,
            audit::subject_id,
            audit::detail,
            audit::request_id,
        ))
        .load(s.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(seq, at, operator_id, workstation_id, action, subject_kind, subject_id, detail, request_id)| {
            AuditEntry {
                seq,
                entry: NewAudit {
                    at,
                    operator_id,
                    workstation_id,
                    action,
                    subject_kind,
                    subject_id,
                    detail,
                    request_id,
                },
            }
        })
        .collect())
}
