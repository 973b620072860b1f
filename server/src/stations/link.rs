//! GET /stations/link: where stations dial in.

use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream};
use dianka_station::proto::{FromStation, ToStation};
use dianka_store::{self as store, StoreError};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::serve::{Identity, serve};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// Largest message: a ticket with two images, a plan and a sale row is far below.
const MOST_BYTES: usize = 64 * 1024;
/// A station that says nothing for this long, though it is asked, is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a station dials in, with its workstation's token
#[utoipa::path(tag = "workstations", operation_id = "linkStation", responses((status = 101, description = "WebSocket")))]
#[get("/stations/link")]
pub async fn link_station(app: App, req: HttpRequest, body: web::Payload) -> Result<HttpResponse, Problem> {
    let who = whose(&app, &req).await?;
    let (answer, session, messages) =
        actix_ws::handle(&req, body).map_err(|e| Problem::new(Code::RequestInvalid).param("reason", e.to_string()))?;
    let messages = messages.max_frame_size(MOST_BYTES).aggregate_continuations().max_continuation_size(MOST_BYTES);
    actix_web::rt::spawn(talk(app, who, session, messages));
    Ok(answer)
}

async fn whose(app: &App, req: &HttpRequest) -> Result<Identity, Problem> {
    let refuse = || Problem::new(Code::AuthRequired);
    let bearer = req.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = bearer.and_then(|v| v.strip_prefix("Bearer ")).ok_or_else(refuse)?;
    let hash = Sha256::digest(token.as_bytes());
    for org in app.store.org_ids().await? {
        let found =
            app.store.tx(org, "station_token", async |s| store::workstation_by_token_hash(s, &hash).await).await;
        match found {
            Ok(w) => {
                return Ok(Identity { org, workstation: w.workstation_id, site: w.site_id, number: w.number });
            }
            Err(StoreError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(refuse())
}

async fn talk(app: App, who: Identity, mut session: actix_ws::Session, mut messages: AggregatedMessageStream) {
    let (to, mut outgoing) = mpsc::unbounded_channel::<ToStation>();
    let (incoming, from) = mpsc::unbounded_channel::<FromStation>();
    let Ok(Heard::Message(FromStation::Hello(hello))) = tokio::time::timeout(PATIENCE, heard(&mut messages)).await
    else {
        let _gone = session.close(None).await;
        return;
    };
    let served = actix_web::rt::spawn(serve(app, who, hello, from, to));
    let mut last = Instant::now();
    let mut beat = tokio::time::interval(PATIENCE / 3);
    loop {
        tokio::select! {
            message = heard(&mut messages) => {
                last = Instant::now();
                match message {
                    Heard::Message(message) => if incoming.send(message).is_err() { break },
                    Heard::Alive => {}
                    Heard::End => break,
                }
            }
            message = outgoing.recv() => match message.as_ref().map(serde_json::to_string) {
                Some(Ok(text)) => if session.text(text).await.is_err() { break },
                Some(Err(error)) => tracing::error!(%error, "a message to a station does not serialise"),
                None => break,
            },
            _ = beat.tick() => if last.elapsed() > PATIENCE || session.ping(b"").await.is_err() { break },
        }
    }
    drop(incoming);
    let _gone = session.close(None).await;
    let _ended = served.await;
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
