//! Sales points 售电点 and their workstations 工作站.

mod site_create;
mod site_list;
mod token;
mod workstation_create;
mod workstation_list;
mod workstation_token;

pub use token::{StationToken, token_digest};
pub use workstation_list::WorkstationView;

use dianka_store::Site;
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
        .service(workstation_list::list_workstations)
        .service(workstation_create::create_workstation)
        .service(workstation_token::renew_workstation_token);
}
