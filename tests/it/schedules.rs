//! Random schedules of failures over real processes: the server, two stations that dial in and the private Postgres are
//! killed, cards are pulled, lost and replaced, cables come out, requests are sent twice, money is asked back, all at random
//! moments. When the failures stop, every sale has ended, and money, cards, meters and rows are equal.
//!
//! What is decided, and in which order, comes from the seed alone; when a process dies in the middle of its work does not.
//! `DIANKA_SCHEDULES=100 DIANKA_SEED=1 cargo test -p dianka-tests --test it schedules -- --nocapture` runs more of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dianka_server::demo::client::Client;
use dianka_tests::{Customer, Failure, Installation, Running, has, items, number, text};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::process::Child;
use uuid::Uuid;

use crate::bad_input::kill_postgres;
use crate::station_crash::street;
use crate::two_sites::{enrol, run_station};

/// Rounds of one schedule: in each, every customer buys once.
const ROUNDS: usize = 6;
const CUSTOMERS: usize = 3;

/// What happens during one customer's purchase.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Nothing,
    /// The card is pulled after so many cells.
    Pull(u32),
    /// The same request comes twice at once.
    Twice,
    /// The card is pulled, and its money asked back.
    AskBack(u32),
    /// The card is pulled and lost; a new one is asked for, and pulled in its turn after so many cells.
    Lose(u32, u32),
    Unplug(u64),
    KillStation(u64),
    KillServer(u64),
    KillDatabase(u64),
}

impl Fault {
    fn any(chance: &mut StdRng) -> Self {
        // From the first cell of the password's counter to past the last one of a purchase.
        let (cells, ms) = (chance.random_range(2..30), chance.random_range(0..500));
        match chance.random_range(0..12) {
            0 => Self::Nothing,
            1 | 2 => Self::Pull(cells),
            3 => Self::Twice,
            4 => Self::AskBack(cells),
            5 => Self::Unplug(ms),
            6 | 7 => Self::KillStation(ms),
            8 => Self::KillServer(ms),
            9 | 10 => Self::Lose(cells, chance.random_range(2..60)),
            _ => Self::KillDatabase(ms),
        }
    }
}

struct Buyer {
    customer: Customer,
    /// What the meter must have taken, meter Wh: the sales that are known to have ended.
    taken_wh: i64,
    /// Sales whose end is not known yet.
    open: Vec<Uuid>,
    /// A new card that was asked for, by the replacement's id; whether it was begun is not known yet.
    new_card: Option<(Uuid, String)>,
}

struct Counter {
    workstation: String,
    /// Its program's folder and process; none: the server's own.
    program: Option<(std::path::PathBuf, Child)>,
}

struct World {
    installation: Installation,
    house: Arc<Mutex<String>>,
    running: Option<Running>,
    counters: Vec<Counter>,
    buyers: Vec<Buyer>,
}

impl World {
    async fn new() -> Result<Self, Failure> {
        let installation = Installation::new()?;
        let (url, house) = street().await?;
        let running = installation.start(&[]).await?;
        lives_at(&house, running.server.url())?;
        let mut counters = vec![Counter { workstation: running.workstation(0).await?, program: None }];
        let site = text(items(&running.client.get("/sites").await?).last().ok_or("no site")?, "/id")?;
        for name in ["窗口 2", "窗口 3"] {
            let made = running.client.post("/workstations", &json!({ "site_id": site, "name": name })).await?;
            let workstation = text(&made, "/id")?;
            let data = installation.data().join(&workstation);
            assert_eq!(enrol(&url, &text(&made, "/enrolment/code")?, &data).await?, Some(0));
            let process = run_station(&installation, &data, &[])?;
            counters.push(Counter { workstation, program: Some((data, process)) });
        }
        let mut buyers = Vec::new();
        for n in 0..CUSTOMERS {
            let driver = if n % 2 == 0 { "gbt18460.open-a" } else { "jbt8382.open-a" };
            let customer = running.customer(driver, &json!({})).await?;
            buyers.push(Buyer { customer, taken_wh: 0, open: Vec::new(), new_card: None });
        }
        let mut world = Self { installation, house, running: Some(running), counters, buyers };
        world.repair().await?;
        Ok(world)
    }

