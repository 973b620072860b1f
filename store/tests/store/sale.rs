//! Begin, confirm, void: once, again, and in every wrong order.

use dianka_domain::ledger::{LedgerAccount, Transfer};
use dianka_domain::units::{MeterEnergy, Money, RealEnergy};
use dianka_store::{
    AccountStatus, Begun, Ended, NewAdjustment, NewTicket, PscState, SaleState, StoreError, account_status_set,
    adjustment_add, card_by_no, card_op_get, document_get, document_print_add, sale_by_account, sale_get,
    sale_open_by_account, sale_open_list, ticket_list, transfer_list,
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Books, amount, at, world};

/// Makes a good sale a bad one.
type Spoil = fn(&mut dianka_store::NewSale);

async fn rows(db: &dianka_store::testing::TestDb, table: &str) -> i64 {
    db.owner_number(&format!("SELECT count(*) FROM {table}")).await.unwrap()
}

#[tokio::test]
async fn a_sale_begins_and_is_confirmed() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);

    assert_eq!(books.store.sale_begin(books.org, &new).await.unwrap(), Begun::New);
    let open = books.read(&account).await;
    assert_eq!((open.counter.sold, open.version), (0, account.version + 1));
    let sale = books.store.tx(books.org, "get", async |s| sale_get(s, new.sale.sale_id).await).await.unwrap();
    assert_eq!(sale.state, SaleState::Authorised);
    assert_eq!(sale.facts, new.sale);
    assert_eq!((sale.user_no, sale.factory_no.as_str(), sale.operator_name.as_str()), (1, "00000001", "王芳"));
    let op = books.store.tx(books.org, "op", async |s| card_op_get(s, new.sale.sale_id).await).await.unwrap();
    assert_eq!(op, new.op);

    let receipt = books.store.sale_confirm(books.org, &books.confirm(&new)).await.unwrap();
    assert_eq!(receipt, 1);
    let done = books.read(&account).await;
    assert_eq!((done.counter.sold, done.counter.acked, done.version), (1, 0, account.version + 2));
    assert_eq!((done.total_fen, done.total_wh), (amount(100), RealEnergy::from_wh(100_000)));
    books
        .store
        .tx(books.org, "check", async |s| {
            let sale = sale_get(s, new.sale.sale_id).await?;
            assert_eq!(sale.state, SaleState::Committed);
            assert_eq!(sale.end.unwrap().receipt_no, Some(1));
            assert_eq!(sale_open_by_account(s, account.account_id).await?, None);
            let card = card_by_no(s, new.op.card_no).await?;
            assert_eq!((card.psc_state, card.tries_seen, card.writes), (PscState::Ours, Some(3), 1));
            let moved = transfer_list(s, new.sale.sale_id).await?;
            let mut expected = new.transfers.clone();
            expected.extend(books.confirm(&new).transfers);
            assert_eq!(moved, expected);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_begin_is_replayed_before_and_after_its_confirm() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);
    books.store.sale_begin(books.org, &new).await.unwrap();
    for _ in 0..100 {
        assert_eq!(books.store.sale_begin(books.org, &new).await.unwrap(), Begun::Replayed);
    }
    books.store.sale_confirm(books.org, &books.confirm(&new)).await.unwrap();
    assert_eq!(books.store.sale_begin(books.org, &new).await.unwrap(), Begun::Replayed);
    // The same request once more, decided on the counters as they are now: it must not leave an open sale behind.
    let mut fresh = books.sale(&books.read(&account).await, 100);
    fresh.sale.sale_id = new.sale.sale_id;
    assert_eq!(books.store.sale_begin(books.org, &fresh).await.unwrap(), Begun::Replayed);
    assert_eq!(rows(&db, "sale_open").await, 0);
    assert_eq!(rows(&db, "sale").await, 1);
    assert_eq!(rows(&db, "card_op").await, 1);
    assert_eq!(rows(&db, "ticket").await, 1);
    assert_eq!(books.read(&account).await.version, account.version + 2);
}

#[tokio::test]
async fn a_confirm_is_replayed_a_hundred_times() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);
    books.store.sale_begin(books.org, &new).await.unwrap();
    let confirm = books.confirm(&new);
    let receipt = books.store.sale_confirm(books.org, &confirm).await.unwrap();
    let after = books.read(&account).await;
    for _ in 0..100 {
        assert_eq!(books.store.sale_confirm(books.org, &confirm).await.unwrap(), receipt);
    }
    assert_eq!(books.read(&account).await, after);
    assert_eq!(rows(&db, "rollup_delta").await, 1);
    assert_eq!(rows(&db, "sale_outcome").await, 1);
    // The next receipt follows this one without a gap.
    let second = books.sell(&account, 50).await;
    let sale = books.store.tx(books.org, "get", async |s| sale_get(s, second.sale.sale_id).await).await.unwrap();
    assert_eq!(sale.end.unwrap().receipt_no, Some(receipt + 1));
}

