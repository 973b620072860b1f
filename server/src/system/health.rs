//! `/healthz`: the process answers. `/readyz`: it can do its work.

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{HttpResponse, web};

/// Routes at the root.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/healthz", web::get().to(healthz));
    cfg.route("/readyz", web::get().to(readyz));
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// 200 when the database answers, with the figures of the pool; otherwise a problem.
async fn readyz(app: App) -> Result<HttpResponse, Problem> {
    if *app.stopping.borrow() {
        return Err(Code::ShuttingDown.into());
    }
    app.store.ping().await?;
    let pool = app.store.pool_status();
    Ok(HttpResponse::Ok().json(serde_json::json!({
        "database": "ok",
        "meter_drivers": app.registry.meters().len(),
        "reader_drivers": app.registry.readers().len(),
        "sessions": pool.size,
        "sessions_max": pool.max_size,
        "waiting": pool.waiting,
    })))
}
