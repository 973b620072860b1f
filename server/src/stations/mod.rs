//! Workstations: who is connected, what their readers see, how they are reached.

pub mod built_in;
pub mod driver_offers;
pub mod entry;
mod events;
pub mod hub;
mod link;
mod port;
pub mod serve;
pub mod settings;
pub mod view;

use dianka_store::{self as store};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use hub::Unreachable;
use serve::Identity;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(link::link_station);
    cfg.service(port::get_state);
    cfg.service(port::test_port);
    cfg.service(port::set_reader);
    cfg.service(events::get_events);
}

/// A workstation of this organisation.
///
/// # Errors
/// `request.not_found`.
pub async fn identity(app: &App, org: Uuid, workstation: Uuid) -> Result<Identity, Problem> {
    let found = app.store.tx(org, "workstation_get", async |s| store::workstation_get(s, workstation).await).await?;
    Ok(Identity { org, workstation: found.workstation_id, site: found.site_id, number: found.number })
}

/// A station that cannot be asked, as a problem.
#[must_use]
pub fn offline(who: &Identity, error: Unreachable) -> Problem {
    let code = match error {
        Unreachable::Offline => Code::StationOffline,
        Unreachable::Silent => Code::StationTimeout,
    };
    Problem::new(code).param("workstation", who.number)
}

/// Why there is no card to work with: the reader's own reason where it has one, `card.none` otherwise.
#[must_use]
pub fn no_card(app: &AppState, workstation: Uuid, number: u32) -> Problem {
    let view = app.hub.view(workstation);
    if !view.connected {
        return Problem::new(Code::StationOffline).param("workstation", number);
    }
    let Some(reader) = view.reader else { return Problem::new(Code::ReaderNotSet) };
    match reader.state.code() {
        None => Problem::new(view.card_error.as_deref().and_then(Code::parse).unwrap_or(Code::CardNone)),
        Some(code) => {
            problem_of(code, Code::ReaderNoAnswer).param("port", reader.port).param("driver_id", reader.driver_id)
        }
    }
}

/// A station's code as a problem; one that is not in the table becomes the general one.
#[must_use]
pub fn problem_of(code: &str, general: Code) -> Problem {
    Problem::new(Code::parse(code).unwrap_or(general))
}
