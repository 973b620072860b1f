//! Selling a token: authorised and finished in one round trip and one durable commit.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::facts::NewTokenSale;
use super::read::SaleEnd;
use crate::error::{Result, StoreError};
use crate::rows::to_sql;
use crate::schema;
use crate::scope::{Scoped, repeated};
use crate::store::Store;
use crate::wire::{self, SaleWire, TokenWire, TransferWire, code};

/// What became of a sale of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSold {
    /// It is sold now.
    Now(SaleEnd),
    /// It was sold before, by the same request: the token is the first one, read it.
    Before,
    /// Another token was made for this meter since: make this one again, after that.
    OtherToken,
}

impl Store {
    /// Sells a token. The id makes it safe to repeat; the token of the first call stays.
    ///
    /// # Errors
    /// As [`Store::sale_begin`]; [`StoreError::Inconsistent`] when the workstation has no receipt counter.
    pub async fn sale_token(&self, org: Uuid, new: &NewTokenSale) -> Result<TokenSold> {
        let day = to_sql(new.confirm.day)?;
        let answer = repeated!(self.sale_token_once(org, new, day).await)?;
        match answer {
            code::TOKEN_REPLAYED => Ok(TokenSold::Before),
            code::OTHER_TOKEN => Ok(TokenSold::OtherToken),
            receipt_no if receipt_no > 0 => new.confirm.ended(receipt_no).map(TokenSold::Now),
            refused => Err(self.refused("sale_token", org, new.sale.account_id, refused).await?),
        }
    }

    async fn sale_token_once(&self, org: Uuid, new: &NewTokenSale, day: NaiveDate) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::sale_token(
            org,
            new.account_version,
            SaleWire(new.sale.clone()),
            TokenWire(new.token.clone()),
            day,
            &new.confirm.evidence,
            &new.confirm.document,
            TransferWire::all(&new.transfers),
            TransferWire::all(&new.confirm.transfers),
        );
        Ok(select(call).get_result(&mut *session).await?)
    }
}

/// Identifier of the last token of a meter under a key; none before the first.
///
/// # Errors
/// Those of every call.
pub async fn token_last(s: &mut Scoped, meter_id: Uuid, key_slot: &str) -> Result<Option<u64>> {
    use schema::token_last as last;
    let org_id = s.org();
    let found: Option<i64> = last::table
        .filter(last::org_id.eq(org_id).and(last::meter_id.eq(meter_id)).and(last::key_slot.eq(key_slot)))
        .select(last::identifier)
        .first(s.conn())
        .await
        .optional()?;
    found.map(|last| u64::try_from(last).map_err(StoreError::inconsistent)).transpose()
}
