//! The money of an unfinished sale goes back only on evidence: every station fenced, the card as it was. And a half-written
//! card is finished as whose it is, or somebody is asked.

use dianka_server::demo::client::ClientError;
use dianka_tests::{Customer, Failure, Installation, Running, has, items, number, text};
use serde_json::{Value, json};
use tokio::process::Child;
use uuid::Uuid;

use crate::two_sites::{enrol, ready, run_station};

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    answer.err().map(|e| e.code().to_owned()).unwrap_or_default()
}

/// A sale of 50 kWh whose card was pulled after so many cells.
async fn pulled(running: &Running, counter: &str, customer: &Customer, cells: u32) -> Result<Uuid, Failure> {
    running.to_reader(&customer.card, counter).await?;
    let quote = running.quote(counter, &customer.account, 50_000).await?;
    running.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "pull_after_cells": cells })).await?;
    let id = Uuid::now_v7();
    let sale = running.sell(id, &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "authorised", "{sale}");
    // Into the clerk's hand: a reader that starts again would find it in its slot.
    running.move_card(&customer.card, json!({ "kind": "drawer" })).await?;
    Ok(id)
}

async fn void(running: &Running, sale: Uuid, counter: &str) -> Result<Value, ClientError> {
    running.client.post(&format!("/sales/{sale}/void?wait_s=20"), &json!({ "workstation_id": counter })).await
}

async fn state(running: &Running, sale: Uuid, wanted: &str) -> Result<Value, Failure> {
    let mut now = Value::Null;
    for _ in 0..200 {
        now = running.client.get(&format!("/sales/{sale}")).await?;
        if text(&now, "/state")? == wanted {
            return Ok(now);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(format!("not {wanted}: {now}").into())
}

/// An account whose first purchase is in its meter.
async fn opened(running: &Running, counter: &str) -> Result<Customer, Failure> {
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, counter).await?;
    let quote = running.quote(counter, &customer.account, 100_000).await?;
    let first = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&first, "/state")?, "committed", "{first}");
    running.to_meter(&customer.card, &customer.meter).await?;
    Ok(customer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_money_goes_back_when_the_card_is_as_it_was() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = opened(&running, &counter).await?;
    // Pulled at 0 or 1, the password is being presented, which may take a try of the card; a sale that gets past it gives
    // the try back. Two of them in a row would leave a card that is rightly refused.
    for cells in [0, 3, 6, 9, 1] {
        let before = running.client.get(&format!("/accounts/{}", customer.account)).await?;
        let sale = pulled(&running, &counter, &customer, cells).await?;
        let waits = void(&running, sale, &counter).await?;
        assert_eq!(text(&waits, "/problem/code")?, "void.insert_card", "{waits}");
        running.to_reader(&customer.card, &counter).await?;
        let voided = state(&running, sale, "voided").await.map_err(|e| format!("{cells}: {e}"))?;
        assert!(!has(&voided, "receipt_no"), "{voided}");
        assert_eq!(text(&void(&running, sale, &counter).await?, "/state")?, "voided", "asked twice, voided once");
        // Nothing is left of it: the same number is sold next, and the meter takes that one alone.
        let after = running.client.get(&format!("/accounts/{}", customer.account)).await?;
        assert_eq!(before["counter"], after["counter"], "{after}");
    }
    let quote = running.quote(&counter, &customer.account, 70_000).await?;
    assert_eq!(number(&quote, "/count")?, 2);
    running.sell(Uuid::now_v7(), &quote, 20).await?;
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&done, "/outcome/loaded_wh")?, 70_000, "{done}");
    assert_eq!(number(&running.meter(&customer.meter).await?, "/snapshot/total_purchased_wh")?, 170_000);
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_sale_is_not_voided_and_resuming_takes_the_wish_back() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = opened(&running, &counter).await?;
    running.to_reader(&customer.card, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 50_000).await?;
    let done = Uuid::now_v7();
    running.sell(done, &quote, 20).await?;
    assert_eq!(code(void(&running, done, &counter).await), "sale.finished");
    assert_eq!(code(void(&running, Uuid::now_v7(), &counter).await), "request.not_found");
    running.to_meter(&customer.card, &customer.meter).await?;

    // Resuming takes the wish back.
    let sale = pulled(&running, &counter, &customer, 4).await?;
    void(&running, sale, &counter).await?;
    // Without a card there is nothing to write on, but the wish is taken back.
    let resumed = running.client.post(&format!("/sales/{sale}/resume"), &json!({ "workstation_id": counter })).await;
    assert_eq!(code(resumed), "card.none");
    running.to_reader(&customer.card, &counter).await?;
    state(&running, sale, "committed").await?;
    running.server.stop().await;
    Ok(())
}

