//! The aggregator: folds committed sales into the totals, again and again. Any number of servers may run it; the
//! database lets one of them work at a time.

use crate::state::App;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Runs until the task is dropped.
pub async fn fold_for_ever(app: App) {
    let mut tick = interval(Duration::from_millis(app.config.analysis.fold_ms));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tick.tick().await;
        match app.store.rollup_fold_once().await {
            Ok(report) => {
                if failing {
                    tracing::info!("totals are folded again");
                }
                failing = false;
                if report.folded > 0 {
                    tracing::debug!(folded = report.folded, "totals");
                }
            }
            // Nothing is lost: reports read what is not folded yet. Said once, not twice a second.
            Err(cause) if !failing => {
                failing = true;
                tracing::warn!(%cause, "totals are not folded");
            }
            Err(_) => {}
        }
    }
}
