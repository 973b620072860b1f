//! POST /sales: the second Enter. Money is taken, the intent is durable, the ticket goes out. A token is made and finished at
//! once: see `token.rs`.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{post, web};
use chrono::{DateTime, SubsecRound as _, Utc};
use dianka_domain::card::{CardImage, Layout, Seen};
use dianka_domain::card_op::Purpose;
use dianka_domain::ledger::{SaleFigures, postings_begin};
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Price, RealEnergy};
use dianka_station::proto::ToStation;
use dianka_store::{
    self as store, Begun, CardOpFacts, LimitMode, NewSale as StoreSale, Payment, PscState, SaleEnd, SaleFacts,
    SaleKind, StoreError,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::chain::{Chain, authorised};
use super::desk::{Act, Ended, InFlight};
use super::frozen::{AccessPair, CardPlan, Frozen, FrozenCard, FrozenCarrier};
use super::receipt::Receipt;
use super::recover::{self, Reason};
use super::settle;
use super::ticket::{self, Order};
use super::token;
use super::view::SaleView;
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::SellEnergy;
use crate::errors::Code;
use crate::http::admission::Place;
use crate::http::problem::Problem;
use crate::state::App;

/// Longest wait that a client may ask for, seconds.
pub(crate) const MOST_WAIT_S: u64 = 60;

/// Most change for cash, fen: what is more is a slip of the keys.
const MOST_CHANGE_FEN: i64 = 1_000_000;

/// A sale to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSale)]
pub struct NewSaleBody {
    /// Made by the client before it sends this: the same id is the same sale, however often it is sent.
    pub id: Uuid,
    /// The quote, as it was given.
    pub quote: String,
    /// `cash`, `wechat`, `alipay` or `bank`.
    pub payment: String,
    /// Handed over in cash; left out: the exact amount.
    #[serde(default)]
    pub cash_fen: Option<i64>,
}

/// How long to wait for the card.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wait {
    /// Seconds, at most 60; 0 or left out: answer as soon as the sale is authorised.
    #[serde(default)]
    pub wait_s: u64,
}

/// Sell
///
/// Authorises the sale and has the card written. The answer is the sale as it stands when the wait is over: `committed`
/// when the card was proven, `authorised` while it is not. A token is made and the sale `committed` at once; the same id
/// is always the same token.
#[utoipa::path(tag = "sales", operation_id = "createSale", params(Wait), responses((status = 200, body = SaleView)))]
#[post("/sales")]
pub async fn create_sale(
    app: App,
    op: Guard<SellEnergy>,
    place: Place,
    wait: web::Query<Wait>,
    body: web::Json<NewSaleBody>,
) -> Result<web::Json<SaleView>, Problem> {
    let body = body.into_inner();
    // Listening begins before the ticket leaves: a quick station must not be missed.
    let ends = app.desk.listen();
    let paid = Paid::of(&app, &op, &body)?;
    let card = match &paid.frozen.carrier {
        FrozenCarrier::Token(token) => return token::sell(&app, &op, &paid, token).await.map(web::Json),
        FrozenCarrier::Card(card) => card,
    };
    let begun = begin(&app, &op, &body, &paid, card).await?;
    if matches!(begun, Begin::Before) {
        send_if_never_sent(&app, &op, &paid.frozen, card, body.id).await?;
    }
    place.release();
    let patience = Duration::from_secs(wait.wait_s.min(MOST_WAIT_S));
    let end = tokio::time::timeout(patience, ended(&app, body.id, ends)).await;
    let Begin::Now { flight, receipt } = begun else {
        // How it stands by now is in the books.
        return super::get::view(&app, op.org, body.id).await.map(web::Json);
    };
    // The money is in the books: the answer must not depend on a second look at them, which an overloaded database may
    // refuse. Only a sale that is neither heard of nor under way is looked up.
    let (end, note) = (end.ok().flatten(), app.desk.note(body.id));
    if end.is_none()
        && note.is_none()
        && let Ok(view) = super::get::view(&app, op.org, body.id).await
    {
        return Ok(web::Json(view));
    }
    Ok(web::Json(SaleView::new(&flight.sale(&receipt, end), note.as_ref())))
}

/// Waits until the sale is committed (how), takes a person, or is not under way and nobody heard why.
pub(crate) async fn ended(app: &App, sale: Uuid, mut ends: Receiver<Ended>) -> Option<SaleEnd> {
    loop {
        // Looked at before what was heard: what ends between the two is heard then.
        let under_way = app.desk.is_under_way(sale);
        let heard = match ends.try_recv() {
            Err(TryRecvError::Empty) if under_way => ends.recv().await.ok(),
            // So many ended that some went unheard.
            Err(TryRecvError::Lagged(_)) => None,
            Err(_) => return None,
            Ok(heard) => Some(heard),
        };
        if let Some(Ended { end, .. }) = heard.filter(|heard| heard.sale == sale) {
            return end;
        }
    }
}

