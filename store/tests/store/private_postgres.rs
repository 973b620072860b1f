//! The server's own Postgres: started, stopped, killed, taken over.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dianka_store::private_postgres::{Options, PrivatePostgres, PrivatePostgresError};
use dianka_store::{Store, StoreError, StoreOptions};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};

fn own() -> i32 {
    i32::try_from(std::process::id()).unwrap()
}

/// A data folder; a test that fails leaves no Postgres behind.
struct Folder(tempfile::TempDir);

fn folder() -> Folder {
    Folder(tempfile::Builder::new().prefix("dianka-pg-").tempdir().unwrap())
}

impl Folder {
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let file = std::fs::read_to_string(self.path().join("postgres/postmaster.pid")).unwrap_or_default();
        if let Some(pid) =
            file.lines().next().and_then(|line| line.parse().ok()).filter(|pid| *pid > 1 && *pid != own())
        {
            let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
        }
    }
}

fn options(dir: &Path) -> Options {
    let mut options = Options::new(dir);
    options.durable = false;
    options
}

/// What is committed is on disk: for tests that kill it.
fn durable(dir: &Path) -> Options {
    Options::new(dir)
}

async fn sql(postgres: &PrivatePostgres, sql: &str) {
    let mut session = AsyncPgConnection::establish(&postgres.owner_url()).await.unwrap();
    session.batch_execute(sql).await.unwrap();
}

fn is_running(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").unwrap().1.starts_with('Z'))
}

async fn wait_until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_starts_stops_and_keeps_its_data() {
    let dir = folder();
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    let pid = postgres.pid();
    assert!(!postgres.was_adopted());
    sql(&postgres, "CREATE TABLE kept (n INT4); INSERT INTO kept VALUES (1)").await;
    postgres.stop().await.unwrap();
    assert!(!is_running(pid));
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    sql(&postgres, "INSERT INTO kept VALUES (2)").await;
    postgres.stop().await.unwrap();
}

/// Whole start of a server: Postgres, migrations, pool; and what the server sees when Postgres is gone and back.
#[tokio::test]
async fn the_store_lives_on_it() {
    let dir = folder();
    let postgres = PrivatePostgres::start(&durable(dir.path())).await.unwrap();
    let store = Store::connect(StoreOptions::new(postgres.owner_url(), Some(postgres.app_url()))).await.unwrap();
    store.ping().await.unwrap();
    assert!(store.org_ids().await.unwrap().is_empty());
    postgres.stop().await.unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.org_ids().await, Err(StoreError::Unavailable(_))));
    let postgres = PrivatePostgres::start(&durable(dir.path())).await.unwrap();
    assert!(store.org_ids().await.unwrap().is_empty());
    store.close();
    postgres.stop().await.unwrap();
}

