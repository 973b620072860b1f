//! One connection of a workstation, from hello to the end: the same for the server's own and for those that dial in.

use dianka_station::proto::{FromStation, Hello, TicketOutcome, ToStation};
use dianka_store as store;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::hub::Connection;
use super::{driver_offers, settings};
use crate::cards::arrival;
use crate::sales::settle;
use crate::state::App;

/// Who a connection belongs to, as the books say.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Organisation.
    pub org: Uuid,
    /// Workstation.
    pub workstation: Uuid,
    /// Its site.
    pub site: Uuid,
    /// Its number.
    pub number: u32,
}

/// How a station is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The server's own.
    InProcess,
    /// Over WebSocket, proved by its key.
    DialledIn,
}

/// Serves a station that has said hello. Ends when `from` closes or a newer connection takes its place.
pub async fn serve(
    app: App,
    who: Identity,
    hello: Hello,
    mut from: mpsc::UnboundedReceiver<FromStation>,
    to: mpsc::UnboundedSender<ToStation>,
    line: Line,
) {
    line_cut(&app, &who);
    let connection = app.hub.connect(who.workstation, &hello, to.clone());
    let now = app.clock.now();
    app.hub.update(who.workstation, |view| {
        view.version = Some(hello.version.clone());
        view.since = Some(now);
    });
    tracing::info!(workstation = who.number, version = %hello.version, "station connected");
    let welcome = dianka_station::proto::Welcome {
        workstation_id: who.workstation,
        number: who.number,
        org: who.org,
        server_ticket_key: crate::sales::ticket::public_key(&app.keys),
    };
    if to.send(ToStation::Welcome(welcome)).is_ok() {
        // The server's own workstation has the server's own drivers.
        if line == Line::DialledIn
            && let Some(offers) = driver_offers::offers(&app).await
        {
            let _closing = to.send(ToStation::Drivers(offers));
        }
        let found = app.store.tx(who.org, "station_set", async |s| store::workstation_get(s, who.workstation).await);
        match found.await {
            Ok(workstation) => settings::push(&app, who.org, &workstation).await,
            Err(error) => tracing::warn!(%error, workstation = who.number, "settings are sent at the next connection"),
        }
        // What needs the books runs in order and beside the answers: a card that is being looked up must not keep the
        // page's port test waiting.
        let (work, queue) = mpsc::unbounded_channel();
        let books = actix_web::rt::spawn(in_order(app.clone(), who.clone(), connection, queue));
        let cut = app.hub.until_cut(connection);
        tokio::pin!(cut);
        loop {
            let message = tokio::select! {
                message = from.recv() => message,
                () = &mut cut => None,
            };
            let Some(message) = message.filter(|_| app.hub.is_current(connection)) else { break };
            if let FromStation::WantDriver { sha256 } = message {
                actix_web::rt::spawn(driver_offers::send(app.clone(), sha256, to.clone()));
                continue;
            }
            take(&app, &who, message, &work);
        }
        drop(work);
        // A result that is being stored is stored to the end; the station would only send it again.
        let _ended = books.await;
    }
    if app.hub.is_current(connection) {
        line_cut(&app, &who);
    }
    if app.hub.disconnect(connection) {
        let now = app.clock.now();
        app.hub.update(who.workstation, |view| view.since = Some(now));
        tracing::info!(workstation = who.number, "station gone");
        tell_state(&app, who.workstation);
    }
}

/// Whether a ticket that was on its way arrived is not known any more.
fn line_cut(app: &App, who: &Identity) {
    if let Some(card) = app.hub.view(who.workstation).card {
        let waits = settle::problem(crate::errors::Code::WriteWaiting.as_str(), serde_json::Map::new());
        app.desk.line_cut(card.session, &waits);
    }
}

fn take(app: &App, who: &Identity, message: FromStation, work: &mpsc::UnboundedSender<FromStation>) {
    let hub = &app.hub;
    match message {
        FromStation::State(reader) => {
            if let Some(code) = reader.state.code().filter(|_| reader.detail.is_some()) {
                hub.failed(who.workstation, code, app.clock.now());
            }
            hub.update(who.workstation, |v| v.reader = Some(reader));
            tell_state(app, who.workstation);
        }
        FromStation::CardIn(card) => {
            hub.update(who.workstation, |v| {
                v.card = Some(card.clone());
                v.card_error = None;
            });
            tell_state(app, who.workstation);
            let _closing = work.send(FromStation::CardIn(card));
        }
        FromStation::CardOut { session } => {
            hub.update(who.workstation, |v| {
                if v.card.as_ref().is_some_and(|c| Some(c.session) == session) {
                    v.card = None;
                }
                v.card_error = None;
            });
            tell_state(app, who.workstation);
        }
        FromStation::CardError { code, detail } => {
            tracing::warn!(workstation = who.number, %code, %detail, "card cannot be worked");
            hub.failed(who.workstation, &code, app.clock.now());
            hub.update(who.workstation, |v| v.card_error = Some(code));
            tell_state(app, who.workstation);
        }
        FromStation::Progress { op, epoch, step } => {
            hub.tell(who.workstation, "progress", &serde_json::json!({ "sale_id": op, "epoch": epoch, "step": step }));
            settle::note_progress(app, op, step);
        }
        FromStation::Journal(standing) => {
            if !standing.open {
                tracing::error!(workstation = who.number, "a station's disk refuses its journal: it writes no card");
            }
            hub.update(who.workstation, |v| v.journal = Some(standing));
            tell_state(app, who.workstation);
        }
        ended @ (FromStation::TicketResult(_) | FromStation::Fenced { .. }) => {
            if let Some(code) = trouble_of(&ended) {
                hub.failed(who.workstation, code, app.clock.now());
            }
            let _closing = work.send(ended);
        }
        FromStation::TestPortAnswer(answer) => {
            hub.answer(answer.request, FromStation::TestPortAnswer(answer));
        }
        FromStation::ReadAnswer { request, result } => {
            hub.answer(request, FromStation::ReadAnswer { request, result });
        }
        FromStation::BenchAnswer { request, ok, code, detail } => {
            hub.answer(request, FromStation::BenchAnswer { request, ok, code, detail });
        }
        FromStation::Hello(_) => tracing::warn!(workstation = who.number, "a second hello on one connection"),
        // What was signed was opened at the line.
        FromStation::Signed(_) | FromStation::WantDriver { .. } | FromStation::Pong => {}
    }
}

/// The code of a ticket's end that the workstation's page shows as its last error.
fn trouble_of(ended: &FromStation) -> Option<&str> {
    match ended {
        FromStation::TicketResult(result) => match &result.outcome {
            TicketOutcome::Refused { code, .. } | TicketOutcome::Torn { code, .. } => Some(code),
            _ => None,
        },
        _ => None,
    }
}

async fn in_order(app: App, who: Identity, connection: Connection, mut queue: mpsc::UnboundedReceiver<FromStation>) {
    while let Some(message) = queue.recv().await {
        match message {
            FromStation::CardIn(card) => arrival::card_in(&app, &who, &card).await,
            FromStation::TicketResult(result) => settle::result(&app, &who, connection, &result).await,
            FromStation::Fenced { op, up_to_epoch } => settle::fenced(&app, &who, op, up_to_epoch).await,
            _ => {}
        }
    }
}

/// Tells the pages of a workstation how its reader stands.
pub fn tell_state(app: &App, workstation: Uuid) {
    app.hub.tell(workstation, "state", &super::view::state_of(app, workstation));
}
