//! Replacement cards 补卡: the same number and quantity on a new card, so the meter takes it once, whichever card brings it;
//! and whatever breaks in between, money, cards, meter and rows end equal.

use std::time::Duration;

use dianka_server::demo::client::ClientError;
use dianka_tests::{Customer, Failure, Installation, Running, has, items, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    answer.err().map(|e| e.code().to_owned()).unwrap_or_default()
}

/// A blank card from the drawer.
async fn blank(running: &Running) -> Result<String, Failure> {
    text(&running.client.post("/bench/cards", &json!({ "label": "补卡" })).await?, "/id")
}

async fn replace(
    running: &Running,
    id: Uuid,
    account: &str,
    counter: &str,
    reason: &str,
) -> Result<Value, ClientError> {
    let body = json!({ "id": id, "account_id": account, "workstation_id": counter, "reason": reason });
    running.client.post("/replacements?wait_s=20", &body).await
}

async fn sold(running: &Running, counter: &str, customer: &Customer, wh: i64) -> Result<Uuid, Failure> {
    insert(running, &customer.card, counter).await?;
    let (quote, id) = (running.quote(counter, &customer.account, wh).await?, Uuid::now_v7());
    let sale = running.sell(id, &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");
    Ok(id)
}

/// Every card back into the drawer.
async fn clear(running: &Running) -> Result<(), Failure> {
    for card in cards(running).await? {
        if card.pointer("/place/kind") != Some(&json!("drawer")) {
            running.move_card(&text(&card, "/id")?, json!({ "kind": "drawer" })).await?;
        }
    }
    Ok(())
}

async fn cards(running: &Running) -> Result<Vec<Value>, Failure> {
    let bench = running.client.get("/bench").await?;
    Ok(bench.get("cards").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// The card alone in the reader.
async fn insert(running: &Running, card: &str, counter: &str) -> Result<(), Failure> {
    clear(running).await?;
    Ok(running.to_reader(card, counter).await?)
}

async fn outcome(running: &Running, card: &str, meter: &str) -> Result<String, Failure> {
    clear(running).await?;
    text(&running.to_meter(card, meter).await?, "/outcome/code")
}

async fn taken_wh(running: &Running, customer: &Customer) -> Result<i64, Failure> {
    number(&running.meter(&customer.meter).await?, "/snapshot/total_purchased_wh")
}

/// The card in the reader, once the server has held it against the books.
async fn view(running: &Running, counter: &str) -> Result<Value, Failure> {
    for _ in 0..100 {
        let state = running.client.get(&format!("/workstations/{counter}/state")).await?;
        if has(&state, "card") {
            return Ok(running.read_card(counter).await?);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the reader does not see its card".into())
}

fn problems(view: &Value) -> Vec<String> {
    items(view.get("problems").unwrap_or(&Value::Null)).iter().filter_map(|p| text(p, "/code").ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_meter_takes_the_purchase_once_whichever_card_brings_it() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    for driver in ["gbt18460.open-a", "jbt8382.open-a"] {
        // Lost before it was in the meter: the new card brings it, and the old one, found again, brings nothing.
        let customer = running.customer(driver, &json!({})).await?;
        sold(&running, &counter, &customer, 100_000).await?;
        let new = blank(&running).await?;
        insert(&running, &new, &counter).await?;
        let done = replace(&running, Uuid::now_v7(), &customer.account, &counter, "lost").await?;
        assert_eq!(text(&done, "/state")?, "committed", "{done}");
        assert_eq!((number(&done, "/count")?, number(&done, "/quantity_wh")?), (1, 100_000));
        assert_eq!(outcome(&running, &new, &customer.meter).await?, "loaded");
        assert_ne!(outcome(&running, &customer.card, &customer.meter).await?, "loaded");
        assert_eq!(taken_wh(&running, &customer).await?, 100_000);
        insert(&running, &customer.card, &counter).await?;
        assert!(problems(&view(&running, &counter).await?).contains(&"card.replaced".to_owned()));
        assert_eq!(code(running.quote(&counter, &customer.account, 50_000).await), "card.replaced");

        // The next sale goes onto the new card; lost after that was in the meter: the new one brings nothing twice.
        let customer = Customer { card: new, ..customer };
        sold(&running, &counter, &customer, 50_000).await?;
        assert_eq!(outcome(&running, &customer.card, &customer.meter).await?, "loaded");
        let third = blank(&running).await?;
        insert(&running, &third, &counter).await?;
        let done = replace(&running, Uuid::now_v7(), &customer.account, &counter, "damaged").await?;
        assert_eq!((text(&done, "/state")?, number(&done, "/count")?), ("committed".to_owned(), 2), "{done}");
        assert_ne!(outcome(&running, &third, &customer.meter).await?, "loaded");
        assert_eq!(taken_wh(&running, &customer).await?, 150_000);
        // The meter wrote its counts onto the card that it refused, so the next purchase may be sold.
        let customer = Customer { card: third, ..customer };
        sold(&running, &counter, &customer, 20_000).await?;
        assert_eq!(outcome(&running, &customer.card, &customer.meter).await?, "loaded");
        assert_eq!(taken_wh(&running, &customer).await?, 170_000);
        insert(&running, &customer.card, &counter).await?;
        view(&running, &counter).await?;
        running.books_hold().await?;
        let history = running.client.get(&format!("/accounts/{}/history", customer.account)).await?;
        let replaced = items(&history).iter().filter(|item| item.get("kind") == Some(&json!("replacement"))).count();
        assert_eq!(replaced, 2, "{history:#}");
    }
    running.server.stop().await;
    Ok(())
}

/// The card is lost while its sale is unsettled. The sale cannot be given back and ends with the new card.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_takes_over_an_unsettled_sale() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    // Pulled before the seal was broken, in the middle, and after the last byte; on a card of ours, and on a new one.
    for (opened, cells) in [(true, 0), (true, 3), (true, 12), (false, 5), (false, 25)] {
        let case = format!("opened {opened}, {cells} cells");
        let customer = running.customer("gbt18460.open-a", &json!({})).await?;
        let mut total = 50_000;
        if opened {
            sold(&running, &counter, &customer, 100_000).await?;
            assert_eq!(outcome(&running, &customer.card, &customer.meter).await?, "loaded");
            total += 100_000;
        }
        insert(&running, &customer.card, &counter).await?;
        let (quote, sale) = (running.quote(&counter, &customer.account, 50_000).await?, Uuid::now_v7());
        running.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "pull_after_cells": cells })).await?;
        let pulled = running.sell(sale, &quote, 20).await?;
        assert_eq!(text(&pulled, "/state")?, "authorised", "{case}: {pulled}");
        running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;

        let new = blank(&running).await?;
        insert(&running, &new, &counter).await?;
        // Pulled in its turn, too: then the new card waits, and so does the sale.
        running.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "pull_after_cells": 9 })).await?;
        let id = Uuid::now_v7();
        let waits = replace(&running, id, &customer.account, &counter, "lost").await?;
        assert_eq!(text(&waits, "/state")?, "authorised", "{case}: {waits}");
        let void = json!({ "workstation_id": counter });
        let refused = running.client.post(&format!("/sales/{sale}/void?wait_s=5"), &void).await;
        assert_eq!(code(refused), "void.replaced", "{case}");
        let other = replace(&running, Uuid::now_v7(), &customer.account, &counter, "lost").await;
        assert_eq!(code(other), "replacement.open", "{case}");
        assert_eq!(code(running.quote(&counter, &customer.account, 50_000).await), "replacement.open", "{case}");
        // The old card turns up: nothing is written onto it any more.
        running.move_card(&new, json!({ "kind": "drawer" })).await?;
        let before = writes(&running, &customer.card).await?;
        insert(&running, &customer.card, &counter).await?;
        view(&running, &counter).await?;
        let resumed =
            running.client.post(&format!("/sales/{sale}/resume"), &json!({ "workstation_id": counter })).await;
        assert_eq!(code(resumed), "replacement.open", "{case}");
        assert_eq!(writes(&running, &customer.card).await?, before, "{case}");
        // The new card comes back by itself to where it stopped.
        running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
        insert(&running, &new, &counter).await?;
        let seen = view(&running, &counter).await?;
        if !items(seen.get("maybe_replacements").unwrap_or(&Value::Null)).is_empty() {
            let path = format!("/replacements/{id}/resume");
            running.client.post(&path, &json!({ "workstation_id": counter })).await?;
        }
        let done = ended(&running, id).await.map_err(|e| format!("{case}: {e}"))?;
        assert_eq!(number(&done, "/quantity_wh")?, 50_000);
        let sale = running.committed(sale).await.map_err(|e| format!("{case}: {e}"))?;
        assert!(number(&sale, "/receipt_no")? > 0);
        assert_eq!(outcome(&running, &new, &customer.meter).await?, "loaded", "{case}");
        // Whatever the old card holds, torn or whole: the meter has had this number.
        assert_ne!(outcome(&running, &customer.card, &customer.meter).await?, "loaded", "{case}");
        assert_eq!(taken_wh(&running, &customer).await?, total, "{case}");
        running.books_hold().await.map_err(|e| format!("{case}: {e}"))?;
    }
    running.server.stop().await;
    Ok(())
}

