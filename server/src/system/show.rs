//! GET /system: what the page asks first.

use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
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
pub struct System {
    /// Learning or registered.
    pub mode: Mode,
    /// There is no administrator yet: set up with the token from the data folder.
    pub needs_setup: bool,
    /// The server's version.
    pub version: String,
    /// The organisation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

/// What this server is
///
/// Open to anybody.
#[utoipa::path(tag = "system", operation_id = "getSystem", security(()), responses((status = 200, body = System)))]
#[get("/system")]
pub async fn get_system(_app: App) -> Result<web::Json<System>, Problem> {
    Ok(web::Json(System {
        mode: Mode::Learning,
        needs_setup: true,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        organisation_name: None,
    }))
}
