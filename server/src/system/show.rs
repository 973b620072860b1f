//! GET /system: what the page asks first.

use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store::{self as store, OrgMode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the system sells for a real organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// 学习使用: sample data, virtual cards and meters.
    Learning,
    /// 注册: a real organisation.
    Registered,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SystemView {
    /// Learning or registered.
    pub mode: Mode,
    /// There is no administrator yet: set up with the token from the data folder.
    pub needs_setup: bool,
    /// The server's version.
    pub version: String,
    /// The organisation's clock, minutes east of UTC: the day that a sale counts in, and the times on its receipts.
    pub utc_offset_minutes: i32,
    /// The organisation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

impl From<OrgMode> for Mode {
    fn from(mode: OrgMode) -> Mode {
        match mode {
            OrgMode::Learning => Mode::Learning,
            OrgMode::Registered => Mode::Registered,
        }
    }
}

/// What this server is
///
/// Open to anybody: the page asks it before the log-in.
#[utoipa::path(tag = "system", operation_id = "getSystem", security(()), responses((status = 200, body = SystemView)))]
#[get("/system")]
pub async fn get_system(app: App) -> Result<web::Json<SystemView>, Problem> {
    let needs_setup = app.setup_token.lock().await.is_some();
    let orgs = app.store.org_ids().await?;
    // With several organisations the name would tell strangers who they are.
    let only = match orgs.as_slice() {
        [only] => Some(app.store.tx(*only, "system", async |s| store::org_get(s).await).await?),
        _ => None,
    };
    Ok(web::Json(SystemView {
        mode: only.as_ref().map_or(Mode::Registered, |org| org.mode.into()),
        needs_setup,
        utc_offset_minutes: app.config.books.utc_offset_minutes,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        organisation_name: only.map(|org| org.name),
    }))
}