/// The second counter's program; enrolled when it first runs.
async fn station(installation: &Installation, running: &Running) -> Result<(Child, String), Failure> {
    let second = running.workstation(1).await?;
    let data = installation.data().join("second-station");
    if !data.exists() {
        let made = running.client.post(&format!("/workstations/{second}/code"), &json!({})).await?;
        assert_eq!(enrol(running.server.url(), &text(&made, "/code")?, &data).await?, Some(0));
    }
    let child = run_station(installation, &data, &[])?;
    ready(&running.client, &second).await?;
    Ok((child, second))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_that_does_not_promise_keeps_the_sale_open() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let (mut child, second) = station(&installation, &running).await?;
    // The first sale onto a card only goes forward: another blank card would prove that nothing was written.
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    let first = pulled(&running, &second, &customer, 20).await?;
    assert_eq!(code(void(&running, first, &second).await), "void.first_card");
    running.to_reader(&customer.card, &second).await?;
    state(&running, first, "committed").await?;
    running.to_meter(&customer.card, &customer.meter).await?;

    // Asked for at one counter, the card put in at another one: that one writes it back, the first one promises not to.
    let sale = pulled(&running, &counter, &customer, 3).await?;
    let waits = void(&running, sale, &counter).await?;
    assert_eq!(text(&waits, "/problem/code")?, "void.insert_card", "{waits}");
    running.to_reader(&customer.card, &second).await?;
    state(&running, sale, "voided").await?;

    let sale = pulled(&running, &second, &customer, 3).await?;
    child.start_kill()?;
    child.wait().await?;

    let refused = void(&running, sale, &counter).await;
    assert_eq!(code(refused), "void.not_fenced");
    let (mut child, _) = station(&installation, &running).await?;
    let waits = void(&running, sale, &counter).await?;
    assert_eq!(text(&waits, "/problem/code")?, "void.insert_card", "{waits}");
    running.to_reader(&customer.card, &counter).await?;
    state(&running, sale, "voided").await?;
    child.start_kill()?;
    child.wait().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_it_gives_money_back_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = opened(&running, &counter).await?;
    running.server.stop().await;
    let mut total = 100_000;
    for point in ["recover.ticket", "station.compare", "station.writing", "station.body", "station.seal", "void.after"]
    {
        let peaceful = installation.start(&[]).await?;
        let sale = pulled(&peaceful, &counter, &customer, 5).await?;
        peaceful.server.stop().await;
        let dying = installation.start(&[("DIANKA_CRASH_AT", point.to_owned())]).await?;
        void(&dying, sale, &counter).await?;
        let _dies = dying.to_reader(&customer.card, &counter).await;
        tokio::time::timeout(std::time::Duration::from_secs(30), dying.server.wait())
            .await
            .map_err(|_| format!("{point}: it should have died"))??;

        // Whatever came first: the sale is voided, or it goes forward. The meter takes exactly what was sold.
        let running = installation.start(&[]).await?;
        let ended = ended(&running, sale).await.map_err(|e| format!("{point}: {e}"))?;
        running.to_meter(&customer.card, &customer.meter).await?;
        if ended == "committed" {
            total += 50_000;
        }
        let meter = running.meter(&customer.meter).await?;
        assert_eq!(number(&meter, "/snapshot/total_purchased_wh")?, total, "{point}: {ended}");
        assert!(items(&running.client.get("/sales?state=open").await?).is_empty(), "{point}");
        running.server.stop().await;
    }
    Ok(())
}

async fn ended(running: &Running, sale: Uuid) -> Result<String, Failure> {
    for _ in 0..200 {
        let now = text(&running.client.get(&format!("/sales/{sale}")).await?, "/state")?;
        if now != "authorised" {
            return Ok(now);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err("it does not end".into())
}

/// Two first sales, both cards half written: nothing on them may say whose they are. Each customer gets what he paid for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_half_written_cards_are_never_taken_for_one_another() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    for (first, second) in [(6, 6), (2, 2), (20, 4), (4, 20)] {
        let one = running.customer("gbt18460.open-a", &json!({})).await?;
        let other = running.customer("gbt18460.open-a", &json!({})).await?;
        let mine = pulled(&running, &counter, &one, first).await?;
        let his = pulled(&running, &counter, &other, second).await?;
        for (customer, sale) in [(&other, his), (&one, mine)] {
            running.to_reader(&customer.card, &counter).await?;
            let view = running.read_card(&counter).await?;
            if has(&view, "maybe_sale") {
                let asked: Vec<String> =
                    items(&view["maybe_sales"]).iter().map(|s| text(s, "/id")).collect::<Result<_, _>>()?;
                assert!(asked.contains(&sale.to_string()), "{asked:?}");
                running.client.post(&format!("/sales/{sale}/resume"), &json!({ "workstation_id": counter })).await?;
            }
            let done = state(&running, sale, "committed").await.map_err(|e| format!("{first}/{second}: {e}"))?;
            assert_eq!(text(&done, "/account_id")?, customer.account);
            let taken = running.to_meter(&customer.card, &customer.meter).await?;
            assert_eq!(text(&taken, "/outcome/code")?, "loaded", "{first}/{second}: {taken}");
        }
    }
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}
