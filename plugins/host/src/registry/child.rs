//! Runs `dianka-plugc` and `dianka-kit`, and kills them when they take too long.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How a child ended by itself.
pub(super) struct Ended {
    /// Exit code; none after a death by signal.
    pub(super) code: Option<i32>,
    /// The signal, which for this child means that it met a limit of its own.
    pub(super) signal: Option<i32>,
    /// Standard output.
    pub(super) said: String,
    /// Standard error.
    pub(super) complained: String,
}

/// Why a child has nothing to say.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChildError {
    #[error("{path} cannot be started: {why}")]
    NotStarted { path: String, why: std::io::Error },
    #[error("it was killed after {0:?}")]
    TooLong(Duration),
    #[error("it cannot be waited for: {0}")]
    Lost(std::io::Error),
}

/// Most that is read of what a child says. A pipe holds 64 KiB, so a child that says more than it holds waits until it
/// is killed.
const MAX_OUTPUT: u64 = 64 * 1024;

const POLL: Duration = Duration::from_millis(2);

/// Runs `program` with no environment but `temporary` and waits for it, `wall` at most. It leads a group of its own, so
/// that what it starts dies with it.
pub(super) fn run(
    program: &Path,
    arguments: &[&OsStr],
    temporary: Option<&Path>,
    wall: Duration,
) -> Result<Ended, ChildError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(temporary.map(|path| ("TMPDIR", path)))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child =
        command.spawn().map_err(|why| ChildError::NotStarted { path: program.display().to_string(), why })?;
    let status = wait(&mut child, wall)?;
    Ok(Ended {
        code: status.code(),
        signal: signal_of(status),
        said: heard(child.stdout.take()),
        complained: heard(child.stderr.take()),
    })
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

fn wait(child: &mut Child, wall: Duration) -> Result<ExitStatus, ChildError> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(ChildError::Lost)? {
            return Ok(status);
        }
        if start.elapsed() >= wall {
            kill_group(child);
            child.kill().and_then(|()| child.wait()).map_err(ChildError::Lost)?;
            return Err(ChildError::TooLong(wall));
        }
        thread::sleep(POLL);
    }
}

/// Whatever it started. The child itself is killed and waited for by itself, so an error here changes nothing.
#[cfg(unix)]
fn kill_group(child: &Child) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), nix::sys::signal::Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_: &Child) {}

fn heard(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    // What could be read counts: an error here ends the text and nothing else.
    let _ = pipe.map(|pipe| pipe.take(MAX_OUTPUT).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
