//! Replacement cards: the old card is blocked, an open sale ends with the new one, and every call may come twice.

use dianka_store::{
    AccountStatus, CardState, Ended, NewReplacement, NewSale, NewTicket, PscState, ReplacementBegun, SaleState,
    StoreError, account_status_set, card_by_no, card_current, replacement_by_account, replacement_get,
    replacement_open_by_account, replacement_open_list, sale_get, sale_open_by_account,
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Books, at, world};

async fn confirm(books: &Books, new: &NewReplacement, sale: &NewSale, epoch: u32) -> Result<Ended, StoreError> {
    let evidence = json!({"kind": "read-back", "epoch": epoch});
    books.store.replacement_confirm(books.org, new.facts.op_id, &evidence, &books.confirm(sale)).await
}

fn ticket(books: &Books, of: Uuid, epoch: u32) -> NewTicket {
    NewTicket {
        sale_id: of,
        epoch,
        workstation_id: books.workstations[1],
        session: "another".to_owned(),
        issued_at: at(40),
        body: json!({ "epoch": epoch }),
    }
}

#[tokio::test]
async fn the_new_card_takes_the_place_of_the_old_one() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let sale = books.sell(&account, 30).await;
    let before = books.read(&account).await;
    let new = books.replacement(&before, &sale);
    assert_eq!(books.replace(&new).await.unwrap(), ReplacementBegun::New);
    assert_eq!(books.replace(&new).await.unwrap(), ReplacementBegun::Replayed);
    let mut other = new.clone();
    other.facts.request_hash = [1; 32];
    assert!(matches!(books.replace(&other).await, Err(StoreError::ReplayMismatch)));

    let now = books.read(&account).await;
    assert_eq!((now.counter.issue, now.version), (before.counter.issue + 1, before.version + 1));
    assert_eq!((now.counter.sold, now.total_fen), (before.counter.sold, before.total_fen), "no money, no number");
    let (old_no, new_no) = (new.facts.old_card_no, new.op.card_no);
    let read = books.store.tx(books.org, "cards", async |s| {
        let open = replacement_open_by_account(s, account.account_id).await?;
        Ok((card_by_no(s, old_no).await?, card_current(s, account.account_id).await?, open))
    });
    let (old, current, open) = read.await.unwrap();
    assert_eq!(old.state, CardState::Blocked);
    assert_eq!((current.card_no, current.psc_state, current.generation), (new_no, PscState::Transport, 2));
    assert_eq!(open, Some(new.facts.op_id));

    assert!(matches!(confirm(&books, &new, &sale, 2).await, Err(StoreError::StaleDecision)), "of another ticket");
    assert_eq!(confirm(&books, &new, &sale, 1).await.unwrap(), Ended::Now);
    assert_eq!(confirm(&books, &new, &sale, 1).await.unwrap(), Ended::Before);
    let read = books.store.tx(books.org, "ended", async |s| {
        let found = replacement_get(s, new.facts.op_id).await?;
        assert_eq!(replacement_by_account(s, account.account_id, 9).await?, std::slice::from_ref(&found));
        assert!(replacement_open_list(s).await?.is_empty());
        Ok((found, card_current(s, account.account_id).await?))
    });
    let (found, current) = read.await.unwrap();
    assert_eq!((&found.facts, found.card_no), (&new.facts, new_no));
    assert!(found.ended_at.is_some());
    assert_eq!((current.psc_state, current.writes), (PscState::Ours, 1));
}

