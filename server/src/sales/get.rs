//! GET /sales, GET /sales/{id}, POST /sales/{id}/resume

use actix_web::{get, post, web};
use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::Purpose;
use dianka_store::{self as store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::chain::authorised;
use super::recover::{self, Reason};
use super::settle;
use super::view::SaleView;
use crate::auth::Guard;
use crate::auth::rights::{ReadAccounts, SellEnergy};
use crate::errors::Code;
use crate::http::list::Page;
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::no_card;

/// A sale as it stands.
///
/// # Errors
/// `request.not_found`.
pub(crate) async fn view(app: &App, org: Uuid, id: Uuid) -> Result<SaleView, Problem> {
    let sale = app.store.tx(org, "sale_get", async |s| store::sale_get(s, id).await).await?;
    Ok(SaleView::new(&sale, app.desk.note(id).as_ref()))
}

/// One sale
#[utoipa::path(tag = "sales", operation_id = "getSale", responses((status = 200, body = SaleView)))]
#[get("/sales/{id}")]
pub async fn get_sale(app: App, op: Guard<ReadAccounts>, id: web::Path<Uuid>) -> Result<web::Json<SaleView>, Problem> {
    view(&app, op.org, *id).await.map(web::Json)
}

/// Which sales.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SaleQuery {
    /// `open`, also when left out: those that are not finished, the oldest first.
    #[serde(default = "open")]
    pub state: String,
}

fn open() -> String {
    "open".to_owned()
}

/// Unfinished sales
#[utoipa::path(tag = "sales", operation_id = "listSales", params(SaleQuery),
    responses((status = 200, body = Page<SaleView>)))]
#[get("/sales")]
pub async fn list_sales(
    app: App,
    op: Guard<SellEnergy>,
    query: web::Query<SaleQuery>,
) -> Result<web::Json<Page<SaleView>>, Problem> {
    if query.state != "open" {
        return Err(Problem::field("state", "open"));
    }
    let open = app.store.tx(op.org, "sale_open_list", async |s| store::sale_open_list(s).await).await?;
    let items: Vec<_> = open.iter().map(|(o, sale)| SaleView::new(sale, app.desk.note(o.sale_id).as_ref())).collect();
    let total = i64::try_from(items.len()).unwrap_or_default();
    let per_page = u32::try_from(items.len()).unwrap_or(u32::MAX).max(1);
    Ok(web::Json(Page { items, page: 1, per_page, total }))
}

/// Where to go on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The counter whose reader holds the card.
    pub workstation_id: Uuid,
}

/// Write an unfinished sale on, onto the card that lies in this counter's reader
#[utoipa::path(tag = "sales", operation_id = "resumeSale", responses((status = 200, body = SaleView)))]
#[post("/sales/{id}/resume")]
pub async fn resume_sale(
    app: App,
    op: Guard<SellEnergy>,
    id: web::Path<Uuid>,
    body: web::Json<Resume>,
) -> Result<web::Json<SaleView>, Problem> {
    let who = crate::stations::identity(&app, op.org, body.workstation_id).await?;
    app.desk.give_back(*id, None);
    let card = app.hub.view(who.workstation).card.ok_or_else(|| no_card(&app, who.workstation, who.number))?;
    if let Some(flight) = settle::open_sale(&app, op.org, *id).await? {
        let image = CardImage::new(card.image.0.clone());
        let plan = settle::plan_of(&flight)?;
        let op = authorised(&flight)?;
        if op.is_replaced() {
            return Err(Problem::new(Code::ReplacementOpen));
        }
        if op.order().classify(&image, &plan.layout) == Seen::Other {
            return Err(Problem::new(Code::CardOfAnotherSale).action("insert-the-sale-s-card"));
        }
        recover::again(&app, &who, &flight, card.session, Reason::Asked, Purpose::Write).await?;
    }
    view(&app, op.org, *id).await.map(web::Json)
}
