//! POST /replacements: the old card is blocked, the new one is written.

use std::time::Duration;

use actix_web::{post, web};
use chrono::{DateTime, SubsecRound as _, Utc};
use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{OpId, OpKind, OpState, OpenOp, Purpose, may_open};
use dianka_station::proto::CardSeen;
use dianka_store::{
    self as store, Account, AccountStatus, CardOpFacts, Carrier, MeterType, NewAudit, NewReplacement, PscState,
    ReplacementBegun, ReplacementFacts, ReplacementReason, Sale, SaleState, StoreError, Workstation,
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decide::{self, Made};
use super::show;
use super::view::ReplacementView;
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::SellEnergy;
use crate::cards::look::{self, Look};
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::admission::Place;
use crate::http::problem::Problem;
use crate::sales::begin::{MOST_WAIT_S, Wait, ended, send_first, sha256};
use crate::sales::chain::{Chain, authorised};
use crate::sales::desk::{Act, InFlight};
use crate::sales::frozen::CardPlan;
use crate::sales::recover::{self, Reason};
use crate::sales::settle;
use crate::state::App;
use crate::stations::no_card;

/// A card to be replaced.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReplacement)]
pub struct NewReplacementBody {
    /// Made by the client before it sends this: the same id is the same replacement, however often it is sent.
    pub id: Uuid,
    /// Whose card.
    pub account_id: Uuid,
    /// The counter; the new, blank card lies in its reader.
    pub workstation_id: Uuid,
    /// The card session that the clerk saw; left out: the card that is in now.
    #[serde(default)]
    pub session: Option<Uuid>,
    /// `lost`, `damaged` or `locked`.
    pub reason: String,
}

/// Replace a lost, damaged or locked card 补卡
///
/// The blank card in the counter's reader becomes the account's card, with the purchase that was sold last (or is being
/// sold): the same number and quantity, so the meter takes it once, whichever card brings it. The old card does not count
/// any more from now on. The answer is the replacement as it stands when the wait is over: `committed` when the card was
/// proven, `authorised` while it is not.
#[utoipa::path(tag = "replacements", operation_id = "createReplacement", params(Wait),
    responses((status = 200, body = ReplacementView)))]
#[post("/replacements")]
pub async fn create_replacement(
    app: App,
    op: Guard<SellEnergy>,
    place: Place,
    wait: web::Query<Wait>,
    body: web::Json<NewReplacementBody>,
) -> Result<web::Json<ReplacementView>, Problem> {
    let body = body.into_inner();
    let reason = ReplacementReason::try_from(body.reason.as_str()).map_err(|_| Problem::field("reason", "unknown"))?;
    let ends = app.desk.listen();
    // A second request with this id must not take the moment between the commit and the ticket for a lost ticket.
    let issuing = app.desk.issue(body.id);
    if was_made_before(&app, &op, &body).await? {
        drop(issuing);
        write_if_never_sent(&app, &op, &body).await?;
    } else {
        begin(&app, &op, &body, reason).await?;
        drop(issuing);
    }
    place.release();
    let patience = Duration::from_secs(wait.wait_s.min(MOST_WAIT_S));
    let _how = tokio::time::timeout(patience, ended(&app, body.id, ends)).await;
    show::view(&app, op.org, body.id).await.map(web::Json)
}

fn request_hash(body: &NewReplacementBody) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(body.account_id.as_bytes());
    hash.update(body.workstation_id.as_bytes());
    hash.update(body.reason.as_bytes());
    hash.finalize().into()
}

