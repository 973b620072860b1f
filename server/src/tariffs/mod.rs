//! Tariffs 电价类型 and their versions.

mod create;
mod list;
mod version_add;

pub use list::{TariffVersionView, TariffView};

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_tariffs).service(create::create_tariff).service(version_add::add_tariff_version);
}
