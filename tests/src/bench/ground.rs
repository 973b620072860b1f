//! A Postgres with its world, and a server with its stations before it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dianka_plugin_host::Registry;
use dianka_plugin_host::meter::MeterDriver;
use dianka_server::demo::OwnServer;
use dianka_server::demo::client::Client;
use dianka_server::keys::Keys;
use dianka_tests::Failure;
use nix::sys::signal;
use nix::unistd::Pid;

use super::drivers;
use super::load::{self, Outcome};
use super::plan::Plan;
use super::postgres::Postgres;
use super::quotes::{BLANK, DRIVER, Maker};
use super::station::{self, Stations};
use super::world::{BASE, Numbers, World};
use dianka_tests::figures::machine;

const PASSWORD: &str = "a-bench-password";

/// Servers come and go before it.
pub struct Ground<'p> {
    plan: &'p Plan,
    postgres: Postgres,
    ending: Ending,
    world: World,
    keys: Keys,
    driver: MeterDriver,
    // Keeps the driver's engine ticking.
    _registry: Registry,
    data: PathBuf,
}

/// A process that must not outlive the bench, should the bench stop at an error.
struct Ending(Option<Pid>);

impl Ending {
    fn of(pid: u32) -> Result<Self, Failure> {
        Ok(Self(Some(Pid::from_raw(i32::try_from(pid)?))))
    }

    fn in_order(&mut self) {
        self.0 = None;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // To a server "stop"; to a Postgres "stop when the last session has gone", which it does behind the server's.
            let _gone = signal::kill(pid, signal::Signal::SIGTERM);
        }
    }
}

/// What one side of a round came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side {
    /// Sales per second.
    pub per_s: f64,
    /// CPU of the database and of the server or pgbench, microseconds per sale.
    pub cpu_us: f64,
    /// Of it, the database's.
    pub database_us: f64,
    /// Middle latency; 0 for pgbench.
    pub p50_ms: f64,
    /// High latency; 0 for pgbench.
    pub p99_ms: f64,
    /// Answers that were not an authorised sale.
    pub refused: u32,
}

impl<'p> Ground<'p> {
    /// A new one; `durable`: with real flushes. So many accounts spread out, and so many in one place.
    pub async fn make(
        plan: &'p Plan,
        folder: &Path,
        durable: bool,
        spread: u32,
        together: u32,
    ) -> Result<Self, Failure> {
        let postgres = Postgres::start(&folder.join("postgres"), durable).await?;
        let ending = Ending::of(postgres.pid()?)?;
        let data = folder.join("server");
        // The first start makes the schema, the organisation and the keys.
        let env = postgres.environment(4);
        let server = OwnServer::start_in(&plan.server(), &data, &plan.arguments(), &env, true).await?;
        Client::new(server.url()).set_up(server.setup_token(), "admin", PASSWORD).await?;
        server.stop().await;
        let world = World::seed(plan, &postgres, spread, together).await?;
        let keys = Keys::load(&data.join("keys"))?;
        let registry = drivers::registry(plan, &folder.join("compiled"))?;
        let driver = registry.meter(DRIVER).ok_or("the GB/T 18460 driver is not there")?;
        Ok(Self { plan, postgres, ending, world, keys, driver, _registry: registry, data })
    }

    /// Ends the Postgres.
    pub async fn end(mut self) -> Result<(), Failure> {
        self.ending.in_order();
        self.postgres.stop().await
    }
}

/// A running server with its stations.
pub struct Site<'g, 'p> {
    ground: &'g mut Ground<'p>,
    server: OwnServer,
    ending: Ending,
    _stations: Stations,
}

impl<'g, 'p> Site<'g, 'p> {
    /// Starts a server with so many database sessions, and dials in as all workstations.
    pub async fn open(ground: &'g mut Ground<'p>, sessions: u32) -> Result<Self, Failure> {
        let env = ground.postgres.environment(sessions);
        let plan = ground.plan;
        let server = OwnServer::start_in(&plan.server(), &ground.data, &plan.arguments(), &env, true).await?;
        let ending = Ending::of(server.pid().ok_or("the server is gone")?)?;
        let stations = station::dial(address_of(&server), &ground.world).await?;
        // The cards are looked up in the database; nothing says when that is done.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(Self { ground, server, ending, _stations: stations })
    }

    /// Stops the server. What it began and nobody wrote is put aside, so that the next one does not find it.
    pub async fn close(mut self) -> Result<(), Failure> {
        self.ending.in_order();
        self.server.stop().await;
        self.ground.postgres.sql("DELETE FROM sale_open; VACUUM ANALYZE sale_open;").await?;
        Ok(())
    }

    /// Has the database look at what is in its tables.
    pub async fn analyse(&self) -> Result<(), Failure> {
        self.ground.postgres.sql("VACUUM ANALYZE").await.map(drop)
    }

    /// Rows of sales in the database.
    pub async fn sales_stored(&self) -> Result<u32, Failure> {
        Ok(self.ground.postgres.sql("SELECT count(*) FROM sale").await?.parse()?)
    }