/// How many cells of the card were written in its life.
async fn writes(running: &Running, card: &str) -> Result<i64, Failure> {
    let all = cards(running).await?;
    number(all.iter().find(|c| c.get("id") == Some(&json!(card))).ok_or("no such card")?, "/writes")
}

async fn ended(running: &Running, id: Uuid) -> Result<Value, Failure> {
    let mut last = Value::Null;
    for _ in 0..200 {
        last = running.client.get(&format!("/replacements/{id}")).await?;
        if last.get("state") == Some(&json!("committed")) {
            return Ok(last);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("not committed: {last}").into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_replaced_says_why() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    let new = blank(&running).await?;
    insert(&running, &new, &counter).await?;
    view(&running, &counter).await?;
    let try_it =
        async |account: &str, reason: &str| code(replace(&running, Uuid::now_v7(), account, &counter, reason).await);
    assert_eq!(try_it(&customer.account, "lost").await, "replacement.nothing");
    assert_eq!(try_it(&customer.account, "bored").await, "request.field");
    assert_eq!(try_it(&Uuid::now_v7().to_string(), "lost").await, "account.unknown");
    let keypad = running.customer("sts.ea11", &json!({})).await?;
    assert_eq!(try_it(&keypad.account, "lost").await, "replacement.no_card");
    sold(&running, &counter, &customer, 100_000).await?;
    assert_eq!(try_it(&customer.account, "lost").await, "card.not_blank");
    running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
    while has(&running.client.get(&format!("/workstations/{counter}/state")).await?, "card") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(try_it(&customer.account, "lost").await, "card.none");

    // One click, one card: the same request again is answered with the first answer, another content is refused.
    insert(&running, &new, &counter).await?;
    view(&running, &counter).await?;
    let id = Uuid::now_v7();
    let (one, two) = tokio::join!(
        replace(&running, id, &customer.account, &counter, "lost"),
        replace(&running, id, &customer.account, &counter, "lost")
    );
    assert_eq!(one?.get("card_no"), two?.get("card_no"));
    let done = ended(&running, id).await?;
    assert_eq!(replace(&running, id, &customer.account, &counter, "lost").await?, done);
    assert_eq!(code(replace(&running, id, &customer.account, &counter, "damaged").await), "request.id_reused");
    assert!(items(&running.client.get("/replacements").await?).is_empty());
    assert_eq!(outcome(&running, &new, &customer.meter).await?, "loaded");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

/// `kill -9` at every step of a replacement that takes over an unsettled sale.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_step_of_a_replacement_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    running.server.stop().await;
    for point in [
        "replace.before",
        "replace.after",
        "replace.sent",
        "station.body",
        "station.change-code",
        "station.seal",
        "settle.before",
        "settle.after",
    ] {
        killed_at(&installation, point, &counter).await.map_err(|e| format!("{point}: {e}"))?;
    }
    Ok(())
}

async fn killed_at(installation: &Installation, point: &str, counter: &str) -> Result<(), Failure> {
    let peaceful = installation.start(&[]).await?;
    let customer = peaceful.customer("gbt18460.open-a", &json!({})).await?;
    insert(&peaceful, &customer.card, counter).await?;
    let (quote, sale) = (peaceful.quote(counter, &customer.account, 50_000).await?, Uuid::now_v7());
    peaceful.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "pull_after_cells": 7 })).await?;
    assert_eq!(text(&peaceful.sell(sale, &quote, 20).await?, "/state")?, "authorised");
    peaceful.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
    let new = blank(&peaceful).await?;
    insert(&peaceful, &new, counter).await?;
    peaceful.server.stop().await;

    let dying = installation.start(&[("DIANKA_CRASH_AT", point.to_owned())]).await?;
    view(&dying, counter).await?;
    let id = Uuid::now_v7();
    let answer = replace(&dying, id, &customer.account, counter, "lost").await;
    assert!(answer.is_err() || point == "settle.after", "it should have died: {answer:?}");
    dying.server.wait().await?;

    let running = installation.start(&[]).await?;
    let seen = view(&running, counter).await?;
    let asked = items(seen.get("maybe_replacements").unwrap_or(&Value::Null));
    if let Some(first) = asked.first() {
        assert_eq!(text(first, "/id")?, id.to_string());
        let path = format!("/replacements/{id}/resume");
        running.client.post(&path, &json!({ "workstation_id": counter })).await?;
    }
    // The page sends again what it never got an answer to. A password that may have been changed asks for the card again.
    let mut done = replace(&running, id, &customer.account, counter, "lost").await?;
    if text(&done, "/state")? != "committed" {
        running.move_card(&new, json!({ "kind": "drawer" })).await?;
        insert(&running, &new, counter).await?;
        done = ended(&running, id).await?;
    }
    assert_eq!(number(&done, "/quantity_wh")?, 50_000);
    running.committed(sale).await?;
    assert_eq!(outcome(&running, &new, &customer.meter).await?, "loaded");
    assert_ne!(outcome(&running, &customer.card, &customer.meter).await?, "loaded");
    assert_eq!(taken_wh(&running, &customer).await?, 50_000, "energy taken = energy sold");
    assert!(items(&running.client.get("/sales?state=open").await?).is_empty());
    assert!(items(&running.client.get("/replacements").await?).is_empty());
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}