#[tokio::test]
async fn another_body_under_the_same_id_is_refused() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);
    books.store.sale_begin(books.org, &new).await.unwrap();
    let mut other = new.clone();
    other.sale.request_hash = [8; 32];
    assert!(matches!(books.store.sale_begin(books.org, &other).await, Err(StoreError::ReplayMismatch)));
    books.store.sale_confirm(books.org, &books.confirm(&new)).await.unwrap();
    assert!(matches!(books.store.sale_begin(books.org, &other).await, Err(StoreError::ReplayMismatch)));
    // On another account, with a decision that would be good.
    let second = books.account("00000002").await;
    let mut stray = books.sale(&second, 100);
    stray.sale.sale_id = new.sale.sale_id;
    stray.sale.request_hash = [8; 32];
    assert!(matches!(books.store.sale_begin(books.org, &stray).await, Err(StoreError::ReplayMismatch)));
    assert_eq!(rows(&db, "sale_open").await, 0);
    assert_eq!(books.read(&second).await.version, second.version);
}

#[tokio::test]
async fn a_decision_on_old_figures_is_refused() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let wrong: [(&str, Spoil); 6] = [
        ("version", |new| new.account_version -= 1),
        ("count", |new| new.sale.count += 1),
        ("period", |new| new.sale.period += 1),
        ("generation", |new| new.op.generation += 1),
        ("meter", |new| new.sale.meter_id = Uuid::now_v7()),
        ("area", |new| new.sale.area_id = Uuid::now_v7()),
    ];
    for (what, spoil) in wrong {
        let mut new = books.sale(&account, 100);
        spoil(&mut new);
        assert!(matches!(books.store.sale_begin(books.org, &new).await, Err(StoreError::StaleDecision)), "{what}");
    }
    assert_eq!(rows(&db, "sale").await + rows(&db, "sale_open").await, 0);
    // After a sale has come and gone the old decision is stale, too.
    let late = books.sale(&account, 100);
    books.sell(&account, 10).await;
    assert!(matches!(books.store.sale_begin(books.org, &late).await, Err(StoreError::StaleDecision)));
}

#[tokio::test]
async fn one_open_sale_per_account() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let first = books.sale(&account, 100);
    books.store.sale_begin(books.org, &first).await.unwrap();
    let open = first.sale.sale_id;
    // Decided before and after the first one began.
    for decided_on in [account.clone(), books.read(&account).await] {
        let second = books.sale(&decided_on, 100);
        let error = books.store.sale_begin(books.org, &second).await.unwrap_err();
        assert!(matches!(error, StoreError::OpenSale { sale_id } if sale_id == open), "{error}");
    }
    let list = books.store.tx(books.org, "open", sale_open_list).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].0.sale_id, list[0].1.facts.sale_id, list[0].0.epoch), (open, open, 1));
}

#[tokio::test]
async fn what_does_not_exist_or_is_not_open_is_refused() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let mut new = books.sale(&account, 100);
    new.sale.account_id = Uuid::now_v7();
    assert!(matches!(books.store.sale_begin(books.org, &new).await, Err(StoreError::NotFound)));
    assert!(matches!(books.store.sale_confirm(books.org, &books.confirm(&new)).await, Err(StoreError::NotFound)));
    assert!(matches!(books.store.sale_void(books.org, &books.void(&new)).await, Err(StoreError::NotFound)));
    let wrong: [(&str, Spoil); 5] = [
        ("workstation", |new| new.sale.workstation_id = Uuid::now_v7()),
        ("site", |new| new.sale.site_id = Uuid::now_v7()),
        ("operator", |new| new.sale.operator_id = Uuid::now_v7()),
        ("tariff version", |new| new.sale.tariff_version_id = Uuid::now_v7()),
        ("price", |new| new.sale.price_micro = dianka_domain::units::Price::from_micro(1)),
    ];
    for (what, spoil) in wrong {
        let mut new = books.sale(&account, 100);
        spoil(&mut new);
        let answer = books.store.sale_begin(books.org, &new).await;
        assert!(matches!(answer, Err(StoreError::Reference { .. })), "{what}: {answer:?}");
    }
    books
        .store
        .tx(books.org, "suspend", async |s| account_status_set(s, account.account_id, AccountStatus::Suspended).await)
        .await
        .unwrap();
    let new = books.sale(&books.read(&account).await, 100);
    assert!(matches!(books.store.sale_begin(books.org, &new).await, Err(StoreError::AccountNotOpen)));
}

