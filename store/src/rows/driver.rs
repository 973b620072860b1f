use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::drivers::{ActivationState, DriverActivation, DriverKind};
use crate::error::{Result, StoreError};
use crate::schema::driver_activation;

#[derive(Queryable, Selectable)]
#[diesel(table_name = driver_activation, check_for_backend(Pg))]
pub(crate) struct DriverActivationRow {
    driver_id: String,
    driver_version: String,
    driver_sha256: Vec<u8>,
    kind: String,
    state: String,
    reason: Option<String>,
    operator_id: Option<Uuid>,
    changed_at: DateTime<Utc>,
}

impl TryFrom<DriverActivationRow> for DriverActivation {
    type Error = StoreError;
    fn try_from(row: DriverActivationRow) -> Result<Self> {
        Ok(Self {
            driver_id: row.driver_id,
            driver_version: row.driver_version,
            driver_sha256: super::digest("driver_activation.driver_sha256", row.driver_sha256)?,
            kind: DriverKind::try_from(row.kind.as_str())?,
            state: ActivationState::try_from(row.state.as_str())?,
            reason: row.reason,
            operator_id: row.operator_id,
            changed_at: row.changed_at,
        })
    }
}
