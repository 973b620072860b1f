//! Fences: a station's journalled promise to run no ticket of a sale up to an epoch.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::begin::unknown_code;
use crate::error::{Result, StoreError};
use crate::rows::{signed, unsigned};
use crate::schema::fence;
use crate::scope::{Scoped, repeated};
use crate::store::Store;
use crate::wire::{self, code};

/// A promise that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Who promised.
    pub workstation_id: Uuid,
    /// No ticket up to this epoch is run there any more.
    pub up_to_epoch: u32,
    /// The newest ticket's epoch when the promise came.
    pub newest_epoch: u32,
}

impl Store {
    /// Stores a promise of a workstation about an open sale; a repeated one changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::AlreadyEnded`] when the sale is not open.
    pub async fn fence_add(
        &self,
        org: Uuid,
        sale_id: Uuid,
        workstation_id: Uuid,
        up_to_epoch: u32,
        at: DateTime<Utc>,
    ) -> Result<Fence> {
        let epoch = signed("fence.up_to_epoch", up_to_epoch)?;
        let answer = repeated!(self.fence_add_once(org, sale_id, workstation_id, epoch, at).await)?;
        match answer {
            newest if newest > 0 => {
                let newest = i32::try_from(newest).map_err(|_| unknown_code("fence_add", newest))?;
                Ok(Fence { workstation_id, up_to_epoch, newest_epoch: unsigned("fence.newest_epoch", newest)? })
            }
            code::NO_ROW => Err(StoreError::NotFound),
            code::NOT_OPEN => Err(StoreError::AlreadyEnded),
            other => Err(unknown_code("fence_add", other)),
        }
    }

    async fn fence_add_once(
        &self,
        org: Uuid,
        sale_id: Uuid,
        workstation_id: Uuid,
        up_to_epoch: i32,
        at: DateTime<Utc>,
    ) -> Result<i64> {
        let mut session = self.session().await?;
        let call = wire::fence_add(org, sale_id, workstation_id, up_to_epoch, at);
        Ok(select(call).get_result(&mut *session).await?)
    }
}

/// The promises about a sale, in the order in which they came.
///
/// # Errors
/// Those of every call.
pub async fn fence_list(s: &mut Scoped, sale_id: Uuid) -> Result<Vec<Fence>> {
    let org_id = s.org();
    let rows: Vec<(Uuid, i32, i32)> = fence::table
        .filter(fence::org_id.eq(org_id).and(fence::sale_id.eq(sale_id)))
        .order((fence::newest_epoch, fence::at))
        .select((fence::workstation_id, fence::up_to_epoch, fence::newest_epoch))
        .load(s.conn())
        .await?;
    rows.into_iter()
        .map(|(workstation_id, up_to, newest)| {
            let up_to_epoch = unsigned("fence.up_to_epoch", up_to)?;
            Ok(Fence { workstation_id, up_to_epoch, newest_epoch: unsigned("fence.newest_epoch", newest)? })
        })
        .collect()
}
