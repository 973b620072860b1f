//! Many stations that sell at once, each as fast as its one clerk can: card in, quote, sale, receipt, next card.

use std::sync::Arc;
use std::time::Duration;

use dianka_server::demo::client::{Client, ClientError};
use dianka_tests::figures::table::{Aim, Table};
use dianka_tests::{Failure, has, text};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::customers::Shelf;
use super::plan::Plan;
use super::station::{Station, Tally};
use super::ward::Ward;
use super::{enrol, held};

/// What a refusal for overload says: `limits.retry_after_s`.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// A card that has just gone in is on its way to the server, on another connection than the quote.
const ON_ITS_WAY: Duration = Duration::from_millis(5);

/// Between two looks at a sale whose first answer was not the end.
const ASKED_AGAIN: Duration = Duration::from_millis(100);

/// One sale.
pub struct Sold {
    /// From the quote to the answer with the receipt's number.
    pub took: Duration,
    /// Times that the server was too busy to take a request.
    pub busy: u32,
    /// Whether the first answer said only that it is authorised, and the receipt came when the page asked again.
    pub asked_again: bool,
}

/// Sells to this account's first card, which goes into the reader now.
pub async fn sell(client: &Client, station: &Station, account: &str) -> Result<Sold, Failure> {
    let (session, begun) = (station.blank_card()?, Instant::now());
    let mut busy = 0;
    let quote = json!({
        "workstation_id": station.workstation, "account_id": account, "energy_wh": 100_000, "session": session,
    });
    let quote = until_taken(client, "/quotes", &quote, &mut busy).await?;
    let id = Uuid::now_v7();
    let sale = json!({ "id": id, "quote": quote.get("quote"), "payment": "cash" });
    let mut sale = until_taken(client, "/sales?wait_s=30", &sale, &mut busy).await?;
    let mut asked_again = false;
    // The station's result waits for the database: the server tries again by itself, and so does the page.
    while text(&sale, "/state")? == "authorised" && begun.elapsed() < held::PATIENCE {
        asked_again = true;
        sleep(ASKED_AGAIN).await;
        sale = client.get(&format!("/sales/{id}")).await?;
    }
    if text(&sale, "/state")? != "committed" || !has(&sale, "receipt_no") {
        return Err(format!("not committed with a receipt: {sale}").into());
    }
    Ok(Sold { took: begun.elapsed(), busy, asked_again })
}

/// Asks until the server takes it: the same request, as a page does.
async fn until_taken(client: &Client, path: &str, body: &Value, busy: &mut u32) -> Result<Value, ClientError> {
    loop {
        match client.post(path, body).await {
            Err(error) if error.code() == "server.overloaded" => {
                *busy = busy.saturating_add(1);
                sleep(RETRY_AFTER).await;
            }
            Err(error) if matches!(error.code(), "card.none" | "card.changed") => sleep(ON_ITS_WAY).await,
            other => return other,
        }
    }
}

/// Figures of the rounds.
#[derive(Default)]
struct Rounds {
    per_s: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    busy: u32,
    asked_again: usize,
}

pub async fn measure(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    println!("sales:");
    let mut ward = Ward::new(plan).await?;
    let tally = Arc::<Tally>::default();
    let dial = ward.dial()?;
    let who = enrol::stations(&ward, plan.sellers).await?;
    let stations: Vec<_> = who.iter().map(|who| Arc::new(Station::dial(who, &dial, &tally))).collect();
    tally.reach(plan.sellers, Instant::now(), held::PATIENCE).await?;
    let mut shelf = Shelf::new(&ward.client).await?;
    let mut rounds = Rounds::default();
    for _ in 0..plan.rounds {
        ward.log_in().await?;
        shelf.log_in(&ward.client);
        let accounts = shelf.open(plan.sellers.saturating_mul(plan.sales)).await?;
        rounds.add(round(&ward.client, &stations, &accounts, plan.sales).await?);
    }
    tally.sound()?;
    drop(stations);
    ward.end().await?;
    let n = plan.sellers;
    table.add(format!("{n} stations selling at once: committed with receipts"), Aim::Told, " a second", rounds.per_s);
    table.add(format!("{n} stations selling at once: quote to receipt, p50"), Aim::Told, " ms", rounds.p50);
    table.add(format!("{n} stations selling at once: quote to receipt, p99"), Aim::Told, " ms", rounds.p99);
    let all = plan.sellers.saturating_mul(plan.sales).saturating_mul(plan.rounds);
    table.note(format!(
        "{all} sales by {n} stations, all committed with receipts; {} requests were first turned away as too many, {} sales \
         were first answered as authorised, because the result waited for the database",
        rounds.busy, rounds.asked_again
    ));
    Ok(())
}

impl Rounds {
    fn add(&mut self, (elapsed, sold): (Duration, Vec<Sold>)) {
        let took: Vec<_> = sold.iter().map(|sale| sale.took).collect();
        self.per_s.push(f64::from(u32::try_from(sold.len()).unwrap_or(u32::MAX)) / elapsed.as_secs_f64());
        self.p50.push(held::percentile_ms(&took, 50));
        self.p99.push(held::percentile_ms(&took, 99));
        self.asked_again += sold.iter().filter(|sale| sale.asked_again).count();
        self.busy = sold.iter().fold(self.busy, |sum, sale| sum.saturating_add(sale.busy));
    }
}

/// All stations at once, each its share of the accounts, one after the other.
async fn round(
    client: &Client,
    stations: &[Arc<Station>],
    accounts: &[String],
    each: usize,
) -> Result<(Duration, Vec<Sold>), Failure> {
    let start = Arc::new(Barrier::new(stations.len().saturating_add(1)));
    let mut clerks = Vec::new();
    for (station, share) in stations.iter().zip(accounts.chunks(each)) {
        let (station, share) = (Arc::clone(station), share.to_vec());
        let (client, start) = (client.clone(), Arc::clone(&start));
        clerks.push(tokio::spawn(async move {
            start.wait().await;
            let mut sold = Vec::new();
            for account in &share {
                sold.push(sell(&client, &station, account).await?);
            }
            Ok::<_, Failure>(sold)
        }));
    }
    start.wait().await;
    let begun = Instant::now();
    let mut all = Vec::new();
    for clerk in clerks {
        all.extend(clerk.await??);
    }
    Ok((begun.elapsed(), all))
}
