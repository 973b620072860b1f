//! The nightly check. Any number of servers may run this; the database lets one of them check at a time, and keeps one
//! report a night.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use dianka_store::{self as store, ReconciliationCause, StoreError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::run::{self, Wanted};
use crate::state::{App, AppState};

/// Between two looks at the clock.
const LOOK: Duration = Duration::from_secs(60);

/// Runs until the task is dropped. The first look is at once: a night that passed while no server ran is made up for.
pub async fn for_ever(app: App) {
    if !app.config.reconcile.nightly {
        return;
    }
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tick.tick().await;
        let done = once(&app).await;
        match &done {
            Ok(()) => failing = false,
            // Tried again with every look. Said once.
            Err(cause) if !failing => {
                failing = true;
                tracing::error!(%cause, "the nightly reconciliation was not made");
            }
            Err(_) => {}
        }
    }
}

/// Checks the organisations whose night is due.
///
/// # Errors
/// Those of the store.
pub async fn once(app: &AppState) -> Result<(), StoreError> {
    for org in app.store.org_ids().await? {
        let now = app.clock.now();
        if let Some(night) = due(app, org, now).await? {
            check(app, org, night, now).await?;
        }
    }
    Ok(())
}

async fn check(app: &AppState, org: Uuid, night: NaiveDate, at: DateTime<Utc>) -> Result<(), StoreError> {
    let wanted = Wanted {
        org,
        id: Uuid::now_v7(),
        cause: ReconciliationCause::Nightly,
        night: Some(night),
        operator: None,
        request: None,
        at,
    };
    match run::on_server(app, wanted).await {
        Ok(_) => Ok(()),
        // Another server has it in hand, or has had it; if that one dies, the next look takes it up.
        Err(StoreError::Conflict { constraint })
            if matches!(constraint.as_str(), "reconciliation_running" | "reconciliation_night_key") =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The night that has no report yet. Several missed ones are one: the books are as they are now.
async fn due(app: &AppState, org: Uuid, now: DateTime<Utc>) -> Result<Option<NaiveDate>, StoreError> {
    let offset = app.config.books.utc_offset_minutes;
    let Some((night, since)) = last_due(now, offset, app.config.reconcile.hour) else { return Ok(None) };
    let (done, made) = app.store.tx(org, "last_night", async |s| store::reconciliation_last_night(s).await).await?;
    // Books that were opened after that hour had no such night.
    Ok((done.is_none_or(|done| done < night) && made < since).then_some(night))
}

/// The latest night whose hour has come, and when it came.
fn last_due(now: DateTime<Utc>, utc_offset_minutes: i32, hour: u32) -> Option<(NaiveDate, DateTime<Utc>)> {
    let offset = TimeDelta::minutes(i64::from(utc_offset_minutes));
    let local = now.checked_add_signed(offset)?.naive_utc();
    let night = if local.hour() >= hour { local.date() } else { local.date().checked_sub_days(Days::new(1))? };
    let since = night.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?).and_utc().checked_sub_signed(offset)?;
    Some((night, since))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_night_is_due_from_its_hour_on() {
        let of = |now: &str, hour| {
            let (night, since) = super::last_due(now.parse().unwrap(), 480, hour).unwrap();
            (night.to_string(), since.to_rfc3339())
        };
        let at = |day: &str, since: &str| (day.to_owned(), since.to_owned());
        assert_eq!(of("2026-11-22T18:59:59Z", 3), at("2026-11-22", "2026-11-21T19:00:00+00:00"));
        assert_eq!(of("2026-11-22T19:00:00Z", 3), at("2026-11-23", "2026-11-22T19:00:00+00:00"));
        assert_eq!(of("2026-11-22T16:00:00Z", 0), at("2026-11-23", "2026-11-22T16:00:00+00:00"));
        assert_eq!(of("2026-11-22T14:59:59Z", 23), at("2026-11-21", "2026-11-21T15:00:00+00:00"));
    }
}
