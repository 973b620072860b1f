//! The server under load: on one port for all of its lives, so that stations find it again.

use std::ffi::OsString;
use std::time::Duration;

use dianka_server::demo::OwnServer;
use dianka_server::demo::client::Client;
use dianka_station::link::dial::Dial;
use dianka_tests::{Failure, Installation, Running};

use super::plan::Plan;

/// Ports that the system does not give to outgoing connections: a station that dials while nobody listens could else be
/// connected to itself, and keep the server from its port.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// It.
pub struct Ward {
    installation: Installation,
    arguments: Vec<OsString>,
    port: u16,
    /// None for the moment between two lives.
    server: Option<OwnServer>,
    /// Its administrator.
    pub client: Client,
}

fn free_port() -> Result<u16, Failure> {
    let from = rand::random::<u16>() % 4_000;
    let mut ports = PORTS.skip(from.into());
    ports.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).ok_or_else(|| "no free port".into())
}

impl Ward {
    /// A new installation.
    pub async fn new(plan: &Plan) -> Result<Self, Failure> {
        let (installation, arguments, port) = (Installation::new()?, plan.arguments(), free_port()?);
        let server = installation.start_at(port, &arguments).await?;
        let Running { server, client } = installation.logged_in(server).await?;
        Ok(Self { installation, arguments, port, server: Some(server), client })
    }

    /// `http://127.0.0.1:port`, in every life.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The line to it.
    pub fn dial(&self) -> Result<Dial, Failure> {
        Ok(Dial::new(&self.url(), None, false)?)
    }

    /// Its process.
    pub fn pid(&self) -> Result<u32, Failure> {
        self.server.as_ref().and_then(OwnServer::pid).ok_or_else(|| "the server is gone".into())
    }

    /// Kills it without a word.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.server.take().ok_or("the server is gone")?.kill().await?)
    }

    /// Starts it again; ready when this returns. Nobody logs in: tokens outlive the server.
    pub async fn start(&mut self) -> Result<(), Failure> {
        self.server = Some(self.installation.start_at(self.port, &self.arguments).await?);
        Ok(())
    }

    /// Ends it in order and starts it again, with a fresh token.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        self.server.take().ok_or("the server is gone")?.stop().await;
        self.start().await?;
        self.log_in().await
    }

    /// A fresh token: one lives for five minutes.
    pub async fn log_in(&mut self) -> Result<(), Failure> {
        let server = self.server.take().ok_or("the server is gone")?;
        let Running { server, client } = self.installation.logged_in(server).await?;
        (self.server, self.client) = (Some(server), client);
        Ok(())
    }

    /// Proves the books, and ends it.
    pub async fn end(mut self) -> Result<(), Failure> {
        self.log_in().await?;
        let server = self.server.take().ok_or("the server is gone")?;
        let running = Running { server, client: self.client };
        let held = tokio::time::timeout(Duration::from_secs(120), running.books_hold()).await;
        running.server.stop().await;
        held??;
        println!("  (the books hold)");
        Ok(())
    }
}
