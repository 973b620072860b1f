//! Two sites, each with a counter: the server's own, and a station process that dials in.

use std::path::Path;
use std::process::Stdio;

use dianka_tests::{Failure, Installation, has, items, number, programs, text};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
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
    let (code, workstation) = (text(&second, "/enrolment/code")?, text(&second, "/id")?);
    let data = installation.data().join("second-station");
    assert_eq!(enrol(running.server.url(), &code, &data).await?, Some(0));
    // The code is over; whoever comes with it is told so, and the station that has it is not disturbed.
    assert_eq!(enrol(running.server.url(), &code, &installation.data().join("thief")).await?, Some(1));
    let mut station = run_station(&installation, &data, &[])?;

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

    // What the page sets reaches the running station, and what it says of itself reaches the page.
    let change = json!({ "name": "东窗口", "site_id": site, "language": "en", "log_level": "info" });
    running.client.put(&format!("/workstations/{workstation}"), &change).await?;
    told(&data, |status| status.pointer("/status/name") == Some(&json!("东窗口"))).await?;
    let all = items(&running.client.get("/workstations").await?);
    let one = all.iter().find(|w| w.get("id") == Some(&json!(workstation))).ok_or("it is gone")?;
    assert!(number(one, "/journal/seq")? > 0 && one.pointer("/journal/unacknowledged") == Some(&json!(0)), "{one}");
    assert!(has(one, "version") && has(one, "since") && has(one, "enrolled_at"), "{one}");

    // Shut out: at once, for good, and with an exit code of its own.
    running.client.post(&format!("/workstations/{workstation}/revoke"), &json!({})).await?;
    gone(&running.client, &workstation).await?;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), station.wait()).await??;
    assert_eq!(ended.code(), Some(78), "a station that is refused for good ends");
    told(&data, |status| status.pointer("/status/refused") == Some(&json!("station.revoked"))).await?;
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

/// `dianka-station enrol`; its exit code.
pub(crate) async fn enrol(server: &str, code: &str, data: &Path) -> Result<Option<i32>, Failure> {
    let mut command = Command::new(programs().join("dianka-station"));
    command.args(["enrol", "--server", server, "--code", code, "--data"]).arg(data);
    Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).status().await?.code())
}

/// An enrolled station on the server's bench.
pub(crate) fn run_station(
    installation: &Installation,
    data: &Path,
    environment: &[(&str, &str)],
) -> Result<Child, Failure> {
    let no_drivers = installation.data().join("no-drivers");
    std::fs::create_dir_all(&no_drivers)?;
    Ok(Command::new(programs().join("dianka-station"))
        .args(["run", "--driver", "ccid-serial", "--virtual", "--data"])
        .arg(data)
        // It comes without drivers: the server sends them.
        .arg("--drivers")
        .arg(&no_drivers)
        .arg("--bench")
        .arg(installation.data().join("bench"))
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(std::fs::OpenOptions::new().create(true).append(true).open(data.join("log"))?)
        .kill_on_drop(true)
        .spawn()?)
}

/// Waits until `dianka-station status` says so.
async fn told(data: &Path, is: impl Fn(&Value) -> bool) -> Result<(), Failure> {
    let mut said = Value::Null;
    for _ in 0..100 {
        let mut command = Command::new(programs().join("dianka-station"));
        let output = command.args(["status", "--json", "--data"]).arg(data).output().await?;
        said = serde_json::from_slice(&output.stdout)?;
        if is(&said) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(format!("it stays at {said}").into())
}

pub(crate) async fn ready(client: &dianka_server::demo::client::Client, workstation: &str) -> Result<(), Failure> {
    wait(client, workstation, |state| state.pointer("/reader/state") == Some(&json!("ready"))).await
}

pub(crate) async fn gone(client: &dianka_server::demo::client::Client, workstation: &str) -> Result<(), Failure> {
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
