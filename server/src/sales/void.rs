//! POST /sales/{id}/void: the money of an unfinished sale goes back, on evidence.
//!
//! Every station that ever had a ticket promises to run none any more; then the card, which lies in this counter's reader,
//! gets its old image back, is read, and the sale is voided. Nothing of this is decided by time: a station that cannot be
//! asked keeps the sale open, and the sale can always go forward instead.

use std::time::Duration;

use actix_web::{post, web};
use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{OperatorId, Purpose};
use dianka_station::proto::ToStation;
use dianka_store::{self as store};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::begin::{MOST_WAIT_S, Wait, ended};
use super::chain::authorised;
use super::recover::{self, Reason};
use super::settle;
use super::view::SaleView;
use crate::auth::Guard;
use crate::auth::rights::VoidSale;
use crate::cards::arrival;
use crate::cards::look::Look;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// How long the stations have to promise.
const PROMISE_WITHIN: Duration = Duration::from_secs(5);

/// Where the card lies.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidOrder {
    /// The counter whose reader holds the sale's card.
    pub workstation_id: Uuid,
}

/// Give the money of an unfinished sale back 冲正
///
/// Every station that had the sale promises to write it no more, the card in this counter's reader gets its old content
/// back, and the sale is voided when that is proven. Without a card in the reader the sale waits for it
/// (`void.insert_card`); resuming the sale takes the wish back. The answer is the sale as it stands when the wait is over.
#[utoipa::path(tag = "sales", operation_id = "voidSale", params(Wait), responses((status = 200, body = SaleView)))]
#[post("/sales/{id}/void")]
pub async fn void_sale(
    app: App,
    op: Guard<VoidSale>,
    id: web::Path<Uuid>,
    wait: web::Query<Wait>,
    body: web::Json<VoidOrder>,
) -> Result<web::Json<SaleView>, Problem> {
    let sale = *id;
    let who = crate::stations::identity(&app, op.org, body.workstation_id).await?;
    let Some(flight) = settle::open_sale(&app, op.org, sale).await? else {
        let ended = super::get::view(&app, op.org, sale).await?;
        // Asked for twice, voided once.
        return if ended.state == store::SaleState::Voided.as_str() {
            Ok(web::Json(ended))
        } else {
            Err(Problem::new(Code::SaleFinished).param("state", ended.state))
        };
    };
    let plan = settle::plan_of(&flight)?;
    let op_now = authorised(&flight)?;
    if let Err(refused) = op_now.can_go_back(&plan.layout) {
        return Err(crate::stations::problem_of(refused.code(), Code::VoidNotRestored));
    }
    let Some(card) = app.hub.view(who.workstation).card else {
        fence_others(&app, op.org, who.workstation, sale).await?;
        // The card that comes in next is written back instead of forward.
        app.desk.give_back(sale, Some(op.operator));
        app.desk.problem(sale, settle::problem(Code::VoidInsertCard.as_str(), serde_json::Map::new()));
        return super::get::view(&app, op.org, sale).await.map(web::Json);
    };
    if app.desk.is_writing(sale, card.session) {
        return Err(Problem::new(Code::ReaderInUse));
    }
    let image = CardImage::new(card.image.0.clone());
    if op_now.order().classify(&image, &plan.layout) == Seen::Other {
        return Err(Problem::new(Code::CardOfAnotherSale).action("insert-the-sale-s-card"));
    }
    if let Look::Content(content) = arrival::looked_at(&app, op.org, &image).await?
        && recover::returned_count(&content, &flight).is_some_and(|count| count >= flight.facts.count)
    {
        return Err(Problem::new(Code::VoidTakenByMeter));
    }
    fence_others(&app, op.org, who.workstation, sale).await?;

    let ends = app.desk.listen();
    let Some(flight) = settle::open_sale(&app, op.org, sale).await? else {
        return super::get::view(&app, op.org, sale).await.map(web::Json);
    };
    let purpose = Purpose::Restore { asked_by: OperatorId(op.operator.as_u128()) };
    if !recover::again(&app, &who, &flight, card.session, Reason::Asked, purpose).await? {
        return Err(Problem::new(Code::CardChanged));
    }
    let patience = Duration::from_secs(wait.wait_s.min(MOST_WAIT_S));
    let _how = tokio::time::timeout(patience, ended(&app, sale, ends)).await;
    super::get::view(&app, op.org, sale).await.map(web::Json)
}

/// Has every other station that had a ticket promise to refuse it.
pub(super) async fn fence_others(app: &App, org: Uuid, here: Uuid, sale: Uuid) -> Result<(), Problem> {
    let until = tokio::time::Instant::now() + PROMISE_WITHIN;
    let mut asked = false;
    loop {
        let Some(flight) = settle::open_sale(app, org, sale).await? else { return Ok(()) };
        let missing = recover::unfenced(&flight, here)?;
        let Some(first) = missing.first() else { return Ok(()) };
        let silent = tokio::time::Instant::now() >= until;
        if !asked || silent {
            for station in &missing {
                let order = ToStation::Fence { op: sale, up_to_epoch: flight.chain.epoch() };
                if silent || app.hub.send(*station, order).is_err() {
                    let first = crate::stations::identity(app, org, *first).await?;
                    return Err(Problem::new(Code::VoidNotFenced).param("workstation", first.number));
                }
            }
            asked = true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
