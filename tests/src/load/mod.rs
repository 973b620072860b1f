//! The load. Each file is one thing that is measured, or one thing that measuring needs.

mod customers;
mod enrol;
mod held;
mod killed;
mod plan;
mod reader;
mod sales;
mod station;
mod ward;

use dianka_tests::Failure;
use dianka_tests::figures::table::Table;
use plan::Plan;

const USAGE: &str = "dianka-load [--quick] [--only held|sales|killed]\n\
    --quick   small counts, in about a minute; shows that it works, says little about speed\n\
    --only    one part";
const PARTS: [&str; 3] = ["held", "sales", "killed"];

/// Measures everything, prints the table, writes `load.json`.
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
        "Stations here are simulated: enrolled with a code each, keys of their own, the station's own link with its"
    );
    println!("back-off, and a reader and a card in memory. The server is a real process with a Postgres of its own.\n");
    let mut table = Table::default();
    if cfg!(debug_assertions) {
        table.note("built for development, not for measurement: the figures show that it works, no more".into());
    }
    plan::raise_open_files()?;
    if wanted("held") {
        held::measure(&plan, &mut table).await?;
    }
    if wanted("sales") {
        sales::measure(&plan, &mut table).await?;
    }
    if wanted("killed") {
        killed::measure(&plan, &mut table).await?;
    }
    table.print();
    let file = plan.target.join("load.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&table.json(&plan.json()))?)?;
    println!("\n{}", file.display());
    Ok(())
}
