//! Tests on a real Postgres: one per test binary, and a database per test, copied from a migrated template.
//!
//! The Postgres is a private one in a temporary folder, without durability. A watching process holds the other end of a
//! pipe from the test binary: when the binary ends, however it ends, the pipe closes, Postgres is stopped and the folder
//! removed. Set `DIANKA_TEST_POSTGRES` to the connection text of a superuser to use a Postgres that is running.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::private_postgres::{APP_ROLE, OWNER_ROLE, Options, PrivatePostgres};
use crate::store::{Store, StoreOptions};
use crate::{migrate, pool};

/// What all tests of a binary share.
struct Shared {
    /// With `{role}` and `{database}` to be filled in.
    pattern: String,
    template: String,
    /// Holds the pipe whose end the watching process waits for.
    _watch: Option<Child>,
}

static SHARED: OnceLock<std::result::Result<Shared, String>> = OnceLock::new();

/// A database of one test; removed when dropped.
#[derive(Debug)]
pub struct TestDb {
    /// The store on it, as the application's role.
    pub store: Store,
    name: String,
}

impl TestDb {
    /// A fresh, migrated, empty database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when Postgres does not start.
    pub async fn new() -> Result<Self> {
        Self::with_pool(8).await
    }

    /// The same, with this many sessions (at least one).
    ///
    /// # Errors
    /// As [`TestDb::new`].
    pub async fn with_pool(sessions: usize) -> Result<Self> {
        // On a blocking thread: starting Postgres has a runtime of its own.
        let shared = tokio::task::spawn_blocking(shared).await.map_err(StoreError::inconsistent)??;
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut admin = pool::connect_plain(&shared.url(OWNER_ROLE, "postgres")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {}", shared.template)).await?;
        let mut options = StoreOptions::new(shared.url(OWNER_ROLE, &name), Some(shared.url(APP_ROLE, &name)));
        options.pool_size = NonZeroUsize::new(sessions);
        options.migrate = false;
        // A machine busy with other builds is no fault of the test.
        options.acquire_timeout = std::time::Duration::from_secs(20);
        options.lock_timeout = std::time::Duration::from_secs(20);
        options.statement_timeout = std::time::Duration::from_secs(30);
        Ok(Self { store: Store::connect(options).await?, name })
    }

    /// Connection text of the owner.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.url(OWNER_ROLE)
    }

    /// Connection text of the application's role.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.url(APP_ROLE)
    }

    fn url(&self, role: &str) -> String {
        // Made after the shared part was there.
        SHARED
            .get()
            .and_then(|shared| shared.as_ref().ok())
            .map(|shared| shared.url(role, &self.name))
            .unwrap_or_default()
    }

    /// Runs SQL as the owner: for what a test must do behind the store's back.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn owner_sql(&self, sql: &str) -> Result<()> {
        run_sql(&self.owner_url(), sql).await
    }

    /// Runs SQL as the application's role, outside of the store.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn app_sql(&self, sql: &str) -> Result<()> {
        run_sql(&self.app_url(), sql).await
    }

    /// One number, asked as the owner.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn owner_number(&self, sql: &str) -> Result<i64> {
        number(&self.owner_url(), sql).await
    }

    /// One number, asked as the application's role in one statement (so without a scope, unless `sql` sets it).
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn app_number(&self, sql: &str) -> Result<i64> {
        number(&self.app_url(), sql).await
    }

    /// Tables with an `org_id` that row-level security does not protect.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn unprotected_tables(&self) -> Result<Vec<String>> {
        migrate::unprotected_tables(&mut pool::connect_plain(&self.owner_url()).await?).await
    }

    /// Takes every migration back.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn revert_migrations(&self) -> Result<()> {
        migrate::revert_all(pool::connect_plain(&self.owner_url()).await?).await.map(drop)
    }

    /// Runs every migration.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn run_migrations(&self) -> Result<()> {
        migrate::run(pool::connect_plain(&self.owner_url()).await?).await.map(drop)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.store.close();
        let (url, name) = (self.url(OWNER_ROLE).replace(&self.name, "postgres"), self.name.clone());
        // A thread with a runtime of its own: the test's may be going down.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(run_sql(&url, &format!("DROP DATABASE {name} WITH (FORCE)"))).ok()
        });
        if !matches!(dropped.join(), Ok(Some(()))) {
            tracing::warn!(database = self.name, "a test's database was not removed");
        }
    }
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = diesel::sql_types::Int8)]
    number: i64,
}

