//! What a station reports is evidence, and the server is the judge: it compares both read-backs with the target itself.

use std::time::Duration;

use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::{Purpose, Report, Verdict, Voided, Waiting};
use dianka_domain::ledger::{postings_confirm, postings_void};
use dianka_station::proto::{Hex, JournalStage, Step, TicketOutcome, TicketResult, ToStation};
use dianka_store::{self as store, PscState, SaleConfirm, SaleState, SaleVoid, Scoped, StoreError};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

use super::begin::{figures, sha256};
use super::chain::{Chain, authorised};
use super::desk::{Act, InFlight};
use super::frozen::CardPlan;
use super::receipt::Receipt;
use super::recover::{self, Reason};
use super::view::{SaleProblem, SaleView};
use crate::cards::look::Look;
use crate::http::problem::Problem;
use crate::replacements;
use crate::state::App;
use crate::stations::hub::Connection;
use crate::stations::serve::Identity;

/// Longest pause between two tries to store a result while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// From this pause on the page is told: some three tries, a second after the first.
const TOLD_FROM: Duration = Duration::from_millis(800);

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
    let _settling = app.desk.settling(result.op);
    let mut pause = Duration::from_millis(200);
    loop {
        match settle(app, who, result).await {
            Ok(()) => break,
            Err(error) if error.is_transient() => {
                tracing::warn!(sale_id = %result.op, %error, "the result waits for the database");
                // Who waits for the end is told when it is no passing refusal of a busy database.
                if pause >= TOLD_FROM {
                    app.desk.problem(result.op, problem("server.database", Map::new()));
                }
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

/// The sale under way, from the desk or from the books. None: not open (any more), or no sale.
pub(crate) async fn open_sale(app: &App, org: Uuid, sale: Uuid) -> Result<Option<Arc<InFlight>>, StoreError> {
    Ok(open_op(app, org, sale).await?.filter(|flight| flight.replacement().is_none()))
}

/// The sale or the replacement card under way, from the desk or from the books. None: not open (any more).
pub(crate) async fn open_op(app: &App, org: Uuid, id: Uuid) -> Result<Option<Arc<InFlight>>, StoreError> {
    if let Some(known) = app.desk.in_flight(id) {
        return Ok(Some(known));
    }
    let read = app.store.tx(org, "operation_read", async |s| {
        let Some((act, facts)) = open_act(s, id).await? else { return Ok(None) };
        let op = store::card_op_get(s, id).await?;
        let (tickets, fences) = (store::ticket_list(s, id).await?, store::fence_list(s, id).await?);
        Ok(Some(InFlight { act, facts, op, chain: Chain::of(&tickets, &fences)? }))
    });
    match read.await {
        Ok(Some(flight)) => Ok(Some(app.desk.keep(flight))),
        Ok(None) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn open_act(s: &mut Scoped, id: Uuid) -> Result<Option<(Act, store::SaleFacts)>, StoreError> {
    match store::sale_get(s, id).await {
        Ok(sale) if sale.state != SaleState::Authorised => Ok(None),
        Ok(sale) => {
            let replaced = store::replacement_open_by_account(s, sale.facts.account_id).await?.is_some();
            Ok(Some((Act::Sale { replaced }, sale.facts)))
        }
        Err(StoreError::NotFound) => {
            let found = store::replacement_get(s, id).await?;
            if found.ended_at.is_some() {
                return Ok(None);
            }
            let sale = store::sale_get(s, found.facts.sale_id).await?;
            Ok(Some((Act::Replacement(Box::new(found.facts)), sale.facts)))
        }
        Err(other) => Err(other),
    }
}

pub(crate) fn plan_of(flight: &InFlight) -> Result<CardPlan, StoreError> {
    serde_json::from_value(flight.op.plan.clone())
        .map_err(|e| StoreError::Inconsistent(format!("the plan of operation {}: {e}", flight.id())))
}

/// What is on the card is so whatever becomes of the sale: the next quote is made on it.
fn picture(app: &App, who: &Identity, result: &TicketResult) {
    match &result.outcome {
        TicketOutcome::Written { image1, tries, .. } => now_on_the_card(app, who, result.session, image1, *tries),
        TicketOutcome::Torn { image: Some(image), tries, .. }
        | TicketOutcome::Refused { image: Some(image), tries, .. } => {
            now_on_the_card(app, who, result.session, image, *tries);
        }
        _ => {}
    }
}

async fn settle(app: &App, who: &Identity, result: &TicketResult) -> Result<(), StoreError> {
    picture(app, who, result);
    let Some(flight) = open_op(app, who.org, result.op).await? else {
        // Ended before, or never this organisation's: there is nothing left to learn from it.
        return Ok(());
    };
    match result.psc_changed {
        Some(true) => set_psc(app, who.org, &flight, PscState::Ours).await?,
        Some(false) => set_psc(app, who.org, &flight, PscState::Unknown).await?,
        None => {}
    }
    let (first, second) = match &result.outcome {
        TicketOutcome::Written { image1, image2, .. } => (image_of(image1), image_of(image2)),
        _ => (CardImage::new(Vec::new()), CardImage::new(Vec::new())),
    };
    let here = match &result.outcome {
        TicketOutcome::Torn { image: Some(image), code, .. } if !is_removed(code) => Some(image_of(image)),
        _ => None,
    };
    let report = match &result.outcome {
        TicketOutcome::Written { .. } => {
            let returned_count = returned_on(app, who.org, &flight, &first).await?;
            Report::ReadBack { first: &first, second: &second, returned_count }
        }
        TicketOutcome::Refused { code, detail, .. } => {
            tracing::warn!(sale_id = %result.op, %code, %detail, "the station refused the ticket");
            Report::Refused
        }
        TicketOutcome::Torn { step, code, tries, detail, .. } => {
            tracing::warn!(sale_id = %result.op, %code, ?step, ?tries, %detail, "the write broke off");
            Report::BrokeOff { here: here.as_ref() }
        }
        TicketOutcome::Interrupted { last_stage } => {
            tracing::warn!(sale_id = %result.op, ?last_stage, "the station was interrupted");
            if *last_stage == JournalStage::ChangingCode {
                set_psc(app, who.org, &flight, PscState::Unknown).await?;
            }
            Report::Interrupted
        }
    };
    app.desk.heard(result.op, result.epoch);
    let plan = plan_of(&flight)?;
    match authorised(&flight)?.judge_result(result.epoch, &report, &plan.layout, true) {
        Verdict::Commit(_) => written(app, who, &flight, result).await,
        Verdict::Void(voided) => restored(app, who, &flight, result, &voided).await,
        Verdict::WriteOn(purpose) => broke_off(app, who, &flight, result, Some(purpose)).await,
        Verdict::Wait(Waiting::Stale) => {
            tracing::warn!(sale_id = %result.op, epoch = result.epoch, "the result of a ticket that is not the newest");
            Ok(())
        }
        Verdict::Wait(Waiting::NotVoided(why)) => {
            app.desk.problem(result.op, problem(why.code(), Map::new()));
            tell_problem(app, who.workstation, &flight)
        }
        Verdict::Wait(_) => waits(app, who, &flight, result).await,
    }
}

/// Nothing follows from the result by itself: what the clerk is told, unless another ticket may follow.
async fn waits(app: &App, who: &Identity, flight: &InFlight, result: &TicketResult) -> Result<(), StoreError> {
    match &result.outcome {
        TicketOutcome::Refused { code, tries, image, .. } => {
            if code == "ticket.before_differs" && over_what_is_there(app, who, flight, result, image.as_ref()).await? {
                return Ok(());
            }
            refused(app, who, flight, code, *tries).await
        }
        TicketOutcome::Torn { .. } => broke_off(app, who, flight, result, None).await,
        TicketOutcome::Written { .. } => {
            app.desk.problem(result.op, problem("write.unverified", Map::new()));
            Ok(())
        }
        TicketOutcome::Interrupted { .. } => {
            app.desk.problem(result.op, problem("write.removed", Map::new()));
            Ok(())
        }
    }
}

fn image_of(bytes: &Hex) -> CardImage {
    CardImage::new(bytes.0.clone())
}

/// The card left the reader, or the reader left the station.
fn is_removed(code: &str) -> bool {
    matches!(code, "write.removed" | "reader.unplugged")
}

/// What the sale's own meter wrote onto its card; asked for where the money is to go back.
async fn returned_on(app: &App, org: Uuid, flight: &InFlight, image: &CardImage) -> Result<Option<u32>, StoreError> {
    let restores = flight.chain.tickets.last().is_some_and(|newest| newest.purpose != Purpose::Write);
    if !restores {
        return Ok(None);
    }
    let look = crate::cards::arrival::looked_at(app, org, image).await?;
    Ok(match &look {
        Look::Content(content) => recover::returned_count(content, flight),
        _ => None,
    })
}

/// A promise of a station to run no ticket of a sale any more.
pub async fn fenced(app: &App, who: &Identity, sale: Uuid, up_to_epoch: u32) {
    match app.store.fence_add(who.org, sale, who.workstation, up_to_epoch, app.clock.now()).await {
        Ok(fence) => {
            if let Some(flight) = app.desk.in_flight(sale) {
                app.desk.grow(&flight, flight.chain.with_fence(&fence));
            }
        }
        // Ended meanwhile, or not this organisation's.
        Err(StoreError::AlreadyEnded | StoreError::NotFound) => {}
        // Whoever asked for it asks again.
        Err(error) => tracing::error!(sale_id = %sale, %error, "a station's promise could not be stored"),
    }
}

async fn set_psc(app: &App, org: Uuid, flight: &InFlight, psc: PscState) -> Result<(), StoreError> {
    let card_no = flight.op.card_no;
    app.store.tx(org, "card_psc_set", async |s| store::card_psc_set(s, card_no, psc).await).await
}

async fn written(app: &App, who: &Identity, flight: &InFlight, result: &TicketResult) -> Result<(), StoreError> {
    let TicketOutcome::Written { image1, tries, .. } = &result.outcome else { return Ok(()) };
    let plan = plan_of(flight)?;
    if result.psc_changed.is_none() && plan.access.now != plan.access.then {
        // The new password was presented and it verified.
        set_psc(app, who.org, flight, PscState::Ours).await?;
    }
    let evidence = json!({
        "kind": "read-back", "epoch": result.epoch, "session": result.session,
        "image_sha256": sha256(&image1.0), "tries": tries,
    });
    confirm(app, who, flight, evidence).await
}

fn now_on_the_card(app: &App, who: &Identity, session: Uuid, image: &Hex, tries: Option<u8>) {
    app.hub.update(who.workstation, |view| {
        if let Some(card) = view.card.as_mut().filter(|card| card.session == session) {
            card.image = image.clone();
            card.tries = tries.or(card.tries);
        }
    });
}

/// The card is as it was before, and nobody can write it any more: the money goes back.
async fn restored(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    result: &TicketResult,
    voided: &Voided,
) -> Result<(), StoreError> {
    let TicketOutcome::Written { image1, tries, .. } = &result.outcome else { return Ok(()) };
    let sale_id = flight.facts.sale_id;
    let now = app.clock.now();
    let transfers = figures(&flight.facts)
        .and_then(|f| postings_void(&f).map_err(Problem::internal))
        .map_err(|p| StoreError::Inconsistent(format!("the ledger refuses the void of {sale_id}: {:?}", p.cause())))?;
    let fences =
        flight.chain.fences.iter().map(
            |fence| json!({ "workstation_id": Uuid::from_u128(fence.station.0), "up_to_epoch": fence.up_to_epoch }),
        );
    let void = SaleVoid {
        sale_id,
        workstation_id: who.workstation,
        day: app.day_of(now),
        at: now,
        evidence: json!({
            "kind": "restored", "epoch": result.epoch, "session": result.session, "image_sha256": sha256(&image1.0),
            "tries": tries, "asked_by": Uuid::from_u128(voided.request.asked_by.0), "fences": fences.collect::<Value>(),
        }),
        transfers,
    };
    match app.store.sale_void(who.org, &void).await {
        Ok(_) => tracing::info!(%sale_id, "sale voided: the card is as it was before"),
        Err(StoreError::AlreadyEnded) => tracing::error!(%sale_id, "a committed sale was restored"),
        Err(StoreError::BeingReplaced) => {
            // Its purchase is on a replacement card, or about to be: that card ends the sale.
            app.desk.forget(sale_id);
            app.desk.problem(sale_id, problem("void.replaced", Map::new()));
            return Ok(());
        }
        Err(StoreError::StaleDecision) => return stale(app, sale_id),
        Err(other) => return Err(other),
    }
    dianka_lab::power_cut::point("void.after");
    app.desk.end(sale_id, None);
    if let Ok(view) = super::get::view(app, who.org, sale_id).await {
        app.hub.tell(who.workstation, "sale", &view);
    }
    Ok(())
}

/// Another server has issued a ticket: that one's result decides.
pub(crate) fn stale(app: &App, sale: Uuid) -> Result<(), StoreError> {
    tracing::warn!(sale_id = %sale, "a newer ticket is out");
    app.desk.forget(sale);
    Ok(())
}

/// How a sale is confirmed at this counter, now.
pub(crate) fn confirmation(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    receipt: &Receipt,
    evidence: Value,
) -> Result<SaleConfirm, StoreError> {
    let now = app.clock.now();
    let sale_id = flight.facts.sale_id;
    let transfers = figures(&flight.facts)
        .and_then(|f| postings_confirm(&f).map_err(Problem::internal))
        .map_err(|p| StoreError::Inconsistent(format!("the ledger refuses sale {sale_id}: {:?}", p.cause())))?;
    Ok(SaleConfirm {
        sale_id,
        workstation_id: who.workstation,
        day: app.day_of(now),
        at: now,
        evidence,
        document: serde_json::to_value(receipt).map_err(|e| StoreError::Inconsistent(e.to_string()))?,
        transfers,
    })
}

/// T3: the sale, or the replacement card, is proven.
pub(crate) async fn confirm(app: &App, who: &Identity, flight: &InFlight, evidence: Value) -> Result<(), StoreError> {
    dianka_lab::power_cut::point("settle.before");
    if let Some(replacement) = flight.replacement() {
        return replacements::settle::proven(app, who, flight, replacement, &evidence).await;
    }
    let sale_id = flight.facts.sale_id;
    let mut plan = plan_of(flight)?;
    plan.receipt.at = flight.facts.created_at;
    let confirm = confirmation(app, who, flight, &plan.receipt, evidence)?;
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
        Err(StoreError::StaleDecision) => return stale(app, sale_id),
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
    let note = app.desk.note(flight.id());
    if let Some(replacement) = flight.replacement() {
        replacements::settle::tell(app, workstation, flight, replacement, &plan.receipt, None);
        return Ok(());
    }
    app.hub.tell(workstation, "sale", &SaleView::new(&flight.sale(&plan.receipt, None), note.as_ref()));
    Ok(())
}

/// The card held something else than the ticket was made for, so nothing was done. If it is this sale's still, a ticket
/// for what it holds follows. False: a person has to look.
async fn over_what_is_there(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    result: &TicketResult,
    image: Option<&Hex>,
) -> Result<bool, StoreError> {
    let (Some(image), Some(newest)) = (image, flight.chain.tickets.last()) else { return Ok(false) };
    let plan = plan_of(flight)?;
    if authorised(flight)?.order().classify(&image_of(image), &plan.layout) == Seen::Other {
        return Ok(false);
    }
    recover::again(app, who, flight, result.session, Reason::BrokeOff, newest.purpose).await
}

async fn refused(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    code: &str,
    tries: Option<u8>,
) -> Result<(), StoreError> {
    let id = flight.id();
    if code == "psc.wrong" {
        wrong_code(app, who.org, flight).await?;
    }
    let mut params = Map::new();
    if let Some(tries) = tries.filter(|_| code != "psc.torn") {
        params.insert("tries".into(), tries.into());
    }
    app.desk.problem(id, problem(known(code), params));
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
    result: &TicketResult,
    write_on: Option<Purpose>,
) -> Result<(), StoreError> {
    let TicketOutcome::Torn { code, .. } = &result.outcome else { return Ok(()) };
    let id = flight.id();
    if code == "psc.wrong" {
        wrong_code(app, who.org, flight).await?;
    }
    if let Some(purpose) = write_on {
        // The card is still in: go on from what is there.
        if recover::again(app, who, flight, result.session, Reason::BrokeOff, purpose).await? {
            return Ok(());
        }
    }
    let code = if is_removed(code) { "write.removed" } else { known(code) };
    app.desk.problem(id, problem(code, Map::new()));
    tell_problem(app, who.workstation, flight)
}

/// Stations may be newer than this server: a code that is not in the catalogue is told as the general one.
fn known(code: &str) -> &str {
    match code {
        code if crate::errors::Code::parse(code).is_some() => code,
        // Broken off while the password was presented: that is the card's or the reader's going, not the password's.
        "psc.torn" => "write.removed",
        code if code.starts_with("psc.") => "card.password",
        _ => "write.unverified",
    }
}

pub(crate) fn problem(code: &str, params: Map<String, Value>) -> SaleProblem {
    SaleProblem { code: code.to_owned(), params }
}
