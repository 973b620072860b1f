//! A reader driver's versions: tried at one counter, taken everywhere, gone back from, and nobody goes over by himself.

use std::time::Duration;

use dianka_tests::{Failure, Installation, Running, example, items, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::two_sites::{enrol, ready, run_station};

const DRIVER: &str = "ccid-serial";

async fn versions(running: &Running) -> Result<Vec<Value>, Failure> {
    let all = running.client.get("/drivers").await?;
    Ok(items(&all).into_iter().filter(|it| it["id"] == DRIVER).collect())
}

/// Waits until the workstation's reader is driven by this version.
async fn driven(running: &Running, workstation: &str, version: &str) -> Result<(), Failure> {
    let mut reader = Value::Null;
    for _ in 0..300 {
        let state = running.client.get(&format!("/workstations/{workstation}/state")).await?;
        reader = state.get("reader").cloned().unwrap_or_default();
        if reader.get("state") == Some(&json!("ready")) && reader.get("driver_version") == Some(&json!(version)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("{version} was chosen, and the reader is at {reader}").into())
}

async fn activate(running: &Running, driver: &Value, body: &Value) -> Result<Value, Failure> {
    Ok(running.client.post(&format!("/drivers/{}/activate", text(driver, "/sha256")?), body).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_tried_at_one_counter_taken_everywhere_and_gone_back_from() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let own = running.workstation(0).await?;
    let site = text(items(&running.client.get("/sites").await?).last().ok_or("no site")?, "/id")?;
    let second = running.client.post("/workstations", &json!({ "site_id": site, "name": "窗口 2" })).await?;
    let (code, other) = (text(&second, "/enrolment/code")?, text(&second, "/id")?);
    let data = installation.data().join("second-station");
    assert_eq!(enrol(running.server.url(), &code, &data).await?, Some(0));
    let _station = run_station(&installation, &data, &[])?;
    ready(&running.client, &other).await?;
    driven(&running, &own, "1.0.0").await?;
    driven(&running, &other, "1.0.0").await?;

    // Sent in, and nobody goes over to it.
    let new =
        running.client.post_file("/drivers", "application/wasm", std::fs::read(example("ccid-serial-1.0.1"))?).await?;
    assert_eq!(
        (&new["version"], &new["everywhere"], &new["workstations"]),
        (&json!("1.0.1"), &json!(false), &json!([]))
    );
    let old = versions(&running).await?.into_iter().find(|it| it["version"] == "1.0.0").ok_or("1.0.0 is gone")?;
    assert_eq!(old["everywhere"], json!(true));
    assert_eq!(items(&old["workstations"]).len(), 2, "{old}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    driven(&running, &own, "1.0.0").await?;

    // One counter tries it; a customer who is being served there is served to the end first.
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &other).await?;
    let quote = running.quote(&other, &customer.account, 100_000).await?;
    let now = activate(&running, &new, &json!({ "workstation_ids": [other] })).await?;
    assert_eq!(items(&now["workstations"]).len(), 1, "{now}");
    let sale = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "the card session lives on: {sale}");
    running.to_meter(&customer.card, &customer.meter).await?;
    driven(&running, &other, "1.0.1").await?;
    driven(&running, &own, "1.0.0").await?;
    running.to_reader(&customer.card, &other).await?;
    let quote = running.quote(&other, &customer.account, 60_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");
    assert_eq!(number(&running.to_meter(&customer.card, &customer.meter).await?, "/outcome/loaded_wh")?, 60_000);

    // Everywhere.
    activate(&running, &new, &json!({ "everywhere": true })).await?;
    driven(&running, &own, "1.0.1").await?;

    // Going back must be said; then all of them do.
    let back = json!({ "everywhere": true });
    let path = format!("/drivers/{}/activate", text(&old, "/sha256")?);
    let refused = running.client.post(&path, &back).await.err().ok_or("going back must be said")?;
    assert_eq!(refused.code(), "driver.reader_downgrade");
    driven(&running, &own, "1.0.1").await?;
    activate(&running, &old, &json!({ "everywhere": true, "rollback": true })).await?;
    driven(&running, &own, "1.0.0").await?;
    driven(&running, &other, "1.0.0").await?;

    // For whom must be said, and said once.
    for body in [
        json!({}),
        json!({ "everywhere": true, "workstation_ids": [own] }),
        json!({ "workstation_ids": [Uuid::now_v7()] }),
    ] {
        let refused = running.client.post(&path, &body).await.err().ok_or("for whom?")?;
        assert_eq!(refused.code(), "request.field", "{body}");
    }
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_chosen_is_known_after_a_restart() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let own = running.workstation(0).await?;
    let new =
        running.client.post_file("/drivers", "application/wasm", std::fs::read(example("ccid-serial-1.0.1"))?).await?;
    activate(&running, &new, &json!({ "workstation_ids": [own] })).await?;
    driven(&running, &own, "1.0.1").await?;
    running.server.stop().await;
    let running = installation.start(&[]).await?;
    driven(&running, &own, "1.0.1").await?;
    running.server.stop().await;
    Ok(())
}
