//! `dianka-station run`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dianka_station::enrolment::Enrolment;
use dianka_station::link::websocket::{self, Backoff, LinkEvent};
use dianka_station::link::{self, Remote};
use dianka_station::proto::{FromStation, ReaderSettings, StationSettings, ToStation};
use dianka_station::status::{Status, now};
use dianka_station::workstation::{Config, VirtualReader, Workstation};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Notify, oneshot};
use tracing_subscriber::EnvFilter;

use crate::args::{Language, Run};
use crate::{LogFilter, drivers, refusals, text};

/// The server refuses for good: starting again does not help (`EX_CONFIG`).
const REFUSED: u8 = 78;
/// The status is written anew at least this often.
const STATUS_EVERY: Duration = Duration::from_secs(5);

/// Serves the workstation until SIGINT or SIGTERM; a write that is under way is finished first.
pub(crate) fn run(
    run: &Run,
    asked: Option<Language>,
    language: Language,
    log: Option<LogFilter>,
) -> Result<ExitCode, Box<dyn Error>> {
    let data_dir = run.data.dir.clone();
    let Some(enrolment) = Enrolment::load(&data_dir)? else {
        return Err(text::not_enrolled(language, &data_dir).into());
    };
    let dial = enrolment.place.dial()?;
    let reader = run.port.clone().map(|port| ReaderSettings { port, driver: run.driver.clone(), baud: run.baud });
    let bench = if run.virtual_reader {
        Some(VirtualReader { world: bench(run, language)?, driver: run.driver.clone() })
    } else {
        None
    };
    let config = Config {
        number: enrolment.number,
        name: Some(enrolment.name.clone()),
        drivers: drivers(&run.place, &data_dir)?,
        data_dir: data_dir.clone(),
        reader,
        bench,
        takes_drivers: true,
        box_key: Some(enrolment.keys.seal.clone()),
    };
    let (link, remote) = link::pair();
    let workstation = Workstation::start(config, link)?;
    let screen = Screen::new(&enrolment, &data_dir, asked, language, log);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let code = runtime.block_on(async {
        let writing = tokio::spawn(Arc::clone(&screen).write_for_ever());
        let remote = told(remote, &screen);
        let (who, identity) = (enrolment.credentials(), workstation.identity());
        let (gone, refused) = oneshot::channel();
        let mut gone = Some(gone);
        let hears = Arc::clone(&screen);
        let tell = move |event: LinkEvent| {
            hears.link(&event);
            if matches!(event, LinkEvent::Refused { .. })
                && let Some(gone) = gone.take()
            {
                let _stopping = gone.send(());
            }
        };
        let line = websocket::run(&dial, &who, &identity, remote, Backoff::default(), tell);
        tokio::pin!(line);
        let code = tokio::select! {
            () = &mut line => if refused.await.is_ok() { ExitCode::from(REFUSED) } else { ExitCode::FAILURE },
            stopped = stop_asked() => {
                stopped?;
                println!("{}", text::stopping(screen.language()));
                ExitCode::SUCCESS
            }
        };
        writing.abort();
        screen.close();
        Ok::<_, Box<dyn Error>>(code)
    })?;
    workstation.stop();
    Ok(code)
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

/// What the installer sees: lines on the terminal, and the status in the folder.
struct Screen {
    dir: PathBuf,
    server: String,
    /// Given on the command line: holds whatever the server sets.
    fixed: bool,
    chinese: AtomicBool,
    log: Option<LogFilter>,
    status: Mutex<Status>,
    changed: Notify,
}

impl Screen {
    fn new(
        enrolment: &Enrolment,
        dir: &Path,
        asked: Option<Language>,
        language: Language,
        log: Option<LogFilter>,
    ) -> Arc<Self> {
        let status = Status {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").into(),
            started: now(),
            server: enrolment.place.server.clone(),
            number: enrolment.number,
            name: enrolment.name.clone(),
            link_since: now(),
            ..Status::default()
        };
        Arc::new(Self {
            dir: dir.to_owned(),
            server: enrolment.place.server.clone(),
            fixed: asked.is_some(),
            chinese: AtomicBool::new(language == Language::Zh),
            log,
            status: Mutex::new(status),
            changed: Notify::new(),
        })
    }

    fn language(&self) -> Language {
        if self.chinese.load(Ordering::Relaxed) { Language::Zh } else { Language::En }
    }

    fn note(&self, change: impl FnOnce(&mut Status)) {
        // Plain fields: a panic elsewhere leaves nothing half done.
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
    }

    fn link(&self, event: &LinkEvent) {
        let language = self.language();
        match event {
            LinkEvent::Refused { code } => eprintln!("{}", refusals::text(language, code)),
            event => println!("{}", text::link(language, event, &self.server)),
        }
        self.note(|status| status.note_link(event));
    }

    fn settings(&self, settings: &StationSettings) {
        if let Some(language) = settings.language.filter(|_| !self.fixed) {
            self.chinese.store(text::of_settings(language) == Language::Zh, Ordering::Relaxed);
        }
        if let Some(log) = &self.log {
            let level = settings.log.map_or("error", |level| level.as_str());
            if let Err(error) = log.reload(EnvFilter::new(level)) {
                tracing::error!(%error, "the log keeps its level");
            }
        }
        self.note(|status| status.name.clone_from(&settings.name));
    }

    fn write(&self) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = status.store(&self.dir) {
            tracing::warn!(%error, "the status is not written");
        }
    }

    async fn write_for_ever(self: Arc<Self>) {
        loop {
            self.write();
            let _either = tokio::time::timeout(STATUS_EVERY, self.changed.notified()).await;
            // What comes together is written together.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn close(&self) {
        self.note(|status| {
            if status.connected {
                (status.connected, status.link_since) = (false, now());
            }
        });
        self.write();
    }
}

/// Shows what goes over the line, both ways.
fn told(mut remote: Remote, screen: &Arc<Screen>) -> Remote {
    let (to_server, incoming) = unbounded_channel::<FromStation>();
    let (outgoing, mut from_server) = unbounded_channel::<ToStation>();
    let shows = Arc::clone(screen);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                message = remote.incoming.recv() => {
                    let Some(message) = message else { return };
                    if let Some(text) = text::event(shows.language(), &message) {
                        println!("{text}");
                    }
                    shows.note(|status| {
                        status.note(&message);
                    });
                    if to_server.send(message).is_err() {
                        return;
                    }
                }
                message = from_server.recv() => {
                    let Some(message) = message else { return };
                    if let ToStation::Settings(settings) = &message {
                        shows.settings(settings);
                    }
                    if remote.outgoing.send(message).is_err() {
                        return;
                    }
                }
            }
        }
    });
    Remote { incoming, outgoing }
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
