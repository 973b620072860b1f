use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::orgs::{Org, OrgMode};
use crate::schema::org;

#[derive(Queryable, Selectable)]
#[diesel(table_name = org, check_for_backend(Pg))]
pub(crate) struct OrgRow {
    org_id: Uuid,
    code: String,
    name: String,
    system_code: i32,
    mode: String,
}

impl TryFrom<OrgRow> for Org {
    type Error = StoreError;
    fn try_from(row: OrgRow) -> Result<Self> {
        Ok(Self {
            org_id: row.org_id,
            code: row.code,
            name: row.name,
            system_code: super::unsigned("org.system_code", row.system_code)?,
            mode: OrgMode::try_from(row.mode.as_str())?,
        })
    }
}
