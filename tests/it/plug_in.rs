//! A driver dropped into the folder of a running server is usable without a restart.

use dianka_tests::{Failure, Installation, example_driver, items, number, text};
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_third_driver_is_picked_up_and_sold_with() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let before = items(&running.client.get("/drivers").await?);
    assert!(before.iter().all(|d| d["id"] != "example.open-a"), "it must not be there yet");

    let folder = installation.data().join("drivers");
    std::fs::create_dir_all(&folder)?;
    // Whole or not at all, as a person's copy would be; a half file would be refused and tried again.
    let draft = folder.join("example.part");
    std::fs::copy(example_driver(), &draft)?;
    std::fs::rename(&draft, folder.join("example.open-a-1.0.0.wasm"))?;

    let mut state = String::new();
    // It is tried before it is taken, which may last the minute that the trial is given.
    for _ in 0..900 {
        let now = items(&running.client.get("/drivers").await?);
        if let Some(found) = now.iter().find(|d| d["id"] == "example.open-a") {
            state = text(found, "/state")?;
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(state, "active", "{}", running.client.get("/drivers").await?);

    let meter_type = json!({
        "name": "示例表 example", "model": "EX-1", "driver_id": "example.open-a", "constant_imp": 3_200, "rated_ma": 5_000,
        "max_ma": 20_000, "phases": 1, "voltage_v": 220, "hoard_wh": 9_999_000, "overdraft_wh": 0, "preset_wh": 0,
    });
    // In learning mode a meter type may have been made for it already.
    let _there = running.client.post("/meter-types", &meter_type).await;
    let counter = running.workstation(0).await?;
    let customer = running.customer("example.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let refused = running.quote(&counter, &customer.account, 4_000).await;
    let refused = refused.err().ok_or("4 kWh are below its minimum")?;
    assert_eq!(refused.code(), "sale.below_min", "its own rule, told by its own facts");
    let quote = running.quote(&counter, &customer.account, 5_000).await?;
    let sale = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed");
    assert_eq!(text(&sale, "/driver_id")?, "example.open-a");
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&done, "/outcome/loaded_wh")?, 5_000);
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_driver_is_refused_with_its_reason_and_the_server_goes_on() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let folder = installation.data().join("drivers");
    std::fs::create_dir_all(&folder)?;
    let mut bytes = std::fs::read(example_driver())?;
    bytes.truncate(bytes.len() / 2);
    std::fs::write(folder.join("half.wasm"), bytes)?;
    let mut refused = None;
    for _ in 0..300 {
        let now = items(&running.client.get("/drivers").await?);
        refused = now.into_iter().find(|d| d["state"] == "refused");
        if refused.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let refused = refused.ok_or("it should be listed as refused")?;
    assert!(!refused["reason"].is_null(), "{refused}");
    assert!(items(&running.client.get("/drivers").await?).iter().any(|d| d["state"] == "active"));
    running.server.stop().await;
    Ok(())
}
