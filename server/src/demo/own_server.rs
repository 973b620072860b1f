//! A server for one story: a process of its own, on a free port, with a data folder that goes when it is done.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::DemoOptions;

/// Longest wait for the first start: it makes a database and compiles drivers.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Files or processes.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It ended, or did not get ready in time.
    #[error("the server did not get ready: {0}\n{1}")]
    NotReady(String, String),
}

/// The running server.
#[derive(Debug)]
pub struct OwnServer {
    child: Child,
    url: String,
    setup_token: String,
    data: PathBuf,
    keep: bool,
}

fn io(what: &'static str) -> impl Fn(std::io::Error) -> StartError {
    move |source| StartError::Io { what, source }
}

impl OwnServer {
    /// Starts this very program on a free port with an empty data folder.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(options: &DemoOptions) -> Result<Self, StartError> {
        let data = std::env::temp_dir().join(format!("dianka-demo-{}", uuid::Uuid::now_v7().simple()));
        let program = std::env::current_exe().map_err(io("own path"))?;
        let mut arguments = Vec::new();
        for (name, value) in
            [("--config", &options.config), ("--drivers", &options.drivers), ("--plugc", &options.plugc)]
        {
            if let Some(value) = value {
                arguments.extend([OsString::from(name), value.clone().into_os_string()]);
            }
        }
        Self::start_in(&program, &data, &arguments, &[], false).await
    }

    /// Starts `program` over a given data folder, with more arguments and environment; `keep` leaves the folder at the end.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_in(
        program: &Path,
        data: &Path,
        arguments: &[OsString],
        env: &[(&str, String)],
        keep: bool,
    ) -> Result<Self, StartError> {
        let port = free_port().map_err(io("free port"))?;
        Self::start_at(program, data, port, arguments, env, keep).await
    }

    /// The same on a given port: those that were connected before it was killed find it again.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_at(
        program: &Path,
        data: &Path,
        port: u16,
        arguments: &[OsString],
        env: &[(&str, String)],
        keep: bool,
    ) -> Result<Self, StartError> {
        std::fs::create_dir_all(data).map_err(io("data folder"))?;
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.join("server.log"))
            .map_err(io("log file"))?;
        let errors = log.try_clone().map_err(io("log file"))?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.args(arguments);
        command.envs(env.iter().map(|(k, v)| (*k, v.as_str())));
        // One that is forgotten (a test that fails) must not go on for ever.
        command.stdin(Stdio::null()).stdout(log).stderr(errors).kill_on_drop(true);
        let child = command.spawn().map_err(io("server process"))?;
        let url = format!("http://127.0.0.1:{port}");
        let mut own = Self { child, url, setup_token: String::new(), data: data.to_owned(), keep };
        own.wait_ready().await?;
        own.setup_token = std::fs::read_to_string(data.join("setup-token")).unwrap_or_default().trim().to_owned();
        Ok(own)
    }

    async fn wait_ready(&mut self) -> Result<(), StartError> {
        let http = reqwest::Client::new();
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().map_err(io("server process"))? {
                return Err(StartError::NotReady(format!("it ended with {status}"), self.last_words()));
            }
            let asked = http.get(format!("{}/readyz", self.url)).timeout(Duration::from_secs(2)).send().await;
            if asked.is_ok_and(|a| a.status().is_success()) {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                return Err(StartError::NotReady("time is up".into(), self.last_words()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.data.join("server.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The one-time token of a new server.
    #[must_use]
    pub fn setup_token(&self) -> &str {
        &self.setup_token
    }

    /// Process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Kills it without a word, as `kill -9` does. Its Postgres goes on.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub async fn kill(mut self) -> std::io::Result<()> {
        self.child.kill().await
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn wait(mut self) -> std::io::Result<std::process::ExitStatus> {
        self.child.wait().await
    }

    /// Stops it in order, with its Postgres, and removes the data folder unless it is to be kept.
    pub async fn stop(mut self) {
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) {
            let _gone = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM);
            let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
            if ended.is_err() {
                let _gone = self.child.kill().await;
            }
        }
        if !self.keep {
            let _left_behind = std::fs::remove_dir_all(&self.data);
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
