//! `kill -9` around the one commit of a token: before it there is no sale, after it there is one token for ever.

use dianka_tests::{Customer, Failure, Installation, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_around_the_commit_of_a_token_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("sts.ea11", &json!({})).await?;
    running.server.stop().await;
    let mut sold = 0;
    let mut identifiers = Vec::new();
    for point in ["token.before", "token.after", "token.before", "token.after"] {
        sold += 50_000;
        let sale = killed_at(&installation, point, &counter, &customer, sold).await;
        identifiers.push(number(&sale.map_err(|e| format!("{point}: {e}"))?, "/token/identifier")?);
    }
    assert!(identifiers.is_sorted_by(|one, next| one < next), "{identifiers:?}");
    Ok(())
}

/// One sale of 50 kWh with a server that dies at `point`; afterwards the meter has taken `total` in all.
async fn killed_at(
    installation: &Installation,
    point: &str,
    counter: &str,
    customer: &Customer,
    total: i64,
) -> Result<Value, Failure> {
    let dying = installation.start(&[("DIANKA_CRASH_AT", point.to_owned())]).await?;
    let quote = dying.quote(counter, &customer.account, 50_000).await?;
    let id = Uuid::now_v7();
    let answer = dying.sell(id, &quote, 20).await;
    assert!(answer.is_err(), "it should have died: {answer:?}");
    dying.server.wait().await?;

    let running = installation.start(&[]).await?;
    let found = running.client.get(&format!("/sales/{id}")).await;
    assert_eq!(found.is_ok(), point == "token.after", "{found:?}");
    // The page sends again what it never got an answer to.
    let sale = running.sell(id, &quote, 5).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");
    if let Ok(found) = found {
        assert_eq!(found, sale, "the token of before the crash");
    }
    assert_eq!(running.sell(id, &quote, 5).await?, sale, "one click, one sale, one token");

    let digits = text(&sale, "/token/digits")?;
    let done = running.enter_token(&digits, &customer.meter).await?;
    assert_eq!((text(&done, "/outcome/code")?, number(&done, "/outcome/loaded_wh")?), ("loaded".to_owned(), 50_000));
    let again = running.enter_token(&digits, &customer.meter).await?;
    assert_eq!(text(&again, "/outcome/code")?, "token-used");
    let meter = running.meter(&customer.meter).await?;
    assert_eq!(number(&meter, "/snapshot/total_purchased_wh")?, total, "energy taken = energy sold");
    let open = running.client.get("/sales?state=open").await?;
    assert_eq!(number(&open, "/total")?, 0, "{open}");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(sale)
}