/// What a begin did.
enum Begin {
    /// The sale in hand, with the names that were frozen with it.
    Now {
        /// The sale.
        flight: Arc<InFlight>,
        /// The names.
        receipt: Box<Receipt>,
    },
    /// It was made before.
    Before,
}

/// A quote that is this server's, and what was paid for it.
#[derive(Debug)]
pub(super) struct Paid {
    /// What was decided.
    pub(super) frozen: Frozen,
    /// The sale as business.
    pub(super) sale: SaleFacts,
    /// What the receipt will say, with the money that was handed over.
    pub(super) receipt: Receipt,
    /// When.
    pub(super) now: DateTime<Utc>,
}

impl Paid {
    /// # Errors
    /// `quote.invalid`; `sale.cash_short`; an unknown payment.
    fn of(app: &App, op: &Op, body: &NewSaleBody) -> Result<Self, Problem> {
        // As fine as the books keep it, so that the first answer and every later one are the same.
        let now = app.clock.now().trunc_subsecs(6);
        let frozen = Frozen::open(&body.quote, &app.keys).map_err(|_| Problem::new(Code::QuoteInvalid))?;
        if frozen.org != op.org {
            return Err(Problem::new(Code::QuoteInvalid));
        }
        let payment = Payment::try_from(body.payment.as_str()).map_err(|_| Problem::field("payment", "unknown"))?;
        if let Some(cash) = body.cash_fen.filter(|cash| *cash < frozen.amount_fen) {
            let short = Problem::new(Code::SaleCashShort);
            return Err(short.param("amount_fen", frozen.amount_fen).param("cash_fen", cash));
        }
        if body.cash_fen.is_some_and(|cash| cash.saturating_sub(frozen.amount_fen) > MOST_CHANGE_FEN) {
            return Err(Problem::field("cash_fen", "change"));
        }
        let sale = sale_facts(op, body, &frozen, payment, now)?;
        let receipt = Receipt { cash_fen: body.cash_fen, ..frozen.receipt.clone() };
        Ok(Self { frozen, sale, receipt, now })
    }

    /// Whether the quote is too old for a new sale.
    pub(super) const fn has_expired(&self) -> bool {
        self.frozen.has_expired(self.now.timestamp())
    }
}

async fn begin(app: &App, op: &Op, body: &NewSaleBody, paid: &Paid, on: &FrozenCard) -> Result<Begin, Problem> {
    let frozen = &paid.frozen;
    let new = new_sale(paid, on)?;
    let card = app.hub.card_of(frozen.workstation_id, on.session);
    let refusal = match (paid.has_expired(), card) {
        (true, _) => Some(Code::QuoteExpired),
        (false, None) => Some(Code::CardChanged),
        // The same card, and something was written onto it since: a sale from this quote, as a rule.
        (false, Some(card)) if card.image != on.before => Some(Code::QuoteStale),
        (false, Some(_)) => None,
    };
    if let Some(code) = refusal {
        return repeated_or(app, op, &new, code).await;
    }
    // A second request with this id must not take the moment between the commit and the ticket for a ticket that was lost.
    let issuing = app.desk.issue(body.id);
    dianka_lab::power_cut::point("begin.before");
    if app.store.sale_begin(op.org, &new).await? == Begun::Replayed {
        return Ok(Begin::Before);
    }
    dianka_lab::power_cut::point("begin.after");
    let chain = Chain::first(frozen.workstation_id, on.session);
    let flight = app.desk.keep(InFlight {
        act: Act::Sale { replaced: false },
        facts: new.sale.clone(),
        op: new.op.clone(),
        chain,
    });
    app.desk.sent(body.id, on.session);
    let psc = if frozen.opening { PscState::Transport } else { PscState::Ours };
    send_first(app, op.org, &flight, (&on.layout, &on.access), psc, paid.now);
    drop(issuing);
    dianka_lab::power_cut::point("begin.sent");
    Ok(Begin::Now { flight, receipt: Box::new(paid.frozen.receipt.clone()) })
}