/// Not a test of its own: the server that the next one kills. It runs only when a folder is given.
#[tokio::test]
async fn a_server_to_be_killed() {
    let Some(dir) = std::env::var_os("DIANKA_TEST_SERVER") else {
        return;
    };
    let dir = Path::new(&dir);
    let postgres = PrivatePostgres::start(&options(dir)).await.unwrap();
    sql(&postgres, "CREATE TABLE kept (n INT4)").await;
    std::fs::write(dir.join("ready"), postgres.pid().to_string()).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn it_outlives_a_killed_server_and_is_taken_over() {
    let dir = folder();
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "private_postgres::a_server_to_be_killed", "--nocapture"])
        .env("DIANKA_TEST_SERVER", dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = dir.path().join("ready");
    wait_until("the server to start", || std::fs::read_to_string(&ready).is_ok_and(|text| !text.is_empty())).await;
    // While it runs, nobody else may work on this folder.
    let second = PrivatePostgres::start(&options(dir.path())).await.unwrap_err();
    let holder = server.id().to_string();
    assert!(matches!(&second, PrivatePostgresError::InUse { holder: found, .. } if *found == holder), "{second}");
    server.kill().unwrap();
    server.wait().unwrap();
    let pid: i32 = std::fs::read_to_string(&ready).unwrap().parse().unwrap();
    assert!(is_running(pid));
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    assert!(postgres.was_adopted());
    assert_eq!(postgres.pid(), pid);
    sql(&postgres, "INSERT INTO kept VALUES (1)").await;
    postgres.stop().await.unwrap();
    assert!(!is_running(pid));
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_refused() {
    let dir = folder();
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    let error = PrivatePostgres::start(&options(dir.path())).await.unwrap_err();
    assert!(matches!(error, PrivatePostgresError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    postgres.stop().await.unwrap();
    PrivatePostgres::start(&options(dir.path())).await.unwrap().stop().await.unwrap();
}

/// Everything is killed at once, as by a power cut, in the middle of a first start and later.
#[tokio::test]
async fn it_recovers_from_being_killed_itself() {
    let dir = folder();
    // A first start that was cut off.
    let unfinished = dir.path().join("postgres.new");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15").unwrap();
    let postgres = PrivatePostgres::start(&durable(dir.path())).await.unwrap();
    assert!(!unfinished.exists());
    sql(&postgres, "CREATE TABLE kept (n INT4); INSERT INTO kept VALUES (1)").await;
    kill(Pid::from_raw(postgres.pid()), Signal::SIGKILL).unwrap();
    drop(postgres);
    let postgres = PrivatePostgres::start(&durable(dir.path())).await.unwrap();
    assert!(!postgres.was_adopted());
    sql(&postgres, "INSERT INTO kept VALUES (2)").await;
    postgres.stop().await.unwrap();
}

/// It is killed while the server lives: the server starts it again.
#[tokio::test]
async fn it_is_kept_running() {
    let dir = folder();
    let mut postgres = PrivatePostgres::start(&durable(dir.path())).await.unwrap();
    sql(&postgres, "CREATE TABLE kept (n INT4)").await;
    assert!(!postgres.keep_running().await.unwrap());
    let first = postgres.pid();
    kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
    wait_until("it to end", || !is_running(first)).await;
    assert!(postgres.keep_running().await.unwrap());
    assert_ne!(postgres.pid(), first);
    sql(&postgres, "INSERT INTO kept VALUES (1)").await;
    postgres.stop().await.unwrap();
}

/// After a restart of the machine the old number may be another process's.
#[tokio::test]
async fn a_stale_pid_file_is_no_obstacle() {
    let dir = folder();
    PrivatePostgres::start(&options(dir.path())).await.unwrap().stop().await.unwrap();
    let file = dir.path().join("postgres/postmaster.pid");
    for pid in [std::process::id(), 4_000_000] {
        std::fs::write(&file, format!("{pid}\n{}\n1\n5432\n/tmp\n\n1 1\nready\n", dir.path().display())).unwrap();
        let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
        assert!(!postgres.was_adopted());
        postgres.stop().await.unwrap();
    }
    std::fs::write(&file, "not a pid file").unwrap();
    PrivatePostgres::start(&options(dir.path())).await.unwrap().stop().await.unwrap();
}

/// Nobody but its own user gets to the data or the socket, there is no network port, and it is never root.
#[tokio::test]
async fn it_is_private_and_unprivileged() {
    let dir = folder();
    let postgres = PrivatePostgres::start(&options(dir.path())).await.unwrap();
    let process = std::fs::metadata(format!("/proc/{}", postgres.pid())).unwrap();
    if Uid::effective().is_root() {
        let expected = nix::unistd::User::from_name("postgres").unwrap().unwrap().uid.as_raw();
        assert_eq!(process.uid(), expected);
    } else {
        assert_eq!(process.uid(), Uid::effective().as_raw());
    }
    for private in ["postgres", "socket"] {
        let found = std::fs::metadata(dir.path().join(private)).unwrap();
        assert_eq!(found.permissions().mode() & 0o077, 0, "{private}");
        assert_eq!(found.uid(), process.uid(), "{private}");
    }
    sql(&postgres, "DO $$ BEGIN ASSERT current_setting('listen_addresses') = ''; END $$").await;
    sql(&postgres, "DO $$ BEGIN ASSERT current_setting('data_checksums') = 'on'; END $$").await;
    sql(
        &postgres,
        "DO $$ BEGIN ASSERT (SELECT datcollate FROM pg_database WHERE datname = 'dianka') = 'C.UTF-8'; END $$",
    )
    .await;
    sql(
        &postgres,
        "DO $$ BEGIN ASSERT NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'dianka_app'); END $$",
    )
    .await;
    postgres.stop().await.unwrap();
}

/// From a connection text whose folder has no characters but slashes that need quoting.
fn socket_of(postgres: &PrivatePostgres) -> std::path::PathBuf {
    let url = postgres.owner_url();
    let (_, host) = url.split_once('@').unwrap();
    std::path::PathBuf::from(host.rsplit_once('/').unwrap().0.replace("%2F", "/"))
}

/// Too deep for a socket, with characters that Postgres would split at, and closed to the user `postgres` when we are root.
#[tokio::test]
async fn odd_folders_work() {
    let root = folder();
    let dir = root.path().join("数据 folder, with a long name".repeat(3));
    std::fs::create_dir(&dir).unwrap();
    let postgres = PrivatePostgres::start(&options(&dir)).await.unwrap();
    sql(&postgres, "SELECT 1").await;
    let socket = socket_of(&postgres);
    assert!(!socket.starts_with(&dir) && socket.join(".s.PGSQL.5432").exists(), "{}", socket.display());
    postgres.stop().await.unwrap();
    assert!(!socket.exists());
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let closed = root.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    for _ in 0..2 {
        let postgres = PrivatePostgres::start(&options(&closed)).await.unwrap();
        sql(&postgres, "SELECT 1").await;
        postgres.stop().await.unwrap();
    }
    let cluster = closed.join("postgres");
    let kept = cluster.canonicalize().unwrap();
    assert!(kept.join("PG_VERSION").is_file());
    if Uid::effective().is_root() {
        assert!(kept.starts_with("/var/lib/dianka"), "{}", kept.display());
        std::fs::remove_dir_all(kept.parent().unwrap()).unwrap();
    }
}
