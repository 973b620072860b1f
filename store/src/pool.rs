//! Sessions: how they are opened, how many, and the proof that they are bound by row-level security.

use std::time::{Duration, Instant};

use diesel::sql_types::{Bool, Text};
use diesel::{ConnectionError, ConnectionResult, QueryableByName, sql_query};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;

use crate::error::{Result, StoreError};
use crate::store::StoreOptions;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A session left in a transaction holds locks: a fault, ended by the database.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);
/// Beyond this many sessions Postgres' own locks cost more than the waiting flushes gain.
const MOST_SESSIONS: usize = 64;

pub(crate) async fn connect_plain(url: &str) -> Result<AsyncPgConnection> {
    establish(url).await.map_err(|error| StoreError::Unavailable(error.to_string()))
}

async fn establish(url: &str) -> ConnectionResult<AsyncPgConnection> {
    tokio::time::timeout(CONNECT_TIMEOUT, AsyncPgConnection::establish(url))
        .await
        .unwrap_or_else(|_| Err(ConnectionError::BadConnection("no answer while connecting".to_owned())))
}

/// What a session does before its first use.
fn session_setup(options: &StoreOptions, statement_timeout: Duration) -> String {
    let role = if options.app_url.is_some() { "" } else { "SET ROLE dianka_app;" };
    // Plans live as long as a session, some made while a table was still empty: with the default, which is meant for
    // turning disks, those read whole tables until they are next analysed (measured without that: 8,000 rows a sale).
    format!(
        "{role} SET application_name = 'dianka'; SET random_page_cost = 1.1; SET statement_timeout = {}; \
         SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {};",
        statement_timeout.as_millis(),
        options.lock_timeout.as_millis(),
        IDLE_IN_TRANSACTION.as_millis(),
    )
}

pub(crate) fn build(
    options: &StoreOptions,
    size: usize,
    statement_timeout: Duration,
) -> Result<Pool<AsyncPgConnection>> {
    let setup = session_setup(options, statement_timeout);
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    // A query per checkout would cost more than the sale's own share of the server; a closed connection is noticed anyway.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        let (url, setup) = (url.to_owned(), setup.clone());
        async move {
            let mut session = establish(&url).await?;
            session.batch_execute(&setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(session)
        }
        .boxed()
    });
    let url = options.app_url.as_ref().unwrap_or(&options.owner_url);
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Pool::builder(manager).max_size(size).build().map_err(StoreError::inconsistent)
}

/// Sessions worth having: while one waits for its flush others can work, until the flush is shared.
fn size_for(cores: usize, flush: Duration) -> usize {
    let least = cores.saturating_mul(2);
    let waiting = usize::try_from(flush.as_micros() / 200).unwrap_or(MOST_SESSIONS);
    least.saturating_add(waiting).clamp(least, MOST_SESSIONS.max(least))
}

/// Measures what a durable commit costs beyond a round trip, and sizes the pool by it.
pub(crate) async fn measured_size(mut owner: AsyncPgConnection) -> Result<usize> {
    let round_trip = time_of(&mut owner, "SELECT 1").await?;
    let commit = time_of(&mut owner, "SELECT pg_logical_emit_message(true, 'dianka', 'flush')").await?;
    let flush = commit.saturating_sub(round_trip);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let size = size_for(cores, flush);
    tracing::info!(
        sessions = size,
        cores,
        flush_us = u64::try_from(flush.as_micros()).unwrap_or(u64::MAX),
        "database sessions: sized by the measured flush"
    );
    Ok(size)
}

/// Mean time of `sql`, over twenty runs.
async fn time_of(session: &mut AsyncPgConnection, sql: &str) -> Result<Duration> {
    const RUNS: u32 = 20;
    session.batch_execute(sql).await?;
    let start = Instant::now();
    for _ in 0..RUNS {
        session.batch_execute(sql).await?;
    }
    Ok(start.elapsed() / RUNS)
}

#[derive(QueryableByName)]
struct RoleRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    unbound: bool,
    #[diesel(sql_type = Bool)]
    owns_tables: bool,
    #[diesel(sql_type = Bool)]
    member: bool,
    #[diesel(sql_type = Text)]
    messages: String,
}

/// Refuses to work as a role that row-level security does not bind.
pub(crate) async fn check_role(session: &mut AsyncPgConnection) -> Result<()> {
    let row: RoleRow = sql_query(
        "SELECT rolname::text AS name, rolsuper OR rolbypassrls AS unbound, \
         EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace) \
             AS owns_tables, \
         pg_has_role(r.oid, 'dianka_app', 'USAGE') AS member, \
         current_setting('lc_messages') AS messages \
         FROM pg_roles r WHERE rolname = current_user",
    )
    .get_result(session)
    .await?;
    if row.unbound || row.owns_tables {
        return Err(StoreError::Inconsistent(format!(
            "the application's role {} must not own tables, be a superuser or bypass row-level security",
            row.name
        )));
    }
    if !row.member {
        return Err(StoreError::Inconsistent(format!(
            "the role {0} of the connection is not a member of the role dianka_app that the server works in. Once, as an \
             administrator of the database: GRANT dianka_app TO {0};",
            row.name
        )));
    }
    if !["", "C", "POSIX"].contains(&row.messages.as_str())
        && !row.messages.starts_with("en")
        && !row.messages.starts_with("C.")
    {
        tracing::warn!(
            lc_messages = row.messages,
            "set lc_messages to C: deadlocks and time-outs are told by their text"
        );
    }
    Ok(())
}

pub(crate) async fn ping(session: &mut AsyncPgConnection) -> Result<()> {
    session.batch_execute("SELECT 1").await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_follows_the_flush() {
        assert_eq!(size_for(2, Duration::ZERO), 4);
        assert_eq!(size_for(2, Duration::from_millis(4)), 24);
        assert_eq!(size_for(2, Duration::from_secs(1)), 64);
        assert_eq!(size_for(40, Duration::ZERO), 80);
    }
}
