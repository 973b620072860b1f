//! POST /drivers

use super::list::views;
use super::{DriverView, audit};
use crate::auth::Guard;
use crate::auth::rights::ManageDrivers;
use crate::errors::Code;
use crate::http::catalogue::Language;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use dianka_plugin_host::ConformanceReport;
use dianka_plugin_host::package::{Digest, Notice};
use dianka_store as store;
use serde_json::json;

/// Take a driver in
///
/// The body is the driver's file. It is checked (size, signature, contract, what it says about itself), tried by its own
/// vectors and the conformance suite in a process of its own, which takes some seconds and at most a minute, and, if it
/// passes, put into the drivers' folder. Meter types go on with the version that they have until somebody activates another one.
/// The same file a second time is answered like the first.
#[utoipa::path(tag = "drivers", operation_id = "uploadDriver",
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 201, body = DriverView)))]
#[post("/drivers")]
pub async fn upload_driver(app: App, op: Guard<ManageDrivers>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let registry = app.registry.clone();
    let digest = Digest::of(&body);
    let taken = web::block(move || registry.install(&body)).await.map_err(Problem::internal)?;
    let info = taken.map_err(|reason| refused(&app, digest, &reason, op.request.language))?;
    let detail = json!({ "id": info.id, "version": info.version.map(|v| v.to_string()), "sha256": digest.to_string(),
        "signed_by": info.signed_by });
    let entry = audit(&app, &op, "driver", "driver.upload", detail);
    app.store.tx(op.org, "driver_upload", async |s| store::audit_add(s, &entry).await).await?;
    let view = views(&app, &op).await?.into_iter().find(|view| view.sha256 == digest.to_string());
    Ok(HttpResponse::Created().json(view.ok_or_else(|| Problem::internal("a driver went while it was taken in"))?))
}

/// A driver that was not taken, with the reason in the language of the request.
fn refused(app: &AppState, digest: Digest, reason: &Notice, language: Language) -> Problem {
    let text = match language {
        Language::Zh => &reason.zh,
        Language::En => &reason.en,
    };
    let code = match reason.code.as_str() {
        "not-conforming" => Code::DriverNotConforming,
        "check-too-long" => Code::DriverCheckTooLong,
        _ => Code::DriverRefused,
    };
    let problem = Problem::new(code).param("reason_code", reason.code.as_str()).param("reason", text.as_str());
    let report = app.registry.conformance(digest).filter(|_| code == Code::DriverNotConforming);
    let Some((check, failure)) = report.as_ref().and_then(ConformanceReport::first_failure) else { return problem };
    let what = match language {
        Language::Zh => &failure.what.zh,
        Language::En => &failure.what.en,
    };
    problem
        .param("check", check.id.as_str())
        .param("reason", what.as_str())
        .param("input", shortened(&failure.input.to_string()))
        .param("sha256", digest.to_string())
}

/// As much of an input as a person looks at; all of it is in the report.
fn shortened(input: &str) -> String {
    const SHOWN: usize = 400;
    match input.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", input.get(..at).unwrap_or_default()),
        None => input.to_owned(),
    }
}