#[tokio::test]
async fn a_void_gives_everything_back_and_frees_the_number() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let adjustment = NewAdjustment {
        adjustment_id: Uuid::now_v7(),
        account_id: account.account_id,
        energy_wh: RealEnergy::from_wh(12_000),
        reason: "换表".to_owned(),
        operator_id: books.operator,
        created_at: at(1),
        transfers: dianka_domain::ledger::postings_adjustment(RealEnergy::from_wh(12_000)).unwrap(),
    };
    books.store.tx(books.org, "adjust", async |s| adjustment_add(s, &adjustment).await).await.unwrap();
    let before = books.read(&account).await;
    assert_eq!(before.adjustment_pending_wh, RealEnergy::from_wh(12_000));

    let mut new = books.sale(&before, 100);
    new.sale.adjustment_used_wh = RealEnergy::from_wh(12_000);
    new.sale.preset_deducted_wh = MeterEnergy::from_wh(12_000);
    new.sale.carry_wh = RealEnergy::from_wh(500);
    new.sale.energy_wh = RealEnergy::from_wh(100_500);
    books.store.sale_begin(books.org, &new).await.unwrap();
    let during = books.read(&account).await;
    assert_eq!((during.adjustment_pending_wh, during.preset_pending_wh), (RealEnergy::from_wh(500), MeterEnergy::ZERO));

    assert_eq!(books.store.sale_void(books.org, &books.void(&new)).await.unwrap(), Ended::Now);
    assert_eq!(books.store.sale_void(books.org, &books.void(&new)).await.unwrap(), Ended::Before);
    assert!(matches!(books.store.sale_confirm(books.org, &books.confirm(&new)).await, Err(StoreError::AlreadyEnded)));
    let after = books.read(&account).await;
    assert_eq!(
        (after.adjustment_pending_wh, after.preset_pending_wh, after.counter),
        (before.adjustment_pending_wh, before.preset_pending_wh, before.counter)
    );
    books
        .store
        .tx(books.org, "ledger", async |s| {
            let moved = transfer_list(s, new.sale.sale_id).await?;
            assert_eq!(balance(&moved, LedgerAccount::CashDrawer), Money::ZERO);
            assert_eq!(balance(&moved, LedgerAccount::CustomerHeld), Money::ZERO);
            assert_eq!(sale_get(s, new.sale.sale_id).await?.state, SaleState::Voided);
            assert!(matches!(document_get(s, new.sale.sale_id).await, Err(StoreError::NotFound)));
            Ok(())
        })
        .await
        .unwrap();
    // The number is sold again, and this time for good.
    let again = books.sell(&account, 30).await;
    assert_eq!(again.sale.count, new.sale.count);
    assert!(matches!(books.store.sale_void(books.org, &books.void(&again)).await, Err(StoreError::AlreadyEnded)));
}

fn balance(moved: &[Transfer], account: LedgerAccount) -> Money {
    let debit: i64 = moved.iter().filter(|t| t.debit == account).map(|t| t.amount.fen()).sum();
    let credit: i64 = moved.iter().filter(|t| t.credit == account).map(|t| t.amount.fen()).sum();
    Money::from_fen(debit - credit)
}

#[tokio::test]
async fn tickets_rise_while_the_sale_is_open() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);
    let ticket = |epoch| NewTicket {
        sale_id: new.sale.sale_id,
        epoch,
        workstation_id: books.workstations[1],
        session: "s-2".to_owned(),
        issued_at: at(15),
        body: json!({"epoch": epoch}),
    };
    assert!(matches!(books.store.ticket_add(books.org, &ticket(2)).await, Err(StoreError::NotFound)));
    books.store.sale_begin(books.org, &new).await.unwrap();
    books.store.ticket_add(books.org, &ticket(2)).await.unwrap();
    for stale in [1, 2, 4] {
        assert!(matches!(books.store.ticket_add(books.org, &ticket(stale)).await, Err(StoreError::StaleDecision)));
    }
    books.store.ticket_add(books.org, &ticket(3)).await.unwrap();
    let tickets = books.store.tx(books.org, "tickets", async |s| ticket_list(s, new.sale.sale_id).await).await.unwrap();
    assert_eq!(tickets.iter().map(|t| t.epoch).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(tickets[2].body, json!({"epoch": 3}));
    books.store.sale_confirm(books.org, &books.confirm(&new)).await.unwrap();
    assert!(matches!(books.store.ticket_add(books.org, &ticket(4)).await, Err(StoreError::AlreadyEnded)));
}

