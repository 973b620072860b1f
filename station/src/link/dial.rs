//! One connection: TCP, TLS, WebSocket, and the server's challenge.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::address::{Address, AddressError};
use super::tls::{self, TlsError};
use crate::proto::{FromStation, Hex, ToStation};

/// Largest message that is taken or sent.
const MESSAGE_MAX: usize = 64 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server, and whom to believe that it is.
#[derive(Clone)]
pub struct Dial {
    /// Where it is.
    pub address: Address,
    tls: Option<Arc<rustls::ClientConfig>>,
}

/// A line that cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Why one connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The name has no address.
    #[error("the name {host} is not known: {cause}")]
    Name {
        /// The name.
        host: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Nobody takes the connection.
    #[error("{address}: {cause}")]
    Reach {
        /// Where.
        address: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// TLS or WebSocket.
    #[error("{0}")]
    Line(#[from] tungstenite::Error),
    /// It took too long.
    #[error("no answer within {} s", CONNECT_WITHIN.as_secs())]
    Slow,
    /// It went silent.
    #[error("the server is silent")]
    Silent,
    /// The server closed.
    #[error("closed by the server")]
    Closed,
    /// The server speaks what this program does not know.
    #[error("a message of an unknown form: {0}")]
    Form(#[from] serde_json::Error),
    /// A statement that cannot be written.
    #[error("a statement cannot be signed: {0}")]
    Statement(#[from] crate::proto::TicketError),
    /// The server begins with something else than a challenge.
    #[error("the server does not greet as a server of this version does")]
    NoChallenge,
    /// The server refuses this station.
    #[error("the server refuses: {code}")]
    Refused {
        /// Stable code.
        code: String,
        /// Try again after so many seconds; none: for good.
        wait_s: Option<u32>,
    },
    /// This side stopped.
    #[error("the workstation stopped")]
    Stopped,
}

impl Ended {
    /// Whether no later try can do better: a person must look.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        matches!(self, Self::Refused { wait_s: None, .. } | Self::Stopped)
    }
}

/// The server's first message.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Goes into every statement of this connection.
    pub nonce: Hex,
    /// The server's clock, seconds since 1970.
    pub time: u64,
}

impl Dial {
    /// Checks the address and reads what is needed for TLS.
    ///
    /// # Errors
    /// [`DialError`]: a line that no later try mends.
    pub fn new(server: &str, ca: Option<&PathBuf>, insecure_lan: bool) -> Result<Self, DialError> {
        let address = Address::parse(server, insecure_lan)?;
        let tls = if address.secure { Some(tls::config(ca.map(PathBuf::as_path))?) } else { None };
        Ok(Self { address, tls })
    }

    /// The addresses of the server's name.
    ///
    /// # Errors
    /// [`Ended::Name`].
    pub async fn resolve(&self) -> Result<Vec<std::net::SocketAddr>, Ended> {
        let host = self.address.host.clone();
        let found = tokio::net::lookup_host((host.as_str(), self.address.port)).await;
        let found: Vec<_> = found.map_err(|cause| Ended::Name { host: host.clone(), cause })?.collect();
        if found.is_empty() {
            return Err(Ended::Name { host, cause: std::io::ErrorKind::NotFound.into() });
        }
        Ok(found)
    }

    /// A TCP connection, to whichever address of the name answers first.
    ///
    /// # Errors
    /// [`Ended::Name`], [`Ended::Reach`] or [`Ended::Slow`].
    pub async fn reach(&self) -> Result<TcpStream, Ended> {
        let found = self.resolve().await?;
        let address = format!("{}:{}", self.address.host, self.address.port);
        let stream = timeout(CONNECT_WITHIN, TcpStream::connect(found.as_slice())).await.map_err(|_| Ended::Slow)?;
        let stream = stream.map_err(|cause| Ended::Reach { address, cause })?;
        // A clerk waits for each message.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the line keeps its delay");
        }
        Ok(stream)
    }

    /// TLS and WebSocket over a connection.
    ///
    /// # Errors
    /// [`Ended::Line`] or [`Ended::Slow`].
    pub(super) async fn upgrade(&self, stream: TcpStream) -> Result<Socket, Ended> {
        let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX)).max_frame_size(Some(MESSAGE_MAX));
        let connector = self.tls.clone().map_or(Connector::Plain, Connector::Rustls);
        let upgrading = client_async_tls_with_config(self.address.url(), stream, Some(config), Some(connector));
        let (socket, _) = timeout(CONNECT_WITHIN, upgrading).await.map_err(|_| Ended::Slow)??;
        Ok(socket)
    }

    /// A connection, and the challenge that the server begins with.
    ///
    /// # Errors
    /// [`Ended`].
    pub(super) async fn open(&self) -> Result<(Socket, Challenge), Ended> {
        let stream = self.reach().await?;
        self.open_on(stream).await
    }

    async fn open_on(&self, stream: TcpStream) -> Result<(Socket, Challenge), Ended> {
        let mut socket = self.upgrade(stream).await?;
        match next(&mut socket).await? {
            ToStation::Challenge { nonce, time } => Ok((socket, Challenge { nonce, time })),
            ToStation::Refused { code, wait_s } => Err(Ended::Refused { code, wait_s }),
            _ => Err(Ended::NoChallenge),
        }
    }

    /// Asks a server for its challenge and hangs up: whether it is one, and what its clock says.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn ask(&self, stream: TcpStream) -> Result<Challenge, Ended> {
        let (mut socket, challenge) = self.open_on(stream).await?;
        let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
        Ok(challenge)
    }
}

/// The next message, within the time that a server has for it.
pub(super) async fn next(socket: &mut Socket) -> Result<ToStation, Ended> {
    let wait = async {
        loop {
            match socket.next().await.ok_or(Ended::Closed)?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(_) => return Err(Ended::Closed),
                _ => {}
            }
        }
    };
    timeout(CONNECT_WITHIN, wait).await.map_err(|_| Ended::Slow)?
}

pub(super) async fn speak(socket: &mut Socket, message: &FromStation) -> Result<(), Ended> {
    let text = serde_json::to_string(message)?;
    Ok(socket.send(Message::Text(text.into())).await?)
}
