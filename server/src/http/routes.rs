//! Every part of the business with its routes under `/api/v1`. A new part is one line here.

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn all(cfg: &mut ServiceConfig) {
    crate::system::routes(cfg);
    crate::auth::routes(cfg);
    crate::sites::routes(cfg);
    crate::areas::routes(cfg);
    crate::tariffs::routes(cfg);
    crate::drivers::routes(cfg);
    crate::meter_types::routes(cfg);
    crate::meters::routes(cfg);
    crate::accounts::routes(cfg);
    crate::analysis::routes(cfg);
    crate::stations::routes(cfg);
    crate::cards::routes(cfg);
    crate::sales::routes(cfg);
    crate::replacements::routes(cfg);
    crate::reconcile::routes(cfg);
    crate::bench::routes(cfg);
}
