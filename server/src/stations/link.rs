//! GET /stations/link: where stations dial in.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, get, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream};
use dianka_station::proto::{FromStation, Hex, Statement, ToStation};
use dianka_store as store;
use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use super::entry::{self, Greeted, NotIn, Refusal};
use super::serve::{Line, serve};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// Largest message: a ticket with two images, a plan and a sale row is far below.
const MOST_BYTES: usize = 64 * 1024;
/// A station that says nothing for this long, though it is asked, is gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// Whoever has not said by then who it is, is nobody.
const GREETING: Duration = Duration::from_secs(10);

/// Where a station dials in
///
/// The server begins with a challenge; the station answers with a statement under its own key, or with a one-time code.
#[utoipa::path(tag = "workstations", operation_id = "linkStation", security(()),
    responses((status = 101, description = "WebSocket")))]
#[get("/stations/link")]
pub async fn link_station(app: App, req: HttpRequest, body: web::Payload) -> Result<HttpResponse, Problem> {
    let (answer, session, messages) =
        actix_ws::handle(&req, body).map_err(|e| Problem::new(Code::RequestInvalid).param("reason", e.to_string()))?;
    let messages = messages.max_frame_size(MOST_BYTES).aggregate_continuations().max_continuation_size(MOST_BYTES);
    let peer = req.peer_addr().map(|address| address.ip());
    actix_web::rt::spawn(receive(app, peer, session, messages));
    Ok(answer)
}

/// From the challenge to the end.
async fn receive(
    app: App,
    peer: Option<IpAddr>,
    mut session: actix_ws::Session,
    mut messages: AggregatedMessageStream,
) {
    let nonce = Hex(rand::random::<[u8; 32]>().to_vec());
    let time = u64::try_from(app.clock.now().timestamp()).unwrap_or_default();
    if say(&mut session, &ToStation::Challenge { nonce: nonce.clone(), time }).await.is_err() {
        return;
    }
    let first = tokio::time::timeout(GREETING, heard(&mut messages)).await;
    let Ok(Heard::Message(FromStation::Signed(signed))) = first else {
        let _gone = session.close(None).await;
        return;
    };
    let last = if matches!(signed.claims(), Ok(Statement::Enrolment { .. })) {
        entry::enrol(&app, peer, &signed, &nonce).await.map(ToStation::Enrolled)
    } else {
        match entry::greet(&app, &signed, &nonce).await {
            Ok(greeted) => return talk(app, greeted, nonce, session, messages).await,
            Err(not_in) => Err(not_in),
        }
    };
    match last {
        Ok(enrolled) => {
            let _gone = say(&mut session, &enrolled).await;
        }
        Err(NotIn::Refused(Refusal { code, wait_s })) => {
            tracing::warn!(?peer, code, "a station is refused");
            let _gone = say(&mut session, &ToStation::Refused { code: code.to_owned(), wait_s }).await;
        }
        Err(NotIn::Later(error)) => tracing::warn!(%error, "a station has to come again"),
    }
    let _gone = session.close(None).await;
}

async fn say(session: &mut actix_ws::Session, message: &ToStation) -> Result<(), actix_ws::Closed> {
    match serde_json::to_string(message) {
        Ok(text) => session.text(text).await,
        Err(error) => {
            tracing::error!(%error, "a message to a station does not serialise");
            Ok(())
        }
    }
}

async fn talk(
    app: App,
    greeted: Greeted,
    nonce: Hex,
    mut session: actix_ws::Session,
    mut messages: AggregatedMessageStream,
) {
    let (to, mut outgoing) = mpsc::unbounded_channel::<ToStation>();
    let (incoming, from) = mpsc::unbounded_channel::<FromStation>();
    let Greeted { who, sign_key, hello } = greeted;
    let mut journal = Seen { app: app.clone(), org: who.org, key: sign_key.clone(), stored: 0, seq: hello.journal_seq };
    let workstation = who.workstation;
    let served = actix_web::rt::spawn(serve(app, who, hello, from, to, Line::DialledIn));
    let mut last = Instant::now();
    let mut beat = tokio::time::interval(PATIENCE / 3);
    loop {
        tokio::select! {
            message = heard(&mut messages) => {
                last = Instant::now();
                let message = match message {
                    Heard::Message(message) => message,
                    Heard::Alive => continue,
                    Heard::End => break,
                };
                let Some(message) = proved(message, &sign_key, &nonce, workstation) else { break };
                if let FromStation::Journal(standing) = &message {
                    journal.seq = journal.seq.max(standing.seq);
                }
                if incoming.send(message).is_err() { break }
            }
            message = outgoing.recv() => match message {
                Some(message) => if say(&mut session, &message).await.is_err() { break },
                None => break,
            },
            _ = beat.tick() => {
                if last.elapsed() > PATIENCE || session.ping(b"").await.is_err() { break }
                journal.store().await;
            }
        }
    }
    drop(incoming);
    journal.store().await;
    let _gone = session.close(None).await;
    let _ended = served.await;
}

