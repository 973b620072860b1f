//! A driver's life in a running server: sent in, chosen for a meter type, gone back from, while counters sell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dianka_plugin_host::package::{Digest, append_section};
use dianka_tests::{Customer, Failure, Installation, Running, example_version, items, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

const DRIVER: &str = "example.open-a";

async fn upload(running: &Running, version: &str) -> Result<Value, Failure> {
    let bytes = std::fs::read(example_version(version))?;
    Ok(running.client.post_file("/drivers", "application/wasm", bytes).await?)
}

async fn meter_type(running: &Running) -> Result<Value, Failure> {
    // The sample meters of the learning mode follow a new driver within a look or two.
    for _ in 0..200 {
        let types = items(&running.client.get("/meter-types").await?);
        if let Some(found) = types.into_iter().find(|it| it["driver_id"] == DRIVER) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("no meter type for the new driver".into())
}

/// Whether 5 kWh may be sold: version 1.0.0 sells them, 1.1.0 wants 6.
async fn sells_five(running: &Running, counter: &str, customer: &Customer) -> Result<bool, Failure> {
    match running.quote(counter, &customer.account, 5_000).await {
        Ok(_) => Ok(true),
        Err(refused) if refused.code() == "sale.below_min" => Ok(false),
        Err(other) => Err(other.into()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_sent_in_chosen_and_gone_back_from() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let first = upload(&running, "1.0.0").await?;
    assert_eq!((text(&first, "/state")?.as_str(), &first["built_in"]), ("active", &json!(false)));
    let kind = meter_type(&running).await?;
    let customer = running.customer(DRIVER, &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    assert!(sells_five(&running, &counter, &customer).await?);

    // The same file again is the same answer; other bytes under the same name and version are not taken.
    assert_eq!(upload(&running, "1.0.0").await?["sha256"], first["sha256"]);
    let second = upload(&running, "1.1.0").await?;
    assert_eq!(second["meter_types"], json!([]), "nobody has chosen it");
    assert!(sells_five(&running, &counter, &customer).await?, "the chosen version goes on");

    // So does the meter of the bench, which is of the chosen version and not of the newest: that one takes 6 kWh at least.
    let quote = running.quote(&counter, &customer.account, 5_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");
    assert_eq!(number(&running.to_meter(&customer.card, &customer.meter).await?, "/outcome/loaded_wh")?, 5_000);
    running.to_reader(&customer.card, &counter).await?;

    // A sale that was begun with the old version, its card pulled in the middle.
    let quote = running.quote(&counter, &customer.account, 6_000).await?;
    let fault = json!({ "pull_after_cells": 6 });
    running.client.post(&format!("/bench/readers/{counter}/fault"), &fault).await?;
    let sale = Uuid::now_v7();
    assert_eq!(text(&running.sell(sale, &quote, 20).await?, "/state")?, "authorised");

    let activate = |driver: &Value, rollback: bool| {
        let path = format!("/drivers/{}/activate", driver["sha256"].as_str().unwrap_or_default());
        let body = json!({ "meter_type_ids": [kind["id"]], "rollback": rollback });
        async { running.client.post(&{ path }, &{ body }).await }
    };
    let now = activate(&second, false).await?;
    assert_eq!(text(&now, "/meter_types/0/id")?, text(&kind, "/id")?);
    assert_eq!(text(&meter_type(&running).await?, "/driver_version")?, "1.1.0");

    // It ends with the version that it began with, and the card says what was sold.
    running.to_reader(&customer.card, &counter).await?;
    if running.read_card(&counter).await?["maybe_sale"].is_object() {
        running.client.post(&format!("/sales/{sale}/resume"), &json!({ "workstation_id": counter })).await?;
    }
    let done = running.committed(sale).await?;
    assert_eq!(text(&done, "/driver_version")?, "1.0.0");
    assert_eq!(number(&running.to_meter(&customer.card, &customer.meter).await?, "/outcome/loaded_wh")?, 6_000);
    running.to_reader(&customer.card, &counter).await?;
    assert!(!sells_five(&running, &counter, &customer).await?, "the new version's own rule");

    let refused = activate(&first, false).await.err().ok_or("going back must be said")?;
    assert_eq!(refused.code(), "driver.downgrade");
    activate(&first, true).await?;
    assert!(sells_five(&running, &counter, &customer).await?);
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_quote_on_while_a_driver_is_taken_in() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let over = Arc::new(AtomicBool::new(false));
    let (client, ended, account) = (running.client.clone(), Arc::clone(&over), customer.account.clone());
    let at = counter.clone();
    let quotes = tokio::spawn(async move {
        let mut slowest = Duration::ZERO;
        let mut asked = 0_u32;
        while !ended.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let body = json!({ "workstation_id": at, "account_id": account, "energy_wh": 100_000 });
            client.post("/quotes", &body).await?;
            slowest = slowest.max(begun.elapsed());
            asked += 1;
        }
        Ok::<_, dianka_server::demo::client::ClientError>((asked, slowest))
    });
    let begun = Instant::now();
    upload(&running, "1.0.0").await?;
    let taken_in = begun.elapsed();
    over.store(true, Ordering::Relaxed);
    let (asked, slowest) = quotes.await??;
    println!("taken in {taken_in:?}; meanwhile {asked} quotes, the slowest {slowest:?}");
    assert!(asked > 1 && slowest < taken_in, "{asked} quotes, the slowest {slowest:?} of {taken_in:?}");
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_driver_is_not_taken_and_says_why() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let client = &running.client;
    let whole = std::fs::read(example_version("1.0.0"))?;
    let half = whole.get(..whole.len() / 2).unwrap_or_default().to_vec();
    for (bytes, code) in
        [(b"rubbish".to_vec(), "not-a-component"), (half, "not-a-component"), (Vec::new(), "not-a-component")]
    {
        let refused = client.post_file("/drivers", "application/wasm", bytes).await.err().ok_or("it was taken")?;
        assert_eq!((refused.code(), &refused.params()["reason_code"]), ("driver.refused", &json!(code)), "{refused}");
    }
    let large = client.post_file("/drivers", "application/wasm", vec![0; 2 * 1024 * 1024 + 2]).await;
    assert_eq!(large.err().ok_or("it was taken")?.code(), "request.too_large");
    // A program of the vendor's own may not choose a version for a type of another driver.
    let sent = upload(&running, "1.0.0").await?;
    let types = items(&client.get("/meter-types").await?);
    let other = types.iter().find(|it| it["driver_id"] == "gbt18460.open-a").ok_or("no type")?;
    let path = format!("/drivers/{}/activate", text(&sent, "/sha256")?);
    let refused = client.post(&path, &json!({ "meter_type_ids": [other["id"]] })).await.err().ok_or("it was")?;
    assert_eq!((refused.code(), &refused.params()["field"]), ("request.field", &json!("meter_type_ids")));
    let unknown = client.post(&format!("/drivers/{}/activate", "0".repeat(64)), &json!({ "meter_type_ids": [] })).await;
    assert_eq!(unknown.err().ok_or("it was")?.code(), "request.not_found");

    let bad = json!({ "name": "Acme", "public": "no key", "ids": ["acme.*"] });
    assert_eq!(client.post("/drivers/keys", &bad).await.err().ok_or("it was")?.code(), "request.field");
    let good = json!({ "name": "Acme", "public": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3", "ids": ["acme.*"] });
    client.post("/drivers/keys", &good).await?;
    // The same again is the same; the same key under another name, or another key under the same name, is not.
    client.post("/drivers/keys", &good).await?;
    let mut other = good.clone();
    other["name"] = json!("Acme again");
    assert_eq!(client.post("/drivers/keys", &other).await.err().ok_or("it was")?.code(), "request.duplicate");
    // It may sign more.
    let mut more = good.clone();
    more["ids"] = json!(["acme.*", "ace.*"]);
    client.post("/drivers/keys", &more).await?;
    assert_eq!(client.get("/drivers/keys").await?[0]["ids"], more["ids"]);
    client.post("/drivers/keys", &good).await?;
    client.post("/drivers/keys/revoke", &json!({ "name": "Acme" })).await?;
    assert_eq!(
        client.get("/drivers/keys").await?,
        json!([{ "name": "Acme", "public": good["public"], "ids": ["acme.*"], "revoked": true }])
    );
    running.server.stop().await;
    Ok(())
}

/// The example with something more in it: the same driver, another file.
fn example_with(section: &str, content: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut bytes = std::fs::read(example_version("1.0.0"))?;
    append_section(&mut bytes, section, content);
    Ok(bytes)
}

/// The row of the file with these bytes, once it is there.
async fn row(running: &Running, bytes: &[u8]) -> Result<Value, Failure> {
    let sha256 = Digest::of(bytes).to_string();
    for _ in 0..900 {
        let now = items(&running.client.get("/drivers").await?);
        if let Some(found) = now.into_iter().find(|driver| driver["sha256"] == sha256.as_str()) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the file does not appear".into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_driver_is_tried_before_it_is_taken() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let taken = upload(&running, "1.0.0").await?;
    assert_eq!(taken["conformance"]["passed"], true, "{taken}");
    assert!(number(&taken, "/conformance/cases")? > 10_000, "{taken}");
    let report = running.client.get(&format!("/drivers/{}/report", text(&taken, "/sha256")?)).await?;
    assert_eq!(report, taken["conformance"]);
    let shipped = items(&running.client.get("/drivers").await?);
    let shipped = shipped.iter().find(|driver| driver["built_in"] == true).ok_or("none")?;
    assert!(shipped["conformance"].is_null(), "it came with the program");

    // Its own vector says that it encodes to something else than it does.
    let other = "a2131091".to_owned() + &"ff".repeat(251) + "00";
    let content = json!({ "kind": "blank", "system_code": 0, "region": 0, "user_no": 0, "card_no": 0, "key_version": 0,
        "purchase": null, "returned": null, "params": [] });
    let vectors = json!({ "cards": [{ "name": "not so", "content": content, "image": other }] });
    let bad = example_with("dianka:vectors", &serde_json::to_vec(&vectors)?)?;
    let sent = running.client.post_file("/drivers", "application/wasm", bad.clone()).await;
    let refused = sent.err().ok_or("it was taken")?;
    assert_eq!((refused.code(), &refused.params()["check"]), ("driver.not_conforming", &json!("vectors")), "{refused}");
    assert!(refused.params()["reason"].as_str().is_some_and(|reason| reason.contains("not so")), "{refused}");
    assert!(refused.params()["input"].as_str().is_some_and(|input| input.contains("a2131091")), "{refused}");
    let report = running.client.get(&format!("/drivers/{}/report", Digest::of(&bad))).await?;
    assert_eq!((&report["passed"], &report["checks"][1]["id"]), (&json!(false), &json!("vectors")), "{report}");
    let there = items(&running.client.get("/drivers").await?);
    assert!(there.iter().all(|driver| driver["sha256"] != Digest::of(&bad).to_string()), "nothing is staged");

    // Dropped into the folder, it is listed with the reason and sells nothing.
    std::fs::write(installation.data().join("drivers/bad.part"), &bad)?;
    std::fs::rename(installation.data().join("drivers/bad.part"), installation.data().join("drivers/bad.wasm"))?;
    let listed = row(&running, &bad).await?;
    assert_eq!((&listed["state"], &listed["conformance"]["passed"]), (&json!("refused"), &json!(false)), "{listed}");
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_not_approved_sells_nothing() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let first = upload(&running, "1.0.0").await?;
    let kind = meter_type(&running).await?;
    let chosen = json!({ "meter_type_ids": [kind["id"]] });
    choose(&running, &text(&first, "/sha256")?, &chosen).await?;
    let customer = running.customer(DRIVER, &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 5_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");
    running.to_meter(&customer.card, &customer.meter).await?;
    running.to_reader(&customer.card, &counter).await?;
    assert_eq!(text(&running.read_card(&counter).await?, "/kind")?, "purchase");

    // Another file of the same name and version takes its place in the folder.
    let other = example_with("note", b"not what was looked at")?;
    let folder = installation.data().join("drivers");
    std::fs::write(folder.join("other.part"), &other)?;
    std::fs::rename(folder.join("other.part"), folder.join("example.open-a-1.0.0.wasm"))?;
    let listed = row(&running, &other).await?;
    assert_eq!((&listed["state"], &listed["meter_types"]), (&json!("active"), &json!([])), "{listed}");
    assert_eq!(listed["stopped"], json!([{ "id": kind["id"], "name": kind["name"] }]), "{listed}");
    let refused = running.quote(&counter, &customer.account, 5_000).await.err().ok_or("it sells")?;
    assert_eq!(refused.code(), "driver.not_approved", "{refused}");
    assert_eq!(refused.params()["approved"], first["sha256"]);
    assert_eq!(refused.params()["loaded"], Digest::of(&other).to_string());

    // What was not approved reads no card; and a good card is not called a bad one for that.
    let view = running.read_card(&counter).await?;
    assert_eq!((&view["kind"], &view["account"]), (&json!("unreadable"), &Value::Null), "{view}");
    let told: Vec<&Value> = view["problems"].as_array().into_iter().flatten().map(|problem| &problem["code"]).collect();
    assert_eq!(told, ["driver.not_approved"], "{view}");

    // Somebody who looked at it may choose it.
    let taken = choose(&running, &Digest::of(&other).to_string(), &chosen).await?;
    assert_eq!((&taken["meter_types"][0]["id"], &taken["stopped"]), (&kind["id"], &json!([])), "{taken}");
    assert_eq!(text(&running.read_card(&counter).await?, "/kind")?, "purchase");
    running.quote(&counter, &customer.account, 5_000).await?;
    running.server.stop().await;
    Ok(())
}

async fn choose(running: &Running, sha256: &str, body: &Value) -> Result<Value, Failure> {
    Ok(running.client.post(&format!("/drivers/{sha256}/activate"), body).await?)
}

/// A version with another map lies beside the one in use. Nobody has chosen it, so it reads no card; and it cannot be chosen
/// while customers hold cards that it does not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_nobody_chose_reads_no_card() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    upload(&running, "1.0.0").await?;
    let kind = meter_type(&running).await?;
    let customer = running.customer(DRIVER, &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 30_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");
    let moved = upload(&running, "2.0.0").await?;
    assert_eq!(text(&moved, "/state")?, "active", "{moved}");

    running.to_meter(&customer.card, &customer.meter).await?;
    running.to_reader(&customer.card, &counter).await?;
    let view = running.read_card(&counter).await?;
    assert_eq!((text(&view, "/kind")?, number(&view, "/returned/count")?), ("purchase".to_owned(), 1), "{view}");
    let account = running.client.get(&format!("/accounts/{}", customer.account)).await?;
    assert_eq!(number(&account, "/acked_count")?, 1, "what the meter returned is on record");
    let quote = running.quote(&counter, &customer.account, 20_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");

    let path = format!("/drivers/{}/activate", text(&moved, "/sha256")?);
    let refused = running.client.post(&path, &json!({ "meter_type_ids": [kind["id"]] })).await;
    let refused = refused.err().ok_or("it cannot read the cards in the field")?;
    assert_eq!(refused.code(), "driver.cards_unreadable");
    assert_eq!(text(&meter_type(&running).await?, "/driver_version")?, "1.0.0");
    assert_eq!(number(&running.to_meter(&customer.card, &customer.meter).await?, "/outcome/loaded_wh")?, 20_000);

    // Also when the chosen one is gone: learning mode follows a newest version only where it reads these cards.
    let folder = installation.data().join("drivers");
    for file in
        std::fs::read_dir(&folder)?.flatten().filter(|file| file.file_name().to_string_lossy().contains("1.0.0"))
    {
        std::fs::remove_file(file.path())?;
    }
    for _ in 0..100 {
        let all = items(&running.client.get("/drivers").await?);
        if !all.iter().any(|it| it.get("id") == Some(&json!(DRIVER)) && it.get("version") == Some(&json!("1.0.0"))) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(text(&meter_type(&running).await?, "/driver_version")?, "1.0.0");
    let refused = running.quote(&counter, &customer.account, 20_000).await.err().ok_or("its version is gone")?;
    assert_eq!(refused.code(), "driver.version_missing");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}
