use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::operators::Operator;
use crate::schema::{operator, site, workstation};
use crate::sites::Site;
use crate::workstations::{ReaderSettings, Workstation, WorkstationKind};

#[derive(Queryable, Selectable)]
#[diesel(table_name = site, check_for_backend(Pg))]
pub(crate) struct SiteRow {
    site_id: Uuid,
    code: String,
    name: String,
    retired_at: Option<DateTime<Utc>>,
}

impl From<SiteRow> for Site {
    fn from(row: SiteRow) -> Self {
        Self { site_id: row.site_id, code: row.code, name: row.name, retired: row.retired_at.is_some() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = workstation, check_for_backend(Pg))]
pub(crate) struct WorkstationRow {
    workstation_id: Uuid,
    site_id: Uuid,
    number: i32,
    name: String,
    kind: String,
    reader_driver_id: Option<String>,
    reader_port: Option<String>,
    reader_baud: Option<i32>,
    language: Option<String>,
    log_level: Option<String>,
    settings_revision: i64,
    retired_at: Option<DateTime<Utc>>,
}

impl TryFrom<WorkstationRow> for Workstation {
    type Error = StoreError;
    fn try_from(row: WorkstationRow) -> Result<Self> {
        let baud = row.reader_baud.map(|baud| super::unsigned("workstation.reader_baud", baud)).transpose()?;
        let reader = match (row.reader_driver_id, row.reader_port) {
            (Some(driver_id), Some(port)) => Some(ReaderSettings { driver_id, port, baud }),
            _ => None,
        };
        Ok(Self {
            workstation_id: row.workstation_id,
            site_id: row.site_id,
            number: super::unsigned("workstation.number", row.number)?,
            name: row.name,
            kind: WorkstationKind::try_from(row.kind.as_str())?,
            reader,
            language: row.language,
            log_level: row.log_level,
            settings_revision: super::unsigned_long("workstation.settings_revision", row.settings_revision)?,
            retired: row.retired_at.is_some(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = operator, check_for_backend(Pg))]
pub(crate) struct OperatorRow {
    operator_id: Uuid,
    login: String,
    name: String,
    role: String,
    rights: Vec<String>,
    password_hash: String,
    status: String,
}

impl TryFrom<OperatorRow> for Operator {
    type Error = StoreError;
    fn try_from(row: OperatorRow) -> Result<Self> {
        let active = match row.status.as_str() {
            "active" => true,
            "disabled" => false,
            other => return Err(StoreError::inconsistent(format_args!("operator.status is {other:?}"))),
        };
        Ok(Self {
            operator_id: row.operator_id,
            login: row.login,
            name: row.name,
            role: row.role,
            rights: row.rights,
            password_hash: row.password_hash,
            active,
        })
    }
}
