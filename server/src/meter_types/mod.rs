//! Meter types 电表类型.

mod create;
mod list;
mod retire;
mod token_params;

pub use list::MeterTypeView;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_meter_types).service(create::create_meter_type).service(retire::retire_meter_type);
}
