use chrono::{DateTime, Utc};
use dianka_domain::units::MeterEnergy;
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use super::unsigned;
use crate::card_reads::{CardRead, Returned};
use crate::error::{Result, StoreError};
use crate::schema::card_read;

#[derive(Queryable, Selectable)]
#[diesel(table_name = card_read, check_for_backend(Pg))]
pub(crate) struct CardReadRow {
    read_id: Uuid,
    account_id: Option<Uuid>,
    card_no: Option<i64>,
    workstation_id: Uuid,
    operator_id: Option<Uuid>,
    session: String,
    kind: String,
    image: Vec<u8>,
    tries: i32,
    returned_count: Option<i32>,
    remaining_wh: Option<i64>,
    total_used_wh: Option<i64>,
    total_purchased_wh: Option<i64>,
    overdraft_wh: Option<i64>,
    power_w: Option<i64>,
    status_word: Option<i32>,
    details: Option<serde_json::Value>,
    at: DateTime<Utc>,
}

impl TryFrom<CardReadRow> for CardRead {
    type Error = StoreError;
    fn try_from(row: CardReadRow) -> Result<Self> {
        let status_word = row.status_word.map(u16::try_from).transpose().map_err(StoreError::inconsistent)?;
        let returned = match row.returned_count {
            None => None,
            Some(count) => Some(Returned {
                count: unsigned("card_read.returned_count", count)?,
                remaining_wh: row.remaining_wh.map(MeterEnergy::from_wh),
                total_used_wh: row.total_used_wh.map(MeterEnergy::from_wh),
                total_purchased_wh: row.total_purchased_wh.map(MeterEnergy::from_wh),
                overdraft_wh: row.overdraft_wh.map(MeterEnergy::from_wh),
                power_w: row.power_w,
                status_word,
                details: row.details.unwrap_or(serde_json::Value::Null),
            }),
        };
        Ok(Self {
            read_id: row.read_id,
            account_id: row.account_id,
            card_no: row.card_no,
            workstation_id: row.workstation_id,
            operator_id: row.operator_id,
            session: row.session,
            kind: row.kind,
            image: row.image,
            tries: u8::try_from(row.tries).map_err(StoreError::inconsistent)?,
            returned,
            at: row.at,
        })
    }
}
