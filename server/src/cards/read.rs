//! POST /workstations/{id}/read-card

use actix_web::{post, web};
use dianka_station::proto::ReadOutcome;
use uuid::Uuid;

use super::arrival;
use super::view::CardView;
use crate::auth::Guard;
use crate::auth::rights::SellEnergy;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::{identity, offline, problem_of};

/// Read the card in a counter's reader
///
/// Decodes it, compares it with the books, finishes what it left unfinished. Never presents a password.
#[utoipa::path(tag = "cards", operation_id = "readCard", responses((status = 200, body = CardView)))]
#[post("/workstations/{id}/read-card")]
pub async fn read_card(app: App, op: Guard<SellEnergy>, id: web::Path<Uuid>) -> Result<web::Json<CardView>, Problem> {
    let who = identity(&app, op.org, *id).await?;
    let outcome = app.hub.read_card(who.workstation).await.map_err(|e| offline(&who, e))?;
    let card = match outcome {
        ReadOutcome::Read(card) => card,
        ReadOutcome::Failed { code, detail } => {
            let reader = app.hub.view(who.workstation).reader;
            let (port, driver_id) = reader.map(|reader| (reader.port, reader.driver_id)).unwrap_or_default();
            let problem = problem_of(&code, Code::CardUnreadable).because(detail);
            return Err(problem.param("port", port).param("driver_id", driver_id));
        }
    };
    app.hub.update(who.workstation, |view| {
        view.card = Some(card.clone());
        view.card_error = None;
    });
    Ok(web::Json(arrival::taken(&app, &who, &card, Some(op.operator)).await?))
}
