//! What the command line does: start the server, and stop it in order.

use crate::auth::setup;
use crate::config::{Config, ConfigError, DEFAULT_TOML, LogFormat, hide_password};
use crate::drivers::{self, DriversError};
use crate::files;
use crate::http::catalogue::Language;
use crate::keys::{KeyError, Keys};
use crate::learning;
use crate::state::{App, AppState, Clock, Parts};
use crate::tasks;
use crate::vending::{self, VendingKeyError, VendingKeys};
use actix_web::dev::ServerHandle;
use dianka_plugin_host::Registry;
use dianka_store::private_postgres::{Options, PrivatePostgres, PrivatePostgresError};
use dianka_store::{Store, StoreError, StoreOptions};
use std::convert::Infallible;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Key files.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Keys of token standards.
    #[error(transparent)]
    VendingKey(#[from] VendingKeyError),
    /// The private Postgres.
    #[error(transparent)]
    Postgres(#[from] PrivatePostgresError),
    /// The database.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The database of the settings does not answer.
    #[error(
        "连不上设置中的数据库,请检查它是否在运行、地址和密码是否正确 / the database of the settings does not answer: check that \
         it runs, its address and its password: database.url (DATABASE_URL) {url}: {cause}"
    )]
    Unreachable {
        /// The connection text, without its password.
        url: String,
        /// Why.
        cause: StoreError,
    },
    /// Drivers.
    #[error("drivers: {0}")]
    Drivers(#[from] DriversError),
    /// The costs of a password hash.
    #[error("settings: auth.hash_*: {0}")]
    Hash(argon2::Error),
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {cause}\n  Another program has this address. Stop it, or choose another one with --listen.\n  \
         无法在 {address} 上监听：地址已被别的程序占用。请停掉它，或用 --listen 换一个。"
    )]
    Listen {
        /// The address.
        address: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The data folder.
    #[error("data folder {}: {cause}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The demo found something wrong.
    #[error("demo: {0}")]
    Demo(crate::demo::DemoError),
    /// A thread did not run.
    #[error("{0}")]
    Thread(#[from] tokio::task::JoinError),
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// `dianka serve`: runs until SIGINT or SIGTERM.
///
/// # Errors
/// When a part cannot be started.
pub fn serve(config: Config) -> Result<(), Failure> {
    log_to_stderr(&config);
    files::raise_limit();
    // Told before a database is made for nothing. (It is bound in earnest when everything stands.)
    let address = config.server.listen.clone();
    drop(std::net::TcpListener::bind(&address).map_err(|cause| Failure::Listen { address, cause })?);
    runtime()?.block_on(async {
        let mut database = Database::open(&config).await?;
        let served = tokio::select! {
            served = run(config, &database.store) => served,
            never = keep_running(database.private.as_mut()) => match never {},
        };
        // Also after a failure: the private Postgres goes with the server.
        let closed = database.close().await;
        served.and(closed)
    })
}

/// `dianka migrate`.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub fn migrate(config: Config) -> Result<(), Failure> {
    log_to_stderr(&config);
    runtime()?.block_on(async {
        let database = Database::open(&config).await?;
        tracing::info!("the database has this version's schema");
        database.close().await
    })
}

/// `dianka reconcile`: checks the books of the settings' database, or of the data folder, also beside a running server.
/// True only if everything was checked and holds.
///
/// # Errors
/// When the database cannot be reached, or a check already runs.
pub fn reconcile(config: Config, as_json: bool) -> Result<bool, Failure> {
    log_to_stderr(&config);
    let language = Language::from_environment();
    runtime()?.block_on(async {
        let database = Database::open_or_join(&config).await?;
        let options = crate::reconcile::command_options(&config);
        let done = crate::reconcile::command::reconcile(&database.store, options, language, as_json).await;
        database.close().await?;
        let outcome = done?;
        let mut out = std::io::stdout();
        out.write_all(outcome.text.as_bytes())?;
        out.flush()?;
        Ok(outcome.holds)
    })
}

/// The store needs several threads; the HTTP workers bring their own besides.
fn runtime() -> std::io::Result<actix_web::rt::SystemRunner> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(actix_web::rt::System::with_tokio_rt(move || runtime))
}