    fn running(&self) -> Result<&Running, Failure> {
        self.running.as_ref().ok_or_else(|| "no server".into())
    }

    /// One round: everybody buys at a counter of his own, and something happens to each.
    async fn round(&mut self, chance: &mut StdRng) -> Result<(), Failure> {
        let from = chance.random_range(0..self.counters.len());
        let (mut doings, mut selling) = (Vec::new(), tokio::task::JoinSet::new());
        let client = self.running()?.client.clone();
        for (n, buyer) in self.buyers.iter_mut().enumerate() {
            let at = (from + n) % self.counters.len();
            let (fault, id) = (Fault::any(chance), Uuid::from_u128(chance.random()));
            let energy_wh = 1_000 * chance.random_range(20..60);
            println!("  customer {n} at counter {at}: {energy_wh} Wh, {fault:?}");
            buyer.open.push(id);
            if let Fault::Lose(..) = fault {
                buyer.new_card = Some((Uuid::from_u128(chance.random()), blank(&client).await?));
            }
            let counter = self.counters.get(at).ok_or("no counter")?.workstation.clone();
            let purchase = Purchase {
                client: client.clone(),
                customer: buyer.customer.clone(),
                counter,
                fault,
                id,
                energy_wh,
                new_card: buyer.new_card.clone(),
            };
            doings.push((at, fault, purchase));
        }
        let faults: Vec<_> = doings.iter().map(|(at, fault, _)| (*at, *fault)).collect();
        for (.., purchase) in doings {
            selling.spawn(purchase.made());
        }
        for (at, fault) in faults {
            self.kill(at, fault).await?;
        }
        // Whatever each of them was answered: what counts is how it stands when the failures stop.
        selling.join_all().await;
        Ok(())
    }

    async fn kill(&mut self, at: usize, fault: Fault) -> Result<(), Failure> {
        match fault {
            Fault::KillStation(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                if let Some((_, process)) = self.counters.get_mut(at).and_then(|counter| counter.program.as_mut()) {
                    process.start_kill()?;
                    process.wait().await?;
                }
            }
            Fault::KillServer(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                if let Some(running) = self.running.take() {
                    running.server.kill().await?;
                    self.start().await?;
                }
            }
            Fault::KillDatabase(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                // It may lie dead already, by another's hand.
                let _dead = kill_postgres(&self.installation);
            }
            _ => {}
        }
        Ok(())
    }

    async fn start(&mut self) -> Result<(), Failure> {
        let running = self.installation.start(&[]).await?;
        lives_at(&self.house, running.server.url())?;
        self.running = Some(running);
        Ok(())
    }

    /// The failures stop: everything runs, every cable is in, every card is in its owner's hand.
    async fn repair(&mut self) -> Result<(), Failure> {
        let running = self.running.as_ref().ok_or("no server")?;
        answered(async || running.client.get("/accounts").await.is_ok()).await.map_err(|()| "no database")?;
        for counter in &mut self.counters {
            if let Some((data, process)) = counter.program.as_mut()
                && process.try_wait()?.is_some()
            {
                *process = run_station(&self.installation, data, &[])?;
            }
            let state = format!("/workstations/{}/state", counter.workstation);
            let fault = format!("/bench/readers/{}/fault", counter.workstation);
            answered(async || running.client.post(&fault, &json!({ "unplug": false })).await.is_ok())
                .await
                .map_err(|()| format!("counter {}: no cable", counter.workstation))?;
            answered(async || {
                let now = running.client.get(&state).await.unwrap_or_default();
                now.pointer("/reader/state") == Some(&json!("ready"))
            })
            .await
            .map_err(|()| format!("counter {}: no reader", counter.workstation))?;
        }
        for buyer in &self.buyers {
            for card in std::iter::once(&buyer.customer.card).chain(buyer.new_card.as_ref().map(|(_, card)| card)) {
                running.move_card(card, json!({ "kind": "drawer" })).await?;
            }
        }
        Ok(())
    }

