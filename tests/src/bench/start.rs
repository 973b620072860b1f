//! Starting: how long, how large.

use std::time::{Duration, Instant};

use dianka_server::demo::OwnServer;
use dianka_tests::Failure;

use super::plan::Plan;
use dianka_tests::figures::machine;
use dianka_tests::figures::table::{Aim, Table};

pub async fn measure(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    println!("start (with a private Postgres of its own):");
    let folder = tempfile::Builder::new().prefix("dianka-bench-").tempdir()?;
    let data = folder.path().join("data");
    let start = async || OwnServer::start_in(&plan.server(), &data, &plan.arguments(), &[], true).await;
    let begun = Instant::now();
    start().await?.stop().await;
    let first = begun.elapsed().as_secs_f64();
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds.min(3) {
        let begun = Instant::now();
        let server = start().await?;
        ready.push(begun.elapsed().as_secs_f64());
        tokio::time::sleep(Duration::from_secs(2)).await;
        let pid = server.pid().ok_or("the server is gone")?;
        resident.push(f64::from(machine::resident_kib(pid)?) / 1024.0);
        server.stop().await;
    }
    table.add("start: ready, with an existing data folder", Aim::AtMost(3.0), " s", ready);
    table.add(
        "start: the very first, with stopping (makes a database, compiles drivers)",
        Aim::Told,
        " s",
        vec![first],
    );
    table.add("start: resident memory, idle", Aim::AtMost(150.0), " MiB", resident);
    let bytes = u32::try_from(std::fs::metadata(plan.server())?.len())?;
    table.add("start: the server's program", Aim::AtMost(60.0), " MB", vec![f64::from(bytes) / 1e6]);
    Ok(())
}
