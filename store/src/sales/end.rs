//! Confirming and voiding a sale, on evidence.

use chrono::NaiveDate;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::begin::unknown_code;
use super::facts::{SaleConfirm, SaleVoid};
use super::read::SaleEnd;
use crate::error::{Result, StoreError};
use crate::rows::to_sql;
use crate::scope::repeated;
use crate::store::Store;
use crate::wire::{self, TransferWire, code};

/// A sale has ended as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Now.
    Now,
    /// It had before.
    Before,
}

impl SaleConfirm {
    /// The end as the books have it after this confirmation, without reading it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a day that is none.
    pub fn ended(&self, receipt_no: i64) -> Result<SaleEnd> {
        let day = to_sql(self.day)?;
        Ok(SaleEnd { workstation_id: self.workstation_id, day, receipt_no: Some(receipt_no), at: self.at })
    }
}

impl Store {
    /// Confirms a sale and returns its receipt number; a repeated call returns the same number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::StaleDecision`] when the evidence names another ticket than the newest;
    /// [`StoreError::AlreadyEnded`] when it was voided; [`StoreError::Inconsistent`] when it
    /// neither is open nor has ended, or the workstation has no receipt counter.
    pub async fn sale_confirm(&self, org: Uuid, confirm: &SaleConfirm) -> Result<i64> {
        let day = to_sql(confirm.day)?;
        let answer = repeated!(self.sale_confirm_once(org, confirm, day).await)?;
        if answer > 0 { Ok(answer) } else { Err(end_error("sale_confirm", confirm.sale_id, answer)) }
    }

    /// Voids a sale: what it took of the account goes back, and its number is free again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::StaleDecision`] when the evidence names another ticket than the newest;
    /// [`StoreError::AlreadyEnded`] when it was confirmed; [`StoreError::BeingReplaced`];
    /// [`StoreError::Inconsistent`] when it neither is open nor has ended.
    pub async fn sale_void(&self, org: Uuid, void: &SaleVoid) -> Result<Ended> {
        let day = to_sql(void.day)?;
        let answer = repeated!(self.sale_void_once(org, void, day).await)?;
        match answer {
            code::DONE => Ok(Ended::Now),
            code::REPLAYED => Ok(Ended::Before),
            other => Err(end_error("sale_void", void.sale_id, other)),
        }
    }

    async fn sale_confirm_once(&self, org: Uuid, confirm: &SaleConfirm, day: NaiveDate) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::sale_confirm(
            org,
            confirm.sale_id,
            confirm.workstation_id,
            day,
            confirm.at,
            &confirm.evidence,
            &confirm.document,
            TransferWire::all(&confirm.transfers),
        );
        Ok(select(call).get_result(&mut *session).await?)
    }

    async fn sale_void_once(&self, org: Uuid, void: &SaleVoid, day: NaiveDate) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::sale_void(
            org,
            void.sale_id,
            void.workstation_id,
            day,
            void.at,
            &void.evidence,
            TransferWire::all(&void.transfers),
        );
        Ok(select(call).get_result(&mut *session).await?)
    }
}

fn end_error(function: &str, sale_id: Uuid, answer: i64) -> StoreError {
    match answer {
        code::NO_ROW => StoreError::NotFound,
        code::STALE => StoreError::StaleDecision,
        code::ENDED_OTHERWISE => StoreError::AlreadyEnded,
        code::BEING_REPLACED => StoreError::BeingReplaced,
        code::NOT_OPEN => StoreError::inconsistent(format_args!("sale {sale_id} is neither open nor ended")),
        other => unknown_code(function, other),
    }
}
