//! Rows as the database has them. They do not leave this crate: each becomes a public type through `TryFrom`, and one that
//! does not parse is an error.

mod account;
mod alarm;
mod analysis;
mod catalogue;
mod driver;
mod org;
mod place;
mod reading;
mod sale;

pub(crate) use account::{AccountJoin, AccountRow, CardRow, MeterRow};
pub(crate) use alarm::AlarmRow;
pub(crate) use analysis::AreaSalesRow;
pub(crate) use catalogue::{AreaRow, MeterTypeRow, TariffRow, TariffVersionRow, to_sql};
pub(crate) use driver::DriverActivationRow;
pub(crate) use org::OrgRow;
pub(crate) use place::{OperatorRow, SiteRow, WorkstationRow};
pub(crate) use reading::CardReadRow;
pub(crate) use sale::{CardOpRow, SaleJoin, SaleOutcomeRow, SaleRow, TransferRow};

use crate::error::{Result, StoreError};

/// A figure that is never negative.
pub(crate) fn unsigned(column: &str, value: i32) -> Result<u32> {
    u32::try_from(value).map_err(|_| StoreError::inconsistent(format_args!("{column} is {value}")))
}

/// A figure for a column of 32 bits.
pub(crate) fn signed(column: &str, value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|_| StoreError::Invalid { constraint: format!("{column} {value} is too large") })
}

/// A figure for a column of 32 bits, if there is one.
pub(crate) fn signed_or_none(column: &str, value: Option<u32>) -> Result<Option<i32>> {
    value.map(|value| signed(column, value)).transpose()
}

/// A column of 64 bits that holds no negative number.
pub(crate) fn unsigned_long(column: &str, value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| StoreError::inconsistent(format_args!("{column} is {value}")))
}

/// For a column of 64 bits.
pub(crate) fn signed_long(column: &str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::inconsistent(format_args!("{column} cannot hold {value}")))
}

/// A SHA-256 digest.
pub(crate) fn digest(column: &str, bytes: Vec<u8>) -> Result<[u8; 32]> {
    <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::inconsistent(format_args!("{column} is not 32 bytes")))
}
