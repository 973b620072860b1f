//! The one function that opens transactions: what it runs again, and what it tells.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dianka_store::testing::TestDb;
use dianka_store::{Store, StoreError, StoreOptions, operator_create, operator_password_set, site_create, site_list};
use tokio::sync::Barrier;
use uuid::Uuid;

use super::fixture::{Books, world};

/// Two transactions lock two rows in opposite orders: Postgres stops one, and it is run again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_run_again() {
    let (_db, books) = world().await;
    let mut second = books.operator_row("second");
    second.operator_id = Uuid::now_v7();
    books.store.tx(books.org, "o", async |s| operator_create(s, &second).await).await.unwrap();
    let (a, b) = (books.operator, second.operator_id);
    let (barrier, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let tasks: Vec<_> = [(a, b), (b, a)]
        .into_iter()
        .map(|(first, then)| {
            let (store, org) = (books.store.clone(), books.org);
            let (barrier, runs, met) = (barrier.clone(), runs.clone(), AtomicU32::new(0));
            tokio::spawn(async move {
                store
                    .tx(org, "cross", async |s| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        operator_password_set(s, first, "x").await?;
                        if met.fetch_add(1, Ordering::SeqCst) == 0 {
                            barrier.wait().await;
                        }
                        operator_password_set(s, then, "y").await
                    })
                    .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

/// The session is cut inside of the transaction: nothing had been committed, so it is run again.
#[tokio::test]
async fn a_lost_session_is_replaced() {
    let (db, books) = world().await;
    let runs = AtomicU32::new(0);
    let site =
        dianka_store::Site { site_id: Uuid::now_v7(), code: "B".to_owned(), name: "二号".to_owned(), retired: false };
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = 'dianka_app'";
    books
        .store
        .tx(books.org, "cut", async |s| {
            site_create(s, &site).await?;
            if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                db.owner_number(cut).await?;
            }
            site_list(s).await
        })
        .await
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(books.store.tx(books.org, "l", site_list).await.unwrap().len(), 2);
    // Sessions that are idle in the pool are cut: the next call does not notice.
    db.owner_number(cut).await.unwrap();
    let account = books.account("00000001").await;
    db.owner_number(cut).await.unwrap();
    let new = books.sale(&account, 10);
    books.store.sale_begin(books.org, &new).await.unwrap();
}

/// A statement failed, and the caller went on as if it had not: the commit must not pretend.
#[tokio::test]
async fn an_ignored_failure_is_told() {
    let (_db, books) = world().await;
    let site = |code: &str| dianka_store::Site {
        site_id: Uuid::now_v7(),
        code: code.to_owned(),
        name: "X".to_owned(),
        retired: false,
    };
    let error = books
        .store
        .tx(books.org, "ignore", async |s| {
            site_create(s, &site("B")).await?;
            let _ = site_create(s, &site("A")).await;
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Inconsistent(_)), "{error}");
    assert_eq!(books.store.tx(books.org, "l", site_list).await.unwrap().len(), 1);
}

/// A report cannot write.
#[tokio::test]
async fn a_report_is_read_only() {
    let (_db, books) = world().await;
    let site =
        dianka_store::Site { site_id: Uuid::now_v7(), code: "B".to_owned(), name: "X".to_owned(), retired: false };
    let error = books.store.report(books.org, "write", async |s| site_create(s, &site).await).await.unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
}

/// One session, and it is taken: those that wait too long, or find too many waiting, are told so at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overload_is_told() {
    let (db, books) = world().await;
    let mut options = StoreOptions::new(db.owner_url(), Some(db.app_url()));
    options.pool_size = NonZeroUsize::new(1);
    options.migrate = false;
    options.acquire_timeout = Duration::from_millis(300);
    let store = Store::connect(options).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, org) = (store.clone(), books.org);
            tokio::spawn(async move {
                store
                    .tx(org, "slow", async |s| {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        site_list(s).await
                    })
                    .await
            })
        })
        .collect();
    let (mut served, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => served += 1,
            Err(StoreError::Overloaded) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(served >= 1 && refused >= 11, "{served} served, {refused} refused");
    assert_eq!(store.pool_status().max_size, 1);
}

