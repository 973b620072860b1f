//! Beginning sales over HTTP, against pgbench on the same database, in turns.

use dianka_tests::Failure;

use super::ground::{Ground, Side, Site};
use super::plan::Plan;
use super::{overload, sql};
use dianka_tests::figures::table::{Aim, Table, median};

/// Sales over HTTP before anything is counted: connections, caches, prepared statements.
const WARM_UP: u32 = 256;

/// The sides of all rounds of one comparison.
#[derive(Default)]
struct Sides(Vec<Side>);

impl Sides {
    fn against(&self, other: &Self, of: impl Fn(&Side) -> f64) -> Vec<f64> {
        self.0.iter().zip(&other.0).map(|(ours, theirs)| of(ours) / of(theirs)).collect()
    }

    fn told(&self) -> String {
        let middle = |of: fn(&Side) -> f64| median(&self.0.iter().map(of).collect::<Vec<_>>());
        format!(
            "{:.0}/s, CPU {:.0} us a sale (database {:.0}, caller or server {:.0}), p50 {:.1} ms, p99 {:.1} ms, \
             {} refused",
            middle(|s| s.per_s),
            middle(|s| s.cpu_us),
            middle(|s| s.database_us),
            middle(|s| s.cpu_us - s.database_us),
            middle(|s| s.p50_ms),
            middle(|s| s.p99_ms),
            self.0.iter().map(|s| s.refused).sum::<u32>(),
        )
    }
}

/// What the two sides of one comparison share.
struct Comparison {
    name: &'static str,
    sessions: u32,
    clients: u32,
    sales: u32,
    throughput: Aim,
    cpu: Aim,
}

/// Everything on a database whose flushes do nothing: what is left is CPU.
pub async fn not_flushed(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("dianka-bench-").tempdir()?;
    let overload = plan.sales;
    // Both comparisons take two accounts a sale, the seven statements one, and sales spread out one.
    let spread = WARM_UP * 2 + overload + plan.rounds * plan.sales * (2 + 2 + 1 + 1);
    let mut ground = Ground::make(plan, folder.path(), false, spread, plan.rounds * plan.sales).await?;
    println!("sale begin, flushes off, 4 sessions:");
    let mut site = Site::open(&mut ground, 4).await?;
    let few = Comparison {
        name: "sale begin over HTTP, 32 clients, 4 sessions",
        sessions: 4,
        clients: 32,
        sales: plan.sales,
        throughput: Aim::AtLeast(0.85),
        cpu: Aim::AtMost(1.25),
    };
    compare(&mut site, plan, &few, true, table).await?;
    together(&mut site, plan, table).await?;
    overload::measure(&mut site, overload, table).await?;
    site.close().await?;
    println!("sale begin, flushes off, 16 sessions:");
    let mut site = Site::open(&mut ground, 16).await?;
    let many = Comparison {
        name: "sale begin over HTTP, 128 clients, 16 sessions",
        sessions: 16,
        clients: 128,
        sales: plan.sales,
        throughput: Aim::AtLeast(0.80),
        cpu: Aim::AtMost(1.25),
    };
    compare(&mut site, plan, &many, false, table).await?;
    site.close().await?;
    ground.end().await
}

/// With real flushes.
pub async fn flushed(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("dianka-bench-").tempdir()?;
    let spread = WARM_UP + plan.rounds * plan.flushed_sales * 2;
    let mut ground = Ground::make(plan, folder.path(), true, spread, 1).await?;
    println!("sale begin, real flushes, 16 sessions:");
    let mut site = Site::open(&mut ground, 16).await?;
    let flushed = Comparison {
        name: "sale begin over HTTP, real flushes, 32 clients, 16 sessions",
        sessions: 16,
        clients: 32,
        sales: plan.flushed_sales,
        throughput: Aim::AtLeast(0.95),
        cpu: Aim::Told,
    };
    compare(&mut site, plan, &flushed, false, table).await?;
    site.close().await?;
    ground.end().await
}

/// The function by pgbench, the sale over HTTP, and (`plain`) the seven statements by pgbench, in turns.
async fn compare(
    site: &mut Site<'_, '_>,
    plan: &Plan,
    what: &Comparison,
    plain: bool,
    table: &mut Table,
) -> Result<(), Failure> {
    // The first requests wait for connections to be made, and may be turned away.
    let _not_counted = site.fire(true, WARM_UP, what.clients).await?;
    // What autovacuum does within a minute; it is off here, since it would come when it likes.
    site.analyse().await?;
    let function = sql::sale_begin(plan.areas, plan.sites);
    let (mut http, mut pgbench, mut seven) = (Sides::default(), Sides::default(), Sides::default());
    for _ in 0..plan.rounds {
        pgbench.0.push(site.pgbench(&function, what.sessions, what.sales, true).await?);
        http.0.push(site.sell(true, what.sales, what.clients).await?);
        if plain {
            seven.0.push(site.pgbench(&sql::seven_statements(), what.sessions, what.sales, false).await?);
        }
    }
    table.add(
        format!("{}: throughput against pgbench", what.name),
        what.throughput,
        " x",
        http.against(&pgbench, |s| s.per_s),
    );
    table.add(
        format!("{}: CPU with database against pgbench", what.name),
        what.cpu,
        " x",
        http.against(&pgbench, |s| s.cpu_us),
    );
    table.add(
        format!("{}: the database's share of it", what.name),
        Aim::Told,
        " x",
        http.against(&pgbench, |s| s.database_us),
    );
    table.note(format!("{}: HTTP {}", what.name, http.told()));
    table.note(format!("{}: pgbench {}", what.name, pgbench.told()));
    if plain {
        let ratio = http.against(&seven, |s| s.per_s);
        table.add(format!("{}: against seven plain statements", what.name), Aim::AtLeast(2.0), " x", ratio);
        table.note(format!("{}: seven statements {}", what.name, seven.told()));
        let ratio = pgbench.against(&seven, |s| s.per_s);
        table.add("the function alone (pgbench): against seven plain statements", Aim::Told, " x", ratio);
    }
    Ok(())
}

/// All sales in one area, at one site and one workstation, against sales spread out.
async fn together(site: &mut Site<'_, '_>, plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    let (mut apart, mut one) = (Sides::default(), Sides::default());
    for _ in 0..plan.rounds {
        apart.0.push(site.sell(true, plan.sales, 32).await?);
        one.0.push(site.sell(false, plan.sales, 32).await?);
    }
    let name = "all sales in one area, at one workstation, against spread out";
    table.add(format!("{name}: throughput"), Aim::AtLeast(0.90), " x", one.against(&apart, |s| s.per_s));
    table.add(format!("{name}: CPU"), Aim::Told, " x", one.against(&apart, |s| s.cpu_us));
    Ok(())
}
