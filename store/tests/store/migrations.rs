//! Migrations: back and forth, with equal dumps.

use std::process::Command;

use dianka_store::private_postgres::OWNER_ROLE;
use dianka_store::testing::TestDb;
use dianka_store::{Store, StoreOptions};

use super::fixture::Books;

/// The schema as `pg_dump` writes it.
fn dump(db: &TestDb) -> String {
    let program = pg_program("pg_dump");
    let output = Command::new(program).args(["--schema-only", "--dbname"]).arg(db.owner_url()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Newer versions guard the script with a random word.
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn pg_program(name: &str) -> std::path::PathBuf {
    let mut dirs: Vec<_> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().map(|e| e.unwrap().path().join("bin")).collect();
    dirs.sort();
    dirs.into_iter().map(|dir| dir.join(name)).rfind(|path| path.is_file()).unwrap_or_else(|| name.into())
}

#[tokio::test]
async fn up_down_up_leaves_the_same_schema() {
    let db = TestDb::new().await.unwrap();
    let first = dump(&db);
    assert!(first.contains("CREATE TABLE public.sale_outcome") && first.contains("CREATE FUNCTION public.sale_begin"));
    db.store.close();
    db.revert_migrations().await.unwrap();
    let empty = dump(&db);
    assert!(!empty.contains("CREATE FUNCTION") && !empty.contains("CREATE TYPE"), "{empty}");
    assert_eq!(empty.matches("CREATE TABLE").count(), 1, "only the list of migrations is left: {empty}");
    db.run_migrations().await.unwrap();
    assert_eq!(dump(&db), first);
    // Running what has run changes nothing.
    db.run_migrations().await.unwrap();
    assert_eq!(dump(&db), first);
}

/// Two servers start at once on an empty database.
#[tokio::test]
async fn two_servers_may_migrate_at_once() {
    let db = TestDb::new().await.unwrap();
    let first = dump(&db);
    db.revert_migrations().await.unwrap();
    let (a, b) = tokio::join!(db.run_migrations(), db.run_migrations());
    a.unwrap();
    b.unwrap();
    assert_eq!(dump(&db), first);
}

/// A function that was changed by hand, or by another version, is put back; what is sold stays.
#[tokio::test]
async fn replaceable_files_are_installed_when_they_differ() {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = books.account("00000001").await;
    books.sell(&account, 10).await;
    let first = dump(&db);
    db.owner_sql(
        "CREATE OR REPLACE FUNCTION rollup_fold(p_org UUID) RETURNS INT8 LANGUAGE sql AS 'SELECT 0::INT8'; \
         UPDATE installed_file SET sha256 = 'of another version' WHERE name = 'rollup_functions.sql'",
    )
    .await
    .unwrap();
    assert_ne!(dump(&db), first);
    db.run_migrations().await.unwrap();
    assert_eq!(dump(&db), first);
    assert_eq!(db.store.rollup_fold_once().await.unwrap().folded, 1);
}

/// Explicit widths: INTEGER is 64 bits on other engines.
#[test]
fn widths_are_explicit() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
    let mut files = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let sql = if path.is_dir() { path.join("up.sql") } else { path };
        let text = std::fs::read_to_string(&sql).unwrap();
        files += 1;
        for word in ["INTEGER", "BIGINT", "SMALLINT", " INT ", "SERIAL", "FLOAT", "DOUBLE", "REAL", "NUMERIC", "MONEY"]
        {
            assert!(!text.contains(word), "{} in {}", word, sql.display());
        }
    }
    assert!(files >= 10);
}

/// A role that an administrator made without the rights that the first start needs is told which.
#[tokio::test]
async fn a_role_without_the_rights_is_told_what_an_administrator_must_do() {
    let db = TestDb::new().await.unwrap();
    let role = format!("weak_{}", uuid::Uuid::now_v7().simple());
    db.owner_sql(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let url = db.owner_url().replacen(&format!("//{OWNER_ROLE}@"), &format!("//{role}@"), 1);
    assert_ne!(url, db.owner_url());
    let refused = Store::connect(StoreOptions::new(url, None)).await.err().unwrap().to_string();
    db.owner_sql(&format!("DROP ROLE {role}")).await.unwrap();
    assert!(refused.contains(&role) && refused.contains(&format!("GRANT dianka_app TO {role};")), "{refused}");
}
