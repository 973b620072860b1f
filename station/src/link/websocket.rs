//! The line over WebSocket: JSON text frames, the token as a bearer header and again in `Hello`, reconnecting for ever
//! with a growing pause. Messages that cannot be sent are dropped: after `Welcome` the workstation says everything
//! that matters again (state, card, results without acknowledgement).

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::Remote;
use crate::proto::FromStation;
use crate::workstation::Identity;

/// Largest message that is taken or sent.
const MESSAGE_MAX: usize = 64 * 1024;
/// A connection that is silent for so long is dead; the server is asked in between.
const SILENCE_MAX: Duration = Duration::from_secs(45);
const PING_EVERY: Duration = Duration::from_secs(15);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Pauses between attempts: the first, and the longest.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// The pause doubles up to this.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(30) }
    }
}

/// What the line does, for the log and the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// Connected and greeted.
    Connected,
    /// Not connected; tried again after the pause.
    Down {
        /// Why, in English.
        reason: String,
        /// The server refused the token: a person must look.
        refused: bool,
    },
}

/// Why one connection ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{0}")]
    Line(#[from] tungstenite::Error),
    #[error("no answer within {} s", CONNECT_WITHIN.as_secs())]
    Slow,
    #[error("silent for {} s", SILENCE_MAX.as_secs())]
    Silent,
    #[error("closed by the server")]
    Closed,
    #[error("a message of an unknown form: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the workstation stopped")]
    Stopped,
    #[error("the token cannot be a header")]
    Token,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Carries a workstation's line to a server, until the workstation stops.
///
/// `url` is `ws://host:port/api/v1/stations/link`. `tell` hears of every connection and failure.
pub async fn run(
    url: &str,
    token: &str,
    identity: &Identity,
    mut remote: Remote,
    backoff: Backoff,
    tell: impl Fn(LinkEvent) + Send,
) {
    let mut pause = backoff.first;
    loop {
        let ended = match connect(url, token).await {
            Ok(mut socket) => {
                tell(LinkEvent::Connected);
                let started = Instant::now();
                let ended = carry(&mut socket, token, identity, &mut remote).await;
                // A connection that stood for a while starts the pauses anew.
                if started.elapsed() > backoff.longest {
                    pause = backoff.first;
                }
                let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
                ended
            }
            Err(ended) => ended,
        };
        if matches!(ended, Ended::Stopped) {
            return;
        }
        let refused = matches!(&ended, Ended::Line(tungstenite::Error::Http(answer))
            if answer.status() == 401 || answer.status() == 403);
        tell(LinkEvent::Down { reason: ended.to_string(), refused });
        if !wait(&mut remote, jittered(pause)).await {
            return;
        }
        pause = (pause * 2).min(backoff.longest);
    }
}

async fn connect(url: &str, token: &str) -> Result<Socket, Ended> {
    let mut request = url.into_client_request()?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Ended::Token)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX)).max_frame_size(Some(MESSAGE_MAX));
    let connecting = connect_async_with_config(request, Some(config), true);
    let (socket, _) = timeout(CONNECT_WITHIN, connecting).await.map_err(|_| Ended::Slow)??;
    Ok(socket)
}

/// Carries messages both ways until something ends.
async fn carry(socket: &mut Socket, token: &str, identity: &Identity, remote: &mut Remote) -> Ended {
    match speak(socket, &FromStation::Hello(identity.hello(token))).await {
        Ok(()) => {}
        Err(ended) => return ended,
    }
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let result = tokio::select! {
            message = socket.next() => {
                heard = Instant::now();
                hear(message, remote)
            }
            message = remote.incoming.recv() => match message {
                // Ours went out first, with the token; the workstation's own is for the line in process.
                Some(FromStation::Hello(_)) => Ok(()),
                Some(message) => speak(socket, &message).await,
                None => Err(Ended::Stopped),
            },
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE_MAX {
                    Err(Ended::Silent)
                } else {
                    socket.send(Message::Ping(Vec::new().into())).await.map_err(Ended::from)
                }
            }
        };
        if let Err(ended) = result {
            return ended;
        }
    }
}

async fn speak(socket: &mut Socket, message: &FromStation) -> Result<(), Ended> {
    let text = serde_json::to_string(message)?;
    Ok(socket.send(Message::Text(text.into())).await?)
}

fn hear(message: Option<Result<Message, tungstenite::Error>>, remote: &Remote) -> Result<(), Ended> {
    match message.ok_or(Ended::Closed)?? {
        Message::Text(text) => {
            let message = serde_json::from_str(&text)?;
            remote.outgoing.send(message).map_err(|_| Ended::Stopped)
        }
        Message::Close(_) => Err(Ended::Closed),
        _ => Ok(()),
    }
}

/// Waits, and throws away what the workstation says meanwhile. False when it stopped.
async fn wait(remote: &mut Remote, pause: Duration) -> bool {
    let end = sleep(pause);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return true,
            message = remote.incoming.recv() => if message.is_none() { return false },
        }
    }
}

/// Between three quarters and five quarters of the pause, so that a thousand stations do not come back at once.
fn jittered(pause: Duration) -> Duration {
    pause * (75 + rand::random::<u32>() % 51) / 100
}
