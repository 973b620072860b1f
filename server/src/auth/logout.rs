//! POST /logout

use crate::auth::session;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{HttpRequest, HttpResponse, post};
use dianka_store::{self as store, RefreshUse};

/// Log out
///
/// Ends the log-in that the cookie belongs to and removes the cookie. Without a cookie there is nothing to do.
#[utoipa::path(tag = "auth", operation_id = "logout", security(()), responses((status = 204, description = "Done")))]
#[post("/logout")]
pub async fn logout(app: App, req: HttpRequest) -> Result<HttpResponse, Problem> {
    if let Some(token) = session::presented(&app, &req) {
        let now = app.clock.now();
        app.store
            .tx(token.org(), "logout", async |s| match store::refresh_token_use(s, &token.digest(), now).await? {
                RefreshUse::Fresh { family, .. } | RefreshUse::Reused { family, .. } => {
                    store::refresh_token_family_end(s, family).await
                }
                RefreshUse::Expired | RefreshUse::Unknown => Ok(()),
            })
            .await?;
    }
    Ok(HttpResponse::NoContent().cookie(session::no_cookie(&app)).finish())
}
