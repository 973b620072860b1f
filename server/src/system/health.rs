//! `/healthz`: the process answers. `/readyz`: it can do its work.

use actix_web::{HttpResponse, web};

/// Routes at the root.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/healthz", web::get().to(healthz));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}
