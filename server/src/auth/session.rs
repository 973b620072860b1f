//! A log-in: the access token in the answer, the refresh token in a cookie that no script can read.

use crate::auth::refresh_token::RefreshToken;
use crate::auth::rights::{RightName, Rights};
use crate::auth::token::{self, Subject};
use crate::http::problem::Problem;
use crate::state::AppState;
use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieAge};
use actix_web::{HttpRequest, HttpResponse};
use dianka_store::{Operator, Org};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The name with `__Host-`: the browser itself then insists on HTTPS (or loopback), this host and path `/`.
const SAFE_NAME: &str = "__Host-dianka-refresh";
/// For `auth.insecure_cookie`.
const PLAIN_NAME: &str = "dianka-refresh";

/// An operator, as the page knows one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorView {
    /// Id.
    pub id: Uuid,
    /// Log-in name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// What the operator may do.
    pub rights: Vec<RightName>,
}

/// An organisation, as the page knows one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    /// Id.
    pub id: Uuid,
    /// What is typed at log-in.
    pub code: String,
    /// Name 单位名.
    pub name: String,
    /// System code 系统编码, on every card.
    pub system_code: u32,
    /// Learning or registered.
    pub mode: crate::system::show::Mode,
}

/// The answer of log-in, refresh and set-up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LoginAnswer)]
pub struct SessionView {
    /// For `Authorization: Bearer`. Keep it in memory only.
    pub access_token: String,
    /// Seconds until it runs out.
    pub expires_in_s: u32,
    /// Who.
    pub operator: OperatorView,
    /// For which organisation.
    pub organisation: OrganisationView,
}

impl From<&Operator> for OperatorView {
    fn from(operator: &Operator) -> OperatorView {
        let rights: Rights = operator.rights.iter().map(String::as_str).collect();
        OperatorView {
            id: operator.operator_id,
            login: operator.login.clone(),
            name: operator.name.clone(),
            rights: rights.names().collect(),
        }
    }
}

impl From<&Org> for OrganisationView {
    fn from(org: &Org) -> OrganisationView {
        OrganisationView {
            id: org.org_id,
            code: org.code.clone(),
            name: org.name.clone(),
            system_code: org.system_code,
            mode: org.mode.into(),
        }
    }
}

/// The answer for an operator who is in, with the refresh token as a cookie.
///
/// # Errors
/// `server.internal` when the token does not serialise.
pub fn answer(
    app: &AppState,
    org: &Org,
    operator: &Operator,
    family: Uuid,
    refresh: &RefreshToken,
) -> Result<HttpResponse, Problem> {
    let seconds = app.config.auth.access_token_s;
    let subject = Subject { operator: operator.operator_id, org: org.org_id, session: family };
    let body = SessionView {
        access_token: token::issue(&app.keys, subject, app.clock.now(), seconds)?,
        expires_in_s: seconds,
        operator: operator.into(),
        organisation: org.into(),
    };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .cookie(cookie(app, refresh.text(), CookieAge::hours(i64::from(app.config.auth.refresh_token_h))))
        .json(body))
}

/// The cookie that removes the refresh token from the browser.
#[must_use]
pub fn no_cookie(app: &AppState) -> Cookie<'static> {
    cookie(app, String::new(), CookieAge::ZERO)
}

/// The refresh token that the browser sent.
#[must_use]
pub fn presented(app: &AppState, req: &HttpRequest) -> Option<RefreshToken> {
    RefreshToken::parse(req.cookie(name(app))?.value())
}

fn name(app: &AppState) -> &'static str {
    if app.config.auth.insecure_cookie { PLAIN_NAME } else { SAFE_NAME }
}

fn cookie(app: &AppState, value: String, age: CookieAge) -> Cookie<'static> {
    Cookie::build(name(app), value)
        .path("/")
        .http_only(true)
        .secure(!app.config.auth.insecure_cookie)
        .same_site(SameSite::Strict)
        .max_age(age)
        .finish()
}