#[tokio::test]
async fn an_open_sale_only_goes_forward_and_ends_with_the_new_card() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let sale = books.sale(&books.read(&account).await, 30);
    books.store.sale_begin(books.org, &sale).await.unwrap();
    let new = books.replacement(&books.read(&account).await, &sale);
    books.replace(&new).await.unwrap();

    let void = books.store.sale_void(books.org, &books.void(&sale)).await;
    assert!(matches!(void, Err(StoreError::BeingReplaced)), "{void:?}");
    let onto_the_old_card = books.store.ticket_add(books.org, &ticket(&books, sale.sale.sale_id, 2)).await;
    assert!(matches!(onto_the_old_card, Err(StoreError::BeingReplaced)), "{onto_the_old_card:?}");
    let second = books.replacement(&books.read(&account).await, &sale);
    assert_eq!(books.replace(&second).await.unwrap(), ReplacementBegun::OtherOpen);

    books.store.ticket_add(books.org, &ticket(&books, new.facts.op_id, 2)).await.unwrap();
    let skipped = books.store.ticket_add(books.org, &ticket(&books, new.facts.op_id, 4)).await;
    assert!(matches!(skipped, Err(StoreError::StaleDecision)), "{skipped:?}");
    assert!(matches!(confirm(&books, &new, &sale, 1).await, Err(StoreError::StaleDecision)));
    assert_eq!(confirm(&books, &new, &sale, 2).await.unwrap(), Ended::Now);
    let read = books.store.tx(books.org, "sale", async |s| {
        let open = sale_open_by_account(s, account.account_id).await?;
        Ok((sale_get(s, sale.sale.sale_id).await?, open, card_by_no(s, new.facts.old_card_no).await?))
    });
    let (ended, open, old) = read.await.unwrap();
    assert_eq!((ended.state, open), (SaleState::Committed, None));
    assert_eq!((old.psc_state, old.writes), (PscState::Transport, 0), "nothing was proven of the old card");
    let now = books.read(&account).await;
    assert_eq!((now.counter.sold, now.total_fen), (1, sale.sale.amount_fen));
    let late = books.store.ticket_add(books.org, &ticket(&books, new.facts.op_id, 3)).await;
    assert!(matches!(late, Err(StoreError::AlreadyEnded)), "{late:?}");
}

/// The meter may say that it has taken the purchase before the new card is written: the sale ends, the new card goes on.
#[tokio::test]
async fn a_sale_that_ends_first_leaves_its_replacement_open() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let sale = books.sale(&books.read(&account).await, 30);
    books.store.sale_begin(books.org, &sale).await.unwrap();
    let new = books.replacement(&books.read(&account).await, &sale);
    books.replace(&new).await.unwrap();
    let receipt = books.store.sale_confirm(books.org, &books.confirm(&sale)).await.unwrap();
    assert_eq!(confirm(&books, &new, &sale, 1).await.unwrap(), Ended::Now);
    let ended = books.store.tx(books.org, "sale", async |s| sale_get(s, sale.sale.sale_id).await).await.unwrap();
    assert_eq!(ended.end.unwrap().receipt_no, Some(receipt), "one receipt");
    assert_eq!(books.read(&account).await.total_fen, sale.sale.amount_fen);
}

#[tokio::test]
async fn what_was_decided_on_other_figures_is_refused() {
    let (_db, books) = world().await;
    let account = books.account("00000001").await;
    let first = books.sell(&account, 30).await;
    let decided = books.read(&account).await;
    // A quote of before a replacement is stale, and a replacement of before a sale as well.
    let quoted = books.sale(&decided, 20);
    let new = books.replacement(&decided, &first);
    books.replace(&new).await.unwrap();
    assert!(matches!(books.store.sale_begin(books.org, &quoted).await, Err(StoreError::StaleDecision)));
    confirm(&books, &new, &first, 1).await.unwrap();
    assert!(matches!(books.store.sale_begin(books.org, &quoted).await, Err(StoreError::StaleDecision)));

    let decided = books.read(&account).await;
    let late = books.replacement(&decided, &first);
    let mut quoted = books.sale(&decided, 20);
    quoted.op.generation = 2;
    books.store.sale_begin(books.org, &quoted).await.unwrap();
    assert!(matches!(books.replace(&late).await, Err(StoreError::StaleDecision)));
    // Another purchase than the one that is being sold.
    let wrong = books.replacement(&books.read(&account).await, &first);
    assert!(matches!(books.replace(&wrong).await, Err(StoreError::StaleDecision)));
    let unknown = NewReplacement {
        facts: dianka_store::ReplacementFacts {
            account_id: Uuid::now_v7(),
            op_id: Uuid::now_v7(),
            ..late.facts.clone()
        },
        ..late.clone()
    };
    assert!(matches!(books.replace(&unknown).await, Err(StoreError::NotFound)));
    let id = account.account_id;
    let suspended = AccountStatus::Suspended;
    books.store.tx(books.org, "suspend", async |s| account_status_set(s, id, suspended).await).await.unwrap();
    let last = books.replacement(&books.read(&account).await, &quoted);
    assert!(matches!(books.replace(&last).await, Err(StoreError::AccountNotOpen)));
}
