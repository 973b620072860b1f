//! Line areas 线路区域: a tree in which every account has its place.

mod create;
mod list;

pub use list::AreaView;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_areas).service(create::create_area);
}
