//! GET /workstations/{id}/events: what happens at a counter, as server-sent events.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::hub::Event;
use super::identity;
use super::view::state_of;
use crate::auth::Guard;
use crate::auth::rights::SellEnergy;
use crate::http::problem::Problem;
use crate::state::App;

/// A comment this often keeps proxies from closing the line.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Live events of a counter: `state`, `card`, `progress`, `sale`, `problem`
#[utoipa::path(tag = "workstations", operation_id = "getWorkstationEvents",
    responses((status = 200, body = String, content_type = "text/event-stream")))]
#[get("/workstations/{id}/events")]
pub async fn get_events(app: App, op: Guard<SellEnergy>, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let who = identity(&app, op.org, *id).await?;
    let events = app.hub.subscribe(who.workstation);
    let first = serde_json::to_string(&state_of(&app, who.workstation)).map_err(Problem::internal)?;
    let first = line(&Event { name: "state", data: first });
    let stream = futures_util::stream::unfold((Some(first), events), |(first, mut events)| async move {
        if let Some(first) = first {
            return Some((Ok::<_, actix_web::Error>(first), (None, events)));
        }
        let text = match tokio::time::timeout(KEEP_ALIVE, events.recv()).await {
            Ok(Ok(event)) => line(&event),
            // The page fell behind: it reads the state again.
            Ok(Err(RecvError::Lagged(_))) => web::Bytes::from_static(b"event: lagged\ndata: {}\n\n"),
            Ok(Err(RecvError::Closed)) => return None,
            Err(_) => web::Bytes::from_static(b": alive\n\n"),
        };
        Some((Ok(text), (None, events)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(stream)))
}

fn line(event: &Event) -> web::Bytes {
    web::Bytes::from(format!("event: {}\ndata: {}\n\n", event.name, event.data))
}
