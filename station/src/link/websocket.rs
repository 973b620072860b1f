//! The line over WebSocket: JSON text frames; the server's challenge answered under the station's own key; reconnecting
//! with a growing pause, until the server refuses for good. Messages that cannot be sent are dropped: after `Welcome` the
//! workstation says everything that matters again (state, card, results without acknowledgement).

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use uuid::Uuid;

use super::Remote;
use super::dial::{Dial, Ended, Socket, speak};
use crate::proto::{FromStation, Hex, SignKey, Statement, ToStation, Welcome};
use crate::workstation::Identity;

/// A connection that is silent for so long is dead; the server is asked in between.
const SILENCE_MAX: Duration = Duration::from_secs(45);
const PING_EVERY: Duration = Duration::from_secs(15);

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

/// Who an enrolled station is.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Its key.
    pub key: SignKey,
    /// Its organisation.
    pub org: Uuid,
    /// Its workstation.
    pub workstation_id: Uuid,
    /// The server's ticket key, as it was told at the enrolment.
    pub server_ticket_key: Hex,
}

/// What the line does, for the log and the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// Connected and welcomed.
    Connected(Welcome),
    /// Not connected; tried again after the pause.
    Down {
        /// Why, in English.
        reason: String,
    },
    /// Refused for good: nothing is tried any more.
    Refused {
        /// Stable code.
        code: String,
    },
}

/// Said of a server that greets with another ticket key than the one of the enrolment.
pub const OTHER_SERVER: &str = "station.other_server";

/// Carries a workstation's line to its server, until the workstation stops or the server refuses it for good. `tell`
/// hears of every connection and failure.
pub async fn run(
    dial: &Dial,
    who: &Credentials,
    identity: &Identity,
    mut remote: Remote,
    backoff: Backoff,
    mut tell: impl FnMut(LinkEvent) + Send,
) {
    let mut pause = backoff.first;
    loop {
        let mut welcomed = None;
        let ended = connection(dial, who, identity, &mut remote, &mut |welcome| {
            welcomed = Some(Instant::now());
            tell(LinkEvent::Connected(welcome));
        })
        .await;
        // A connection that stood for a while starts the pauses anew.
        if welcomed.is_some_and(|since| since.elapsed() > backoff.longest) {
            pause = backoff.first;
        }
        let wait_at_least = match ended {
            Ended::Stopped => return,
            Ended::Refused { code, wait_s: None } => return tell(LinkEvent::Refused { code }),
            Ended::Refused { wait_s: Some(seconds), .. } => Duration::from_secs(seconds.into()),
            _ => Duration::ZERO,
        };
        tell(LinkEvent::Down { reason: ended.to_string() });
        if !wait(&mut remote, jittered(pause).max(wait_at_least)).await {
            return;
        }
        pause = (pause * 2).min(backoff.longest);
    }
}

/// Greets the server once and hangs up: whether it takes this station. Only where the station does not run: the newest
/// connection wins.
///
/// # Errors
/// [`Ended`].
pub async fn greet_once(dial: &Dial, who: &Credentials, identity: &Identity) -> Result<Welcome, Ended> {
    let (mut socket, challenge) = dial.open().await?;
    let mut line = Line { socket: &mut socket, who, challenge: challenge.nonce };
    line.greet(identity).await?;
    let (_station, remote) = super::pair();
    let mut welcome = None;
    while welcome.is_none() {
        let message = timeout(PING_EVERY, line.socket.next()).await.map_err(|_| Ended::Slow)?;
        match line.hear(message, &remote, &mut |found| welcome = Some(found)) {
            Ok(()) | Err(Ended::Stopped) => {}
            Err(ended) => return Err(ended),
        }
    }
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
    welcome.ok_or(Ended::Closed)
}

async fn connection(
    dial: &Dial,
    who: &Credentials,
    identity: &Identity,
    remote: &mut Remote,
    welcomed: &mut (dyn FnMut(Welcome) + Send),
) -> Ended {
    let (mut socket, challenge) = match dial.open().await {
        Ok(open) => open,
        Err(ended) => return ended,
    };
    let mut line = Line { socket: &mut socket, who, challenge: challenge.nonce };
    let ended = match line.greet(identity).await {
        Ok(()) => line.carry(remote, welcomed).await,
        Err(ended) => ended,
    };
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
    ended
}

/// One connection.
struct Line<'a> {
    socket: &'a mut Socket,
    who: &'a Credentials,
    challenge: Hex,
}

impl Line<'_> {
    async fn greet(&mut self, identity: &Identity) -> Result<(), Ended> {
        let statement = Statement::Greeting {
            challenge: self.challenge.clone(),
            org: self.who.org,
            workstation_id: self.who.workstation_id,
            sign_public_key: self.who.key.public(),
            hello: identity.hello(),
        };
        speak(self.socket, &FromStation::Signed(statement.sign(&self.who.key)?)).await
    }

    /// Carries messages both ways until something ends.
    async fn carry(&mut self, remote: &mut Remote, welcomed: &mut (dyn FnMut(Welcome) + Send)) -> Ended {
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let result = tokio::select! {
                message = self.socket.next() => {
                    heard = Instant::now();
                    self.hear(message, remote, welcomed)
                }
                message = remote.incoming.recv() => match message {
                    // The workstation's own is for the line in process; here the greeting carried it.
                    Some(FromStation::Hello(_)) => Ok(()),
                    Some(message) => self.say(message).await,
                    None => Err(Ended::Stopped),
                },
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE_MAX {
                        Err(Ended::Silent)
                    } else {
                        self.socket.send(Message::Ping(Vec::new().into())).await.map_err(Ended::from)
                    }
                }
            };
            if let Err(ended) = result {
                return ended;
            }
        }
    }

    async fn say(&mut self, message: FromStation) -> Result<(), Ended> {
        if !message.is_evidence() {
            return speak(self.socket, &message).await;
        }
        let statement = Statement::Evidence {
            challenge: self.challenge.clone(),
            workstation_id: self.who.workstation_id,
            message: Box::new(message),
        };
        speak(self.socket, &FromStation::Signed(statement.sign(&self.who.key)?)).await
    }

    fn hear(
        &self,
        message: Option<Result<Message, tungstenite::Error>>,
        remote: &Remote,
        welcomed: &mut (dyn FnMut(Welcome) + Send),
    ) -> Result<(), Ended> {
        let message = match message.ok_or(Ended::Closed)?? {
            Message::Text(text) => serde_json::from_str(&text)?,
            Message::Close(_) => return Err(Ended::Closed),
            _ => return Ok(()),
        };
        match &message {
            ToStation::Refused { code, wait_s } => {
                return Err(Ended::Refused { code: code.clone(), wait_s: *wait_s });
            }
            ToStation::Welcome(welcome) => {
                let ours = (self.who.org, self.who.workstation_id, &self.who.server_ticket_key);
                if (welcome.org, welcome.workstation_id, &welcome.server_ticket_key) != ours {
                    return Err(Ended::Refused { code: OTHER_SERVER.into(), wait_s: None });
                }
                welcomed(welcome.clone());
            }
            _ => {}
        }
        remote.outgoing.send(message).map_err(|_| Ended::Stopped)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_and_bounded() {
        let pause = Duration::from_secs(8);
        let drawn: std::collections::BTreeSet<_> = (0..500).map(|_| jittered(pause)).collect();
        assert!(drawn.len() > 20, "{}", drawn.len());
        assert!(drawn.iter().all(|one| (6..=10).contains(&one.as_secs())), "{drawn:?}");
    }
}
