//! POST /workstations/{id}/token

use super::token::{StationToken, token_digest};
use crate::auth::Guard;
use crate::auth::rights::ManageSites;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{HttpResponse, post, web};
use dianka_store as store;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new token.
#[derive(Serialize, ToSchema)]
pub struct NewToken {
    /// Shown only here.
    pub token: String,
}

/// Give a workstation a new token
///
/// The one before it ends at once.
#[utoipa::path(tag = "sites", operation_id = "renewWorkstationToken", params(("id" = Uuid, Path)),
    responses((status = 200, body = NewToken)))]
#[post("/workstations/{id}/token")]
pub async fn renew_workstation_token(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    // Before the token is stored: it is shown once, so nothing may fail after that.
    let own = crate::stations::built_in::find(&app, op.org).await?;
    let token = StationToken::new(op.org, id, rand::random());
    let digest = token_digest(token.text());
    app.store.tx(op.org, "workstation_token", async |s| store::workstation_token_set(s, id, &digest).await).await?;
    crate::learning::forget_token(&app.config.data.dir, id);
    // Whoever dialled in with the old one is out, and dials in anew. The server's own came in without a token.
    if own.is_none_or(|(who, _)| who.workstation != id) {
        app.hub.cut(id);
    }
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(NewToken { token: token.text().to_owned() }))
}