/// # Errors
/// `request.id_reused` for another content under the same id.
async fn was_made_before(app: &App, op: &Op, body: &NewReplacementBody) -> Result<bool, Problem> {
    let before = app.store.tx(op.org, "replacement_get", async |s| store::replacement_get(s, body.id).await);
    match before.await {
        Ok(found) if found.facts.request_hash == request_hash(body) => Ok(true),
        Ok(_) => Err(Problem::new(Code::IdReused)),
        Err(StoreError::NotFound) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// It is in the books and this process knows of no ticket: the answer to its commit was lost, or the server that began it
/// died. A card in the reader that shows where it stopped, or is still blank, is written on.
async fn write_if_never_sent(app: &App, op: &Op, body: &NewReplacementBody) -> Result<(), Problem> {
    if app.desk.note(body.id).is_some() {
        return Ok(());
    }
    let Some(card) = app.hub.view(body.workstation_id).card else { return Ok(()) };
    let Some(flight) = settle::open_op(app, op.org, body.id).await? else { return Ok(()) };
    let plan = settle::plan_of(&flight)?;
    let image = CardImage::new(card.image.0.clone());
    let same_card = flight.chain.tickets.iter().any(|ticket| ticket.session.0 == card.session.as_u128());
    if same_card && authorised(&flight)?.order().classify(&image, &plan.layout) != Seen::Other {
        let who = crate::stations::identity(app, op.org, body.workstation_id).await?;
        recover::again(app, &who, &flight, card.session, Reason::Asked, Purpose::Write).await?;
    }
    Ok(())
}

/// What the books say.
struct Books {
    system_code: u32,
    workstation: Workstation,
    account: Account,
    meter_type: MeterType,
    approved: Option<[u8; 32]>,
    old: store::Card,
    /// The sale whose purchase is repeated, and what it wrote.
    last: Option<(Sale, CardOpFacts)>,
    /// Operations of this account that are not finished.
    open: Vec<OpenOp>,
}

async fn books(app: &App, op: &Op, body: &NewReplacementBody) -> Result<Books, Problem> {
    let read = app.store.tx(op.org, "replacement_read", async |s| {
        let account = store::account_get(s, body.account_id).await.map_err(|error| match error {
            StoreError::NotFound => StoreError::Conflict { constraint: UNKNOWN_ACCOUNT.to_owned() },
            other => other,
        })?;
        if account.meter.carrier == Carrier::Token {
            return Ok(None);
        }
        let meter_type = store::meter_type_get(s, account.meter.meter_type_id).await?;
        let open_sale = store::sale_open_by_account(s, account.account_id).await?.map(|open| open.sale_id);
        let open_replacement = store::replacement_open_by_account(s, account.account_id).await?;
        let last = match open_sale {
            Some(id) => Some(store::sale_get(s, id).await?),
            None => last_committed(s, &account).await?,
        };
        let last = match last {
            Some(sale) => {
                let op = store::card_op_get(s, sale.facts.sale_id).await?;
                Some((sale, op))
            }
            None => None,
        };
        let state = OpState::Authorised;
        let sale = open_sale.map(|id| OpenOp { id: OpId(id.as_u128()), kind: OpKind::Sale, state });
        let replacement = open_replacement.map(|id| OpenOp { id: OpId(id.as_u128()), kind: OpKind::Replace, state });
        Ok(Some(Books {
            system_code: store::org_get(s).await?.system_code,
            workstation: store::workstation_get(s, body.workstation_id).await?,
            approved: store::driver_approved(s, &meter_type.driver_id, &meter_type.driver_version).await?,
            old: store::card_current(s, account.account_id).await?,
            open: sale.into_iter().chain(replacement).collect(),
            meter_type,
            account,
            last,
        }))
    });
    let found = read.await.map_err(|error| match &error {
        StoreError::Conflict { constraint } if constraint == UNKNOWN_ACCOUNT => {
            Problem::new(Code::AccountUnknown).because(error)
        }
        _ => error.into(),
    })?;
    found.ok_or_else(|| Problem::new(Code::ReplacementNoCard))
}

/// Told apart from the other rows that may be missing.
const UNKNOWN_ACCOUNT: &str = "unknown_account";

/// How many of the newest sales are looked through for the last committed one: voided ones may lie before it.
const NEWEST: u32 = 200;

async fn last_committed(s: &mut store::Scoped, account: &Account) -> Result<Option<Sale>, StoreError> {
    if account.counter.sold == 0 {
        return Ok(None);
    }
    let sales = store::sale_by_account(s, account.account_id, NEWEST).await?;
    let this = |sale: &Sale| {
        sale.state == SaleState::Committed
            && (sale.facts.period, sale.facts.count) == (account.period, account.counter.sold)
    };
    Ok(sales.into_iter().find(this))
}

async fn begin(app: &App, op: &Op, body: &NewReplacementBody, reason: ReplacementReason) -> Result<(), Problem> {
    let books = books(app, op, body).await?;
    if books.account.status != AccountStatus::Open {
        return Err(Problem::new(Code::AccountNotActive).param("status", books.account.status.as_str()));
    }
    may_open(OpKind::Replace, &books.open).map_err(|refused| is_open(Uuid::from_u128(refused.open.0)))?;
    let Some((sale, sold)) = &books.last else { return Err(Problem::new(Code::ReplacementNothing)) };
    let card = in_reader(app, body, books.workstation.number)?;
    let driver = in_use::of_type(app, &books.meter_type, books.approved)?;
    let card_no = app.store.tx(op.org, "card_no_next", async |s| store::card_no_next(s).await).await?;
    let number = u32::try_from(card_no).map_err(Problem::internal)?;
    let (calling, facts, sold_op) = (driver.clone(), sale.facts.clone(), sold.clone());
    let (image, tries, system) = (CardImage::new(card.image.0.clone()), card.tries, books.system_code);
    let made = web::block(move || {
        must_be_blank(&look::with_driver(&calling, &image)?, tries, system)?;
        decide::make(&calling, &facts, &sold_op, number, &image)
    });
    let made = made.await.map_err(Problem::internal)??;
    let now = app.clock.now().trunc_subsecs(6);
    let plan = CardPlan {
        layout: driver.describe().layout.without_fields(),
        access: made.access.clone(),
        receipt: serde_json::from_value::<CardPlan>(sold.plan.clone()).map_err(Problem::internal)?.receipt,
    };
    let about = driver.about();
    let card_op = CardOpFacts {
        card_no,
        generation: books.account.counter.issue.saturating_add(1),
        driver_id: about.id.clone(),
        driver_version: about.version.to_string(),
        driver_sha256: *about.digest.as_bytes(),
        session: card.session.to_string(),
        before_image: card.image.0.clone(),
        target_image: made.target.bytes().to_vec(),
        plan: serde_json::to_value(&plan).map_err(Problem::internal)?,
        ..sold.clone()
    };
    let facts = ReplacementFacts {
        op_id: body.id,
        account_id: body.account_id,
        sale_id: sale.facts.sale_id,
        reason,
        old_card_no: books.old.card_no,
        workstation_id: body.workstation_id,
        operator_id: op.operator,
        request_hash: request_hash(body),
        created_at: now,
    };
    let flight = InFlight {
        act: Act::Replacement(Box::new(facts)),
        facts: sale.facts.clone(),
        op: card_op,
        chain: Chain::first(body.workstation_id, card.session),
    };
    store_and_send(app, op, &books, flight, &plan, &made, now).await
}

async fn store_and_send(
    app: &App,
    op: &Op,
    books: &Books,
    flight: InFlight,
    plan: &CardPlan,
    made: &Made,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let Some(facts) = flight.replacement().cloned() else { return Ok(()) };
    let session = Uuid::from_u128(flight.chain.tickets.first().map_or(0, |first| first.session.0));
    let new = NewReplacement {
        account_version: books.account.version,
        card_id: Uuid::now_v7(),
        op: flight.op.clone(),
        ticket: json!({
            "epoch": 1, "workstation_id": facts.workstation_id, "session": session,
            "before_sha256": sha256(&flight.op.before_image), "target_sha256": sha256(made.target.bytes()),
        }),
        facts: facts.clone(),
    };
    let entry = entry(op, &flight, &facts);
    dianka_lab::power_cut::point("replace.before");
    let begun = app.store.tx(op.org, "replacement_begin", async |s| {
        let begun = store::replacement_begin(s, &new).await?;
        if begun == ReplacementBegun::New {
            store::audit_add(s, &entry).await?;
        }
        let other = match begun {
            ReplacementBegun::OtherOpen => store::replacement_open_by_account(s, new.facts.account_id).await?,
            _ => None,
        };
        Ok((begun, other))
    });
    match begun.await? {
        (ReplacementBegun::New, _) => {}
        (ReplacementBegun::Replayed, _) => return Ok(()),
        (ReplacementBegun::OtherOpen, other) => return Err(is_open(other.unwrap_or_default())),
    }
    dianka_lab::power_cut::point("replace.after");
    // What is known of the sale that it takes over is out of date: it only goes forward now.
    app.desk.forget(facts.sale_id);
    let flight = app.desk.keep(flight);
    app.desk.sent(facts.op_id, session);
    send_first(app, op.org, &flight, (&plan.layout, &plan.access), PscState::Transport, now);
    dianka_lab::power_cut::point("replace.sent");
    Ok(())
}

fn is_open(id: Uuid) -> Problem {
    Problem::new(Code::ReplacementOpen).param("replacement_id", id.to_string())
}

/// # Errors
/// The reader's own reasons, `card.none`; `card.changed` when it is not the one that the clerk saw.
fn in_reader(app: &App, body: &NewReplacementBody, number: u32) -> Result<CardSeen, Problem> {
    let card = app.hub.view(body.workstation_id).card.ok_or_else(|| no_card(app, body.workstation_id, number))?;
    if body.session.is_some_and(|session| session != card.session) {
        return Err(Problem::new(Code::CardChanged));
    }
    Ok(card)
}

/// # Errors
/// `card.not_blank`, or what is wrong with the blank card's password.
fn must_be_blank(look: &Look, tries: Option<u8>, system_code: u32) -> Result<(), Problem> {
    if !matches!(look, Look::Blank) {
        return Err(Problem::new(Code::CardNotBlank));
    }
    let findings = look::of_card(look, tries, system_code);
    findings.iter().find(|finding| finding.blocking).map_or(Ok(()), |finding| Err(finding.problem()))
}

fn entry(op: &Op, flight: &InFlight, facts: &ReplacementFacts) -> NewAudit {
    NewAudit {
        at: facts.created_at,
        operator_id: Some(op.operator),
        workstation_id: Some(facts.workstation_id),
        action: "card.replace".to_owned(),
        subject_kind: "account".to_owned(),
        subject_id: Some(facts.account_id),
        detail: json!({
            "replacement_id": facts.op_id,
            "reason": facts.reason,
            "old_card_no": facts.old_card_no,
            "card_no": flight.op.card_no,
            "sale_id": facts.sale_id,
            "count": flight.facts.count,
        }),
        request_id: Some(op.request.id.to_string()),
    }
}
