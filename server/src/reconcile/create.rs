//! POST /reconciliations

use actix_web::{HttpResponse, post, web};
use dianka_store::{self as store, ReconciliationCause};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::run::{self, Wanted};
use super::view::{Names, ReportView};
use crate::auth::Guard;
use crate::auth::rights::ReadAnalysis;
use crate::http::admission::Place;
use crate::http::problem::Problem;
use crate::state::App;

/// Longest wait for a report.
const LONGEST_WAIT_S: u64 = 60;

/// How long to wait.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// Seconds to wait for the report, at most 60; 20 if left out.
    #[param(maximum = 60)]
    pub wait_s: Option<u64>,
}

/// A check that still runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationStarted)]
pub struct Started {
    /// Its report will have this id.
    pub id: Uuid,
}

/// Check the books now
///
/// One snapshot, read only: no sale waits for it. Large books take longer than a request should: then the answer is 202,
/// and the report can be read under its id when it is there.
#[utoipa::path(tag = "reconciliation", operation_id = "createReconciliation", params(WaitQuery),
    responses((status = 201, body = ReportView), (status = 202, body = Started)))]
#[post("/reconciliations")]
pub async fn create_reconciliation(
    app: App,
    op: Guard<ReadAnalysis>,
    query: web::Query<WaitQuery>,
    place: Place,
) -> Result<HttpResponse, Problem> {
    place.release();
    let wanted = Wanted {
        org: op.org,
        id: Uuid::now_v7(),
        cause: ReconciliationCause::Asked,
        night: None,
        operator: Some(op.operator),
        request: Some(op.request.id.to_string()),
        at: app.clock.now(),
    };
    let id = wanted.id;
    let checking = app.clone();
    // By itself: it goes on when the client is gone.
    let mut work = actix_web::rt::spawn(async move {
        let done = run::on_server(&checking, wanted).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "the reconciliation that was asked for was not made");
        }
        done.map(drop)
    });
    let wait = Duration::from_secs(query.wait_s.unwrap_or(20).min(LONGEST_WAIT_S));
    match tokio::time::timeout(wait, &mut work).await {
        Err(_) => return Ok(HttpResponse::Accepted().json(Started { id })),
        Ok(done) => done.map_err(Problem::internal)??,
    }
    let (stored, names) = app
        .store
        .tx(op.org, "reconciliation_get", async |s| {
            Ok((store::reconciliation_get(s, id).await?, Names::read(s).await?))
        })
        .await?;
    Ok(HttpResponse::Created().json(ReportView::new(&stored, &names)))
}
