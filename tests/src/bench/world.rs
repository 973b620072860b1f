//! An organisation with many areas, sites and accounts, put into the database by SQL.

use dianka_station::proto::{BoxKey, SignKey};
use dianka_tests::Failure;
use uuid::Uuid;

use super::plan::Plan;
use super::postgres::Postgres;
use super::quotes::{CAPACITY_W, DRIVER};

/// Ids end in this plus a running number: twelve digits, so that SQL and pgbench make them by joining text.
pub const BASE: u64 = 100_000_000_000;

/// What the bench needs to know about it.
pub struct World {
    pub org: Uuid,
    pub operator: Uuid,
    pub tariff_version: Uuid,
    pub price_micro: i64,
    /// The one session of every card in every reader.
    pub session: Uuid,
    /// Keys of the workstations' stations, with their workstations.
    pub stations: Vec<(Uuid, SignKey, BoxKey)>,
    pub areas: u32,
    pub sites: u32,
    /// Accounts up to this number are spread over areas and sites; those beyond it are all in the first one.
    pub spread: u32,
    /// So many are in the first one.
    together: u32,
    /// The next account that has not bought yet: of the spread ones, of the others.
    next: (u32, u32),
}

/// An account's running number; its ids follow from it.
#[derive(Debug, Clone, Copy)]
pub struct Numbers(pub u32);

fn id(family: &str, n: u32) -> Uuid {
    // The families below are hexadecimal digits and the number has twelve digits: it always parses.
    format!("00000000-0000-4000-{family}-{}", BASE.saturating_add(n.into())).parse().unwrap_or_default()
}

impl Numbers {
    pub fn account(self) -> Uuid {
        id("8000", self.0)
    }
    pub fn meter(self) -> Uuid {
        id("9000", self.0)
    }
    pub fn area(self, world: &World) -> Uuid {
        id("a000", if self.0 <= world.spread { self.0 % world.areas } else { 0 })
    }
    pub fn site(self, world: &World) -> Uuid {
        id("b000", if self.0 <= world.spread { self.0 % world.sites } else { 0 })
    }
    pub fn workstation(self, world: &World) -> Uuid {
        id("b001", if self.0 <= world.spread { self.0 % world.sites } else { 0 })
    }
    pub fn name(self) -> String {
        format!("户 {}", self.0)
    }
}

impl World {
    /// So many accounts that have not bought yet; their numbers follow each other.
    pub fn take(&mut self, spread: bool, number: u32) -> Result<std::ops::Range<u32>, Failure> {
        let (next, end) =
            if spread { (&mut self.next.0, self.spread) } else { (&mut self.next.1, self.spread + self.together) };
        let first = *next;
        *next = first.saturating_add(number);
        if *next > end.saturating_add(1) {
            Err("no accounts left: more must be made beforehand".into())
        } else {
            Ok(first..*next)
        }
    }

    /// Fills the organisation that the server made at its first start.
    pub async fn seed(plan: &Plan, postgres: &Postgres, spread: u32, together: u32) -> Result<Self, Failure> {
        let ask = async |sql: &str| postgres.sql(sql).await;
        let org: Uuid = ask("SELECT org_id FROM org").await?.parse()?;
        let operator: Uuid = ask("SELECT operator_id FROM operator WHERE login = 'admin'").await?.parse()?;
        let tariff =
            ask("SELECT v.tariff_version_id || ' ' || v.price_micro FROM tariff_version v JOIN tariff t USING \
            (org_id, tariff_id) WHERE t.code = '01'")
            .await?;
        let (version, price) = tariff.split_once(' ').ok_or("no tariff")?;
        let mut world = Self {
            org,
            operator,
            tariff_version: version.parse()?,
            price_micro: price.parse()?,
            session: Uuid::new_v4(),
            stations: Vec::new(),
            areas: plan.areas,
            sites: plan.sites,
            spread,
            together,
            next: (1, spread.saturating_add(1)),
        };
        postgres.sql(&places(&mut world)).await?;
        postgres.sql(&accounts(&world, spread.saturating_add(together))).await?;
        Ok(world)
    }
}

