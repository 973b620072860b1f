//! What runs beside the requests, from the start to the end of the server.

use crate::state::App;
use crate::stations::{built_in, driver_offers};
use crate::{analysis, drivers, learning, reconcile};
use dianka_plugin_host::DriverState;
use dianka_station::proto::ToStation;
use dianka_station::workstation::Workstation;
use dianka_store as store;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// The running tasks, and the server's own workstation.
#[derive(Default)]
pub struct Tasks {
    tasks: Vec<JoinHandle<()>>,
    own: Option<Workstation>,
}

impl Tasks {
    /// Ends them.
    pub async fn stop(self) {
        if let Some(own) = self.own {
            // A ticket that is being written is finished first.
            let _ = tokio::task::spawn_blocking(move || own.stop()).await;
        }
        for task in &self.tasks {
            task.abort();
        }
        for task in self.tasks {
            // Aborted is how it is meant to end; a panic was logged where it happened.
            let _ = task.await;
        }
    }
}

/// Starts all of them.
pub async fn start(app: &App) -> Tasks {
    let tasks = vec![
        actix_web::rt::spawn(analysis::fold_for_ever(app.clone())),
        actix_web::rt::spawn(watch_drivers(app.clone())),
        actix_web::rt::spawn(reconcile::nightly::for_ever(app.clone())),
    ];
    Tasks { tasks, own: own_workstation(app).await }
}

/// Workstation 0. A server without it still serves the other counters, so its failure is told and not fatal.
async fn own_workstation(app: &App) -> Option<Workstation> {
    let org = *app.store.org_ids().await.ok()?.first()?;
    let learning = learning::organisation(&app.store).await.ok()?.is_some();
    let (who, name) = built_in::find(app, org).await.ok()??;
    match built_in::start(app, who, &name, learning).await {
        Ok(own) => Some(own),
        Err(cause) => {
            tracing::error!(%cause, "the server's own workstation does not run");
            None
        }
    }
}

/// Looks for new, changed and removed driver files.
async fn watch_drivers(app: App) {
    let mut tick = interval(Duration::from_millis(app.config.plugins.rescan_ms));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = Vec::new();
    loop {
        tick.tick().await;
        let registry = app.registry.clone();
        // What a look finds is told to whoever looked, and workstation 0 looks too: so compare with what was there.
        let look = move || {
            registry.rescan();
            let active = registry.list().into_iter().filter(|info| info.state == DriverState::Active);
            active.map(|info| (info.id, info.version, info.sha256)).collect::<Vec<_>>()
        };
        let Ok(drivers) = tokio::task::spawn_blocking(look).await else { return };
        // Tried again with the next look when the database is busy.
        if drivers != known
            && let Some(offers) = driver_offers::offers(&app).await
        {
            app.hub.send_to_all(&ToStation::Drivers(offers));
        }
        // What is there to be tried is on record, too, so the sample meters come first.
        if drivers != known && sample_meters(&app).await && follow(&app).await {
            known = drivers;
        }
    }
}

/// Meter types whose driver was renewed with the program go on with it. False when it has to be tried again.
async fn follow(app: &App) -> bool {
    let done = drivers::in_use::follow(app).await;
    if let Err(cause) = &done {
        tracing::warn!(%cause, "meter types do not follow their drivers yet");
    }
    let readers = drivers::reader_versions::follow(app).await;
    if let Err(cause) = &readers {
        tracing::warn!(%cause, "workstations do not follow their drivers yet");
    }
    done.is_ok() && readers.is_ok()
}

/// In learning mode a new meter standard is there to be tried at once. False when it has to be tried again.
async fn sample_meters(app: &App) -> bool {
    let made: Result<(), store::StoreError> = async {
        if let Some(org) = learning::organisation(&app.store).await? {
            learning::meters(&app.store, org, &app.registry).await?;
        }
        Ok(())
    }
    .await;
    if let Err(cause) = &made {
        tracing::warn!(%cause, "no sample meters for the new driver yet");
    }
    made.is_ok()
}
