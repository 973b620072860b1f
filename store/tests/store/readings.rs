//! Readings, and what they prove.

use dianka_domain::units::MeterEnergy;
use dianka_store::{
    Acked, CardRead, Recorded, Returned, StoreError, card_by_no, card_read_last_returned, card_read_list,
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Books, at, world};

fn reading(books: &Books, account: &dianka_store::Account, returned: Option<u32>) -> CardRead {
    CardRead {
        read_id: Uuid::now_v7(),
        account_id: Some(account.account_id),
        card_no: account.card_no,
        workstation_id: books.workstations[0],
        operator_id: Some(books.operator),
        session: "s-9".to_owned(),
        kind: "purchase".to_owned(),
        image: vec![0xa5; 256],
        tries: 3,
        returned: returned.map(|count| Returned {
            count,
            remaining_wh: Some(MeterEnergy::from_wh(-1500)),
            total_used_wh: Some(MeterEnergy::from_wh(1_500)),
            total_purchased_wh: Some(MeterEnergy::from_wh(100_000)),
            overdraft_wh: Some(MeterEnergy::from_wh(1_500)),
            power_w: Some(800),
            status_word: Some(0xffff),
            details: json!({"relay_open": true}),
        }),
        at: at(40),
    }
}

#[tokio::test]
async fn a_reading_is_stored_whole_and_once() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    books.sell(&account, 100).await;
    let read = reading(&books, &account, Some(1));
    let acked = Some(Acked { count: 1, period: 1 });
    assert_eq!(books.store.reading_record(books.org, &read, acked).await.unwrap(), Recorded::AckedRaised);
    let after = books.read(&account).await;
    assert_eq!((after.counter.sold, after.counter.acked), (1, 1));
    for _ in 0..3 {
        assert_eq!(books.store.reading_record(books.org, &read, acked).await.unwrap(), Recorded::Replayed);
    }
    assert_eq!(books.read(&account).await, after);
    books
        .store
        .tx(books.org, "reads", async |s| {
            assert_eq!(card_read_list(s, account.account_id, 10).await?, vec![read.clone()]);
            assert_eq!(card_read_last_returned(s, account.account_id).await?, Some(read.clone()));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn only_what_was_sold_in_this_period_is_proven() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    books.sell(&account, 100).await;
    let before = books.read(&account).await;
    let record = async |count, period| {
        let read = reading(&books, &account, Some(count));
        books.store.reading_record(books.org, &read, Some(Acked { count, period })).await.unwrap()
    };
    assert_eq!(record(2, 1).await, Recorded::BeyondSold);
    assert_eq!(record(1, 2).await, Recorded::Stored);
    assert_eq!(record(0, 1).await, Recorded::Stored);
    assert_eq!(books.read(&account).await, before);
    assert_eq!(record(1, 1).await, Recorded::AckedRaised);
    // An older card seen later proves nothing away.
    assert_eq!(record(0, 1).await, Recorded::Stored);
    assert_eq!(record(1, 1).await, Recorded::Stored);
    let after = books.read(&account).await;
    assert_eq!((after.counter.acked, after.version), (1, before.version + 1));
}

#[tokio::test]
async fn a_foreign_card_is_stored_without_an_account() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let mut read = reading(&books, &account, None);
    (read.account_id, read.card_no) = (None, None);
    "foreign".clone_into(&mut read.kind);
    assert_eq!(books.store.reading_record(books.org, &read, None).await.unwrap(), Recorded::Stored);
    let mut unknown = reading(&books, &account, None);
    unknown.account_id = Some(Uuid::now_v7());
    let error = books.store.reading_record(books.org, &unknown, None).await.unwrap_err();
    assert!(matches!(error, StoreError::Reference { .. }), "{error}");
}

/// The error counter is remembered with the card.
#[tokio::test]
async fn tries_are_remembered() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let mut read = reading(&books, &account, None);
    read.tries = 1;
    books.store.reading_record(books.org, &read, None).await.unwrap();
    let card = books.store.tx(books.org, "card", async |s| card_by_no(s, 1).await).await.unwrap();
    assert_eq!(card.tries_seen, Some(1));
}
