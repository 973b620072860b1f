//! What a station reports is evidence, and the server is the judge: it compares both read-backs with the target itself.

use std::time::Duration;

use dianka_domain::card::{CardImage, Seen, classify};
use dianka_domain::ledger::postings_confirm;
use dianka_station::proto::{Hex, JournalStage, Step, TicketOutcome, TicketResult, ToStation};
use dianka_store::{self as store, PscState, SaleConfirm, SaleState, StoreError};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

use super::begin::{figures, sha256};
use super::desk::InFlight;
use super::frozen::CardPlan;
use super::recover::{self, Reason};
use super::view::{SaleProblem, SaleView};
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::hub::Connection;
use crate::stations::serve::Identity;

/// Longest pause between two tries to store a result while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Notes a step for the page.
pub fn note_progress(app: &App, sale: Uuid, step: Step) {
    let text = match step {
        Step::Compare | Step::Present => "preparing",
        Step::EraseSeal | Step::Body | Step::ChangeCode | Step::Seal => "writing",
        Step::VerifyBody | Step::VerifyCode | Step::ReadBack => "verifying",
    };
    app.desk.step(sale, text);
}

/// Takes a station's result. While the database is away it is tried again: the station would send it again anyway, and
/// nothing about an authorised sale is decided by time.
pub async fn result(app: &App, who: &Identity, connection: Connection, result: &TicketResult) {
    let mut pause = Duration::from_millis(200);
    loop {
        match settle(app, who, result).await {
            Ok(()) => break,
            Err(error) if error.is_transient() => {
                tracing::warn!(sale_id = %result.op, %error, "the result waits for the database");
                app.desk.problem(result.op, problem("server.database", Map::new()));
                actix_web::rt::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                if !app.hub.is_current(connection) {
                    return;
                }
            }
            Err(error) => {
                // Not acknowledged: it comes again, and somebody has to look at it.
                tracing::error!(sale_id = %result.op, %error, "the result cannot be settled");
                return;
            }
        }
    }
    let ack = ToStation::AckResult { op: result.op, epoch: result.epoch };
    let _resent_otherwise = app.hub.send(who.workstation, ack);
}

