//! `kill -9` of a station between any two steps of a write: the sale is finished at the other counter, or at the same one
//! when its station runs again; money, card and meter end equal.

use dianka_tests::{Failure, Installation, items, number, text};
use serde_json::json;
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
