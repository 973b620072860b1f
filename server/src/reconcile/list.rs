//! GET /reconciliations, GET /reconciliations/{id}

use actix_web::{get, web};
use dianka_store::{self as store};
use uuid::Uuid;

use super::view::{HeadView, Names, ReportView};
use crate::auth::Guard;
use crate::auth::rights::ReadAnalysis;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;

/// Reports of checks
///
/// In short, the newest first. `q` is not looked at.
#[utoipa::path(tag = "reconciliation", operation_id = "listReconciliations", params(ListQuery),
    responses((status = 200, body = Page<HeadView>)))]
#[get("/reconciliations")]
pub async fn list_reconciliations(
    app: App,
    op: Guard<ReadAnalysis>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<Page<HeadView>>, Problem> {
    let (found, names) = app
        .store
        .tx(op.org, "reconciliation_list", async |s| {
            Ok((store::reconciliation_list(s, query.request()).await?, Names::read(s).await?))
        })
        .await?;
    let items = found.items.iter().map(|report| HeadView::new(report, &names)).collect();
    Ok(web::Json(query.answer(items, found.total)))
}

/// One report
#[utoipa::path(tag = "reconciliation", operation_id = "getReconciliation",
    responses((status = 200, body = ReportView)))]
#[get("/reconciliations/{id}")]
pub async fn get_reconciliation(
    app: App,
    op: Guard<ReadAnalysis>,
    id: web::Path<Uuid>,
) -> Result<web::Json<ReportView>, Problem> {
    let (stored, names) = app
        .store
        .tx(op.org, "reconciliation_get", async |s| {
            Ok((store::reconciliation_get(s, *id).await?, Names::read(s).await?))
        })
        .await?;
    Ok(web::Json(ReportView::new(&stored, &names)))
}
