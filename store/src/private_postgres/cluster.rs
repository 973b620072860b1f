//! The data: made once, with the roles and the database.

use std::path::Path;
use std::process::Stdio;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use super::binaries::Binaries;
use super::error::{PrivatePostgresError, Result, at};
use super::owner::Owner;
use super::place::{Place, unfinished};
use super::{APP_ROLE, DATABASE, OWNER_ROLE, private_dir};
use crate::pool::connect_plain;

/// Makes the data unless they are there. An interrupted first start leaves nothing that looks finished.
pub(super) async fn ensure(place: &Place, binaries: &Binaries, owner: &Owner, durable: bool) -> Result<()> {
    if place.version()?.is_some() {
        return owner.give_tree(&place.cluster);
    }
    let new = unfinished(&place.cluster)?;
    if new.exists() {
        std::fs::remove_dir_all(&new).map_err(at(&new))?;
    }
    private_dir(&new, owner)?;
    tracing::info!(dir = %place.cluster.display(), version = binaries.major(), "making a private Postgres: first start");
    let (binaries, owner, dir) = (binaries.clone(), owner.clone(), new.clone());
    tokio::task::spawn_blocking(move || initdb(&binaries, &owner, &dir, durable))
        .await
        .map_err(|error| PrivatePostgresError::InitDb(error.to_string()))??;
    std::fs::rename(&new, &place.cluster).map_err(at(&place.cluster))
}

fn initdb(binaries: &Binaries, owner: &Owner, dir: &Path, durable: bool) -> Result<()> {
    let program = binaries.initdb();
    let mut command = owner.command(&program);
    command
        .arg("-D")
        .arg(dir)
        .args(["--username", OWNER_ROLE, "--auth-local=trust", "--auth-host=reject", "--data-checksums"])
        .args(["--encoding=UTF8", "--locale=C.UTF-8", "--lc-messages=C", "--no-instructions"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if !durable {
        command.arg("--no-sync");
    }
    let output = command.output().map_err(at(&program))?;
    if output.status.success() {
        return Ok(());
    }
    Err(PrivatePostgresError::InitDb(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

/// Role and database, unless they are there. `url` is of the owner, on the database `postgres`.
pub(super) async fn ensure_database(url: &str) -> Result<()> {
    let failed = |error: String| PrivatePostgresError::Database(error);
    let mut session: AsyncPgConnection = connect_plain(url).await.map_err(|error| failed(error.to_string()))?;
    let role = format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN \
         CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS; END IF; END $$"
    );
    session.batch_execute(&role).await.map_err(|error| failed(error.to_string()))?;
    // CREATE DATABASE has no IF NOT EXISTS; one server works on this data folder, so nobody races with us.
    match session.batch_execute(&format!("CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")).await {
        Ok(()) => Ok(()),
        Err(error) if error.to_string().contains("already exists") => Ok(()),
        Err(error) => Err(failed(error.to_string())),
    }
}
