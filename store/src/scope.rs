//! The one way to the tables: a transaction that sees one organisation.

use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
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
const TRIES: u32 = 3;

impl Store {
    /// Runs `body` in a transaction of `org`: begin, set the scope, body, commit. When it collides with another one
    /// (40001, 40P01), or the connection is lost before the commit was asked for, the whole of it is run again, three
    /// times at most: so `body` must have no effect but on the database. `name` is for the log.
    ///
    /// # Errors
    /// What `body` returns (the transaction is then rolled back), [`StoreError::UnclearCommit`] when the connection was
    /// lost during the commit, [`StoreError::Unavailable`], [`StoreError::Overloaded`], [`StoreError::Collision`].
    pub async fn tx<R>(
        &self,
        org: Uuid,
        name: &'static str,
        body: impl AsyncFn(&mut Scoped) -> Result<R>,
    ) -> Result<R> {
        self.run(org, name, Kind::Write, body).await
    }

    /// Like [`Store::tx`], read-only, on one snapshot and on the reports' own sessions, so that a long question never
    /// takes a session from a sale.
    ///
    /// # Errors
    /// As [`Store::tx`].
    pub async fn report<R>(
        &self,
        org: Uuid,
        name: &'static str,
        body: impl AsyncFn(&mut Scoped) -> Result<R>,
    ) -> Result<R> {
        self.run(org, name, Kind::Report, body).await
    }

    /// Like [`Store::tx`], on one snapshot, on the reports' sessions.
    pub(crate) async fn snapshot_tx<R>(
        &self,
        org: Uuid,
        name: &'static str,
        body: impl AsyncFn(&mut Scoped) -> Result<R>,
    ) -> Result<R> {
        self.run(org, name, Kind::Snapshot, body).await
    }

    async fn run<R>(
        &self,
        org: Uuid,
        name: &'static str,
        kind: Kind,
        body: impl AsyncFn(&mut Scoped) -> Result<R>,
    ) -> Result<R> {
        let mut tried = 0_u32;
        loop {
            tried = tried.saturating_add(1);
            let session = if kind == Kind::Write { self.session().await } else { self.report_session().await }?;
            let mut scoped = Scoped { session, org };
            let error = match attempt(&mut scoped, kind, &body).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let again = matches!(error.failure(), Failure::Collision | Failure::Lost) && tried < TRIES;
            if !again {
                return Err(error);
            }
            tracing::debug!(transaction = name, %org, tried, %error, "transaction is run again");
            back_off(tried).await;
        }
    }
}

async fn attempt<R>(scoped: &mut Scoped, kind: Kind, body: &impl AsyncFn(&mut Scoped) -> Result<R>) -> Result<R> {
    // One round trip; a UUID's text needs no quoting.
    let begin = format!("{}; SET LOCAL dianka.org = '{}'", kind.begin(), scoped.org);
    AnsiTransactionManager::begin_transaction_sql(scoped.conn(), &begin).await?;
    match body(scoped).await {
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
