//! The aggregator: folds committed sales into day and month rollups, on whichever server gets the job's row.

use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::Result;
use crate::store::Store;
use crate::wire;

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FoldReport {
    /// Sales folded.
    pub folded: i64,
    /// Organisations that another server was folding.
    pub held_elsewhere: u32,
}

impl Store {
    /// Folds what has been committed since the last pass, for every organisation. Call it every half second.
    ///
    /// # Errors
    /// Those of every call; what was folded before the error stays folded.
    pub async fn rollup_fold_once(&self) -> Result<FoldReport> {
        let mut report = FoldReport::default();
        for org in self.org_ids().await? {
            let mut session = self.report_session().await?;
            let answer: i64 = select(wire::rollup_fold(org)).get_result(&mut *session).await?;
            if answer < 0 {
                report.held_elsewhere = report.held_elsewhere.saturating_add(1);
            } else {
                report.folded = report.folded.saturating_add(answer);
            }
        }
        Ok(report)
    }

    /// Makes the rollups of one organisation again from its sales; returns how many sales they hold.
    ///
    /// # Errors
    /// [`StoreError::Collision`](crate::StoreError::Collision) when folding got in between three times over.
    pub async fn rollup_rebuild(&self, org: Uuid) -> Result<i64> {
        self.snapshot_tx(org, "rollup_rebuild", async |s| {
            Ok(select(wire::rollup_rebuild(s.org())).get_result(s.conn()).await?)
        })
        .await
    }
}
