//! Migrations, the replaceable SQL files, the application's role, and the check that no table is unprotected.

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Functions, by file: run again whenever the file has changed.
const REPLACEABLE: [(&str, &str); 3] = [
    ("sale_functions.sql", include_str!("../../migrations/sale_functions.sql")),
    ("replacement_functions.sql", include_str!("../../migrations/replacement_functions.sql")),
    ("rollup_functions.sql", include_str!("../../migrations/rollup_functions.sql")),
];

/// The application's role. Several databases of one cluster share it, so somebody else may be making it right now.
const ENSURE_ROLE: &str = "
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dianka_app') THEN
        CREATE ROLE dianka_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role % of the connection may not make the role dianka_app that the server works in', current_user
            USING HINT = format('Once, as an administrator of the database: ALTER ROLE %I CREATEROLE; '
                'or: CREATE ROLE dianka_app NOLOGIN; GRANT dianka_app TO %I;', current_user, current_user);
END
$$;
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'dianka_app', 'MEMBER') THEN
        GRANT dianka_app TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the role % of the connection is not a member of the role dianka_app that the server works in', current_user
        USING HINT = format('Once, as an administrator of the database: GRANT dianka_app TO %I;', current_user);
END
$$;";

/// Two servers that start at once migrate one after the other. The number is of this program.
const LOCK: &str = "SELECT pg_advisory_lock(7301846512)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7301846512)";

/// Brings the database up to this version of the program.
pub(crate) async fn run(mut owner: AsyncPgConnection) -> Result<AsyncPgConnection> {
    owner.batch_execute(LOCK).await?;
    owner.batch_execute(ENSURE_ROLE).await?;
    let mut owner = migrations(owner, |harness| {
        let applied = harness.run_pending_migrations(MIGRATIONS)?;
        for version in &applied {
            tracing::info!(%version, "migration applied");
        }
        Ok(())
    })
    .await?;
    install_files(&mut owner).await?;
    let unprotected = unprotected_tables(&mut owner).await?;
    if !unprotected.is_empty() {
        return Err(StoreError::Inconsistent(format!("tables without row-level security: {}", unprotected.join(", "))));
    }
    owner.batch_execute(UNLOCK).await?;
    Ok(owner)
}

type MigrationResult = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Runs `work` on a thread that may block: the harness does, and the caller's runtime may have one thread only.
async fn migrations(
    owner: AsyncPgConnection,
    work: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> MigrationResult + Send + 'static,
) -> Result<AsyncPgConnection> {
    let blocking = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(owner);
        work(&mut harness).map(|()| harness.into_inner())
    });
    match blocking.await {
        Ok(Ok(owner)) => Ok(owner),
        Ok(Err(error)) => Err(StoreError::Inconsistent(format!("migration: {error}"))),
        Err(error) => Err(StoreError::Inconsistent(format!("migration: {error}"))),
    }
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn install_files(owner: &mut AsyncPgConnection) -> Result<()> {
    for (name, sql) in REPLACEABLE {
        let digest = hex::encode(Sha256::digest(sql.as_bytes()));
        let current: Vec<NameRow> = sql_query("SELECT name FROM installed_file WHERE name = $1 AND sha256 = $2")
            .bind::<Text, _>(name)
            .bind::<Text, _>(&digest)
            .load(owner)
            .await?;
        if !current.is_empty() {
            continue;
        }
        // Names and digests are of this program and need no quoting.
        let install = format!(
            "BEGIN; {sql}; INSERT INTO installed_file (name, sha256) VALUES ('{name}', '{digest}') \
             ON CONFLICT (name) DO UPDATE SET sha256 = EXCLUDED.sha256; COMMIT"
        );
        if let Err(error) = owner.batch_execute(&install).await {
            return Err(StoreError::Inconsistent(format!("{name}: {error}")));
        }
        tracing::info!(file = name, "functions installed");
    }
    Ok(())
}

/// Tables with an `org_id` on which row-level security is off, not forced, or without a restrictive policy.
///
/// # Errors
/// Those of every call.
pub(crate) async fn unprotected_tables(session: &mut AsyncPgConnection) -> Result<Vec<String>> {
    let rows: Vec<NameRow> = sql_query(
        "SELECT c.relname::text AS name FROM pg_class c \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
         AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped) \
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS ( \
             SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd = '*' \
             AND p.polroles = '{0}'::oid[] AND pg_get_expr(p.polqual, p.polrelid) LIKE '%dianka.org%')) \
         ORDER BY 1",
    )
    .load(session)
    .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Takes every migration back. For tests and for a person who knows what it does.
#[cfg(feature = "testing")]
pub(crate) async fn revert_all(owner: AsyncPgConnection) -> Result<AsyncPgConnection> {
    migrations(owner, |harness| harness.revert_all_migrations(MIGRATIONS).map(drop)).await
}
