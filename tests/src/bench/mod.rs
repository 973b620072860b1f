//! The bench. Each file is one thing that is measured, or one thing that measuring needs.

mod drivers;
mod ground;
mod load;
mod overload;
mod plan;
mod postgres;
mod quotes;
mod sales;
mod sql;
mod start;
mod station;
mod world;

use dianka_tests::Failure;
use dianka_tests::figures::table::Table;
use plan::Plan;
use serde_json::json;

const USAGE: &str = "dianka-bench [--quick] [--only drivers|start|sales|flushed]\n\
    --quick   every figure with small counts, in about a minute; shows that the bench works, says little about speed\n\
    --only    one part";
const PARTS: [&str; 4] = ["drivers", "start", "sales", "flushed"];

/// Measures everything, prints the table, writes `bench.json`.
pub async fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut plan = Plan::full()?;
    let mut only = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => plan = plan.quick(),
            "--only" => only = arguments.next().filter(|part| PARTS.contains(&part.as_str())).ok_or(USAGE).map(Some)?,
            _ => return Err(USAGE.into()),
        }
    }
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    println!(
        "A sale is begun with POST /api/v1/sales?wait_s=0 at a real server process. Its quotes are made beforehand,"
    );
    println!(
        "with the driver and the server's own keys, for cards that stations hold over their real link; they do not"
    );
    println!("answer tickets. So only the begin is timed: check, money, durable intent, signed ticket, answer.\n");
    let mut table = Table::default();
    if cfg!(debug_assertions) {
        table.note("built for development, not for measurement: the figures show that the bench works, no more".into());
    }
    if wanted("drivers") {
        drivers::measure(&plan, &mut table)?;
    }
    if wanted("start") {
        start::measure(&plan, &mut table).await?;
    }
    if wanted("sales") {
        sales::not_flushed(&plan, &mut table).await?;
    }
    if wanted("flushed") {
        sales::flushed(&plan, &mut table).await?;
    }
    table.print();
    let file = plan.target.join("bench.json");
    let counts = json!({ "quick": plan.quick, "rounds": plan.rounds, "sales_per_round": plan.sales });
    std::fs::write(&file, serde_json::to_vec_pretty(&table.json(&counts))?)?;
    println!("\n{}", file.display());
    Ok(())
}
