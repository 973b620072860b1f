//! Many at once.

use dianka_store::testing::TestDb;
use dianka_store::{Begun, StoreError};

use super::fixture::Books;

/// Twelve windows decide on the same figures at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_begins_on_one_account_exactly_one_wins() {
    let db = TestDb::with_pool(12).await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    for round in 0..5 {
        let account = books.account(&format!("1000000{round}")).await;
        let attempts: Vec<_> = (0..12).map(|_| books.sale(&account, 10)).collect();
        let tasks: Vec<_> = attempts
            .into_iter()
            .map(|new| {
                let (store, org) = (db.store.clone(), books.org);
                tokio::spawn(async move { store.sale_begin(org, &new).await })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(Begun::New) => won += 1,
                Err(StoreError::OpenSale { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!(db.owner_number("SELECT count(*) FROM sale").await.unwrap(), 5);
}

/// A double click, twelve times over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_begins_of_one_sale_one_is_new_and_the_others_are_replays() {
    let db = TestDb::with_pool(12).await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = books.account("10000000").await;
    let new = books.sale(&account, 10);
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let (store, org, new) = (db.store.clone(), books.org, new.clone());
            tokio::spawn(async move { store.sale_begin(org, &new).await.unwrap() })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        fresh += usize::from(task.await.unwrap() == Begun::New);
    }
    assert_eq!(fresh, 1);
    // And the confirms of it, with the void that somebody tries meanwhile.
    let confirm = books.confirm(&new);
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let (store, org, confirm) = (db.store.clone(), books.org, confirm.clone());
            tokio::spawn(async move { store.sale_confirm(org, &confirm).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 1);
    }
    assert!(matches!(db.store.sale_void(books.org, &books.void(&new)).await, Err(StoreError::AlreadyEnded)));
}

/// Windows of one workstation's counter: numbers without gap or double.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_have_no_gaps_under_load() {
    let db = TestDb::with_pool(8).await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let mut accounts = Vec::new();
    for n in 0..8 {
        accounts.push(books.account(&format!("2000000{n}")).await);
    }
    let tasks: Vec<_> = accounts
        .into_iter()
        .map(|account| {
            let (store, org) = (db.store.clone(), books.org);
            let new = books.sale(&account, 10);
            let confirm = books.confirm(&new);
            tokio::spawn(async move {
                store.sale_begin(org, &new).await.unwrap();
                store.sale_confirm(org, &confirm).await.unwrap()
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
}
