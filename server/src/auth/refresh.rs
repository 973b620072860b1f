//! POST /refresh

use crate::auth::refresh_token::RefreshToken;
use crate::auth::session::{self, SessionView};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{HttpRequest, HttpResponse, post};
use chrono::{DateTime, TimeDelta, Utc};
use dianka_store::{self as store, NewRefreshToken, Operator, Org, RefreshUse, Scoped, StoreError};
use uuid::Uuid;

/// What a presented token came to.
enum Outcome {
    /// In: the operator and the next token.
    Next(Box<(Org, Operator, Uuid)>),
    /// Out, for this reason.
    Out(&'static str),
}

/// Renew the access token
///
/// Takes the refresh token from its cookie and gives a new one. A token that was used before ends the log-in, except
/// within a few seconds of its use: then the answer carries the same successor again.
#[utoipa::path(tag = "auth", operation_id = "refresh", security(()), responses((status = 200, body = SessionView)))]
#[post("/refresh")]
pub async fn refresh(app: App, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let Some(token) = session::presented(&app, &req) else {
        return Err(Problem::new(Code::AuthRefresh).because("no cookie"));
    };
    let now = app.clock.now();
    let next = token.successor(&app.keys);
    let outcome = app.store.tx(token.org(), "refresh", async |s| exchange(&app, s, &token, &next, now).await).await;
    match outcome {
        Ok(Outcome::Next(it)) => session::answer(&app, &it.0, &it.1, it.2, &next),
        Ok(Outcome::Out(why)) => {
            let mut answer = actix_web::ResponseError::error_response(&Problem::new(Code::AuthRefresh).because(why));
            answer.add_cookie(&session::no_cookie(&app)).map_err(Problem::internal)?;
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

async fn exchange(
    app: &AppState,
    s: &mut Scoped,
    token: &RefreshToken,
    next: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let grace = TimeDelta::seconds(i64::from(app.config.auth.refresh_grace_s));
    let (family, operator_id) = match store::refresh_token_use(s, &token.digest(), now).await? {
        RefreshUse::Fresh { family, operator_id } => {
            let row = NewRefreshToken {
                token_hash: next.digest(),
                family,
                operator_id,
                issued_at: now,
                expires_at: now + TimeDelta::hours(i64::from(app.config.auth.refresh_token_h)),
            };
            store::refresh_token_add(s, &row).await?;
            (family, operator_id)
        }
        RefreshUse::Reused { family, operator_id, used_at } if now <= used_at + grace => (family, operator_id),
        RefreshUse::Reused { family, operator_id, .. } => {
            store::refresh_token_family_end(s, family).await?;
            tracing::warn!(org = %s.org(), operator = %operator_id, "a used refresh token came back: log-in ended");
            return Ok(Outcome::Out("used before"));
        }
        RefreshUse::Expired => return Ok(Outcome::Out("expired")),
        RefreshUse::Unknown => return Ok(Outcome::Out("unknown or revoked")),
    };
    let operator = store::operator_get(s, operator_id).await?;
    if !operator.active {
        store::refresh_token_operator_end(s, operator_id).await?;
        return Ok(Outcome::Out("operator is blocked"));
    }
    Ok(Outcome::Next(Box::new((store::org_get(s).await?, operator, family))))
}