fn places(world: &mut World) -> String {
    let (org, areas, sites) = (world.org, world.areas, world.sites);
    let mut keys = Vec::new();
    for n in 0..sites {
        let (workstation, sign, seal) = (id("b001", n), SignKey::generate(), BoxKey::generate());
        keys.push(format!("('{org}', '\\x{}', '{workstation}', '\\x{}', now())", sign.public(), seal.public()));
        world.stations.push((workstation, sign, seal));
    }
    let keys = keys.join(",");
    format!(
        "BEGIN;
        INSERT INTO area (org_id, area_id, code, name, kind)
        SELECT '{org}', ('00000000-0000-4000-a000-' || {BASE} + n)::uuid, 'B' || n, '台区 ' || n, 'district'
        FROM generate_series(0, {areas} - 1) n;
        INSERT INTO area_closure SELECT org_id, area_id, area_id, 0 FROM area WHERE code LIKE 'B%';
        INSERT INTO site (org_id, site_id, code, name)
        SELECT '{org}', ('00000000-0000-4000-b000-' || {BASE} + n)::uuid, 'B' || n, '售电点 ' || n
        FROM generate_series(0, {sites} - 1) n;
        INSERT INTO workstation (org_id, workstation_id, site_id, number, name, kind)
        SELECT '{org}', ('00000000-0000-4000-b001-' || {BASE} + n)::uuid, ('00000000-0000-4000-b000-' || {BASE} + n)::uuid,
            1000 + n, n || ' 号工作站', 'station'
        FROM generate_series(0, {sites} - 1) n;
        INSERT INTO station_key (org_id, sign_key, workstation_id, box_key, enrolled_at) VALUES {keys};
        INSERT INTO workstation_counter (org_id, workstation_id)
        SELECT org_id, workstation_id FROM workstation WHERE number >= 1000;
        COMMIT;"
    )
}

fn accounts(world: &World, number: u32) -> String {
    let World { org, areas, spread, tariff_version, .. } = world;
    format!(
        "BEGIN;
        INSERT INTO meter (org_id, meter_id, factory_no, meter_type_id, status, start_reading_wh)
        SELECT '{org}', ('00000000-0000-4000-9000-' || {BASE} + n)::uuid, lpad(n::text, 8, '0'), meter_type_id, 'assigned', 0
        FROM generate_series(1, {number}) n, meter_type WHERE driver_id = '{DRIVER}';
        INSERT INTO account (org_id, account_id, user_no, name, area_id, meter_id, tariff_id, pt_primary, pt_secondary,
            ct_primary, ct_secondary, multiplier, limit_mode, capacity_w, period, opened_at)
        SELECT '{org}', ('00000000-0000-4000-8000-' || {BASE} + n)::uuid, n, '户 ' || n,
            ('00000000-0000-4000-a000-' || {BASE} + CASE WHEN n <= {spread} THEN n % {areas} ELSE 0 END)::uuid,
            ('00000000-0000-4000-9000-' || {BASE} + n)::uuid, tariff_id, 1, 1, 1, 1, 1, 0, {CAPACITY_W}, 1, now()
        FROM generate_series(1, {number}) n, tariff_version WHERE tariff_version_id = '{tariff_version}';
        -- What one writes first: three tables without tenants, rights or card.
        CREATE TABLE plain_account (id INT8 PRIMARY KEY, sold INT4 NOT NULL, total_fen INT8 NOT NULL, total_wh INT8 NOT NULL);
        CREATE TABLE plain_sale (id UUID PRIMARY KEY, account_id INT8 NOT NULL, count INT4 NOT NULL, energy_wh INT8 NOT NULL,
            amount_fen INT8 NOT NULL, price_micro INT8 NOT NULL, site_id INT8 NOT NULL, operator_id INT8 NOT NULL,
            created_at TIMESTAMPTZ NOT NULL);
        CREATE INDEX ON plain_sale (account_id, created_at);
        CREATE TABLE plain_ledger (id BIGSERIAL PRIMARY KEY, account_id INT8 NOT NULL, book TEXT NOT NULL,
            amount_fen INT8 NOT NULL, at TIMESTAMPTZ NOT NULL);
        INSERT INTO plain_account SELECT n, 0, 0, 0 FROM generate_series(1, {number}) n;
        GRANT ALL ON plain_account, plain_sale, plain_ledger, plain_ledger_id_seq TO dianka_app;
        COMMIT;
        VACUUM ANALYZE;
        CHECKPOINT;"
    )
}
