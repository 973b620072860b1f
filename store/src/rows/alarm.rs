use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::reconcile::{Alarm, AlarmEnd};
use crate::schema::alarm;

#[derive(Queryable, Selectable)]
#[diesel(table_name = alarm, check_for_backend(Pg))]
pub(crate) struct AlarmRow {
    alarm_id: Uuid,
    subject: String,
    first_report: Uuid,
    last_report: Uuid,
    found: i64,
    opened_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    closed_by: Option<Uuid>,
    reason: Option<String>,
}

impl From<AlarmRow> for Alarm {
    fn from(row: AlarmRow) -> Self {
        let end = match (row.closed_at, row.closed_by, row.reason) {
            (Some(at), Some(by), Some(reason)) => Some(AlarmEnd { at, by, reason }),
            _ => None,
        };
        Self {
            alarm_id: row.alarm_id,
            subject: row.subject,
            first_report: row.first_report,
            last_report: row.last_report,
            found: row.found,
            opened_at: row.opened_at,
            seen_at: row.seen_at,
            end,
        }
    }
}
