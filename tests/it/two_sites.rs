//! Two sites, each with a counter: the server's own, and a station process that dials in.

use std::process::Stdio;

use dianka_tests::{Failure, Installation, items, number, programs, text};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_opened_at_one_site_and_sold_to_at_the_other() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let own = running.workstation(0).await?;
    let sites = items(&running.client.get("/sites").await?);
    assert!(sites.len() >= 2, "learning mode has two sites");
    let site = text(sites.last().ok_or("no site")?, "/id")?;
    let new = json!({ "site_id": site, "name": "窗口 2" });
    let second = running.client.post("/workstations", &new).await?;
    let (second, token, workstation) = (number(&second, "/number")?, text(&second, "/token")?, text(&second, "/id")?);

    let server = running.server.url().replace("http://", "ws://") + "/api/v1/stations/link";
    let no_drivers = installation.data().join("no-drivers");
    std::fs::create_dir(&no_drivers)?;
    let mut station = Command::new(programs().join("dianka-station"))
        .args(["run", "--server", &server, "--token", &token, "--driver", "ccid-serial", "--virtual"])
        // It comes without drivers: the server sends them.
        .arg("--drivers")
        .arg(&no_drivers)
        .arg("--bench")
        .arg(installation.data().join("bench"))
        .arg("--number")
        .arg(second.to_string())
        .arg("--data")
        .arg(installation.data().join("second-station"))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(installation.data().join("second-station.log"))?)
        .kill_on_drop(true)
        .spawn()?;

    ready(&running.client, &workstation).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &own).await?;
    let quote = running.quote(&own, &customer.account, 100_000).await?;
    let first = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&first, "/state")?, "committed", "{first}");
    running.to_meter(&customer.card, &customer.meter).await?;

    running.to_reader(&customer.card, &workstation).await?;
    let quote = running.quote(&workstation, &customer.account, 60_000).await?;
    let again = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&again, "/state")?, "committed", "{again}");
    assert_eq!(text(&again, "/workstation_id")?, workstation);
    assert_ne!(text(&again, "/site_name")?, text(&first, "/site_name")?);
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&done, "/outcome/loaded_wh")?, 60_000);

    // The analysis has both, at once, wherever they were sold.
    let path = format!("/analysis/sales?by=area&period=month&from=2020-01-01&to=2100-01-01&area_id={}", customer.area);
    let rows = running.client.get(&path).await?["rows"].as_array().cloned().unwrap_or_default();
    let sum: i64 = rows.iter().filter_map(|r| r["energy_wh"].as_i64()).sum();
    assert!(sum >= 160_000, "{rows:?}");

    // A new token puts whoever holds the old one out at once, while its program still runs.
    running.client.post(&format!("/workstations/{workstation}/token"), &json!({})).await?;
    gone(&running.client, &workstation).await?;
    assert!(station.try_wait()?.is_none(), "the station still runs, and is refused");
    station.start_kill()?;
    station.wait().await?;
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

async fn ready(client: &dianka_server::demo::client::Client, workstation: &str) -> Result<(), Failure> {
    wait(client, workstation, |state| state.pointer("/reader/state") == Some(&json!("ready"))).await
}

async fn gone(client: &dianka_server::demo::client::Client, workstation: &str) -> Result<(), Failure> {
    wait(client, workstation, |state| state.get("connected") == Some(&json!(false))).await
}

async fn wait(
    client: &dianka_server::demo::client::Client,
    workstation: &str,
    is: impl Fn(&Value) -> bool,
) -> Result<(), Failure> {
    let mut state = Value::Null;
    for _ in 0..300 {
        state = client.get(&format!("/workstations/{workstation}/state")).await?;
        if is(&state) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(format!("it stays at {state}").into())
}