/// The sale under way, from the desk or from the books. None: not open (any more).
pub(crate) async fn open_sale(app: &App, org: Uuid, sale: Uuid) -> Result<Option<Arc<InFlight>>, StoreError> {
    if let Some(known) = app.desk.in_flight(sale) {
        return Ok(Some(known));
    }
    let read = app.store.tx(org, "sale_read", async |s| {
        let found = store::sale_get(s, sale).await?;
        if found.state != SaleState::Authorised {
            return Ok(None);
        }
        let op = store::card_op_get(s, sale).await?;
        let open = store::sale_open_by_account(s, found.facts.account_id).await?;
        let epoch = open.filter(|o| o.sale_id == sale).map_or(1, |o| o.epoch);
        Ok(Some(InFlight { facts: found.facts, op, epoch }))
    });
    match read.await {
        Ok(Some(flight)) => Ok(Some(app.desk.keep(flight))),
        Ok(None) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn plan_of(flight: &InFlight) -> Result<CardPlan, StoreError> {
    serde_json::from_value(flight.op.plan.clone())
        .map_err(|e| StoreError::Inconsistent(format!("the plan of sale {}: {e}", flight.facts.sale_id)))
}

async fn settle(app: &App, who: &Identity, result: &TicketResult) -> Result<(), StoreError> {
    let Some(flight) = open_sale(app, who.org, result.op).await? else {
        // Ended before, or never this organisation's: there is nothing left to learn from it.
        return Ok(());
    };
    match result.psc_changed {
        Some(true) => set_psc(app, who.org, &flight, PscState::Ours).await?,
        Some(false) => set_psc(app, who.org, &flight, PscState::Unknown).await?,
        None => {}
    }
    match &result.outcome {
        TicketOutcome::Written { image1, image2, tries } => {
            written(app, who, &flight, result, image1, image2, *tries).await
        }
        TicketOutcome::Refused { code, image, tries, detail } => {
            tracing::warn!(sale_id = %result.op, %code, %detail, "the station refused the ticket");
            refused(app, who, &flight, code, image.as_ref(), *tries).await
        }
        TicketOutcome::Torn { image, step, code, tries, detail } => {
            tracing::warn!(sale_id = %result.op, %code, ?step, ?tries, %detail, "the write broke off");
            broke_off(app, who, &flight, result.session, image.as_ref(), code).await
        }
        TicketOutcome::Interrupted { last_stage } => {
            tracing::warn!(sale_id = %result.op, ?last_stage, "the station was interrupted");
            if *last_stage == JournalStage::ChangingCode {
                set_psc(app, who.org, &flight, PscState::Unknown).await?;
            }
            app.desk.problem(result.op, problem("write.removed", Map::new()));
            Ok(())
        }
    }
}

async fn set_psc(app: &App, org: Uuid, flight: &InFlight, psc: PscState) -> Result<(), StoreError> {
    let card_no = flight.op.card_no;
    app.store.tx(org, "card_psc_set", async |s| store::card_psc_set(s, card_no, psc).await).await
}

async fn written(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    result: &TicketResult,
    image1: &Hex,
    image2: &Hex,
    tries: Option<u8>,
) -> Result<(), StoreError> {
    let plan = plan_of(flight)?;
    let current = CardImage::new(image1.0.clone());
    let before = CardImage::new(flight.op.before_image.clone());
    let target = CardImage::new(flight.op.target_image.clone());
    if image1 != image2 || classify(&current, &before, &target, &plan.layout) != Seen::New {
        app.desk.problem(result.op, problem("write.unverified", Map::new()));
        return Ok(());
    }
    if result.psc_changed.is_none() && plan.access.now != plan.access.then {
        // The new password was presented and it verified.
        set_psc(app, who.org, flight, PscState::Ours).await?;
    }
    app.hub.update(who.workstation, |view| {
        if let Some(card) = view.card.as_mut().filter(|card| card.session == result.session) {
            card.image = image1.clone();
            card.tries = tries.or(card.tries);
        }
    });
    let evidence = json!({
        "kind": "read-back", "epoch": result.epoch, "session": result.session,
        "image_sha256": sha256(&image1.0), "tries": tries,
    });
    confirm(app, who, flight, evidence).await
}

/// T3: the sale is proven.
pub(crate) async fn confirm(app: &App, who: &Identity, flight: &InFlight, evidence: Value) -> Result<(), StoreError> {
    dianka_lab::power_cut::point("settle.before");
    let now = app.clock.now();
    let sale_id = flight.facts.sale_id;
    let mut plan = plan_of(flight)?;
    plan.receipt.at = flight.facts.created_at;
    let transfers = figures(&flight.facts)
        .and_then(|f| postings_confirm(&f).map_err(Problem::internal))
        .map_err(|p| StoreError::Inconsistent(format!("the ledger refuses sale {sale_id}: {:?}", p.cause())))?;
    let confirm = SaleConfirm {
        sale_id,
        workstation_id: who.workstation,
        day: app.day_of(now),
        at: now,
        evidence,
        document: serde_json::to_value(&plan.receipt).map_err(|e| StoreError::Inconsistent(e.to_string()))?,
        transfers,
    };
    let end = match app.store.sale_confirm(who.org, &confirm).await {
        Ok(receipt_no) => {
            tracing::info!(%sale_id, receipt_no, "sale committed");
            confirm.ended(receipt_no)?
        }
        Err(StoreError::AlreadyEnded) => {
            tracing::error!(%sale_id, "a voided sale is on a card");
            app.desk.end(sale_id, None);
            if let Ok(view) = super::get::view(app, who.org, sale_id).await {
                app.hub.tell(who.workstation, "sale", &view);
            }
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    dianka_lab::power_cut::point("settle.after");
    app.desk.end(sale_id, Some(end.clone()));
    app.hub.tell(who.workstation, "sale", &SaleView::new(&flight.sale(&plan.receipt, Some(end)), None));
    Ok(())
}

/// Tells the pages of a workstation why a sale waits.
fn tell_problem(app: &App, workstation: Uuid, flight: &InFlight) -> Result<(), StoreError> {
    let plan = plan_of(flight)?;
    let note = app.desk.note(flight.facts.sale_id);
    app.hub.tell(workstation, "sale", &SaleView::new(&flight.sale(&plan.receipt, None), note.as_ref()));
    Ok(())
}

async fn refused(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    code: &str,
    image: Option<&Hex>,
    tries: Option<u8>,
) -> Result<(), StoreError> {
    let sale_id = flight.facts.sale_id;
    if code == "psc.wrong" {
        wrong_code(app, who.org, flight).await?;
    }
    if let (Some(image), "ticket.before_differs") = (image, code) {
        app.hub.update(who.workstation, |view| {
            if let Some(card) = view.card.as_mut() {
                card.image = image.clone();
            }
        });
    }
    let mut params = Map::new();
    if let Some(tries) = tries {
        params.insert("tries".into(), tries.into());
    }
    app.desk.problem(sale_id, problem(known(code), params));
    tell_problem(app, who.workstation, flight)
}

/// After a password change that was not proven, the new password is tried first. It did not verify, so the old one holds.
async fn wrong_code(app: &App, org: Uuid, flight: &InFlight) -> Result<(), StoreError> {
    let account = flight.facts.account_id;
    let card = app.store.tx(org, "card_current", async |s| store::card_current(s, account).await).await?;
    if card.psc_state == PscState::Unknown {
        set_psc(app, org, flight, PscState::Transport).await?;
    }
    Ok(())
}

async fn broke_off(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    session: Uuid,
    image: Option<&Hex>,
    code: &str,
) -> Result<(), StoreError> {
    let sale_id = flight.facts.sale_id;
    if code == "psc.wrong" {
        wrong_code(app, who.org, flight).await?;
    }
    let removed = matches!(code, "write.removed" | "reader.unplugged");
    if let Some(image) = image.filter(|_| !removed) {
        app.hub.update(who.workstation, |view| {
            if let Some(card) = view.card.as_mut().filter(|card| card.session == session) {
                card.image = image.clone();
            }
        });
        // The card is still in: go on from what is there.
        if recover::again(app, who, flight, session, Reason::BrokeOff).await? {
            return Ok(());
        }
    }
    app.desk.problem(sale_id, problem(if removed { "write.removed" } else { known(code) }, Map::new()));
    tell_problem(app, who.workstation, flight)
}

/// Stations may be newer than this server: a code that is not in the catalogue is told as the general one.
fn known(code: &str) -> &str {
    match code {
        code if crate::errors::Code::parse(code).is_some() => code,
        code if code.starts_with("psc.") => "card.password",
        _ => "write.unverified",
    }
}

pub(crate) fn problem(code: &str, params: Map<String, Value>) -> SaleProblem {
    SaleProblem { code: code.to_owned(), params }
}