    /// Every card comes to some counter until its sale has ended; then into its meter. A card that is spent is replaced.
    async fn settle(&mut self, chance: &mut StdRng) -> Result<(), Failure> {
        for n in 0..self.buyers.len() {
            self.has_a_new_card(n).await?;
            for _ in 0..6 {
                let at = chance.random_range(0..self.counters.len());
                if self.has_ended(n).await? {
                    break;
                }
                self.comes_again(n, at).await?;
                self.is_replaced_if_spent(n, at, chance).await?;
            }
            if !self.has_ended(n).await? {
                return Err(self.unfinished(n).await?.into());
            }
        }
        let running = self.running()?;
        for buyer in &self.buyers {
            running.to_meter(&buyer.customer.card, &buyer.customer.meter).await?;
            running.move_card(&buyer.customer.card, json!({ "kind": "drawer" })).await?;
            let meter = running.meter(&buyer.customer.meter).await?;
            let taken = number(&meter, "/snapshot/total_purchased_wh").unwrap_or(0);
            assert_eq!(taken, buyer.taken_wh, "energy in the meter = energy sold: {meter}");
        }
        running.books_hold().await?;
        Ok(())
    }

    /// Whether the new card that was asked for became one. If not, the customer has found the old one.
    async fn has_a_new_card(&mut self, n: usize) -> Result<(), Failure> {
        let running = self.running.as_ref().ok_or("no server")?;
        let buyer = self.buyers.get_mut(n).ok_or("no customer")?;
        let Some((id, card)) = buyer.new_card.clone() else { return Ok(()) };
        match running.client.get(&format!("/replacements/{id}")).await {
            Ok(_) => buyer.customer.card = card,
            Err(error) if error.code() == "request.not_found" => buyer.new_card = None,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// A card that has lost its tries to pulls is never tried again: a new one takes its place.
    async fn is_replaced_if_spent(&mut self, n: usize, at: usize, chance: &mut StdRng) -> Result<(), Failure> {
        if self.has_ended(n).await? {
            return Ok(());
        }
        let counter = self.counters.get(at).ok_or("no counter")?.workstation.clone();
        let running = self.running.as_ref().ok_or("no server")?;
        let buyer = self.buyers.get_mut(n).ok_or("no customer")?;
        let cards = running.client.get("/bench").await?.get("cards").map(items).unwrap_or_default();
        let card = cards.iter().find(|card| card.get("id") == Some(&json!(buyer.customer.card))).ok_or("no card")?;
        if number(card, "/tries")? >= 3 {
            return Ok(());
        }
        println!("  customer {n}: the card is spent");
        let new = blank(&running.client).await?;
        if buyer.new_card.is_some() {
            // The replacement is begun: it goes onto any blank card.
            buyer.new_card = buyer.new_card.take().map(|(id, _)| (id, new.clone()));
        } else {
            let id = Uuid::from_u128(chance.random());
            running.to_reader(&new, &counter).await?;
            running.read_card(&counter).await?;
            let asked = json!({
                "id": id, "account_id": buyer.customer.account, "workstation_id": counter, "reason": "locked",
            });
            running.client.post("/replacements?wait_s=20", &asked).await?;
            running.move_card(&new, json!({ "kind": "drawer" })).await?;
            buyer.new_card = Some((id, new.clone()));
        }
        buyer.customer.card = new;
        Ok(())
    }

    async fn unfinished(&self, n: usize) -> Result<String, Failure> {
        let (running, buyer) = (self.running()?, self.buyers.get(n).ok_or("no customer")?);
        let sales = running.client.get("/sales?state=open").await?;
        let replacements = running.client.get("/replacements").await?;
        Ok(format!("customer {n} ({:?}) is not done: {sales:#} {replacements:#}", buyer.customer))
    }

    /// Books what has ended; whether all of it has.
    async fn has_ended(&mut self, n: usize) -> Result<bool, Failure> {
        let running = self.running.as_ref().ok_or("no server")?;
        let buyer = self.buyers.get_mut(n).ok_or("no customer")?;
        let mut still = Vec::new();
        for id in std::mem::take(&mut buyer.open) {
            match running.client.get(&format!("/sales/{id}")).await {
                Ok(sale) => match text(&sale, "/state")?.as_str() {
                    "committed" => buyer.taken_wh += number(&sale, "/energy_wh")?,
                    "voided" => {}
                    _ => still.push(id),
                },
                // Refused before any money was taken, or the request never arrived.
                Err(error) if error.code() == "request.not_found" => {}
                Err(error) => return Err(error.into()),
            }
        }
        buyer.open = still;
        if let Some((id, _)) = &buyer.new_card {
            let replacement = running.client.get(&format!("/replacements/{id}")).await?;
            if replacement.get("state") != Some(&json!("committed")) {
                return Ok(false);
            }
            buyer.new_card = None;
        }
        Ok(buyer.open.is_empty())
    }

    async fn comes_again(&mut self, n: usize, at: usize) -> Result<(), Failure> {
        let running = self.running()?;
        let buyer = self.buyers.get(n).ok_or("no customer")?;
        let counter = self.counters.get(at).ok_or("no counter")?.workstation.clone();
        // The replacement brings the sale with it.
        let path = match (&buyer.new_card, buyer.open.first()) {
            (Some((id, _)), _) => format!("/replacements/{id}"),
            (None, Some(sale)) => format!("/sales/{sale}"),
            (None, None) => return Err("nothing is open".into()),
        };
        let id = path.rsplit('/').next().unwrap_or_default();
        running.to_reader(&buyer.customer.card, &counter).await?;
        // A card that looks like any other is asked about; a blank one may be meant for anything of this counter.
        let view = running.read_card(&counter).await.unwrap_or_default();
        let lists = [view.get("maybe_sales"), view.get("maybe_replacements")];
        let asked =
            lists.into_iter().flatten().any(|list| items(list).iter().any(|one| one.get("id") == Some(&json!(id))));
        if asked || view.get("kind") == Some(&json!("blank")) {
            let body = json!({ "workstation_id": counter });
            let _told_below = running.client.post(&format!("{path}/resume"), &body).await;
        }
        for _ in 0..60 {
            let now = running.client.get(&path).await?;
            if now.get("state") != Some(&json!("authorised")) || has(&now, "problem") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        running.move_card(&buyer.customer.card, json!({ "kind": "drawer" })).await?;
        Ok(())
    }

    async fn end(mut self) -> Result<(), Failure> {
        for counter in &mut self.counters {
            if let Some((_, mut process)) = counter.program.take() {
                process.start_kill()?;
                process.wait().await?;
            }
        }
        if let Some(running) = self.running.take() {
            running.server.stop().await;
        }
        Ok(())
    }
}

/// A new card from the drawer.
async fn blank(client: &Client) -> Result<String, Failure> {
    text(&client.post("/bench/cards", &json!({ "label": "新卡" })).await?, "/id")
}

/// Card in, amount, Enter, Enter, with what goes wrong meanwhile.
struct Purchase {
    client: Client,
    customer: Customer,
    counter: String,
    fault: Fault,
    id: Uuid,
    energy_wh: i64,
    new_card: Option<(Uuid, String)>,
}

impl Purchase {
    /// Answers do not count here.
    async fn made(self) -> Option<()> {
        self.to_reader(&self.customer.card).await?;
        let (counter, account) = (&self.counter, &self.customer.account);
        let asked = json!({ "workstation_id": counter, "account_id": account, "energy_wh": self.energy_wh });
        let quote = self.client.post("/quotes", &asked).await.ok()?;
        if let Fault::Pull(cells) | Fault::AskBack(cells) | Fault::Lose(cells, _) = self.fault {
            self.breaks(json!({ "pull_after_cells": cells })).await?;
        }
        let body = json!({ "id": self.id, "quote": quote.get("quote"), "payment": "cash" });
        let sell = async || self.client.post("/sales?wait_s=3", &body).await.ok();
        match self.fault {
            Fault::Twice => {
                tokio::join!(sell(), sell());
            }
            Fault::Unplug(ms) => {
                let pulls = async {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    self.breaks(json!({ "unplug": true })).await
                };
                tokio::join!(sell(), pulls);
            }
            Fault::AskBack(_) => {
                sell().await;
                let path = format!("/sales/{}/void", self.id);
                self.client.post(&path, &json!({ "workstation_id": counter })).await.ok()?;
            }
            Fault::Lose(_, cells) => {
                sell().await;
                self.replaced(cells).await?;
            }
            _ => {
                sell().await;
            }
        }
        Some(())
    }

    async fn replaced(&self, cells: u32) -> Option<()> {
        let (id, card) = self.new_card.as_ref()?;
        let drawer = json!({ "to": { "kind": "drawer" } });
        self.client.post(&format!("/bench/cards/{}/move", self.customer.card), &drawer).await.ok()?;
        self.to_reader(card).await?;
        self.client.post(&format!("/workstations/{}/read-card", self.counter), &json!({})).await.ok()?;
        self.breaks(json!({ "pull_after_cells": cells })).await?;
        let asked = json!({
            "id": id, "account_id": self.customer.account, "workstation_id": self.counter, "reason": "lost",
        });
        self.client.post("/replacements?wait_s=3", &asked).await.ok()?;
        Some(())
    }

    async fn to_reader(&self, card: &str) -> Option<()> {
        let place = json!({ "to": { "kind": "reader", "workstation_id": self.counter } });
        self.client.post(&format!("/bench/cards/{card}/move"), &place).await.ok().map(drop)
    }

    async fn breaks(&self, fault: serde_json::Value) -> Option<()> {
        self.client.post(&format!("/bench/readers/{}/fault", self.counter), &fault).await.ok().map(drop)
    }
}

fn lives_at(house: &Mutex<String>, url: &str) -> Result<(), Failure> {
    let mut house = house.lock().map_err(|poisoned| poisoned.to_string())?;
    url.clone_into(&mut house);
    Ok(())
}

/// Asks until it is so, for a minute at most.
async fn answered(mut ask: impl AsyncFnMut() -> bool) -> Result<(), ()> {
    for _ in 0..600 {
        if ask().await {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(())
}

fn wanted(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_and_when_everything_ends_equal() -> Result<(), Failure> {
    let from = wanted("DIANKA_SEED", 1);
    for seed in from..from + wanted("DIANKA_SCHEDULES", 1) {
        println!("schedule {seed}");
        let mut chance = StdRng::seed_from_u64(seed);
        let mut world = World::new().await?;
        for round in 0..ROUNDS {
            println!(" round {round}");
            world.round(&mut chance).await.map_err(|e| format!("seed {seed}, round {round}: {e}"))?;
            world.repair().await.map_err(|e| format!("seed {seed}, round {round}: {e}"))?;
            world.settle(&mut chance).await.map_err(|e| format!("seed {seed}, round {round}: {e}"))?;
        }
        let sold: i64 = world.buyers.iter().map(|buyer| buyer.taken_wh).sum();
        println!(" sold and taken: {sold} Wh");
        assert!(sold > 0, "seed {seed}: nothing was sold at all");
        world.end().await?;
    }
    Ok(())
}
