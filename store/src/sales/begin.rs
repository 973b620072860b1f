//! Authorising a sale.

use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::facts::NewSale;
use super::read::sale_open_by_account;
use crate::error::{Result, StoreError};
use crate::scope::repeated;
use crate::store::Store;
use crate::wire::{self, CardOpWire, SaleWire, TransferWire, code};

/// A sale is authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Now.
    New,
    /// It was before, by the same request. It may have ended meanwhile: read it.
    Replayed,
}

impl Store {
    /// Authorises a sale: one round trip, one durable commit. The id makes it safe to repeat.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown account; [`StoreError::StaleDecision`]; [`StoreError::OpenSale`];
    /// [`StoreError::ReplayMismatch`]; [`StoreError::AccountNotOpen`]; [`StoreError::Reference`] for an unknown
    /// workstation, site, operator or tariff version (or one that does not fit the account or price).
    pub async fn sale_begin(&self, org: Uuid, new: &NewSale) -> Result<Begun> {
        let answer = repeated!(self.sale_begin_once(org, new).await)?;
        match answer {
            code::DONE => Ok(Begun::New),
            code::REPLAYED => Ok(Begun::Replayed),
            refused => Err(self.refused("sale_begin", org, new.sale.account_id, refused).await?),
        }
    }

    /// Why a sale was not authorised.
    pub(super) async fn refused(&self, function: &str, org: Uuid, account: Uuid, answer: i64) -> Result<StoreError> {
        Ok(match answer {
            code::NO_ROW => StoreError::NotFound,
            code::STALE => StoreError::StaleDecision,
            code::OTHER_OPEN => self.open_sale_error(org, account).await?,
            code::OTHER_BODY => StoreError::ReplayMismatch,
            code::UNKNOWN_REFERENCE => StoreError::Reference { constraint: "sale_reference".to_owned() },
            code::ACCOUNT_NOT_OPEN => StoreError::AccountNotOpen,
            other => unknown_code(function, other),
        })
    }

    async fn sale_begin_once(&self, org: Uuid, new: &NewSale) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::sale_begin(
            org,
            new.account_version,
            SaleWire(new.sale.clone()),
            CardOpWire(new.op.clone()),
            &new.ticket,
            TransferWire::all(&new.transfers),
        );
        Ok(select(call).get_result(&mut *session).await?)
    }

    /// Which sale is open; if it has just ended, the figures have changed.
    async fn open_sale_error(&self, org: Uuid, account_id: Uuid) -> Result<StoreError> {
        let open = self.tx(org, "sale_open_get", async |s| sale_open_by_account(s, account_id).await).await?;
        Ok(open.map_or(StoreError::StaleDecision, |open| StoreError::OpenSale { sale_id: open.sale_id }))
    }
}

pub(crate) fn unknown_code(function: &str, answer: i64) -> StoreError {
    StoreError::inconsistent(format_args!("{function} answered {answer}"))
}
