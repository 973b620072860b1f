//! What goes wrong at a counter: each with its own code, and nothing lost or half done.

use dianka_lab::world::{CardId, World};
use dianka_server::demo::client::{Client, ClientError};
use dianka_tests::{Customer, Failure, Installation, Running, has, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Ok(answer) => format!("no refusal: {answer:?}"),
        Err(error) => error.code().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_a_sale_have_their_own_codes_in_both_languages() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let ratios = json!({ "ct_primary": 1_500, "ct_secondary": 5 });
    let customer = running.customer("gbt18460.open-a", &ratios).await?;
    let quote = async |wh: i64| running.quote(&counter, &customer.account, wh).await;

    assert_eq!(code(quote(300_000_000).await), "card.none");
    running.to_reader(&customer.card, &counter).await?;
    assert_eq!(code(quote(0).await), "sale.quantity_zero");
    assert_eq!(code(quote(-5_000).await), "sale.quantity_negative");
    assert_eq!(code(quote(i64::MAX).await), "sale.above_max");
    let refused = quote(1_000_000).await.err().ok_or("1,000 kWh do not divide by 300")?;
    assert_eq!(refused.code(), "sale.not_multiple");
    assert_eq!(
        (refused.params()["lower_wh"].as_i64(), refused.params()["upper_wh"].as_i64()),
        (Some(900_000), Some(1_200_000))
    );
    assert_eq!(code(running.quote(&counter, &Uuid::now_v7().to_string(), 1_000).await), "account.unknown");
    assert_eq!(code(running.quote(&Uuid::now_v7().to_string(), &customer.account, 1_000).await), "request.not_found");

    let english = running.client.clone().in_language("en");
    let body = json!({ "workstation_id": counter, "account_id": customer.account, "energy_wh": 1_000_000 });
    let (zh, en) = (running.client.post("/quotes", &body).await, english.post("/quotes", &body).await);
    let title = |answer: Result<Value, ClientError>| match answer {
        Err(ClientError::Problem { body, .. }) => body["title"].as_str().unwrap_or_default().to_owned(),
        other => format!("{other:?}"),
    };
    let (zh, en) = (title(zh), title(en));
    assert!(zh.contains("900") && zh.contains("1200") && zh.contains('倍'), "{zh}");
    assert!(en.contains("900") && en.contains("1200") && en.is_ascii(), "{en}");

    let tampered = quote(300_000).await?;
    let broken = json!({ "quote": text(&tampered, "/quote")?.replace('A', "B") });
    assert_eq!(code(running.sell(Uuid::now_v7(), &broken, 0).await), "quote.invalid");
    let mut stranger = Client::new(running.server.url());
    assert_eq!(code(stranger.get("/accounts").await), "auth.required");
    stranger.set_token(Some("eyJhbGciOiJub25lIn0.e30.".into()));
    assert_eq!(code(stranger.get("/accounts").await), "auth.required");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_not_there_or_not_free_is_told() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let test = async |body: Value| running.client.post(&format!("/workstations/{counter}/test-port"), &body).await;
    assert_eq!(text(&test(json!({})).await?, "/answer")?, "found");
    assert_eq!(text(&test(json!({ "port": "/dev/no-such-port" })).await?, "/answer")?, "absent");
    for (driver, why) in [("no-such", "driver.missing"), ("gbt18460.open-a", "driver.not_reader")] {
        assert_eq!(code(test(json!({ "driver_id": driver })).await), why);
        let choice = json!({ "port": "/dev/ttyUSB0", "driver_id": driver });
        assert_eq!(code(running.client.put(&format!("/workstations/{counter}/reader"), &choice).await), why);
    }
    let pty = nix::pty::openpty(None, None)?;
    let name = nix::unistd::ttyname(&pty.slave)?;
    // Held by another program.
    let held = dianka_station::port::SerialLine::open(&name.display().to_string(), None)?;
    assert_eq!(text(&test(json!({ "port": name })).await?, "/answer")?, "port-busy");
    drop(held);
    // Something that answers, and not as a reader: the echo of a terminal.
    let echo = std::thread::spawn(move || {
        let mut buffer = [0_u8; 64];
        while let Ok(got) = nix::unistd::read(&pty.master, &mut buffer) {
            let garbage = vec![0x55; got];
            if got == 0 || nix::unistd::write(&pty.master, &garbage).is_err() {
                break;
            }
        }
    });
    assert_eq!(text(&test(json!({ "port": name })).await?, "/answer")?, "wrong-driver");
    // The counter's own reader with the driver of another one: the driver that it answers to is named, and the choice is
    // answered with what came of it.
    let wrong = test(json!({ "driver_id": "crt571" })).await?;
    assert_eq!(
        (text(&wrong, "/answer")?.as_str(), text(&wrong, "/driver_id")?.as_str()),
        ("wrong-driver", "ccid-serial")
    );
    let port = text(&running.client.get(&format!("/workstations/{counter}/state")).await?, "/reader/port")?;
    for (driver, state) in [("crt571", "no-answer"), ("ccid-serial", "ready")] {
        let choice = json!({ "port": port, "driver_id": driver });
        let now = running.client.put(&format!("/workstations/{counter}/reader"), &choice).await?;
        assert_eq!((text(&now, "/reader/driver_id")?.as_str(), text(&now, "/reader/state")?.as_str()), (driver, state));
    }
    drop(pty.slave);
    running.books_hold().await?;
    running.server.stop().await;
    let _ended = echo.join();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_pulled_in_the_middle_is_finished_when_it_comes_back() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    let mut total = 0;
    for (cells, energy) in [(8, 100_000), (3, 50_000), (6, 51_000), (9, 52_000), (14, 53_000)] {
        running.to_reader(&customer.card, &counter).await?;
        let quote = running.quote(&counter, &customer.account, energy).await?;
        let fault = json!({ "pull_after_cells": cells });
        running.client.post(&format!("/bench/readers/{counter}/fault"), &fault).await?;
        let id = Uuid::now_v7();
        let sale = running.sell(id, &quote, 20).await?;
        assert_eq!(text(&sale, "/state")?, "authorised", "pulled after {cells}: {sale}");
        assert_eq!(text(&sale, "/problem/code")?, "write.removed", "{sale}");
        // Whoever tries another sale of the account meanwhile is told of the unfinished one, and not of the missing card.
        assert_eq!(code(running.quote(&counter, &customer.account, energy).await), "sale.open");
        assert_eq!(code(running.sell(Uuid::now_v7(), &quote, 5).await), "sale.open");
        running.to_reader(&customer.card, &counter).await?;
        let view = running.read_card(&counter).await?;
        if !view["maybe_sale"].is_null() {
            running.client.post(&format!("/sales/{id}/resume"), &json!({ "workstation_id": counter })).await?;
        }
        running.committed(id).await.map_err(|e| format!("pulled after {cells}: {e}"))?;
        let done = running.to_meter(&customer.card, &customer.meter).await?;
        assert_eq!(number(&done, "/outcome/loaded_wh")?, energy);
        total += energy;
        assert_eq!(number(&running.meter(&customer.meter).await?, "/snapshot/total_purchased_wh")?, total);
    }
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_with_one_try_left_is_never_tried() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    let world = World::open(&installation.data().join("bench"))?;
    {
        let mut card = world.hold(CardId(customer.card.parse()?))?;
        for _ in 0..2 {
            card.power_on()?;
            card.present(&[0x12, 0x34, 0x56])?;
            card.power_off();
        }
    }
    running.to_reader(&customer.card, &counter).await?;
    assert_eq!(number(&running.read_card(&counter).await?, "/tries")?, 1);
    assert_eq!(code(running.quote(&counter, &customer.account, 100_000).await), "card.tries_low");
    let bench = running.client.get("/bench").await?;
    let cards = bench["cards"].as_array().cloned().unwrap_or_default();
    let card = cards.iter().find(|c| c["id"] == customer.card.as_str()).ok_or("the card")?;
    assert_eq!(number(card, "/tries")?, 1, "the last try is still there");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_unplugged_is_told_and_found_again() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    running.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "unplug": true })).await?;
    let refused = running.read_card(&counter).await.err().ok_or("an unplugged reader reads nothing")?;
    assert!(refused.code().starts_with("reader."), "{refused}");
    let state = until(10, async || {
        let state = running.client.get(&format!("/workstations/{counter}/state")).await.ok()?;
        (state["card"].is_null() && state["reader"]["state"] != "ready").then_some(state)
    });
    state.await.ok_or("the page still shows a card and a reader")?;
    // Not "no card": what is missing is the reader.
    let body = json!({ "workstation_id": counter, "account_id": customer.account, "energy_wh": 100_000 });
    assert!(code(running.client.post("/quotes", &body).await).starts_with("reader."));
    running.client.post(&format!("/bench/readers/{counter}/fault"), &json!({ "unplug": false })).await?;
    wait_ready(&running, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 100_000).await?;
    assert_eq!(text(&running.sell(Uuid::now_v7(), &quote, 20).await?, "/state")?, "committed");
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

