//! `kill -9` of a station between any two steps of a write: the sale is finished at the other counter, or at the same one
//! when its station runs again; money, card and meter end equal.

use std::sync::{Arc, Mutex};

use dianka_tests::{Failure, Installation, items, number, text};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::two_sites::{enrol, gone, ready, run_station};

/// Every labelled point of a write at a station, in the order in which it is passed.
const POINTS: &[&str] = &[
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
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_killed_at_any_step_of_a_sale_ends_equal() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let site = text(items(&running.client.get("/sites").await?).last().ok_or("no site")?, "/id")?;
    let mut counters = Vec::new();
    for name in ["窗口 2", "窗口 3"] {
        let made = running.client.post("/workstations", &json!({ "site_id": site, "name": name })).await?;
        let data = installation.data().join(text(&made, "/id")?);
        assert_eq!(enrol(running.server.url(), &text(&made, "/enrolment/code")?, &data).await?, Some(0));
        counters.push((text(&made, "/id")?, data));
    }
    let [(dies, dying_data), (stays, staying_data)] = counters.as_slice() else { return Err("two counters".into()) };
    let _staying = run_station(&installation, staying_data, &[])?;
    ready(&running.client, stays).await?;

    // A first sale in peace: the points of an opening are the server's test.
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, stays).await?;
    let quote = running.quote(stays, &customer.account, 100_000).await?;
    running.sell(Uuid::now_v7(), &quote, 20).await?;
    running.to_meter(&customer.card, &customer.meter).await?;

    let mut total = 100_000;
    for (n, point) in POINTS.iter().enumerate() {
        let mut dying = run_station(&installation, dying_data, &[("DIANKA_CRASH_AT", point)])?;
        ready(&running.client, dies).await?;
        running.to_reader(&customer.card, dies).await?;
        let quote = running.quote(dies, &customer.account, 50_000).await?;
        let id = Uuid::now_v7();
        let _unfinished = running.sell(id, &quote, 1).await;
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), dying.wait()).await??;
        assert!(!ended.success(), "{point}: it should have died");
        // Every other time at the other counter, while the station that began it is still away.
        let again = if n % 2 == 0 { None } else { Some(run_station(&installation, dying_data, &[])?) };
        if again.is_none() {
            running.to_reader(&customer.card, stays).await?;
        } else {
            ready(&running.client, dies).await?;
        }
        let sale = running.committed(id).await.map_err(|e| format!("{point}: {e}"))?;
        let done = running.to_meter(&customer.card, &customer.meter).await?;
        assert_eq!(text(&done, "/outcome/code")?, "loaded", "{point}: {done}");
        assert_eq!(number(&done, "/outcome/loaded_wh")?, number(&sale, "/quantity_wh")?, "{point}");
        total += 50_000;
        let meter = running.meter(&customer.meter).await?;
        assert_eq!(number(&meter, "/snapshot/total_purchased_wh")?, total, "{point}: energy taken = energy sold");
        if let Some(mut again) = again {
            again.start_kill()?;
            again.wait().await?;
            gone(&running.client, dies).await?;
        }
    }
    let open = running.client.get("/sales?state=open").await?;
    assert_eq!(number(&open, "/total")?, 0, "{open}");
    running.server.stop().await;
    Ok(())
}

/// A street between a station and whatever server runs behind it.
pub(crate) async fn street() -> Result<(String, Arc<Mutex<String>>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (url, house) = (format!("http://{}", listener.local_addr()?), Arc::new(Mutex::new(String::new())));
    let behind = Arc::clone(&house);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let address = behind.lock().map(|house| house.clone()).unwrap_or_default();
            tokio::spawn(async move {
                if let Ok(mut far) = TcpStream::connect(address.trim_start_matches("http://")).await {
                    let _either_may_hang_up = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    Ok((url, house))
}

/// The server dies between the commit of a first sale and its ticket; the blank card stays in the station's reader. The page
/// asks again with the same id: that request says whose the blank card is, so nobody else is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_sent_again_writes_what_was_never_sent() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let (url, house) = street().await?;
    let lives_at = |url: &str| house.lock().map(|mut house| url.clone_into(&mut house)).map_err(|e| e.to_string());
    let running = installation.start(&[]).await?;
    lives_at(running.server.url())?;
    let counter = running.workstation(1).await?;
    let code = running.client.post(&format!("/workstations/{counter}/code"), &json!({})).await?;
    let data = installation.data().join("station");
    assert_eq!(enrol(&url, &text(&code, "/code")?, &data).await?, Some(0));
    let mut station = run_station(&installation, &data, &[])?;
    ready(&running.client, &counter).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.server.stop().await;

    let dying = installation.start(&[("DIANKA_CRASH_AT", "begin.after".to_owned())]).await?;
    lives_at(dying.server.url())?;
    ready(&dying.client, &counter).await?;
    dying.to_reader(&customer.card, &counter).await?;
    let quote = dying.quote(&counter, &customer.account, 100_000).await?;
    let id = Uuid::now_v7();
    let _died = dying.sell(id, &quote, 1).await;
    tokio::time::timeout(std::time::Duration::from_secs(30), dying.server.wait()).await??;

    let running = installation.start(&[]).await?;
    lives_at(running.server.url())?;
    ready(&running.client, &counter).await?;
    let open = running.client.get("/sales?state=open").await?;
    assert_eq!(number(&open, "/total")?, 1, "a blank card alone says nothing: {open}");
    let sale = running.sell(id, &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");
    let taken = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&taken, "/outcome/loaded_wh")?, 100_000, "{taken}");
    running.books_hold().await?;
    station.start_kill()?;
    station.wait().await?;
    running.server.stop().await;
    Ok(())
}
