//! Reports 用电分析: what was sold where and when.

mod by_area;
mod detail;
mod fold;
mod period;

pub use fold::fold_for_ever;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(by_area::sales_by_area).service(detail::sales_behind);
}