/// The database of the settings, or a private one.
struct Database {
    store: Store,
    private: Option<PrivatePostgres>,
}

impl Database {
    async fn open(config: &Config) -> Result<Database, Failure> {
        let data = &config.data.dir;
        let folder = |cause| Failure::Folder { path: data.clone(), cause };
        std::fs::DirBuilder::new().recursive(true).mode(0o711).create(data).map_err(folder)?;
        let (private, mut options) = match &config.database.url {
            Some(url) => (None, given(url, config.database.owner_url.as_deref())),
            None => {
                let private = PrivatePostgres::start(&Options::new(data)).await?;
                let options = StoreOptions::new(private.owner_url(), Some(private.app_url()));
                (Some(private), options)
            }
        };
        options.pool_size = NonZeroUsize::new(config.database.pool);
        match Store::connect(options).await {
            Ok(store) => Ok(Database { store, private }),
            Err(cause) => {
                if let Some(private) = private {
                    private.stop().await?;
                }
                let given = config.database.url.as_deref().filter(|_| matches!(cause, StoreError::Unavailable(_)));
                Err(match given {
                    Some(url) => Failure::Unreachable { url: hide_password(url), cause },
                    None => cause.into(),
                })
            }
        }
    }

    /// The same; when a server runs on the data folder, its database, which stays its own and is not migrated.
    async fn open_or_join(config: &Config) -> Result<Database, Failure> {
        let opened = Database::open(config).await;
        let Err(Failure::Postgres(PrivatePostgresError::InUse { .. })) = &opened else { return opened };
        let Some((owner, app)) = PrivatePostgres::urls_of_running(&Options::new(&config.data.dir))? else {
            return opened;
        };
        let mut options = StoreOptions::new(owner, Some(app));
        // One for the check, one for the report.
        options.pool_size = NonZeroUsize::new(1);
        options.migrate = false;
        Ok(Database { store: Store::connect(options).await?, private: None })
    }

    async fn close(self) -> Result<(), Failure> {
        self.store.close();
        if let Some(private) = self.private {
            private.stop().await?;
        }
        Ok(())
    }
}

/// Between two looks whether the private Postgres still runs.
const LOOK_AFTER_POSTGRES: Duration = Duration::from_secs(2);

/// Starts a private Postgres that has ended by itself (killed by hand, out of memory) again, as often as it takes.
async fn keep_running(private: Option<&mut PrivatePostgres>) -> Infallible {
    let Some(private) = private else { return std::future::pending().await };
    loop {
        tokio::time::sleep(LOOK_AFTER_POSTGRES).await;
        match private.keep_running().await {
            Ok(false) => {}
            Ok(true) => tracing::info!(pid = private.pid(), "the private Postgres runs again"),
            Err(cause) => tracing::error!(%cause, "the private Postgres does not start again yet"),
        }
    }
}

/// With one connection text it is the owner's, and each session takes the application's role; with two, each its own.
fn given(url: &str, owner_url: Option<&str>) -> StoreOptions {
    match owner_url {
        Some(owner_url) => StoreOptions::new(owner_url, Some(url.to_owned())),
        None => StoreOptions::new(url, None),
    }
}

async fn run(config: Config, store: &Store) -> Result<(), Failure> {
    let keys = Keys::load(&config.keys_dir())?;
    let learning = learning::organisation(store).await?.is_some();
    let (registry, config, keys) = tokio::task::spawn_blocking(move || {
        let registry = drivers::open(&config, &keys, learning)?;
        Ok::<_, DriversError>((registry, config, keys))
    })
    .await??;
    let state = assemble(config, store.clone(), registry, keys, Clock::system()).await?;
    let app = App::new(state);
    let server = &app.config.server;
    let (listen, workers, shutdown_s) = (server.listen.clone(), server.workers, server.shutdown_s);
    let running = tasks::start(&app).await;
    let made = app.clone();
    let mut http = actix_web::HttpServer::new(move || crate::http::app(made.clone()))
        .shutdown_timeout(shutdown_s)
        .disable_signals();
    if workers > 0 {
        http = http.workers(workers);
    }
    let http = http.bind(listen.as_str()).map_err(|cause| Failure::Listen { address: listen, cause })?;
    for address in http.addrs() {
        // Nobody reads it: no reason not to work.
        if let Err(cause) = announce(&app, address).await {
            tracing::warn!(%cause, %address, "the address cannot be written to the standard output");
        }
    }
    let server = http.run();
    let watching = actix_web::rt::spawn(stop_on_signal(app.clone(), server.handle()));
    let ended = server.await;
    watching.abort();
    tracing::info!("stopping");
    running.stop().await;
    Ok(ended?)
}