    /// Sends so many sales over HTTP, whatever comes of them.
    pub async fn fire(&mut self, spread: bool, number: u32, clients: u32) -> Result<Outcome, Failure> {
        // An access token lives for five minutes: a new one for every round.
        let mut client = Client::new(self.server.url());
        client.log_in("admin", PASSWORD).await?;
        let token = client.token().ok_or("no token")?;
        let accounts = self.ground.world.take(spread, number)?;
        let ground = &*self.ground;
        let maker = Maker { world: &ground.world, driver: &ground.driver, keys: &ground.keys };
        let requests = accounts.map(|n| maker.request(Numbers(n), token)).collect::<Result<Vec<_>, _>>()?;
        load::fire(address_of(&self.server), usize::try_from(clients)?, requests).await
    }

    /// Sells over HTTP. What was authorised must be stored; what was not is counted.
    pub async fn sell(&mut self, spread: bool, number: u32, clients: u32) -> Result<Side, Failure> {
        let stored = self.sales_stored().await?;
        let pid = self.server.pid().ok_or("the server is gone")?;
        let postmaster = self.ground.postgres.pid()?;
        // What is made ready in `fire` is our own CPU; the log-in before it is the server's, and counted.
        let (server, database) = (machine::cpu_of(pid)?, machine::cpu_of_postgres(postmaster)?);
        let outcome = self.fire(spread, number, clients).await?;
        let server = machine::cpu_of(pid)?.saturating_sub(server);
        let database = machine::cpu_of_postgres(postmaster)?.saturating_sub(database);
        let sold = outcome.authorised;
        let refused = outcome.other.values().sum();
        let new = self.sales_stored().await?.saturating_sub(stored);
        // A sale may be stored and its answer still be a refusal; one that was answered and is not stored is lost.
        if sold == 0 || new < sold || new > sold.saturating_add(refused) {
            return Err(format!("{sold} authorised, {new} stored; besides {:?}", outcome.other).into());
        }
        if refused > 0 {
            println!("  {sold} authorised, {new} stored, besides {:?}", outcome.other);
        }
        Ok(Side {
            p50_ms: outcome.percentile(50).as_secs_f64() * 1e3,
            p99_ms: outcome.percentile(99).as_secs_f64() * 1e3,
            refused,
            ..side(f64::from(sold) / outcome.elapsed.as_secs_f64(), sold, server, database)
        })
    }

    /// Runs a script of pgbench over as many fresh accounts; `stores`: whether it makes sales of ours.
    pub async fn pgbench(&mut self, script: &str, sessions: u32, number: u32, stores: bool) -> Result<Side, Failure> {
        let stored = self.sales_stored().await?;
        let share = number / sessions;
        let sold = share * sessions;
        let first = self.ground.world.take(true, sold)?.start;
        let variables = self.variables(first, share)?;
        let postgres = &self.ground.postgres;
        let (ended, database) = (machine::cpu_of_ended_children()?, machine::cpu_of_postgres(postgres.pid()?)?);
        let said = postgres.pgbench(script, sessions, share, &variables).await?;
        let own = machine::cpu_of_ended_children()?.saturating_sub(ended);
        let database = machine::cpu_of_postgres(postgres.pid()?)?.saturating_sub(database);
        if stores && self.sales_stored().await? != stored.saturating_add(sold) {
            return Err("pgbench did not make the sales that it should".into());
        }
        Ok(side(said.per_s, sold, own, database))
    }

    fn variables(&self, first: u32, share: u32) -> Result<Vec<(&'static str, String)>, Failure> {
        let ground = &*self.ground;
        let (world, about) = (&ground.world, ground.driver.about());
        let maker = Maker { world, driver: &ground.driver, keys: &ground.keys };
        let target = maker.card(Numbers(first))?.target;
        let hash = hex::encode(about.digest.as_bytes());
        let ticket = serde_json::json!({
            "epoch": 1, "workstation_id": Numbers(first).workstation(world), "session": world.session,
            "before_sha256": hash, "target_sha256": hash,
        });
        Ok(vec![
            ("first", BASE.saturating_add(first.into()).to_string()),
            ("share", share.to_string()),
            ("org", world.org.to_string()),
            ("operator", world.operator.to_string()),
            ("price", world.price_micro.to_string()),
            ("tariff_version", world.tariff_version.to_string()),
            ("driver", about.id.clone()),
            ("driver_version", about.version.to_string()),
            ("session", world.session.to_string()),
            ("hash", format!("\\x{hash}")),
            ("before", format!("\\x{}", hex::encode(BLANK))),
            ("target", format!("\\x{}", hex::encode(&target.0))),
            ("plan", maker.card_plan(Numbers(first))?),
            ("ticket", ticket.to_string()),
        ])
    }
}

fn side(per_s: f64, sales: u32, caller: Duration, database: Duration) -> Side {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(sales);
    Side { per_s, cpu_us: each(caller + database), database_us: each(database), ..Side::default() }
}

/// `host:port`.
fn address_of(server: &OwnServer) -> &str {
    server.url().trim_start_matches("http://")
}
