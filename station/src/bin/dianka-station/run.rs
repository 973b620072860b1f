//! `dianka-station run`.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use dianka_station::link::websocket::{self, Backoff};
use dianka_station::link::{self, Remote};
use dianka_station::proto::{FromStation, ReaderSettings, ToStation};
use dianka_station::workstation::{Config, VirtualReader, Workstation};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::args::{Language, Run};
use crate::{drivers, text};

/// Serves the workstation until SIGINT or SIGTERM; a write that is under way is finished first.
pub(crate) fn run(run: &Run, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let reader = run.port.clone().map(|port| ReaderSettings { port, driver: run.driver.clone(), baud: run.baud });
    let bench = if run.virtual_reader {
        Some(VirtualReader { world: bench(run, language)?, driver: run.driver.clone() })
    } else {
        None
    };
    let data_dir = run.place.data.clone().unwrap_or_else(|| format!("data/station-{}", run.number).into());
    let config = Config {
        number: run.number,
        name: run.name.clone(),
        drivers: drivers(&run.place, &data_dir)?,
        data_dir,
        reader,
        bench,
        takes_drivers: true,
    };
    let (link, remote) = link::pair();
    let workstation = Workstation::start(config, link)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let (remote, mut misnumbered) = numbered(told(remote, language), run.number);
        let identity = workstation.identity();
        let tell = |event| println!("{}", text::link(language, &event, &run.server));
        tokio::select! {
            // In this order: the greeting that names another number also ends the line.
            biased;
            Some(number) = misnumbered.recv() => return Err(text::misnumbered(language, run.number, number).into()),
            () = websocket::run(&run.server, &run.token, &identity, remote, Backoff::default(), tell) => {}
            stopped = stop_asked() => {
                stopped?;
                println!("{}", text::stopping(language));
            }
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    workstation.stop();
    Ok(ExitCode::SUCCESS)
}

/// The server's bench. The usual one is not made here: in another folder than the server's it would be an empty world of
/// its own, and nobody would know why no card arrives.
fn bench(run: &Run, language: Language) -> Result<PathBuf, String> {
    let usual = PathBuf::from("data/bench");
    match &run.bench {
        Some(given) => Ok(given.clone()),
        None if usual.is_dir() => Ok(usual),
        None => Err(text::no_bench(language)),
    }
}

/// Prints what happens at the reader, on its way to the server.
fn told(mut remote: Remote, language: Language) -> Remote {
    let (onwards, incoming) = unbounded_channel::<FromStation>();
    tokio::spawn(async move {
        while let Some(message) = remote.incoming.recv().await {
            if let Some(text) = text::event(language, &message) {
                println!("{text}");
            }
            if onwards.send(message).is_err() {
                return;
            }
        }
    });
    Remote { incoming, outgoing: remote.outgoing }
}

/// Watches the greeting: a token of another workstation would leave this one's journal, and a write that it left
/// unfinished, behind.
fn numbered(remote: Remote, mine: u32) -> (Remote, UnboundedReceiver<u32>) {
    let (found, misnumbered) = unbounded_channel();
    let (onwards, mut outgoing) = unbounded_channel::<ToStation>();
    tokio::spawn(async move {
        while let Some(message) = outgoing.recv().await {
            if let ToStation::Welcome(welcome) = &message
                && welcome.number != mine
            {
                let _stopping = found.send(welcome.number);
                return;
            }
            if remote.outgoing.send(message).is_err() {
                return;
            }
        }
    });
    (Remote { incoming: remote.incoming, outgoing: onwards }, misnumbered)
}

#[cfg(unix)]
async fn stop_asked() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_asked() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
