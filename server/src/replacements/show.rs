//! GET /replacements, GET /replacements/{id}, POST /replacements/{id}/resume

use actix_web::{get, post, web};
use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::Purpose;
use dianka_store as store;
use uuid::Uuid;

use super::view::ReplacementView;
use crate::auth::Guard;
use crate::auth::rights::{ReadAccounts, SellEnergy};
use crate::errors::Code;
use crate::http::list::Page;
use crate::http::problem::Problem;
use crate::sales::chain::authorised;
use crate::sales::get::Resume;
use crate::sales::recover::{self, Reason};
use crate::sales::settle;
use crate::state::App;
use crate::stations::no_card;

/// A replacement as it stands.
///
/// # Errors
/// `request.not_found`.
pub(crate) async fn view(app: &App, org: Uuid, id: Uuid) -> Result<ReplacementView, Problem> {
    let read = app.store.tx(org, "replacement_get", async |s| {
        let replacement = store::replacement_get(s, id).await?;
        let sale = store::sale_get(s, replacement.facts.sale_id).await?;
        Ok((replacement, sale))
    });
    let (replacement, sale) = read.await?;
    Ok(ReplacementView::new(&replacement, &sale, app.desk.note(id).as_ref()))
}

/// One replacement card
#[utoipa::path(tag = "replacements", operation_id = "getReplacement", params(("id" = Uuid, Path)),
    responses((status = 200, body = ReplacementView)))]
#[get("/replacements/{id}")]
pub async fn get_replacement(
    app: App,
    op: Guard<ReadAccounts>,
    id: web::Path<Uuid>,
) -> Result<web::Json<ReplacementView>, Problem> {
    view(&app, op.org, *id).await.map(web::Json)
}

/// Unfinished replacement cards, the oldest first
#[utoipa::path(tag = "replacements", operation_id = "listReplacements",
    responses((status = 200, body = Page<ReplacementView>)))]
#[get("/replacements")]
pub async fn list_replacements(app: App, op: Guard<SellEnergy>) -> Result<web::Json<Page<ReplacementView>>, Problem> {
    let read = app.store.tx(op.org, "replacement_open_list", async |s| {
        let mut open = Vec::new();
        for replacement in store::replacement_open_list(s).await? {
            let sale = store::sale_get(s, replacement.facts.sale_id).await?;
            open.push((replacement, sale));
        }
        Ok(open)
    });
    let open = read.await?;
    let view = |(replacement, sale): &(store::Replacement, store::Sale)| {
        ReplacementView::new(replacement, sale, app.desk.note(replacement.facts.op_id).as_ref())
    };
    let items: Vec<_> = open.iter().map(view).collect();
    let total = i64::try_from(items.len()).unwrap_or_default();
    let per_page = u32::try_from(items.len()).unwrap_or(u32::MAX).max(1);
    Ok(web::Json(Page { items, page: 1, per_page, total }))
}

/// Write an unfinished replacement on, onto the card that lies in this counter's reader
#[utoipa::path(tag = "replacements", operation_id = "resumeReplacement", params(("id" = Uuid, Path)),
    responses((status = 200, body = ReplacementView)))]
#[post("/replacements/{id}/resume")]
pub async fn resume_replacement(
    app: App,
    op: Guard<SellEnergy>,
    id: web::Path<Uuid>,
    body: web::Json<Resume>,
) -> Result<web::Json<ReplacementView>, Problem> {
    let who = crate::stations::identity(&app, op.org, body.workstation_id).await?;
    let card = app.hub.view(who.workstation).card.ok_or_else(|| no_card(&app, who.workstation, who.number))?;
    let open = settle::open_op(&app, op.org, *id).await?;
    if let Some(flight) = open.filter(|flight| flight.replacement().is_some()) {
        let image = CardImage::new(card.image.0.clone());
        let plan = settle::plan_of(&flight)?;
        if authorised(&flight)?.order().classify(&image, &plan.layout) == Seen::Other {
            return Err(Problem::new(Code::CardOfAnotherSale).action("insert-the-new-card"));
        }
        recover::again(&app, &who, &flight, card.session, Reason::Asked, Purpose::Write).await?;
    }
    view(&app, op.org, *id).await.map(web::Json)
}
