//! Stations held connected: what each costs the server, whether it still answers, and how soon all are back after a kill.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dianka_station::enrolment::Enrolment;
use dianka_tests::Failure;
use dianka_tests::figures::machine;
use dianka_tests::figures::table::{Aim, Table};
use tokio::time::{Instant, sleep};

use super::enrol;
use super::plan::Plan;
use super::station::{Station, Tally};
use super::ward::Ward;

/// Longest wait until all are connected.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// What the server allocates for a greeting is given back by then.
const SETTLED: Duration = Duration::from_secs(5);

/// The duration that this share did not exceed, in milliseconds.
pub fn percentile_ms(values: &[Duration], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = sorted.len().saturating_sub(1).saturating_mul(percent) / 100;
    sorted.get(at).map_or(f64::NAN, |value| value.as_secs_f64() * 1e3)
}

/// The server with some stations.
struct Held {
    ward: Ward,
    tally: Arc<Tally>,
    stations: Vec<Station>,
    /// Resident memory of the server with nobody connected, KiB.
    alone: f64,
}

pub async fn measure(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    println!("held:");
    let most = plan.held.last().copied().unwrap_or_default();
    let mut ward = Ward::new(plan).await?;
    let begun = Instant::now();
    let who = enrol::stations(&ward, most).await?;
    table.add(format!("enrolling {most} stations, a code each"), Aim::Told, " s", vec![begun.elapsed().as_secs_f64()]);
    // What enrolling has left in its memory is none of the stations'.
    ward.restart().await?;
    sleep(SETTLED).await;
    let alone = f64::from(machine::resident_kib(ward.pid()?)?);
    table.add("server's resident memory, 0 stations", Aim::Told, " MiB", vec![alone / 1024.0]);
    let mut held = Held { ward, tally: Arc::default(), stations: Vec::new(), alone };
    held.answers(plan, table).await?;
    for number in &plan.held {
        held.step(*number, &who, table).await?;
        if *number == most {
            held.answers(plan, table).await?;
        }
    }
    held.stand(plan, table).await?;
    held.killed(plan, table).await?;
    held.tally.sound()?;
    held.stations.clear();
    held.ward.end().await
}

impl Held {
    /// Up to so many.
    async fn step(&mut self, number: usize, who: &[Enrolment], table: &mut Table) -> Result<(), Failure> {
        let (dial, begun) = (self.ward.dial()?, Instant::now());
        let more = who.get(self.stations.len()..number).unwrap_or_default();
        let fresh = more.len();
        self.stations.extend(more.iter().map(|who| Station::dial(who, &dial, &self.tally)));
        let took = self.tally.reach(number, begun, PATIENCE).await?;
        table.add(format!("connecting {fresh} more at once"), Aim::Told, " s", vec![took.as_secs_f64()]);
        sleep(SETTLED).await;
        let resident = f64::from(machine::resident_kib(self.ward.pid()?)?);
        table.add(format!("server's resident memory, {number} stations"), Aim::Told, " MiB", vec![resident / 1024.0]);
        let each = (resident - self.alone) / f64::from(u32::try_from(number)?);
        table.add(format!("of it for each of {number} stations"), Aim::Told, " KiB", vec![each]);
        Ok(())
    }

    /// How quickly it answers one who asks one thing after the other.
    async fn answers(&mut self, plan: &Plan, table: &mut Table) -> Result<(), Failure> {
        self.ward.log_in().await?;
        let number = self.stations.len();
        for (what, path) in [("the list of areas", "/areas"), ("the list of all workstations", "/workstations")] {
            let mut took = Vec::new();
            for _ in 0..plan.requests {
                let asked = Instant::now();
                self.ward.client.get(path).await?;
                took.push(asked.elapsed());
            }
            for percent in [50, 99] {
                let name = format!("{number} stations held: {what}, p{percent}");
                table.add(name, Aim::Told, " ms", vec![percentile_ms(&took, percent)]);
            }
        }
        Ok(())
    }

    /// Whether they all stay.
    async fn stand(&self, plan: &Plan, table: &mut Table) -> Result<(), Failure> {
        let before = self.tally.downs.load(Ordering::Acquire);
        sleep(plan.stand).await;
        let lost = self.tally.downs.load(Ordering::Acquire).saturating_sub(before);
        let number = self.stations.len();
        self.tally.reach(number, Instant::now(), PATIENCE).await?;
        let most = f64::from(u32::try_from(number)?);
        table.add("stations held connected", Aim::AtLeast(2_000.0), "", vec![most]);
        let seconds = plan.stand.as_secs();
        let name = format!("of them lost a connection in {seconds} s");
        table.add(name, Aim::AtMost(0.0), "", vec![f64::from(u32::try_from(lost)?)]);
        Ok(())
    }

    /// Kills the server, and starts it again at once.
    async fn killed(&mut self, plan: &Plan, table: &mut Table) -> Result<(), Failure> {
        let number = self.stations.len();
        let (mut ready, mut half, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.kills {
            let begun = Instant::now();
            self.ward.kill().await?;
            // Every link notices by itself, at once; only then is what is counted a new connection.
            self.tally.none_left().await;
            let tally = Arc::clone(&self.tally);
            let back = tokio::spawn(async move {
                let half = tally.reach(number.div_ceil(2), begun, PATIENCE).await?;
                Ok::<_, Failure>((half, tally.reach(number, begun, PATIENCE).await?))
            });
            self.ward.start().await?;
            ready.push(begun.elapsed().as_secs_f64());
            let (half_back, all_back) = back.await??;
            half.push(half_back.as_secs_f64());
            all.push(all_back.as_secs_f64());
            sleep(plan.stand).await;
        }
        table.add("after a kill: the server is ready again", Aim::Told, " s", ready);
        table.add(format!("after a kill: half of {number} stations are back"), Aim::Told, " s", half);
        table.add(format!("after a kill: all {number} stations are back"), Aim::Told, " s", all);
        Ok(())
    }
}
