//! `kill -9` between any two steps of a sale: money, card and row end equal.
//!
//! One installation lives through all of it. At each labelled point the server kills itself as ordered; it is started
//! again; the card, which lies where it lay, finishes the sale.

use dianka_tests::{Customer, Failure, Installation, Running, has, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

/// Every labelled point of a sale, in the order in which it is passed.
const POINTS: &[&str] = &[
    "begin.before",
    "begin.after",
    "begin.sent",
    "station.received",
    "station.compare",
    "station.writing",
    "station.present",
    "station.erase-seal",
    "station.body",
    "station.verify-body",
    "station.seal",
    "station.read-back",
    "station.result",
    "settle.before",
    "settle.after",
];

/// The further points of an opening, which also changes the card's password.
const OPENING: &[&str] = &["station.changing-code", "station.change-code", "station.verify-code"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_step_of_a_sale_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    sell_in_peace(&running, &counter, &customer).await?;
    running.server.stop().await;
    let mut sold = 100_000;
    for point in POINTS {
        sold += 50_000;
        killed_at(&installation, point, &counter, &customer, sold).await.map_err(|e| format!("{point}: {e}"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_step_of_an_opening_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    running.server.stop().await;
    // The seal of a blank card is erased as it comes.
    for point in POINTS.iter().filter(|p| **p != "station.erase-seal").chain(OPENING) {
        let running = installation.start(&[]).await?;
        let customer = running.customer("jbt8382.open-a", &json!({})).await?;
        running.server.stop().await;
        killed_at(&installation, point, &counter, &customer, 50_000).await.map_err(|e| format!("{point}: {e}"))?;
    }
    Ok(())
}

async fn sell_in_peace(running: &Running, counter: &str, customer: &Customer) -> Result<(), Failure> {
    running.to_reader(&customer.card, counter).await?;
    let quote = running.quote(counter, &customer.account, 100_000).await?;
    let sale = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(text(&done, "/outcome/code")?, "loaded");
    Ok(())
}

/// One sale of 50 kWh with a server that dies at `point`; afterwards the meter has taken `total` in all.
async fn killed_at(
    installation: &Installation,
    point: &str,
    counter: &str,
    customer: &Customer,
    total: i64,
) -> Result<(), Failure> {
    let dying = installation.start(&[("DIANKA_CRASH_AT", point.to_owned())]).await?;
    dying.to_reader(&customer.card, counter).await?;
    let quote = dying.quote(counter, &customer.account, 50_000).await?;
    let id = Uuid::now_v7();
    let answer = dying.sell(id, &quote, 20).await;
    assert!(answer.is_err() || point == "settle.after", "{point}: it should have died: {answer:?}");
    dying.server.wait().await?;

    let running = installation.start(&[]).await?;
    let quote = finish(&running, point, counter, customer, quote, id).await?;
    if OPENING.contains(&point) {
        take_out_and_in(&running, counter, customer, id).await?;
    }
    let sale = running.committed(id).await?;
    let receipt = text(&sale, "/receipt_no")?;
    // The page sends again what it never got an answer to.
    let again = running.sell(id, &quote, 5).await?;
    assert_eq!(text(&again, "/receipt_no")?, receipt, "one click, one sale, one receipt");

    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(text(&done, "/outcome/code")?, "loaded", "{done}");
    assert_eq!(number(&done, "/outcome/loaded_wh")?, number(&sale, "/quantity_wh")?);
    let meter = running.meter(&customer.meter).await?;
    assert_eq!(number(&meter, "/snapshot/total_purchased_wh")?, total, "energy taken = energy sold");
    let open = running.client.get("/sales?state=open").await?;
    assert_eq!(number(&open, "/total")?, 0, "{open}");
    // The meter's word comes back with the card, and then everything is compared.
    running.to_reader(&customer.card, counter).await?;
    wait_for_card(&running, counter).await?;
    running.read_card(counter).await?;
    let report = running.books_hold().await?;
    let readings = report.pointer("/findings").and_then(Value::as_array).into_iter().flatten();
    let readings = readings.filter(|finding| finding.get("id") == Some(&json!("meter.returned")));
    assert!(readings.map(|finding| number(finding, "/compared").unwrap_or(0)).sum::<i64>() > 0, "{report:#}");
    running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
    running.server.stop().await;
    Ok(())
}

/// What a clerk does after the server is up again: nothing, where the card itself says what is missing. The quote that
/// the sale was made on in the end.
async fn finish(
    running: &Running,
    point: &str,
    counter: &str,
    customer: &Customer,
    quote: Value,
    id: Uuid,
) -> Result<Value, Failure> {
    if point == "begin.before" {
        // Nothing was stored: the same click again is a sale of its own, after the card was read again.
        let lost = running.client.get(&format!("/sales/{id}")).await;
        assert!(lost.is_err(), "nothing may be left of it");
        let refused = running.sell(id, &quote, 5).await;
        assert_eq!(refused.err().map(|e| e.code().to_owned()).as_deref(), Some("card.changed"));
        wait_for_card(running, counter).await?;
        let fresh = running.quote(counter, &customer.account, 50_000).await?;
        running.sell(id, &fresh, 20).await?;
        return Ok(fresh);
    }
    wait_for_card(running, counter).await?;
    let view = running.read_card(counter).await?;
    if has(&view, "maybe_sale") {
        // A blank card looks like any other: the clerk says whose it is.
        assert_eq!(text(&view, "/maybe_sale/id")?, id.to_string());
        running.client.post(&format!("/sales/{id}/resume"), &json!({ "workstation_id": counter })).await?;
    }
    Ok(quote)
}

/// A card whose password may or may not have been changed: the new one is tried first. When it does not fit, the page asks
/// to take the card out and put it in again, and the old one, which had verified on this very card, is used.
async fn take_out_and_in(running: &Running, counter: &str, customer: &Customer, id: Uuid) -> Result<(), Failure> {
    for _ in 0..100 {
        let sale = running.client.get(&format!("/sales/{id}")).await?;
        if sale.get("state") == Some(&json!("committed")) {
            return Ok(());
        }
        if sale.pointer("/problem/code") == Some(&json!("card.password")) {
            running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
            running.to_reader(&customer.card, counter).await?;
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err("neither committed nor asked for the card again".into())
}

async fn wait_for_card(running: &Running, counter: &str) -> Result<(), Failure> {
    for _ in 0..100 {
        let state = running.client.get(&format!("/workstations/{counter}/state")).await?;
        if has(&state, "card") {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err("the reader does not see its card".into())
}
