//! POST /login

use crate::auth::refresh_token::RefreshToken;
use crate::auth::session::{self, SessionView};
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use chrono::TimeDelta;
use dianka_store::{self as store, NewRefreshToken, Operator, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who wants in.
#[derive(Deserialize, ToSchema)]
pub struct LoginRequest {
    /// Code of the organisation; may be left out where there is only one.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Log-in name, in any case of letters.
    pub login: String,
    /// Password.
    #[schema(format = Password)]
    pub password: String,
}

/// Log in
///
/// Sets the refresh token as a cookie. After several failures there is a pause that doubles (`auth.locked`).
#[utoipa::path(tag = "auth", operation_id = "login", security(()), responses((status = 200, body = SessionView)))]
#[post("/login")]
pub async fn login(app: App, body: web::Json<LoginRequest>) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let name = fields::text("login", &body.login, 50)?;
    let org = find_org(&app, body.organisation.as_deref()).await?;
    // Without an organisation the failures are counted under no organisation.
    let scope = org.unwrap_or_default();
    app.lockout.admit(scope, &name, now)?;
    let found = match org {
        Some(org) => find_operator(&app, org, &name).await?,
        None => None,
    };
    let hash = found.as_ref().filter(|operator| operator.active).map(|operator| operator.password_hash.as_str());
    let fits = app.passwords.fits(&body.password, hash).await?;
    let (Some(org), Some(operator), true) = (org, found, fits) else {
        return Err(app.lockout.failed(scope, &name, now));
    };
    app.lockout.succeeded(scope, &name);
    open(&app, org, &operator).await
}

/// Starts a family of refresh tokens for an operator whose identity is proven.
///
/// # Errors
/// Those of the store.
pub async fn open(app: &AppState, org: Uuid, operator: &Operator) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let (token, family) = (RefreshToken::first(org, rand::random()), Uuid::now_v7());
    let row = NewRefreshToken {
        token_hash: token.digest(),
        family,
        operator_id: operator.operator_id,
        issued_at: now,
        expires_at: now + TimeDelta::hours(i64::from(app.config.auth.refresh_token_h)),
    };
    let organisation = app
        .store
        .tx(org, "login", async |s| {
            store::refresh_token_purge(s, now).await?;
            store::refresh_token_add(s, &row).await?;
            store::org_get(s).await
        })
        .await?;
    tracing::info!(%org, operator = %operator.operator_id, "log-in");
    session::answer(app, &organisation, operator, family, &token)
}

async fn find_org(app: &AppState, code: Option<&str>) -> Result<Option<Uuid>, Problem> {
    match code.map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) if code.contains('\0') => Ok(None),
        Some(code) => match app.store.org_by_code(code).await {
            Ok(org) => Ok(Some(org)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        },
        None => match app.store.org_ids().await?.as_slice() {
            [only] => Ok(Some(*only)),
            _ => Ok(None),
        },
    }
}

async fn find_operator(app: &AppState, org: Uuid, name: &str) -> Result<Option<Operator>, Problem> {
    match app.store.tx(org, "login_find", async |s| store::operator_by_login(s, name).await).await {
        Ok(operator) => Ok(Some(operator)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
