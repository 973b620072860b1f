//! From a killed server to the next sale that is committed, at a station that dials in.

use std::sync::Arc;
use std::time::Duration;

use dianka_station::enrolment::Enrolment;
use dianka_tests::Failure;
use dianka_tests::figures::table::{Aim, Table, median};
use tokio::time::{Instant, sleep, timeout};

use super::customers::Shelf;
use super::plan::Plan;
use super::station::{Station, Tally};
use super::ward::Ward;
use super::{enrol, held, sales};

/// Between two tries of a clerk whose server is away.
const TRY_AGAIN: Duration = Duration::from_millis(20);

pub async fn measure(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    println!("killed:");
    let mut ward = Ward::new(plan).await?;
    let who = enrol::stations(&ward, 1).await?.pop().ok_or("no station")?;
    let accounts = Shelf::new(&ward.client).await?.open(plan.outages.saturating_mul(2)).await?;
    let mut took = Vec::new();
    for pair in accounts.chunks_exact(2) {
        // At this frequency of kills a token would end in the middle.
        ward.log_in().await?;
        took.push(outage(&mut ward, &who, pair).await?.as_secs_f64());
    }
    ward.end().await?;
    let worst = took.iter().copied().fold(0.0, f64::max);
    let kills = took.len();
    println!("  median {:.2} s of {kills}", median(&took));
    table.add(format!("from a kill to the next committed sale, {kills} kills"), Aim::Told, " s", took);
    table.add("the longest of them", Aim::Told, " s", vec![worst]);
    Ok(())
}

/// A sale in peace, the kill, and the first sale after it. The station's link is new each time, as one that has stood for
/// a while is: its back-off begins with the shortest pause.
async fn outage(ward: &mut Ward, who: &Enrolment, accounts: &[String]) -> Result<Duration, Failure> {
    let [before, after] = accounts else { return Err("two accounts".into()) };
    let tally = Arc::<Tally>::default();
    let station = Station::dial(who, &ward.dial()?, &tally);
    tally.reach(1, Instant::now(), held::PATIENCE).await?;
    let client = ward.client.clone();
    sales::sell(&client, &station, before).await?;
    let begun = Instant::now();
    ward.kill().await?;
    let next = timeout(held::PATIENCE, async {
        while sales::sell(&client, &station, after).await.is_err() {
            sleep(TRY_AGAIN).await;
        }
    });
    let (started, sold) = tokio::join!(ward.start(), next);
    started?;
    sold?;
    let took = begun.elapsed();
    tally.sound()?;
    Ok(took)
}
