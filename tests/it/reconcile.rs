//! `dianka reconcile`: beside a running server, without one, and on books that somebody has changed.

use dianka_store::private_postgres::{Options, PrivatePostgres};
use dianka_tests::{Failure, Installation, number, programs, text};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

/// Exit code and report.
async fn reconcile(installation: &Installation) -> Result<(Option<i32>, Value), Failure> {
    let mut command = Command::new(programs().join("dianka"));
    command.args(["reconcile", "--json", "--data"]).arg(installation.data()).env("DIANKA__LOG__FILTER", "off");
    let done = command.output().await?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let report = serde_json::from_slice(&done.stdout).map_err(|e| format!("{e}: {said}"))?;
    Ok((done.status.code(), report))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_by_its_exit_code_whether_everything_holds() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 100_000).await?;
    let sale = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");

    // Beside the server, which goes on.
    let (code, report) = reconcile(&installation).await?;
    assert_eq!((code, &report["holds"]), (Some(0), &json!(true)), "{report:#}");
    let last = running.client.get("/reconciliations").await?;
    assert_eq!(text(&last, "/items/0/cause")?, "command");
    assert_eq!(text(&last, "/items/0/id")?, text(&report, "/organisations/0/report_id")?);
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&done, "/outcome/loaded_wh")?, 100_000);
    running.to_reader(&customer.card, &counter).await?;
    running.read_card(&counter).await?;
    let quote = running.quote(&counter, &customer.account, 50_000).await?;
    let sale = running.sell(Uuid::now_v7(), &quote, 20).await?;
    assert_eq!(text(&sale, "/state")?, "committed", "{sale}");

    // As somebody with the keys of the database would.
    let (owner, _) = PrivatePostgres::urls_of_running(&Options::new(installation.data()))?.ok_or("no database runs")?;
    let mut session = AsyncPgConnection::establish(&owner).await?;
    session.batch_execute("UPDATE account SET total_fen = total_fen + 1 WHERE sold > 0").await?;
    let (code, report) = reconcile(&installation).await?;
    assert_eq!((code, &report["holds"]), (Some(3), &json!(false)), "{report:#}");
    let broken: Vec<&Value> = report["organisations"][0]["report"]["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|finding| finding["verdict"] != "holds")
        .collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0]["id"], "account.totals");
    assert_eq!(broken[0]["rows"][0]["subject"], customer.account.as_str());
    let alarms = running.client.get("/alarms").await?;
    assert_eq!(text(&alarms, "/items/0/invariant")?, "account.totals");
    session.batch_execute("UPDATE account SET total_fen = total_fen - 1 WHERE sold > 0").await?;
    drop(session);

    // And with a database of its own, when no server runs. The alarm stays: a person closes it.
    running.server.stop().await;
    let (code, report) = reconcile(&installation).await?;
    assert_eq!((code, &report["holds"]), (Some(0), &json!(true)), "{report:#}");
    let running = installation.start(&[]).await?;
    let alarm = text(&running.client.get("/alarms").await?, "/items/0/id")?;
    running.client.post(&format!("/alarms/{alarm}/close"), &json!({ "reason": "试验" })).await?;
    assert_eq!(number(&running.client.get("/alarms").await?, "/total")?, 0);
    running.server.stop().await;
    Ok(())
}
