//! A Postgres of the bench's own, and the programs that come with it: psql and pgbench.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use dianka_store::private_postgres::{APP_ROLE, DATABASE, Options, PrivatePostgres};
use dianka_tests::Failure;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// It, running.
pub struct Postgres {
    running: PrivatePostgres,
    folder: PathBuf,
}

/// What pgbench says.
#[derive(Debug, Clone, Copy)]
pub struct Pgbench {
    /// Transactions per second, connecting not counted.
    pub per_s: f64,
}

/// The program itself: Debian's wrapper in /usr/bin starts a Perl, whose CPU time would be counted.
fn program(name: &str) -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(name))))
        .filter(|(_, path)| path.exists())
        .collect();
    found.sort();
    found.pop().map_or_else(|| name.into(), |(_, path)| path)
}

impl Postgres {
    /// Starts one in this folder; `durable`: with real flushes.
    pub async fn start(folder: &Path, durable: bool) -> Result<Self, Failure> {
        let mut options = Options::new(folder);
        options.durable = durable;
        Ok(Self { running: PrivatePostgres::start(&options).await?, folder: folder.to_owned() })
    }

    /// The postmaster.
    pub fn pid(&self) -> Result<u32, Failure> {
        Ok(u32::try_from(self.running.pid())?)
    }

    /// How a server is pointed here, with so many sessions.
    pub fn environment(&self, sessions: u32) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.running.app_url()),
            ("DATABASE_OWNER_URL", self.running.owner_url()),
            ("DIANKA__DATABASE__POOL", sessions.to_string()),
        ]
    }

    /// Ends it.
    pub async fn stop(self) -> Result<(), Failure> {
        Ok(self.running.stop().await?)
    }

    /// Runs SQL as the owner; what it prints.
    pub async fn sql(&self, sql: &str) -> Result<String, Failure> {
        let mut child = Command::new(program("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(self.running.owner_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no way to psql")?;
        stdin.write_all(sql.as_bytes()).await?;
        drop(stdin);
        let output = child.wait_with_output().await?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(format!("psql: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
        }
    }

    /// Runs `script` so many times in each of `sessions`, as the application's role, statements prepared.
    pub async fn pgbench(
        &self,
        script: &str,
        sessions: u32,
        each: u32,
        variables: &[(&str, String)],
    ) -> Result<Pgbench, Failure> {
        let file = self.folder.join("pgbench.sql");
        std::fs::write(&file, script)?;
        let mut command = Command::new(program("pgbench"));
        command.args(["-n", "-M", "prepared", "-c", &sessions.to_string(), "-j", "2", "-t", &each.to_string(), "-f"]);
        command.arg(&file).args(["-D", "i=0"]);
        for (name, value) in variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.arg(self.running.url(APP_ROLE, DATABASE)).stdin(Stdio::null()).output().await?;
        let said = String::from_utf8_lossy(&output.stdout);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|t| t.split(' ').next());
        match tps {
            Some(tps) if output.status.success() => Ok(Pgbench { per_s: tps.parse()? }),
            _ => Err(format!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}
