//! Sales points 售电点 and their workstations 工作站.

mod code;
mod site_change;
mod site_create;
mod site_list;
mod workstation_change;
mod workstation_code;
mod workstation_create;
mod workstation_list;

pub use code::{EnrolmentCode, code_digest};
pub use workstation_list::WorkstationView;

use crate::auth::guard::Op;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::AppState;
use dianka_store::{self as store, NewAudit, Site, WorkstationKind};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// A sales point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteView {
    /// Id.
    pub id: Uuid,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> SiteView {
        SiteView { id: site.site_id, code: site.code, name: site.name }
    }
}

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(site_list::list_sites)
        .service(site_create::create_site)
        .service(site_change::change_site)
        .service(site_change::retire_site)
        .service(workstation_list::list_workstations)
        .service(workstation_create::create_workstation)
        .service(workstation_change::change_workstation)
        .service(workstation_change::retire_workstation)
        .service(workstation_code::new_workstation_code)
        .service(workstation_code::revoke_workstation);
}

/// What a person did to a sales point or a workstation, for the audit trail.
fn audit(app: &AppState, op: &Op, action: &str, subject: Uuid, detail: serde_json::Value) -> NewAudit {
    NewAudit {
        at: app.clock.now(),
        operator_id: Some(op.operator),
        workstation_id: None,
        action: action.to_owned(),
        subject_kind: action.split('.').next().unwrap_or_default().to_owned(),
        subject_id: Some(subject),
        detail,
        request_id: Some(op.request.id.to_string()),
    }
}

/// Refuses what makes no sense for the server's own workstation.
async fn not_built_in(app: &AppState, org: Uuid, id: Uuid) -> Result<(), Problem> {
    let found = app.store.tx(org, "workstation_get", async |s| store::workstation_get(s, id).await).await?;
    match found.kind {
        WorkstationKind::BuiltIn => Err(Problem::new(Code::StationBuiltIn)),
        WorkstationKind::Station => Ok(()),
    }
}
