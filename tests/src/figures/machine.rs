//! CPU time and memory of processes, from /proc.

use std::time::Duration;

use crate::Failure;
use nix::sys::resource::{UsageWho, getrusage};

/// One clock tick of /proc/<pid>/stat: USER_HZ is 100 on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// Number of a field in /proc/<pid>/stat, counted behind the name.
const PARENT: usize = 1;
const UTIME: usize = 11;
const STIME: usize = 12;
const CHILDREN_UTIME: usize = 13;
const CHILDREN_STIME: usize = 14;

fn stat(pid: &str) -> Option<Vec<u32>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    // What does not fit (the state's letter, addresses) is not asked for.
    Some(fields.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect())
}

fn sum(fields: &[u32], which: &[usize]) -> Duration {
    which.iter().filter_map(|n| fields.get(*n)).map(|ticks| TICK * *ticks).sum()
}

/// CPU time that a process has used by itself.
///
/// # Errors
/// When the process is not there.
pub fn cpu_of(pid: u32) -> Result<Duration, Failure> {
    Ok(sum(&stat(&pid.to_string()).ok_or("no such process")?, &[UTIME, STIME]))
}

/// CPU time of a Postgres: its postmaster, its living children, and those that have ended.
///
/// # Errors
/// When it is not there.
pub fn cpu_of_postgres(postmaster: u32) -> Result<Duration, Failure> {
    let own = stat(&postmaster.to_string()).ok_or("no such Postgres")?;
    let mut all = sum(&own, &[UTIME, STIME, CHILDREN_UTIME, CHILDREN_STIME]);
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let child = name.to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit())).and_then(stat);
        if let Some(fields) = child.filter(|fields| fields.get(PARENT) == Some(&postmaster)) {
            all += sum(&fields, &[UTIME, STIME]);
        }
    }
    Ok(all)
}

/// CPU time of our own children that have ended.
///
/// # Errors
/// When the system does not tell.
pub fn cpu_of_ended_children() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: nix::sys::time::TimeVal| -> Result<u64, Failure> {
        Ok(u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec())?)
    };
    Ok(Duration::from_micros(micros(usage.user_time())? + micros(usage.system_time())?))
}

/// Resident memory, KiB.
///
/// # Errors
/// When the process is not there.
pub fn resident_kib(pid: u32) -> Result<u32, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// What the machine is, for the record.
#[must_use]
pub fn describe() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("").trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
    format!("{cores} cores {model}; load average when started {load}")
}