async fn wait_ready(running: &Running, counter: &str) -> Result<(), Failure> {
    let ready = until(20, async || {
        let state = running.client.get(&format!("/workstations/{counter}/state")).await.ok()?;
        (state.pointer("/reader/state") == Some(&json!("ready")) && has(&state, "card")).then_some(())
    });
    ready.await.ok_or_else(|| "the reader does not come back".into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_during_a_sale_loses_nothing() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    let counter = running.workstation(0).await?;
    let customer = running.customer("gbt18460.open-a", &json!({})).await?;
    running.to_reader(&customer.card, &counter).await?;
    let quote = running.quote(&counter, &customer.account, 100_000).await?;
    let id = Uuid::now_v7();
    // Authorised, and while the card is being written the database is shot.
    let sale = running.sell(id, &quote, 0).await?;
    kill_postgres(&installation)?;
    assert_ne!(text(&sale, "/state")?, "voided");
    // Told while it lasts ...
    let refused = until(5, async || running.client.get("/accounts").await.err().map(|e| e.code().to_owned())).await;
    assert_eq!(refused.as_deref(), Some("server.database"));
    // ... and over by itself: the server starts its database again.
    until(60, async || running.client.get("/accounts").await.ok()).await.ok_or("the database does not come back")?;
    let view = running.read_card(&counter).await?;
    if !view["maybe_sale"].is_null() {
        running.client.post(&format!("/sales/{id}/resume"), &json!({ "workstation_id": counter })).await?;
    }
    running.committed(id).await?;
    took_once(&running, &customer, 100_000).await?;
    running.books_hold().await?;
    running.server.stop().await;
    Ok(())
}

pub(crate) fn kill_postgres(installation: &Installation) -> Result<(), Failure> {
    let pid_file = installation.data().join("postgres");
    let found = find(&pid_file, "postmaster.pid").ok_or("no postmaster.pid")?;
    let text = std::fs::read_to_string(found)?;
    let pid: i32 = text.lines().next().ok_or("an empty pid file")?.trim().parse()?;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGQUIT)?;
    Ok(())
}

