//! Many stations are many open sockets: the server takes what the system allows, whatever it was started with.

use std::os::unix::fs::PermissionsExt as _;

use dianka_server::demo::OwnServer;
use dianka_tests::{Failure, Installation, programs};

/// Soft and hard limit of a process.
fn open_files(pid: u32) -> Result<(u64, u64), Failure> {
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or("no such limit")?;
    let mut numbers = line.split_whitespace().map(str::parse::<u64>);
    let mut next = || Ok::<_, Failure>(numbers.next().ok_or("no number")??);
    Ok((next()?, next()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_started_with_few_open_files_takes_more() -> Result<(), Failure> {
    let installation = Installation::new()?;
    std::fs::create_dir_all(installation.data())?;
    let program = installation.data().join("with-few");
    let server = programs().join("dianka");
    std::fs::write(&program, format!("#!/bin/sh\nulimit -Sn 256\nexec '{}' \"$@\"\n", server.display()))?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let server = OwnServer::start_in(&program, &installation.data(), &[], &[], true).await?;
    let limits = open_files(server.pid().ok_or("the server is gone")?);
    server.stop().await;
    let (soft, hard) = limits?;
    assert!(hard > 256, "the system allows no more: {hard}");
    assert_eq!(soft, hard);
    Ok(())
}