/// The sale is in the books and this process knows of no ticket of it: the answer to its commit was lost, or the server
/// that authorised it died. The card that it was begun on is still in the reader, and the request says which one it is.
async fn send_if_never_sent(app: &App, op: &Op, frozen: &Frozen, on: &FrozenCard, sale: Uuid) -> Result<(), Problem> {
    if app.desk.note(sale).is_some() {
        return Ok(());
    }
    let Some(card) = app.hub.card_of(frozen.workstation_id, on.session) else { return Ok(()) };
    let Some(flight) = settle::open_sale(app, op.org, sale).await? else { return Ok(()) };
    let plan = settle::plan_of(&flight)?;
    let image = CardImage::new(card.image.0.clone());
    if authorised(&flight)?.order().classify(&image, &plan.layout) != Seen::Other {
        let who = crate::stations::identity(app, op.org, frozen.workstation_id).await?;
        recover::again(app, &who, &flight, on.session, Reason::Asked, Purpose::Write).await?;
    }
    Ok(())
}

/// The quote is too old, or its card is gone or another by now: only a sale that was made before can still be answered.
async fn repeated_or(app: &App, op: &Op, new: &StoreSale, refusal: Code) -> Result<Begin, Problem> {
    let sale_id = new.sale.sale_id;
    let before = app.store.tx(op.org, "sale_get", async |s| match store::sale_get(s, sale_id).await {
        Ok(sale) => Ok(Err(sale)),
        Err(StoreError::NotFound) => Ok(Ok(store::sale_open_by_account(s, new.sale.account_id).await?)),
        Err(other) => Err(other),
    });
    match before.await? {
        Err(sale) if sale.facts.request_hash == new.sale.request_hash => Ok(Begin::Before),
        Err(_) => Err(Problem::new(Code::IdReused)),
        // The unfinished sale is why the card is not as it was.
        Ok(Some(open)) => Err(Problem::new(Code::SaleOpen).param("sale_id", open.sale_id.to_string())),
        Ok(None) => Err(Problem::new(refusal)),
    }
}

fn request_hash(body: &NewSaleBody) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(body.quote.as_bytes());
    hash.update(b"\0");
    hash.update(body.payment.as_bytes());
    hash.update(b"\0");
    hash.update(body.cash_fen.map_or_else(String::new, |cash| cash.to_string()).as_bytes());
    hash.finalize().into()
}

fn sale_facts(
    op: &Op,
    body: &NewSaleBody,
    frozen: &Frozen,
    payment: Payment,
    now: DateTime<Utc>,
) -> Result<SaleFacts, Problem> {
    let multiplier = Multiplier::new(frozen.multiplier).map_err(Problem::internal)?;
    Ok(SaleFacts {
        sale_id: body.id,
        account_id: frozen.account_id,
        meter_id: frozen.meter_id,
        kind: if frozen.opening { SaleKind::Opening } else { SaleKind::Purchase },
        period: frozen.period,
        count: frozen.count,
        energy_wh: RealEnergy::from_wh(frozen.energy_wh),
        amount_fen: Money::from_fen(frozen.amount_fen),
        price_micro: Price::from_micro(frozen.price_micro),
        tariff_version_id: frozen.tariff_version_id,
        multiplier,
        adjustment_used_wh: RealEnergy::from_wh(frozen.adjustment_used_wh),
        carry_wh: RealEnergy::from_wh(frozen.carry_wh),
        preset_deducted_wh: MeterEnergy::from_wh(frozen.preset_deducted_wh),
        quantity_wh: MeterEnergy::from_wh(frozen.quantity_wh),
        area_id: frozen.area_id,
        site_id: frozen.site_id,
        workstation_id: frozen.workstation_id,
        operator_id: op.operator,
        payment,
        cash_fen: body.cash_fen.map(Money::from_fen),
        request_hash: request_hash(body),
        created_at: now,
    })
}

fn new_sale(paid: &Paid, on: &FrozenCard) -> Result<StoreSale, Problem> {
    let (frozen, sale) = (&paid.frozen, paid.sale.clone());
    let transfers = postings_begin(&figures(&sale)?).map_err(Problem::internal)?;
    let ticket = serde_json::json!({
        "epoch": 1, "workstation_id": frozen.workstation_id, "session": on.session,
        "before_sha256": sha256(&on.before.0), "target_sha256": sha256(&on.target.0),
    });
    let op = card_op(paid, on)?;
    Ok(StoreSale { account_version: frozen.account_version, sale, op, ticket, transfers })
}

