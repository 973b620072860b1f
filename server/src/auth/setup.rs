//! POST /setup: the first administrator, by the one-time token of the data folder.

use crate::auth::login;
use crate::auth::rights::RightName;
use crate::auth::session::SessionView;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, Operator, StoreError};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use utoipa::ToSchema;
use uuid::Uuid;

/// The first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    /// Printed at start, and in the file `setup-token` of the data folder.
    pub token: String,
    /// Log-in name.
    #[schema(max_length = 50)]
    pub login: String,
    /// Name of the person.
    #[schema(max_length = 100)]
    pub name: String,
    /// Password.
    #[schema(format = Password)]
    pub password: String,
}

/// Make the first administrator
///
/// Once: the token is used up, and the new administrator is logged in.
#[utoipa::path(tag = "auth", operation_id = "setup", security(()), responses((status = 200, body = SessionView)))]
#[post("/setup")]
pub async fn setup(app: App, body: web::Json<SetupRequest>) -> Result<HttpResponse, Problem> {
    // One at a time: of two at once the second finds the token used up.
    let mut expected = app.setup_token.lock().await;
    let Some(token) = expected.as_deref() else {
        return Err(Code::SetupDone.into());
    };
    if Sha256::digest(token.as_bytes()) != Sha256::digest(body.token.trim().as_bytes()) {
        return Err(Code::SetupToken.into());
    }
    let operator = Operator {
        operator_id: Uuid::now_v7(),
        login: fields::text("login", &body.login, 50)?.to_lowercase(),
        name: fields::text("name", &body.name, 100)?,
        role: "administrator".to_owned(),
        rights: RightName::ALL.iter().map(|right| right.as_str().to_owned()).collect(),
        password_hash: app.passwords.hash(&body.password).await?,
        active: true,
    };
    let org = first_org(&app).await?;
    let made = app
        .store
        .tx(org, "setup", async |s| {
            if store::operator_count(s).await? > 0 {
                return Ok(false);
            }
            store::operator_create(s, &operator).await?;
            Ok(true)
        })
        .await?;
    *expected = None;
    // A file that stays only confuses: the server no longer takes its token.
    if let Err(cause) = std::fs::remove_file(app.config.setup_token_file()) {
        tracing::warn!(%cause, "the file with the used set-up token could not be removed");
    }
    if !made {
        return Err(Code::SetupDone.into());
    }
    tracing::info!(login = operator.login, "first administrator made");
    login::open(&app, org, &operator).await
}

/// The organisation that the first administrator belongs to.
///
/// # Errors
/// Those of the store; `server.internal` when there is none, which the start prevents.
pub async fn first_org(app: &AppState) -> Result<Uuid, Problem> {
    let ids = app.store.org_ids().await?;
    ids.first().copied().ok_or_else(|| Problem::internal("no organisation"))
}

/// The token of a system that has no operator yet: the one in the file, or a fresh one put there.
///
/// # Errors
/// When the file cannot be read or written.
pub fn token_in(file: &Path) -> std::io::Result<String> {
    if let Ok(known) = std::fs::read_to_string(file) {
        let known = known.trim();
        if known.len() >= 32 {
            return Ok(known.to_owned());
        }
    }
    let token = hex::encode(rand::random::<[u8; 16]>());
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    writeln!(out, "{token}")?;
    out.sync_all()?;
    Ok(token)
}

/// Whether any operator exists in the first organisation.
///
/// # Errors
/// Those of the store.
pub async fn has_operator(store: &store::Store, org: Uuid) -> Result<bool, StoreError> {
    store.tx(org, "operator_count", async |s| Ok(store::operator_count(s).await? > 0)).await
}