/// SIGINT or SIGTERM: what is running is finished, streams are ended. The second one: at once.
async fn stop_on_signal(app: App, server: ServerHandle) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be watched: only a kill ends this server");
        return;
    };
    let mut asked = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    asked().await;
    tracing::info!("asked to end");
    app.stopping.send_replace(true);
    tokio::select! {
        () = server.stop(true) => {}
        () = asked() => server.stop(false).await,
    }
}

/// Puts a state together over an open store: sample data where there is no organisation, set-up token.
///
/// # Errors
/// When a part cannot be made.
pub async fn assemble(
    config: Config,
    store: Store,
    registry: Registry,
    keys: Keys,
    clock: Clock,
) -> Result<AppState, Failure> {
    let learning = learning::organisation(&store).await?;
    let setup_token = setup_token(&store, &config).await?;
    let vending = VendingKeys::load(&config.vending_keys_file(), &keys)?;
    let parts = Parts { config, store, registry, keys, vending, clock, setup_token };
    let state = AppState::new(parts).map_err(Failure::Hash)?;
    if let Some(org) = learning {
        learning::places(&state.store, org, state.today()).await?;
        learning::meters(&state.store, org, &state.registry).await?;
    }
    Ok(state)
}

async fn setup_token(store: &Store, config: &Config) -> Result<Option<String>, Failure> {
    let first: Option<Uuid> = store.org_ids().await?.first().copied();
    let ready = match first {
        Some(org) => setup::has_operator(store, org).await?,
        None => false,
    };
    if ready { Ok(None) } else { Ok(Some(setup::token_in(&config.setup_token_file())?)) }
}

/// For the person who started it; the log goes to standard error.
async fn announce(app: &AppState, address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "Dianka 电卡  http://{address}")?;
    if let Some(token) = app.setup_token.lock().await.as_deref() {
        let file = app.config.setup_token_file();
        writeln!(out, "首次启动,请设置管理员 / first start, make the administrator:")?;
        writeln!(out, "  http://{address}/setup?token={token}")?;
        writeln!(out, "  ({})", file.display())?;
    }
    out.flush()
}

fn log_to_stderr(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Whoever read the log may be gone; saying so to the same broken pipe would end the thread that says it.
    let log = log.log_internal_errors(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    // A second subscriber is refused; that happens in tests only.
    let _ = match config.log.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}

/// `dianka vending-key`: seals the key on standard input (40 hexadecimal digits) into the file of the settings.
///
/// # Errors
/// When the key is none, or the file cannot be written.
pub fn add_vending_key(config: &Config, org: &str, slot: &str) -> Result<(), Failure> {
    let keys = Keys::load(&config.keys_dir())?;
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut text)?;
    let path = config.vending_keys_file();
    vending::add(&path, &keys, org, slot, &text)?;
    Ok(writeln!(std::io::stdout(), "{org} {slot}: {}; restart the server to use it", path.display())?)
}

/// `dianka openapi`.
///
/// # Errors
/// When standard output is closed.
pub fn print_openapi() -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(crate::http::openapi::describe().json())?)
}

/// `dianka config default`.
///
/// # Errors
/// When standard output is closed.
pub fn print_default() -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(DEFAULT_TOML.as_bytes())?)
}

/// `dianka config check`. Passwords are not shown.
///
/// # Errors
/// When standard output is closed.
pub fn print_config(config: &Config) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{config:#?}")?)
}