/// The driver's digest as it is stored.
pub(super) fn driver_sha256(frozen: &Frozen) -> Result<[u8; 32], Problem> {
    let sha256 = hex::decode(&frozen.driver.sha256).ok().and_then(|h| h.try_into().ok());
    sha256.ok_or_else(|| Problem::new(Code::QuoteInvalid))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What the ledger moves for a sale.
pub(super) fn figures(sale: &SaleFacts) -> Result<SaleFigures, Problem> {
    let figures = || {
        Ok(SaleFigures {
            amount: sale.amount_fen,
            purchase: sale.energy_wh,
            adjustment_net: sale.adjustment_used_wh.checked_sub(sale.carry_wh)?,
            preset_deducted: sale.preset_deducted_wh.to_real(sale.multiplier)?,
            on_card: sale.quantity_wh.to_real(sale.multiplier)?,
        })
    };
    figures().map_err(|overflow: dianka_domain::units::Overflow| Problem::new(Code::NumberTooLarge).because(overflow))
}

fn card_op(paid: &Paid, on: &FrozenCard) -> Result<CardOpFacts, Problem> {
    let frozen = &paid.frozen;
    let plan = CardPlan { layout: on.layout.clone(), access: on.access.clone(), receipt: paid.receipt.clone() };
    Ok(CardOpFacts {
        card_no: on.card_no,
        generation: frozen.generation,
        alarm_wh: MeterEnergy::from_wh(on.alarm_wh),
        hoard_wh: MeterEnergy::from_wh(on.hoard_wh),
        overdraft_wh: MeterEnergy::from_wh(on.overdraft_wh),
        limit_mode: if on.limit_mode == 0 { LimitMode::None } else { LimitMode::Cut },
        capacity_w: i64::from(on.capacity_w),
        driver_id: frozen.driver.id.clone(),
        driver_version: frozen.driver.version.clone(),
        driver_sha256: driver_sha256(frozen)?,
        session: on.session.to_string(),
        before_image: on.before.0.clone(),
        target_image: on.target.0.clone(),
        plan: serde_json::to_value(plan).map_err(Problem::internal)?,
    })
}

/// Sends the first ticket. A station that is gone changes nothing: the card, when it is seen again, finishes the sale.
pub(crate) fn send_first(
    app: &App,
    org: Uuid,
    flight: &InFlight,
    (layout, access): (&Layout, &AccessPair),
    psc: PscState,
    now: DateTime<Utc>,
) {
    let (id, workstation) = (flight.id(), flight.workstation());
    let Some(first) = flight.chain.tickets.first() else { return };
    let Some(box_key) = app.hub.box_key(workstation) else { return };
    let order = Order {
        org,
        sale_id: id,
        epoch: first.epoch,
        workstation,
        session: Uuid::from_u128(first.session.0),
        box_key: &box_key,
        before: &CardImage::new(flight.op.before_image.clone()),
        target: &CardImage::new(flight.op.target_image.clone()),
        layout,
        access,
        psc,
        verified_before: false,
        restores: false,
        may_not_present: false,
        sale: copy_of(flight),
        issued_at: now.to_rfc3339(),
    };
    match ticket::make(&app.keys, &order) {
        Ok(signed) => {
            if let Err(gone) = app.hub.send(workstation, ToStation::Write(signed)) {
                tracing::warn!(op = %id, %gone, "the ticket could not be sent");
            }
        }
        Err(error) => tracing::error!(op = %id, %error, "the ticket could not be made"),
    }
}

/// The operation as a station's journal keeps it.
pub(super) fn copy_of(flight: &InFlight) -> serde_json::Value {
    let mut copy = sale_copy(&flight.facts);
    if let (Some(replacement), Some(copy)) = (flight.replacement(), copy.as_object_mut()) {
        let facts = serde_json::json!({
            "op_id": replacement.op_id, "reason": replacement.reason, "old_card_no": replacement.old_card_no,
            "card_no": flight.op.card_no, "workstation_id": replacement.workstation_id,
            "operator_id": replacement.operator_id, "created_at": replacement.created_at,
        });
        copy.insert("replacement".to_owned(), facts);
    }
    copy
}

fn sale_copy(sale: &SaleFacts) -> serde_json::Value {
    serde_json::json!({
        "sale_id": sale.sale_id, "account_id": sale.account_id, "meter_id": sale.meter_id,
        "kind": sale.kind.as_str(), "period": sale.period, "count": sale.count,
        "energy_wh": sale.energy_wh.wh(), "amount_fen": sale.amount_fen.fen(), "price_micro": sale.price_micro.micro(),
        "tariff_version_id": sale.tariff_version_id, "multiplier": sale.multiplier.get(),
        "adjustment_used_wh": sale.adjustment_used_wh.wh(), "carry_wh": sale.carry_wh.wh(),
        "preset_deducted_wh": sale.preset_deducted_wh.wh(), "quantity_wh": sale.quantity_wh.wh(),
        "area_id": sale.area_id, "site_id": sale.site_id, "workstation_id": sale.workstation_id,
        "operator_id": sale.operator_id, "payment": sale.payment.as_str(),
        "cash_fen": sale.cash_fen.map(Money::fen), "created_at": sale.created_at,
    })
}