/// The message, if it may be taken: what counts as evidence only under the station's signature, made for this
/// connection. None ends the connection.
fn proved(message: FromStation, sign_key: &Hex, nonce: &Hex, workstation: uuid::Uuid) -> Option<FromStation> {
    let refuse = |why: &str| {
        tracing::error!(%workstation, why, "a station's message is not taken");
        None
    };
    match message {
        FromStation::Signed(signed) => match signed.verify(sign_key) {
            Ok(Statement::Evidence { challenge, workstation_id, message })
                if challenge == *nonce && workstation_id == workstation && message.is_evidence() =>
            {
                Some(*message)
            }
            Ok(_) => refuse("a statement of another kind, connection or workstation"),
            Err(error) => refuse(&error.to_string()),
        },
        evidence if evidence.is_evidence() => refuse("evidence without a signature"),
        message => Some(message),
    }
}

/// How far the station's journal was seen, on its way to the books.
struct Seen {
    app: App,
    org: uuid::Uuid,
    key: Hex,
    stored: u64,
    seq: u64,
}

impl Seen {
    async fn store(&mut self) {
        if self.seq <= self.stored {
            return;
        }
        let (key, seq) = (&self.key.0, self.seq);
        let done =
            self.app.store.tx(self.org, "journal_seen", async |s| store::station_journal_seen(s, key, seq).await);
        match done.await {
            Ok(()) => self.stored = self.seq,
            Err(error) => tracing::warn!(%error, "the end of a station's journal is noted later"),
        }
    }
}

/// What came over the line.
enum Heard {
    Message(FromStation),
    Alive,
    /// It ended, or spoke what this server does not know.
    End,
}

async fn heard(messages: &mut AggregatedMessageStream) -> Heard {
    match messages.next().await {
        Some(Ok(AggregatedMessage::Text(text))) => match serde_json::from_str(&text) {
            Ok(message) => Heard::Message(message),
            Err(error) => {
                tracing::warn!(%error, "a station says something unknown");
                Heard::End
            }
        },
        Some(Ok(AggregatedMessage::Ping(_) | AggregatedMessage::Pong(_))) => Heard::Alive,
        _ => Heard::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dianka_station::proto::{JournalStage, SignKey, TicketOutcome, TicketResult};
    use uuid::Uuid;

    #[test]
    fn evidence_is_taken_under_the_stations_own_signature_only() {
        let (key, nonce, workstation) = (SignKey::generate(), Hex(vec![7; 32]), Uuid::from_u128(1));
        let result = FromStation::TicketResult(TicketResult {
            op: Uuid::from_u128(2),
            epoch: 1,
            session: Uuid::from_u128(3),
            outcome: TicketOutcome::Interrupted { last_stage: JournalStage::Writing },
            psc_changed: None,
        });
        let said = |challenge: &Hex, workstation_id, message: &FromStation, key: &SignKey| {
            let evidence = Statement::Evidence {
                challenge: challenge.clone(),
                workstation_id,
                message: Box::new(message.clone()),
            };
            FromStation::Signed(evidence.sign(key).unwrap())
        };
        let taken = |message| proved(message, &key.public(), &nonce, workstation);
        assert_eq!(taken(said(&nonce, workstation, &result, &key)), Some(result.clone()));
        assert_eq!(taken(result.clone()), None, "unsigned");
        assert_eq!(taken(said(&nonce, workstation, &result, &SignKey::generate())), None, "another key");
        assert_eq!(taken(said(&Hex(vec![8; 32]), workstation, &result, &key)), None, "another connection");
        assert_eq!(taken(said(&nonce, Uuid::from_u128(9), &result, &key)), None, "another workstation");
        assert_eq!(taken(said(&nonce, workstation, &FromStation::Pong, &key)), None, "no evidence");
        assert_eq!(taken(FromStation::Pong), Some(FromStation::Pong));
    }
}
