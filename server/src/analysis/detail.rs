//! GET /analysis/sales/detail

use super::period;
use crate::auth::Guard;
use crate::auth::rights::ReadAnalysis;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::sales::view::SaleView;
use crate::state::App;
use actix_web::{get, web};
use dianka_store as store;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which sales.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DetailQuery {
    /// The area, with everything below it.
    pub area_id: Uuid,
    /// `2026-11`, or `2026-11-22` for a day.
    pub period: String,
    /// Page, from 1.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// Entries on a page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub per_page: Option<u32>,
}

/// The sales behind a figure
///
/// Committed ones, the newest first.
#[utoipa::path(tag = "analysis", operation_id = "listSalesBehind", params(DetailQuery),
    responses((status = 200, body = Page<SaleView>)))]
#[get("/analysis/sales/detail")]
pub async fn sales_behind(
    app: App,
    op: Guard<ReadAnalysis>,
    query: web::Query<DetailQuery>,
) -> Result<web::Json<Page<SaleView>>, Problem> {
    let (from, to) = period::span("period", &query.period)?;
    let list = ListQuery { q: None, page: query.page, per_page: query.per_page };
    let found = app
        .store
        .report(op.org, "analysis_detail", async |s| {
            store::area_get(s, query.area_id).await?;
            store::analysis_detail(s, query.area_id, from, to, list.request()).await
        })
        .await?;
    Ok(web::Json(list.answer(found.items.iter().map(|sale| SaleView::new(sale, None)).collect(), found.total)))
}