/// The first answer within so many seconds.
async fn until<T>(seconds: u64, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(seconds), asking).await.ok()
}

fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.file_name().is_some_and(|n| n == name) {
            return Some(path);
        }
        if path.is_dir()
            && let Some(found) = find(&path, name)
        {
            return Some(found);
        }
    }
    None
}

async fn took_once(running: &Running, customer: &Customer, energy: i64) -> Result<(), Failure> {
    let done = running.to_meter(&customer.card, &customer.meter).await?;
    assert_eq!(number(&done, "/outcome/loaded_wh")?, energy);
    assert_eq!(number(&running.meter(&customer.meter).await?, "/snapshot/total_purchased_wh")?, energy);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_of_each_chip_lies_on_the_bench_and_no_other() -> Result<(), Failure> {
    let installation = Installation::new()?;
    let running = installation.start(&[]).await?;
    for chip in ["sle4442", "sle4428", "at24c02"] {
        let card = running.client.post("/bench/cards", &json!({ "chip": chip })).await?;
        assert_eq!(card["chip"], chip);
    }
    assert_eq!(running.client.post("/bench/cards", &json!({})).await?["chip"], "sle4442");
    for body in [json!({ "chip": "mifare" }), json!({ "chip": "sle4428", "content": "foreign" })] {
        let refused = running.client.post("/bench/cards", &body).await.err().ok_or("it was made")?;
        assert_eq!((refused.code(), &refused.params()["field"]), ("request.field", &json!("chip")), "{refused}");
    }
    running.server.stop().await;
    Ok(())
}
