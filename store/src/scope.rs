//! The one way to the tables: a transaction that sees one organisation.

use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use rand::RngExt;
use uuid::Uuid;

use crate::error::{Failure, Result, StoreError};
use crate::store::Store;

/// A transaction in the scope of one organisation. Row-level security shows nothing of any other.
pub struct Scoped {
    session: Object<AsyncPgConnection>,
    org: Uuid,
}

impl std::fmt::Debug for Scoped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scoped").field("org", &self.org).finish_non_exhaustive()
    }
}

impl Scoped {
    /// The organisation.
    #[must_use]
    pub const fn org(&self) -> Uuid {
        self.org
    }

    pub(crate) fn conn(&mut self) -> &mut AsyncPgConnection {
        &mut self.session
    }
}

/// What kind of transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Write,
    Report,
    Snapshot,
}

impl Kind {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN",
            Self::Report => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        }
    }
}

/// A transaction is tried this many times when it collides.
pub(crate) const TRIES: u32 = 3;

/// What a transaction runs: an async closure over [`Scoped`] that may be run more than once, with a future that may move
/// between threads. Every `async |s| ...` that captures by reference is one.
pub trait Body<'s, R>: AsyncFn(&'s mut Scoped) -> Result<R> + Fn(&'s mut Scoped) -> Self::Running {
    /// The future of one run.
    type Running: Future<Output = Result<R>>;
}

impl<'s, R, F, Running> Body<'s, R> for F
where
    F: AsyncFn(&'s mut Scoped) -> Result<R> + Fn(&'s mut Scoped) -> Running,
    Running: Future<Output = Result<R>>,
{
    type Running = Running;
}

impl Store {
    /// Runs `body` in a transaction of `org`: begin, set the scope, body, commit. When it collides with another one
    /// (40001, 40P01), or the connection is lost before the commit was asked for, the whole of it is run again, three
    /// times at most: so `body` must have no effect but on the database. `name` is for the log.
    ///
    /// # Errors
    /// What `body` returns (the transaction is then rolled back), [`StoreError::UnclearCommit`] when the connection was
    /// lost during the commit, [`StoreError::Unavailable`], [`StoreError::Overloaded`], [`StoreError::Collision`].
    pub fn tx<'a, R, F>(&'a self, org: Uuid, name: &'static str, body: F) -> impl Future<Output = Result<R>> + Send + 'a
    where
        for<'s> F: Body<'s, R, Running: Send> + Send + Sync + 'a,
        R: Send + 'a,
    {
        self.run(org, name, Kind::Write, body)
    }

    /// Like [`Store::tx`], read-only, on one snapshot and on the reports' own sessions, so that a long question never
    /// takes a session from a sale.
    ///
    /// # Errors
    /// As [`Store::tx`].
    pub fn report<'a, R, F>(
        &'a self,
        org: Uuid,
        name: &'static str,
        body: F,
    ) -> impl Future<Output = Result<R>> + Send + 'a
    where
        for<'s> F: Body<'s, R, Running: Send> + Send + Sync + 'a,
        R: Send + 'a,
    {
        self.run(org, name, Kind::Report, body)
    }

    /// Like [`Store::tx`], on one snapshot, on the reports' sessions.
    pub(crate) fn snapshot_tx<'a, R, F>(
        &'a self,
        org: Uuid,
        name: &'static str,
        body: F,
    ) -> impl Future<Output = Result<R>> + Send + 'a
    where
        for<'s> F: Body<'s, R, Running: Send> + Send + Sync + 'a,
        R: Send + 'a,
    {
        self.run(org, name, Kind::Snapshot, body)
    }

    async fn run<R, F>(&self, org: Uuid, name: &'static str, kind: Kind, body: F) -> Result<R>
    where
        for<'s> F: Body<'s, R, Running: Send> + Send + Sync,
        R: Send,
    {
        let mut tried = 0_u32;
        loop {
            tried = tried.saturating_add(1);
            let session = if kind == Kind::Write { self.session().await } else { self.report_session().await }?;
            let mut scoped = Scoped { session, org };
            let error = match attempt(&mut scoped, kind, &body).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.failure() == Failure::Final || tried >= TRIES {
                return Err(error);
            }
            tracing::debug!(transaction = name, %org, tried, %error, "transaction is run again");
            back_off(tried).await;
        }
    }
}

async fn attempt<R, F>(scoped: &mut Scoped, kind: Kind, body: &F) -> Result<R>
where
    for<'s> F: Body<'s, R, Running: Send> + Sync,
    R: Send,
{
    // One round trip; a UUID's text needs no quoting.
    let begin = format!("{}; SET LOCAL dianka.org = '{}'", kind.begin(), scoped.org);
    AnsiTransactionManager::begin_transaction_sql(scoped.conn(), &begin).await?;
    let mut outcome = body(&mut *scoped).await;
    if outcome.is_ok() && kind == Kind::Write {
        // A statement that failed and was ignored has aborted the transaction; its COMMIT would quietly roll back.
        if let Err(error) = scoped.conn().batch_execute("SELECT 1").await {
            outcome = Err(match StoreError::from(error) {
                StoreError::Database(text) => {
                    StoreError::Inconsistent(format!("a failed statement was ignored: {text}"))
                }
                other => other,
            });
        }
    }
    match outcome {
        Ok(answer) => match AnsiTransactionManager::commit_transaction(scoped.conn()).await {
            Ok(()) => Ok(answer),
            Err(error) => Err(commit_error(error)),
        },
        Err(error) => {
            // The session is dropped by the pool when this fails; the body's own error says more.
            let _ = AnsiTransactionManager::rollback_transaction(scoped.conn()).await;
            Err(error)
        }
    }
}

fn commit_error(error: DieselError) -> StoreError {
    match StoreError::from(error) {
        StoreError::Unavailable(_) => StoreError::UnclearCommit,
        other => other,
    }
}

/// 2 to 20 ms, drawn so that two that collided do not collide again.
pub(crate) async fn back_off(tried: u32) {
    let most = 10_u64.saturating_mul(u64::from(tried));
    let wait = rand::rng().random_range(2..=most.max(2));
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
}

/// Runs an idempotent call again when it collided or lost its connection, whether or not it had been carried out. A macro,
/// since the future of a closure that borrows could not move between threads.
macro_rules! repeated {
    ($call:expr) => {{
        let mut tried = 1_u32;
        loop {
            match $call {
                Err(error)
                    if $crate::error::StoreError::failure(&error) != $crate::error::Failure::Final
                        && tried < $crate::scope::TRIES =>
                {
                    tracing::debug!(tried, %error, "idempotent call is run again");
                    $crate::scope::back_off(tried).await;
                    tried = tried.saturating_add(1);
                }
                answer => break answer,
            }
        }
    }};
}
pub(crate) use repeated;
