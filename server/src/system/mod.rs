//! What anybody may know of this server.

pub mod health;
pub mod show;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show::get_system);
}
