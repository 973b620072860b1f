//! GET /analysis/sales

use super::period;
use crate::auth::Guard;
use crate::auth::rights::ReadAnalysis;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use chrono::{DateTime, Utc};
use dianka_store::{self as store, AreaQuestion, AreaSales, Period};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What the rows stand for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Areas.
    #[default]
    Area,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Period)]
pub enum PeriodView {
    /// Days.
    Day,
    /// Calendar months.
    #[default]
    Month,
}

/// The question.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SalesQuery {
    /// What the rows stand for.
    #[serde(default)]
    #[param(inline, required = false)]
    pub by: By,
    /// Days or months.
    #[serde(default)]
    #[param(inline, required = false)]
    pub period: PeriodView,
    /// First day, `2026-01-01`; with months, its whole month.
    #[param(value_type = chrono::NaiveDate)]
    pub from: String,
    /// Last day; with months, its whole month.
    #[param(value_type = chrono::NaiveDate)]
    pub to: String,
    /// One row for each area directly below this one, and one for what stands in itself; left out: the top.
    pub area_id: Option<Uuid>,
}

/// Sales of an area and everything below it, in one period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnalysisRow {
    /// The area.
    pub area_id: Uuid,
    /// Its name.
    pub area_name: String,
    /// `2026-11`, or `2026-11-22` by day.
    pub period: String,
    /// Committed sales.
    pub sales: i64,
    /// Real energy.
    pub energy_wh: i64,
    /// Money.
    pub amount_fen: i64,
}

/// The answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnalysisAnswer {
    /// By period, then by area. Where nothing was sold there is no row.
    pub rows: Vec<AnalysisRow>,
    /// Everything committed until then is contained.
    pub fresh_to: DateTime<Utc>,
}

/// Sales by area and period
#[utoipa::path(tag = "analysis", operation_id = "getSalesByArea", params(SalesQuery),
    responses((status = 200, body = AnalysisAnswer)))]
#[get("/analysis/sales")]
pub async fn sales_by_area(
    app: App,
    op: Guard<ReadAnalysis>,
    query: web::Query<SalesQuery>,
) -> Result<web::Json<AnalysisAnswer>, Problem> {
    let By::Area = query.by;
    let (from, to) = (period::day("from", &query.from)?, period::day("to", &query.to)?);
    let by_day = query.period == PeriodView::Day;
    period::bounded(from, to, by_day)?;
    let length = if by_day { Period::Day } else { Period::Month };
    let question = AreaQuestion { period: length, from, to, parent: query.area_id };
    let fresh_to = app.clock.now();
    let rows = app
        .store
        .report(op.org, "analysis_by_area", async |s| {
            if let Some(area) = question.parent {
                store::area_get(s, area).await?;
            }
            store::analysis_by_area(s, &question).await
        })
        .await?;
    let rows = rows.into_iter().map(|row| view(row, by_day)).collect();
    Ok(web::Json(AnalysisAnswer { rows, fresh_to }))
}

fn view(row: AreaSales, by_day: bool) -> AnalysisRow {
    let form = if by_day { "%Y-%m-%d" } else { "%Y-%m" };
    AnalysisRow {
        area_id: row.area_id,
        area_name: row.area_name,
        period: row.period.format(form).to_string(),
        sales: row.sales,
        energy_wh: row.energy_wh.wh(),
        amount_fen: row.amount_fen.fen(),
    }
}