#[tokio::test]
async fn receipts_are_numbered_per_workstation_and_reprints_counted() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let mut receipts = Vec::new();
    for turn in 0..4_usize {
        let new = books.sale(&books.read(&account).await, 10);
        books.store.sale_begin(books.org, &new).await.unwrap();
        let mut confirm = books.confirm(&new);
        confirm.workstation_id = books.workstations[turn % 2];
        receipts.push(books.store.sale_confirm(books.org, &confirm).await.unwrap());
    }
    assert_eq!(receipts, [1, 1, 2, 2]);
    books
        .store
        .tx(books.org, "documents", async |s| {
            let newest = sale_by_account(s, account.account_id, 2).await?;
            assert_eq!(newest.iter().map(|sale| sale.facts.count).collect::<Vec<_>>(), [4, 3]);
            let sale_id = newest[0].facts.sale_id;
            assert_eq!(document_print_add(s, sale_id, books.operator, at(30)).await?, 0);
            assert_eq!(document_print_add(s, sale_id, books.operator, at(31)).await?, 1);
            let document = document_get(s, sale_id).await?;
            assert_eq!((document.receipt_no, document.prints), (2, 2));
            assert_eq!(document.body, json!({"name": "李雷"}));
            Ok(())
        })
        .await
        .unwrap();
}

/// What a sale leaves behind can be changed by nobody who works as the application.
#[tokio::test]
async fn the_application_can_neither_change_nor_delete_what_was_sold() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    books.sell(&account, 100).await;
    for table in [
        "sale",
        "card_op",
        "token_op",
        "ticket",
        "sale_outcome",
        "transfer",
        "card_read",
        "audit",
        "adjustment",
        "tariff_version",
    ] {
        for sql in [format!("UPDATE {table} SET org_id = org_id"), format!("DELETE FROM {table}")] {
            let error = db.app_sql(&sql).await.unwrap_err().to_string();
            assert!(error.contains("permission denied"), "{sql}: {error}");
        }
    }
    for table in ["account", "card", "meter", "org", "site", "workstation", "operator", "area", "tariff", "meter_type"]
    {
        let error = db.app_sql(&format!("DELETE FROM {table}")).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{table}: {error}");
    }
}

/// The last wall, should all others be wrong: one committed sale per meter, period and number.
#[tokio::test]
async fn a_number_is_committed_once_per_meter_and_period() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let first = books.sell(&account, 100).await;
    // Behind the store's back, the counter is set back.
    db.owner_sql("UPDATE account SET sold = 0").await.unwrap();
    let again = books.sale(&books.read(&account).await, 100);
    assert_eq!(again.sale.count, first.sale.count);
    books.store.sale_begin(books.org, &again).await.unwrap();
    let error = books.store.sale_confirm(books.org, &books.confirm(&again)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict { constraint } if constraint == "sale_outcome_number_key"),
        "{error}"
    );
    books.store.sale_void(books.org, &books.void(&again)).await.unwrap();
}

/// What the card carries is what was sold; a decision that does not add up is not stored, whoever made it.
#[tokio::test]
async fn a_sale_that_does_not_add_up_is_refused() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let wrong: [(&str, Spoil); 4] = [
        ("more on the card", |new| new.sale.quantity_wh = MeterEnergy::from_wh(100_001)),
        ("adjustment without energy", |new| new.sale.adjustment_used_wh = RealEnergy::from_wh(1)),
        ("preset that nobody gave", |new| {
            new.sale.preset_deducted_wh = MeterEnergy::from_wh(13_000);
            new.sale.quantity_wh = MeterEnergy::from_wh(87_000);
        }),
        ("nothing on the card", |new| {
            new.sale.quantity_wh = MeterEnergy::ZERO;
            new.sale.energy_wh = RealEnergy::ZERO;
        }),
    ];
    for (what, spoil) in wrong {
        let mut new = books.sale(&account, 100);
        spoil(&mut new);
        let answer = books.store.sale_begin(books.org, &new).await;
        assert!(matches!(answer, Err(StoreError::Invalid { .. })), "{what}: {answer:?}");
    }
    assert_eq!(rows(&db, "sale").await + rows(&db, "sale_open").await + rows(&db, "ticket").await, 0);
    assert_eq!(books.read(&account).await, account);
}

/// Books without their workstation's counter: nothing is half done.
#[tokio::test]
async fn a_confirm_that_cannot_number_its_receipt_changes_nothing() {
    let (db, books) = world().await;
    let account = books.account("00000001").await;
    let new = books.sale(&account, 100);
    books.store.sale_begin(books.org, &new).await.unwrap();
    let before = books.read(&account).await;
    let mut confirm = books.confirm(&new);
    confirm.workstation_id = Uuid::now_v7();
    assert!(books.store.sale_confirm(books.org, &confirm).await.is_err());
    assert_eq!(books.read(&account).await, before);
    assert_eq!(
        (rows(&db, "sale_open").await, rows(&db, "sale_outcome").await, rows(&db, "rollup_delta").await),
        (1, 0, 0)
    );
    books.store.sale_confirm(books.org, &Books::confirm(&books, &new)).await.unwrap();
}
