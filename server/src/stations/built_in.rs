//! Workstation 0: the server's own counter, the same program as every other, over a channel.

use dianka_station::link;
use dianka_station::proto::{FromStation, ReaderSettings};
use dianka_station::workstation::{Config, StartError, VirtualReader, Workstation};
use dianka_store as store;

use super::serve::{Identity, Line, serve};
use crate::state::App;

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum BuiltInError {
    /// The station's own reason.
    #[error("workstation 0: {0}")]
    Station(#[from] StartError),
    /// It did not introduce itself.
    #[error("workstation 0 ended before it began")]
    Silent,
}

/// Starts it. It runs until the value is dropped or stopped.
///
/// # Errors
/// [`BuiltInError`].
pub async fn start(app: &App, who: Identity, name: &str, learning: bool) -> Result<Workstation, BuiltInError> {
    let (station, mut server) = link::pair();
    let settings = &app.config.station;
    let reader = settings.port.clone().map(|port| ReaderSettings { port, driver: settings.driver.clone(), baud: None });
    if let Some(reader) = reader.as_ref().filter(|reader| app.registry.reader(&reader.driver).is_none()) {
        tracing::error!(
            driver = reader.driver,
            port = reader.port,
            "there is no such reader driver: workstation 0 has no reader"
        );
    }
    let bench = (learning && reader.is_none())
        .then(|| VirtualReader { world: app.bench_dir(), driver: settings.driver.clone() });
    let config = Config {
        number: who.number,
        name: Some(name.to_owned()),
        data_dir: app.config.data.dir.join("station-0"),
        drivers: app.registry.clone(),
        reader,
        bench,
        takes_drivers: false,
        box_key: None,
    };
    let running = Workstation::start(config, station)?;
    match server.incoming.recv().await {
        Some(FromStation::Hello(hello)) => {
            actix_web::rt::spawn(serve(app.clone(), who, hello, server.incoming, server.outgoing, Line::InProcess));
            Ok(running)
        }
        _ => Err(BuiltInError::Silent),
    }
}

/// The server's own workstation, if the organisation has one.
///
/// # Errors
/// Those of the store.
pub async fn find(app: &App, org: uuid::Uuid) -> Result<Option<(Identity, String)>, store::StoreError> {
    let all = app.store.tx(org, "workstation_list", async |s| store::workstation_list(s).await).await?;
    let own = all.into_iter().find(|w| w.kind == store::WorkstationKind::BuiltIn);
    Ok(own.map(|w| {
        let who = Identity { org, workstation: w.workstation_id, site: w.site_id, number: w.number };
        (who, w.name)
    }))
}
