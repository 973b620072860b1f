//! GET /meters

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store::{self as store, Meter, MeterFilter, MeterStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where a meter is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MeterStatus)]
pub enum Status {
    /// In stock, waiting for assignment 待配表.
    Stock,
    /// Feeds an account.
    Assigned,
    /// Taken down.
    Removed,
    /// Scrapped.
    Scrapped,
}

impl From<MeterStatus> for Status {
    fn from(status: MeterStatus) -> Status {
        match status {
            MeterStatus::Stock => Status::Stock,
            MeterStatus::Assigned => Status::Assigned,
            MeterStatus::Removed => Status::Removed,
            MeterStatus::Scrapped => Status::Scrapped,
        }
    }
}

impl From<Status> for MeterStatus {
    fn from(status: Status) -> MeterStatus {
        match status {
            Status::Stock => MeterStatus::Stock,
            Status::Assigned => MeterStatus::Assigned,
            Status::Removed => MeterStatus::Removed,
            Status::Scrapped => MeterStatus::Scrapped,
        }
    }
}

/// A meter.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Meter)]
pub struct MeterView {
    /// Id.
    pub id: Uuid,
    /// Factory number 厂号: 8 digits; of a keypad meter 11 or 13.
    pub factory_no: String,
    /// Its type.
    pub meter_type_id: Uuid,
    /// Where it is.
    pub status: Status,
    /// Start reading 起度, meter energy.
    pub start_reading_wh: i64,
    /// The account that it feeds.
    pub account_id: Option<Uuid>,
}

impl From<Meter> for MeterView {
    fn from(meter: Meter) -> MeterView {
        MeterView {
            id: meter.meter_id,
            factory_no: meter.factory_no,
            meter_type_id: meter.meter_type_id,
            status: meter.status.into(),
            start_reading_wh: meter.start_reading_wh.wh(),
            account_id: meter.account_id,
        }
    }
}

/// Which meters.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeterQuery {
    /// Only these.
    #[param(inline)]
    pub status: Option<Status>,
    /// Beginning of the factory number.
    pub q: Option<String>,
    /// Page, from 1.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// Entries on a page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub per_page: Option<u32>,
}

/// Meters
///
/// By factory number.
#[utoipa::path(tag = "meters", operation_id = "listMeters", params(MeterQuery),
    responses((status = 200, body = Page<MeterView>)))]
#[get("/meters")]
pub async fn list_meters(
    app: App,
    op: Guard<LoggedIn>,
    query: web::Query<MeterQuery>,
) -> Result<web::Json<Page<MeterView>>, Problem> {
    let MeterQuery { status, q, page, per_page } = query.into_inner();
    let list = ListQuery { q, page, per_page };
    let filter = MeterFilter { status: status.map(MeterStatus::from), q: list.text() };
    let found =
        app.store.tx(op.org, "meter_list", async |s| store::meter_list(s, &filter, list.request()).await).await?;
    Ok(web::Json(list.answer(found.items.into_iter().map(MeterView::from).collect(), found.total)))
}
