//! Meters: stock 电表入库.

mod list;
mod stock_add;

pub use list::MeterView;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_meters).service(stock_add::add_meter);
}
