//! Every part of the business with its routes under `/api/v1`. A new part is one line here.

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn all(cfg: &mut ServiceConfig) {
    crate::system::routes(cfg);
}
