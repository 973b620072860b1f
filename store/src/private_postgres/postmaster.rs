//! The postmaster: started, found again, stopped.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::binaries::Binaries;
use super::error::{PrivatePostgresError, Result, at};
use super::owner::Owner;
use super::place::Place;
use super::{OWNER_ROLE, Options};
use crate::pool::connect_plain;

/// Between two looks at whether it is ready or gone.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// A log above this size is set aside at the next start.
const LONGEST_LOG: u64 = 8 * 1024 * 1024;

/// A running postmaster.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    socket: PathBuf,
    /// Ours, or left by an earlier server.
    child: Option<Child>,
}

impl Postmaster {
    pub(super) const fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    pub(super) const fn was_adopted(&self) -> bool {
        self.child.is_none()
    }

    /// Whether it still runs.
    pub(super) fn is_running(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => is_alive(self.pid),
        }
    }

    /// `postgresql://role@%2Fpath%2Fof%2Fsocket/database`
    pub(super) fn url(&self, role: &str, database: &str) -> String {
        url(&self.socket, role, database)
    }

    pub(super) async fn adopt_or_start(
        place: &Place,
        binaries: &Binaries,
        owner: &Owner,
        options: &Options,
    ) -> Result<Self> {
        if let Some(running) = Running::find(&place.cluster)?
            && let Some(adopted) = running.adopt(place, options).await?
        {
            return Ok(adopted);
        }
        clear_socket(&place.socket)?;
        // After a crash of everything its old sessions may take a moment to notice and go.
        let deadline = Instant::now().checked_add(Duration::from_secs(10));
        loop {
            match start(place, binaries, owner, options).await {
                Err(PrivatePostgresError::NotStarted { tail, .. })
                    if tail.contains("pre-existing shared memory") && deadline.is_some_and(|d| Instant::now() < d) =>
                {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                answer => return answer,
            }
        }
    }

    /// "Fast": sessions are cut, what is committed is kept, a checkpoint is made.
    pub(super) async fn stop(mut self, timeout: Duration) -> Result<()> {
        tracing::info!(pid = self.pid.as_raw(), "stopping the private Postgres");
        match kill(self.pid, Signal::SIGINT) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => return Err(at(Path::new("/proc"))(errno.into())),
        }
        let start = Instant::now();
        while start.elapsed() < timeout {
            if !self.is_running() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(PrivatePostgresError::NotStopped(self.pid.as_raw()))
    }
}

/// Connection text for the Postgres that another server runs on these data, which is left alone.
pub(super) fn url_of_running(cluster: &Path, role: &str, database: &str) -> Option<String> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    Running::named_by(&text, cluster).map(|running| url(&running.socket, role, database))
}

/// A postmaster that is running on our data already.
struct Running {
    pid: Pid,
    socket: PathBuf,
}

impl Running {
    /// By the pid file. One that names a process which is not a postmaster on these data is stale, and removed.
    fn find(cluster: &Path) -> Result<Option<Self>> {
        let path = cluster.join("postmaster.pid");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
        };
        let found = Self::named_by(&text, cluster);
        if found.is_none() {
            tracing::info!(file = %path.display(), "removing a stale pid file");
            std::fs::remove_file(&path).map_err(at(&path))?;
        }
        Ok(found)
    }

    /// The postmaster that a pid file names, if it runs on these data.
    fn named_by(text: &str, cluster: &Path) -> Option<Self> {
        let mut lines = text.lines();
        let pid =
            lines.next().and_then(|line| line.trim().parse::<i32>().ok()).filter(|pid| *pid > 0).map(Pid::from_raw);
        // Line 5 is the socket's folder.
        let socket = lines.nth(3).map(|line| PathBuf::from(line.trim()));
        match (pid, socket) {
            (Some(pid), Some(socket)) if is_alive(pid) && works_in(pid, cluster) => Some(Self { pid, socket }),
            _ => None,
        }
    }

    /// Takes it over, or waits for it to be gone when it is stopping or its program was replaced by an upgrade (a new
    /// session of the old one could not load the new plpgsql).
    async fn adopt(self, place: &Place, options: &Options) -> Result<Option<Postmaster>> {
        let postmaster = Postmaster { pid: self.pid, socket: self.socket, child: None };
        if program_replaced(self.pid) {
            tracing::info!(pid = self.pid.as_raw(), "the running Postgres was upgraded: starting it again");
            postmaster.stop(options.timeout).await?;
            return Ok(None);
        }
        let start = Instant::now();
        while start.elapsed() < options.timeout {
            if !is_alive(self.pid) {
                return Ok(None);
            }
            if connect_plain(&postmaster.url(OWNER_ROLE, "postgres")).await.is_ok() {
                tracing::info!(pid = self.pid.as_raw(), "took over the private Postgres that was left running");
                return Ok(Some(postmaster));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(not_started(place, "the one left running does not answer"))
    }
}

/// Nobody runs on our data, so what is left in the socket's folder, which is ours alone, is of one that was killed.
/// (Postgres itself would refuse it when the number is taken again, or the dead process was never waited for.)
fn clear_socket(socket: &Path) -> Result<()> {
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        let path = socket.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
    }
    Ok(())
}

