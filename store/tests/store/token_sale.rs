//! Selling tokens: authorised and finished in one commit, one identifier once.

use dianka_domain::ledger::postings_confirm;
use dianka_domain::units::RealEnergy;
use dianka_store::testing::TestDb;
use dianka_store::{
    Account, AccountStatus, Carried, Carrier, MeterType, NewTokenSale, SaleState, StoreError, TokenFacts, TokenSold,
    account_open, account_status_set, document_get, meter_list, meter_stock_add, meter_type_create, meter_type_get,
    sale_by_account, sale_get, sale_open_list, token_last, transfer_list,
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Books, amount, at, figures};

const SLOT: &str = "sts-123457-2-4";

/// A type of keypad meters, one of them in stock, and an account on it.
pub async fn keypad(books: &Books, factory_no: &str) -> Account {
    let meter = dianka_store::NewMeter { meter_type_id: Uuid::now_v7(), ..books.new_meter(factory_no) };
    let new = books.new_account(meter.meter_id);
    books
        .store
        .tx(books.org, "keypad", async |s| {
            let card = meter_type_get(s, books.meter_type).await?;
            let keypad = MeterType {
                meter_type_id: meter.meter_type_id,
                name: format!("STS {factory_no}"),
                driver_id: "sts.ea11".to_owned(),
                carrier: Carrier::Token,
                token_params: json!([{"name": "supply-group", "value": "123457"}]),
                ..card
            };
            meter_type_create(s, &keypad).await?;
            assert_eq!(meter_type_get(s, keypad.meter_type_id).await?, keypad);
            meter_stock_add(s, &meter).await?;
            account_open(s, &new).await
        })
        .await
        .unwrap()
}

/// A sale of `kwh`, decided on `account` as it is given, with the token `identifier` made after `after`.
pub fn token_sale(books: &Books, account: &Account, kwh: i64, after: Option<u64>, identifier: u64) -> NewTokenSale {
    let figures = figures(kwh);
    // The fixture's sale is one of a card; all but what carries it is the same.
    let carded = Account { card_no: Some(1), ..account.clone() };
    let new = books.sale(&carded, kwh);
    let mut confirm = books.confirm(&new);
    confirm.at = at(10);
    confirm.transfers = postings_confirm(&figures).unwrap();
    NewTokenSale {
        account_version: new.account_version,
        token: TokenFacts {
            generation: account.counter.issue,
            key_slot: SLOT.to_owned(),
            after,
            identifier,
            digits: format!("{identifier:020}"),
            driver_id: "sts.ea11".to_owned(),
            driver_version: "1.0.0".to_owned(),
            driver_sha256: [9; 32],
        },
        sale: new.sale,
        transfers: new.transfers,
        confirm,
    }
}

async fn last(books: &Books, account: &Account) -> Option<u64> {
    let meter_id = account.meter.meter_id;
    books.store.tx(books.org, "last", async |s| token_last(s, meter_id, SLOT).await).await.unwrap()
}

async fn count(db: &TestDb, table: &str) -> i64 {
    db.owner_number(&format!("SELECT count(*) FROM {table}")).await.unwrap()
}

#[tokio::test]
async fn a_token_is_sold_in_one_commit_and_stays_the_same() {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = keypad(&books, "00000000018").await;
    assert_eq!((account.card_no, account.meter.carrier), (None, Carrier::Token));
    assert_eq!(count(&db, "card").await, 0);

    let new = token_sale(&books, &account, 100, None, 500);
    let sold = books.store.sale_token(books.org, &new).await.unwrap();
    let TokenSold::Now(end) = sold else { panic!("{sold:?}") };
    assert_eq!(end.receipt_no, Some(1));
    // The same request again, also with a token made anew for it: the first one stays.
    let again = NewTokenSale {
        token: TokenFacts { after: Some(500), identifier: 501, digits: "9".repeat(20), ..new.token.clone() },
        ..new.clone()
    };
    for repeated in [&new, &again] {
        assert_eq!(books.store.sale_token(books.org, repeated).await.unwrap(), TokenSold::Before);
    }
    let mut other = new.clone();
    other.sale.request_hash = [8; 32];
    assert!(matches!(books.store.sale_token(books.org, &other).await, Err(StoreError::ReplayMismatch)));
    assert_eq!(last(&books, &account).await, Some(500));

    let carried = Carried::Token { digits: "00000000000000000500".to_owned(), identifier: 500 };
    let (sale_id, account_id) = (new.sale.sale_id, account.account_id);
    let mut moved = new.transfers.clone();
    moved.extend(new.confirm.transfers.clone());
    books
        .store
        .tx(books.org, "check", async |s| {
            let sale = sale_get(s, sale_id).await?;
            assert_eq!((sale.state, &sale.facts, &sale.carried), (SaleState::Committed, &new.sale, &carried));
            assert_eq!((sale.end, sale.driver_id.as_str()), (Some(end.clone()), "sts.ea11"));
            assert_eq!(sale_by_account(s, account_id, 9).await?.len(), 1);
            assert!(sale_open_list(s).await?.is_empty());
            assert_eq!(transfer_list(s, sale_id).await?, moved);
            assert_eq!(document_get(s, sale_id).await?.body, new.confirm.document);
            Ok(())
        })
        .await
        .unwrap();
    let done = books.read(&account).await;
    assert_eq!((done.counter.sold, done.counter.acked, done.version), (1, 0, account.version + 2));
    assert_eq!((done.total_fen, done.total_wh), (amount(100), RealEnergy::from_wh(100_000)));
    assert_eq!((count(&db, "token_op").await, count(&db, "card_op").await, count(&db, "ticket").await), (1, 0, 0));
    assert_eq!(count(&db, "rollup_delta").await, 1);
    assert_eq!(books.store.rollup_fold_once().await.unwrap().folded, 1);
    assert_eq!(db.owner_number("SELECT sum(energy_wh)::INT8 FROM rollup_day").await.unwrap(), 100_000);
}

