//! The store: two pools onto one database, as the application's role.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};

use crate::error::{Result, StoreError};
use crate::{migrate, pool};

/// How to connect.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connection text of the role that owns the tables; used for migrations only, and for the application too when
    /// `app_url` is not given (each session then does `SET ROLE dianka_app`).
    pub owner_url: String,
    /// Connection text of a login that is, or may become, `dianka_app`.
    pub app_url: Option<String>,
    /// Sessions for sales and everything interactive; `None`: from the cores and the measured flush.
    pub pool_size: Option<NonZeroUsize>,
    /// Sessions for reports.
    pub report_pool_size: NonZeroUsize,
    /// How long a request waits for a session.
    pub acquire_timeout: Duration,
    /// Limit of one statement.
    pub statement_timeout: Duration,
    /// Limit of one statement of a report.
    pub report_timeout: Duration,
    /// How long a statement waits for a row.
    pub lock_timeout: Duration,
    /// Whether to run what is pending of the migrations.
    pub migrate: bool,
}

impl StoreOptions {
    /// The usual limits, with these connection texts.
    #[must_use]
    pub fn new(owner_url: impl Into<String>, app_url: Option<String>) -> Self {
        Self {
            owner_url: owner_url.into(),
            app_url,
            pool_size: None,
            // One for a reconciliation, which may take minutes, one to fold totals, one for questions.
            report_pool_size: NonZeroUsize::MIN.saturating_add(2),
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(5),
            report_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(1),
            migrate: true,
        }
    }
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: StoreOptions,
    pool: Pool<AsyncPgConnection>,
    reports: Pool<AsyncPgConnection>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("pool", &self.inner.pool.status()).finish_non_exhaustive()
    }
}

/// Waiting and working sessions, for the overload gate and for metrics.
#[derive(Debug, Clone, Copy)]
pub struct PoolStatus {
    /// Most sessions that the pool opens.
    pub max_size: usize,
    /// Sessions open.
    pub size: usize,
    /// Requests waiting for a session.
    pub waiting: usize,
}

/// More requests than this many per session are turned away at once.
const WAITING_PER_SESSION: usize = 8;

impl Store {
    /// Migrates (as the owner), measures, sizes the pools and proves that the application's sessions are bound by
    /// row-level security. Needs a multi-threaded tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer, [`StoreError::Inconsistent`] when its roles or its
    /// tables are not safe to work with.
    pub async fn connect(options: StoreOptions) -> Result<Self> {
        let owner = pool::connect_plain(&options.owner_url).await?;
        let owner = if options.migrate { migrate::run(owner).await? } else { owner };
        let size = match options.pool_size {
            Some(size) => size.get(),
            None => pool::measured_size(owner).await?,
        };
        let pool = pool::build(&options, size, options.statement_timeout)?;
        let reports = pool::build(&options, options.report_pool_size.get(), options.report_timeout)?;
        let store = Self { inner: Arc::new(Inner { options, pool, reports }) };
        pool::check_role(&mut *store.session().await?).await?;
        Ok(store)
    }

    /// Answers when the database answers.
    ///
    /// # Errors
    /// As every call: [`StoreError::Unavailable`], [`StoreError::Overloaded`].
    pub async fn ping(&self) -> Result<()> {
        pool::ping(&mut *self.session().await?).await
    }

    /// The pool as it is now.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        let status = self.inner.pool.status();
        PoolStatus { max_size: status.max_size, size: status.size, waiting: status.waiting }
    }

    /// Closes all sessions; calls after this fail.
    pub fn close(&self) {
        self.inner.pool.close();
        self.inner.reports.close();
    }

    pub(crate) async fn session(&self) -> Result<Object<AsyncPgConnection>> {
        self.take(&self.inner.pool).await
    }

    pub(crate) async fn report_session(&self) -> Result<Object<AsyncPgConnection>> {
        self.take(&self.inner.reports).await
    }

    async fn take(&self, pool: &Pool<AsyncPgConnection>) -> Result<Object<AsyncPgConnection>> {
        let status = pool.status();
        if status.waiting >= status.max_size.saturating_mul(WAITING_PER_SESSION) {
            return Err(StoreError::Overloaded);
        }
        match tokio::time::timeout(self.inner.options.acquire_timeout, pool.get()).await {
            Ok(Ok(session)) => Ok(session),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Overloaded),
        }
    }
}