/// A row that somebody holds too long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_wait_for_a_row_is_told() {
    let (db, books) = world().await;
    let mut options = StoreOptions::new(db.owner_url(), Some(db.app_url()));
    options.pool_size = NonZeroUsize::new(2);
    options.migrate = false;
    options.lock_timeout = Duration::from_millis(100);
    let store = Store::connect(options).await.unwrap();
    let account = books.account("00000001").await;
    let new = books.sale(&account, 10);
    let hold = format!(
        "BEGIN; SELECT FROM account WHERE account_id = '{}' FOR UPDATE; SELECT pg_sleep(2)",
        account.account_id
    );
    let begin = async {
        while db.owner_number("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").await.unwrap() == 0
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        store.sale_begin(books.org, &new).await
    };
    let (_, begun) = tokio::join!(db.owner_sql(&hold), begin);
    assert!(matches!(begun, Err(StoreError::Busy(_))), "{begun:?}");
    store.sale_begin(books.org, &new).await.unwrap();
}

/// With the owner's connection text alone the sessions become the application's role.
#[tokio::test]
async fn one_connection_text_is_enough() {
    let (db, books) = world().await;
    let mut options = StoreOptions::new(db.owner_url(), None);
    options.pool_size = NonZeroUsize::new(2);
    let store = Store::connect(options).await.unwrap();
    let stray = Uuid::now_v7();
    assert_eq!(store.tx(stray, "l", site_list).await.unwrap().len(), 0);
    assert_eq!(store.tx(books.org, "l", site_list).await.unwrap().len(), 1);
}

/// A role that row-level security does not bind is refused.
#[tokio::test]
async fn a_role_that_is_not_bound_is_refused() {
    let db = TestDb::new().await.unwrap();
    let mut options = StoreOptions::new(db.owner_url(), Some(db.owner_url()));
    options.pool_size = NonZeroUsize::new(1);
    options.migrate = false;
    let error = Store::connect(options).await.unwrap_err();
    assert!(matches!(error, StoreError::Inconsistent(_)), "{error}");
}

/// Nobody there.
#[tokio::test]
async fn no_database_is_told() {
    let options = StoreOptions::new("postgresql://nobody@127.0.0.1:1/none", None);
    assert!(matches!(Store::connect(options).await, Err(StoreError::Unavailable(_))));
}

/// The pool is sized by the measured flush when no size is given.
#[tokio::test]
async fn the_pool_sizes_itself() {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let store = Store::connect(StoreOptions::new(db.owner_url(), Some(db.app_url()))).await.unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    let size = store.pool_status().max_size;
    assert!((2 * cores..=64.max(2 * cores)).contains(&size), "{size}");
    store.ping().await.unwrap();
    assert_eq!(store.tx(books.org, "l", site_list).await.unwrap().len(), 1);
}

/// An owner who is no superuser: row-level security is forced on it too, and everything works through the one text.
#[tokio::test]
async fn an_ordinary_owner_is_enough() {
    let db = TestDb::new().await.unwrap();
    let name = format!("plain_{}", Uuid::now_v7().simple());
    db.owner_sql(&format!("CREATE ROLE {name} LOGIN; GRANT dianka_app TO {name}")).await.unwrap();
    db.owner_sql(&format!("CREATE DATABASE {name} OWNER {name}")).await.unwrap();
    let (before, _) = db.owner_url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let url = format!("{}/{name}", before.replace("dianka_owner@", &format!("{name}@")));
    let store = Store::connect(StoreOptions::new(url, None)).await.unwrap();
    let books = Books::create(&store, "u1").await;
    let account = books.account("00000001").await;
    books.sell(&account, 10).await;
    assert_eq!(store.rollup_fold_once().await.unwrap().folded, 1);
    assert_eq!(store.rollup_rebuild(books.org).await.unwrap(), 1);
    store.close();
    drop(books);
    drop(store);
    db.owner_sql(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    db.owner_sql(&format!("DROP ROLE {name}")).await.unwrap();
}