async fn run_sql(url: &str, sql: &str) -> Result<()> {
    let mut session: AsyncPgConnection = pool::connect_plain(url).await?;
    Ok(session.batch_execute(sql).await?)
}

async fn number(url: &str, sql: &str) -> Result<i64> {
    let mut session: AsyncPgConnection = pool::connect_plain(url).await?;
    let row: NumberRow = sql_query(format!("SELECT ({sql})::INT8 AS number")).get_result(&mut session).await?;
    Ok(row.number)
}

impl Shared {
    fn url(&self, role: &str, database: &str) -> String {
        self.pattern.replace("{role}", role).replace("{database}", database)
    }
}

fn shared() -> Result<&'static Shared> {
    let made = SHARED.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        runtime.block_on(start()).map_err(|error| error.to_string())
    });
    made.as_ref().map_err(|error| StoreError::Unavailable(error.clone()))
}

async fn start() -> std::result::Result<Shared, Box<dyn std::error::Error + Send + Sync>> {
    let template = format!("template_{}", Uuid::now_v7().simple());
    let shared = match std::env::var("DIANKA_TEST_POSTGRES") {
        // postgresql://somebody@host:port/postgres
        Ok(given) => {
            let (_, rest) = given.split_once('@').ok_or("DIANKA_TEST_POSTGRES has no user")?;
            let (host, _) = rest.rsplit_once('/').ok_or("DIANKA_TEST_POSTGRES has no database")?;
            prepare_given(&given).await?;
            Shared { pattern: format!("postgresql://{{role}}@{host}/{{database}}"), template, _watch: None }
        }
        Err(_) => start_private(template).await?,
    };
    let mut admin = pool::connect_plain(&shared.url(OWNER_ROLE, "postgres")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {}", shared.template)).await?;
    migrate::run(pool::connect_plain(&shared.url(OWNER_ROLE, &shared.template)).await?).await?;
    Ok(shared)
}

/// The two roles on a Postgres that somebody else runs.
async fn prepare_given(url: &str) -> Result<()> {
    run_sql(
        url,
        &format!(
            "DO $$ BEGIN CREATE ROLE {OWNER_ROLE} SUPERUSER LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
             DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        ),
    )
    .await
}

async fn start_private(template: String) -> std::result::Result<Shared, Box<dyn std::error::Error + Send + Sync>> {
    let dir = tempfile::Builder::new().prefix("dianka-test-").tempdir()?.keep();
    let mut options = Options::new(&dir);
    options.durable = false;
    let postgres = PrivatePostgres::start(&options).await?;
    let watch = watch(postgres.pid(), &dir)?;
    let pattern = postgres.url("{role}", "{database}");
    Ok(Shared { pattern, template, _watch: Some(watch) })
}

/// Waits for our end of the pipe to close, then cleans up. In a process group of its own, so that Ctrl-C ends the tests
/// and not the cleaning.
fn watch(pid: i32, dir: &Path) -> std::io::Result<Child> {
    use std::os::unix::process::CommandExt;
    let script = "read -r _; kill -QUIT \"$0\"; while kill -0 \"$0\" 2>/dev/null; do sleep 0.05; done; rm -rf \"$1\"";
    Command::new("sh")
        .args(["-c", script])
        .arg(pid.to_string())
        .arg(dir)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