async fn start(place: &Place, binaries: &Binaries, owner: &Owner, options: &Options) -> Result<Postmaster> {
    let began = Instant::now();
    let mut child = spawn(place, binaries, owner, options.durable)?;
    let url = url(&place.socket, OWNER_ROLE, "postgres");
    let mut told = 0;
    while began.elapsed() < options.timeout {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(not_started(place, &format!("it ended: {status}")));
        }
        if connect_plain(&url).await.is_ok() {
            tracing::info!(
                pid = child.id(),
                ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                "the private Postgres is ready"
            );
            let pid = i32::try_from(child.id()).map_err(|_| not_started(place, "its process id"))?;
            return Ok(Postmaster { pid: Pid::from_raw(pid), socket: place.socket.clone(), child: Some(child) });
        }
        if began.elapsed().as_secs() / 5 > told {
            told = began.elapsed().as_secs() / 5;
            tracing::info!(log = %place.log.display(), "the private Postgres is still starting");
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Err(not_started(place, "it does not answer; it is left starting"))
}

fn spawn(place: &Place, binaries: &Binaries, owner: &Owner, durable: bool) -> Result<Child> {
    if std::fs::metadata(&place.log).is_ok_and(|log| log.size() > LONGEST_LOG) {
        std::fs::rename(&place.log, place.log.with_extension("log.1")).map_err(at(&place.log))?;
    }
    let log = std::fs::OpenOptions::new().create(true).append(true).open(&place.log).map_err(at(&place.log))?;
    let program = binaries.postgres();
    let mut command = owner.command(&program);
    command.arg("-D").arg(&place.cluster);
    let mut set = |setting: String| {
        command.arg("-c").arg(setting);
    };
    set(format!("unix_socket_directories={}", place.socket.display()));
    for setting in [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "max_connections=120",
        "wal_compression=on",
        "max_wal_size=4GB",
        "checkpoint_completion_target=0.9",
        // As the pool's sessions set it, for everybody else's.
        "random_page_cost=1.1",
        "jit=off",
        "log_destination=stderr",
        "logging_collector=off",
        "log_timezone=UTC",
        "timezone=UTC",
        "lc_messages=C",
    ] {
        set(setting.to_owned());
    }
    let durability: &[&str] = if durable {
        &["fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB"]
    } else {
        &["fsync=off", "synchronous_commit=on", "full_page_writes=off", "shared_buffers=256MB", "autovacuum=off"]
    };
    for setting in durability {
        set((*setting).to_owned());
    }
    let errors = log.try_clone().map_err(at(&place.log))?;
    command.stdout(log).stderr(errors).spawn().map_err(at(&program))
}

fn url(socket: &Path, role: &str, database: &str) -> String {
    let mut host = String::new();
    for byte in socket.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(byte) {
            host.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(host, "%{byte:02X}");
        }
    }
    format!("postgresql://{role}@{host}/{database}")
}

fn not_started(place: &Place, reason: &str) -> PrivatePostgresError {
    let text = std::fs::read_to_string(&place.log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n");
    PrivatePostgresError::NotStarted { reason: reason.to_owned(), log: place.log.clone(), tail }
}

/// Whether there is such a process, and it has not ended (one that nobody waits for stays as a zombie).
fn is_alive(pid: Pid) -> bool {
    match kill(pid, None) {
        Ok(()) | Err(Errno::EPERM) => !is_zombie(pid),
        Err(_) => false,
    }
}

fn is_zombie(pid: Pid) -> bool {
    // "pid (name) state ...": the name may contain anything, so look after its last bracket.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// A postmaster stands in its data folder; another process that got the same number after a restart does not.
fn works_in(pid: Pid, cluster: &Path) -> bool {
    let standing = std::fs::read_link(format!("/proc/{pid}/cwd"));
    let cluster = cluster.canonicalize();
    matches!((standing, cluster), (Ok(standing), Ok(cluster)) if standing == cluster)
}

fn program_replaced(pid: Pid) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.to_string_lossy().ends_with(" (deleted)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_folder_becomes_a_host() {
        assert_eq!(
            url(Path::new("/run/dianka-1/数"), "dianka_app", "dianka"),
            "postgresql://dianka_app@%2Frun%2Fdianka-1%2F%E6%95%B0/dianka"
        );
    }

    #[test]
    fn processes_are_told_apart() {
        let own = Pid::from_raw(i32::try_from(std::process::id()).unwrap());
        assert!(is_alive(own));
        assert!(works_in(own, &std::env::current_dir().unwrap()));
        assert!(!works_in(own, Path::new("/proc")));
        assert!(!program_replaced(own));
    }
}