#[tokio::test]
async fn an_identifier_is_sold_to_a_meter_once() {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = keypad(&books, "00000000018").await;
    let sell = async |account: &Account, after, identifier| {
        books.store.sale_token(books.org, &token_sale(&books, account, 10, after, identifier)).await
    };
    sell(&account, None, 500).await.unwrap();
    let second = books.read(&account).await;
    // Made after another token than the last, not above it, or decided on old figures: nothing is left behind.
    for (after, identifier) in [(None, 501), (Some(499), 501), (Some(501), 502), (Some(500), 500), (Some(500), 3)] {
        let refused = sell(&second, after, identifier).await.unwrap();
        assert_eq!(refused, TokenSold::OtherToken, "{after:?} {identifier}");
    }
    assert!(matches!(sell(&account, Some(500), 501).await, Err(StoreError::StaleDecision)));
    assert_eq!((count(&db, "sale").await, count(&db, "sale_open").await, count(&db, "token_op").await), (1, 0, 1));
    assert_eq!((books.read(&account).await.version, last(&books, &account).await), (second.version, Some(500)));
    assert!(matches!(sell(&second, Some(500), 501).await, Ok(TokenSold::Now(end)) if end.receipt_no == Some(2)));
    // Another meter has its own.
    let neighbour = keypad(&books, "00000000026").await;
    assert!(matches!(sell(&neighbour, None, 500).await, Ok(TokenSold::Now(_))));

    let third = books.read(&account).await;
    let suspend =
        async |s: &mut dianka_store::Scoped| account_status_set(s, account.account_id, AccountStatus::Suspended).await;
    books.store.tx(books.org, "suspend", suspend).await.unwrap();
    let now = Account { version: third.version + 1, ..third };
    assert!(matches!(sell(&now, Some(501), 502).await, Err(StoreError::AccountNotOpen)));
}

/// Twelve windows sell to one account at the same time, each with the same last token in hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_sales_of_tokens_one_wins_a_round() {
    let db = TestDb::with_pool(12).await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = keypad(&books, "00000000018").await;
    for round in 0..4 {
        let account = books.read(&account).await;
        let after = last(&books, &account).await;
        let attempts: Vec<_> =
            (0..12).map(|n| token_sale(&books, &account, 10, after, 1000 * (round + 1) + n)).collect();
        let tasks: Vec<_> = attempts
            .into_iter()
            .map(|new| {
                let (store, org) = (db.store.clone(), books.org);
                tokio::spawn(async move { store.sale_token(org, &new).await })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(TokenSold::Now(_)) => won += 1,
                Ok(TokenSold::OtherToken) | Err(StoreError::StaleDecision) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!((count(&db, "sale").await, count(&db, "token_op").await, count(&db, "sale_open").await), (4, 4, 0));
    assert_eq!(books.read(&account).await.counter.sold, 4);
    let ends = "SELECT count(DISTINCT receipt_no) FROM sale_outcome WHERE receipt_no BETWEEN 1 AND 4";
    assert_eq!(db.owner_number(ends).await.unwrap(), 4);
}

#[tokio::test]
async fn numbers_of_keypad_meters_are_found_by_their_beginning() {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let account = keypad(&books, "86000000019").await;
    books.account("86000001").await;
    for (q, found) in [("86", 2), ("8600000001", 1), ("86000000019", 1), ("860000000190", 0), ("86000001", 1)] {
        let filter = dianka_store::MeterFilter { status: None, q: Some(q.to_owned()) };
        let page = dianka_store::PageRequest::new(1, 20);
        let meters = books.store.tx(books.org, "list", async |s| meter_list(s, &filter, page).await).await.unwrap();
        assert_eq!(meters.total, found, "{q}");
        let accounts = async |s: &mut dianka_store::Scoped| dianka_store::account_list(s, Some(q), page).await;
        assert_eq!(books.store.tx(books.org, "accounts", accounts).await.unwrap().total, found, "{q}");
    }
    for wrong in ["123456789", "1234567", "123456789012", "12345678901234"] {
        let stock = async |s: &mut dianka_store::Scoped| meter_stock_add(s, &books.new_meter(wrong)).await;
        assert!(books.store.tx(books.org, "stock", stock).await.is_err(), "{wrong}");
    }
    assert_eq!(account.meter.factory_no, "86000000019");
}
