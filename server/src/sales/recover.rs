//! Finishing what was begun: the card says where a sale stopped, and the same image is written again until it is there.
//!
//! Evidence only. No clock, no restart and no operator turns an authorised sale back.

use dianka_domain::card::{CardImage, body_is_there};
use dianka_domain::card_op::{Among, CardVerdict, OperatorId, Purpose, SessionId, judge_among};
use dianka_plugin_host::meter::Content;
use dianka_station::proto::{CardSeen, ToStation};
use dianka_store::{self as store, NewTicket, PscState, StoreError, Ticket};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

use super::begin::{copy_of, sha256};
use super::chain::{Chain, authorised, restore_body};
use super::desk::{Act, InFlight};
use super::frozen::CardPlan;
use super::settle::{self, confirm, open_op, plan_of};
use super::ticket::{self, Order};
use super::void;
use crate::cards::look::Look;
use crate::state::App;
use crate::stations::serve::Identity;

/// Why another ticket is made; for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A card came in.
    CardSeen,
    /// The write broke off with the card still in.
    BrokeOff,
    /// A clerk asked for it.
    Asked,
}

/// What an arriving card finishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// No open sale is this card's.
    Nothing,
    /// This sale is being written on, or has just been proven.
    Sale(Uuid),
    /// This replacement card is being written on.
    Replacement(Uuid),
    /// These open sales and replacements may be this card's: a blank card looks like any other, and two half-written ones
    /// may look alike. A person says which.
    Ask {
        /// Sales.
        sales: Vec<Uuid>,
        /// Replacements.
        replacements: Vec<Uuid>,
    },
}

/// Finishes the open sale, or the replacement, that this card belongs to.
///
/// # Errors
/// Those of the store.
pub async fn on_card(app: &App, who: &Identity, card: &CardSeen, look: &Look) -> Result<Recovered, StoreError> {
    let image = CardImage::new(card.image.0.clone());
    let mut judged = Vec::new();
    for id in candidates(app, who, look).await? {
        let Some(flight) = open_op(app, who.org, id).await? else { continue };
        let plan = plan_of(&flight)?;
        let returned = match look {
            Look::Content(content) => returned_count(content, &flight),
            _ => None,
        };
        let op = authorised(&flight)?;
        let verdict = op.judge_card(&image, &plan.layout, matches!(look, Look::Blank), returned);
        let may_be_anothers = op.may_be_anothers(&image, &plan.layout);
        judged.push((flight, verdict, may_be_anothers));
    }
    // What was begun at this counter first.
    judged.sort_by_key(|(flight, ..)| flight.workstation() != who.workstation);
    match judge_among(judged) {
        Among::Nothing => Ok(Recovered::Nothing),
        Among::This(flight, CardVerdict::Commit(_)) => {
            let evidence =
                json!({ "kind": "returned", "session": card.session, "image_sha256": sha256(&card.image.0) });
            confirm(app, who, &flight, evidence).await?;
            Ok(recovered(&flight))
        }
        // Its account has another card by now: this one is not written any more.
        Among::This(flight, _) if is_replaced(&flight) => Ok(Recovered::Nothing),
        Among::This(flight, _) => {
            on(app, who, &flight, card.session).await?;
            Ok(recovered(&flight))
        }
        Among::Ask(flights) => {
            let written = flights.iter().filter(|flight| !is_replaced(flight));
            let (sales, others): (Vec<_>, Vec<_>) = written.partition(|flight| flight.replacement().is_none());
            let ids = |of: Vec<&Arc<InFlight>>| of.iter().map(|flight| flight.id()).collect();
            Ok(Recovered::Ask { sales: ids(sales), replacements: ids(others) })
        }
    }
}

/// A sale whose purchase a replacement card carries, or is about to.
fn is_replaced(flight: &InFlight) -> bool {
    matches!(flight.act, Act::Sale { replaced: true })
}

fn recovered(flight: &InFlight) -> Recovered {
    match flight.replacement() {
        None => Recovered::Sale(flight.id()),
        Some(_) => Recovered::Replacement(flight.id()),
    }
}

/// Writes on: forward, or back where that was asked for and no other station can write any more.
async fn on(app: &App, who: &Identity, flight: &InFlight, session: Uuid) -> Result<(), StoreError> {
    let sale_id = flight.id();
    let purpose = match app.desk.is_to_go_back(sale_id) {
        None => Purpose::Write,
        Some(asked_by) => {
            // Also the counter where it was asked for, if the card comes in at another one.
            if let Err(problem) = void::fence_others(app, who.org, who.workstation, sale_id).await {
                app.desk.problem(sale_id, settle::problem(problem.code().as_str(), problem.figures().clone()));
                return Ok(());
            }
            Purpose::Restore { asked_by: OperatorId(asked_by.as_u128()) }
        }
    };
    again(app, who, flight, session, Reason::CardSeen, purpose).await?;
    Ok(())
}

/// Stations other than this one that had a ticket and have not promised to refuse it.
pub(super) fn unfenced(flight: &InFlight, here: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let missing = authorised(flight)?.unfenced();
    Ok(missing.into_iter().map(|station| Uuid::from_u128(station.0)).filter(|station| *station != here).collect())
}

/// Open sales and replacements that this card may belong to: its own account's, or, when it cannot be read, all of them.
async fn candidates(app: &App, who: &Identity, look: &Look) -> Result<Vec<Uuid>, StoreError> {
    let workstation = who.workstation;
    app.store
        .tx(who.org, "open_for_card", async |s| {
            if let Look::Content(content) = look {
                // Another system counts its cards by itself: the same number there is another card.
                if store::org_get(s).await?.system_code != content.system_code {
                    return Ok(Vec::new());
                }
                let account = match store::account_by_card_no(s, i64::from(content.card_no)).await {
                    Ok(account) => account,
                    Err(StoreError::NotFound) => return Ok(Vec::new()),
                    Err(other) => return Err(other),
                };
                let sale = store::sale_open_by_account(s, account.account_id).await?.map(|open| open.sale_id);
                let replacement = store::replacement_open_by_account(s, account.account_id).await?;
                return Ok(sale.into_iter().chain(replacement).collect());
            }
            let mut sales = store::sale_open_list(s).await?;
            let mut replacements = store::replacement_open_list(s).await?;
            if matches!(look, Look::Blank) {
                // A blank card may be meant for anybody: only what was begun at this very counter is offered.
                sales.retain(|(_, sale)| sale.facts.workstation_id == workstation);
                replacements.retain(|replacement| replacement.facts.workstation_id == workstation);
            }
            let sales = sales.into_iter().map(|(open, _)| open.sale_id);
            Ok(sales.chain(replacements.into_iter().map(|replacement| replacement.facts.op_id)).collect())
        })
        .await
}

/// The purchase number that the sale's own meter wrote onto the sale's own card.
pub(super) fn returned_count(content: &Content, flight: &InFlight) -> Option<u32> {
    let returned = content.returned.as_ref()?;
    let mine = content.purchase.as_ref().is_some_and(|p| p.meter_no == returned.meter_no)
        && returned.user_no == content.user_no
        && u32::try_from(flight.op.card_no).is_ok_and(|no| no == content.card_no);
    mine.then_some(returned.count)
}

/// Which password the card in the reader answers to, and whether the one from before the sale is known to have verified
/// on it.
fn password_of(
    app: &App,
    flight: &InFlight,
    plan: &CardPlan,
    tickets: &[Ticket],
    recorded: PscState,
    before: &CardImage,
) -> (PscState, bool) {
    // As its maker delivered it, whatever is known of the card that this was begun on: that one may be dead by now. The
    // password is changed after the content is there, so a card without content has its old one.
    if !plan.layout.is_sealed(before) && before.bytes() == flight.op.before_image.as_slice() {
        return (PscState::Transport, false);
    }
    // The old password verified on this card before a change was begun, so it may follow with two tries left.
    let verified_before = tickets.iter().any(|t| t.body.get("psc").and_then(|p| p.as_str()) == Some("unknown"));
    // A ticket whose result is not known may have changed the password, if the card has the content that goes before
    // that. Once only: if the new one does not verify, the old one holds.
    let newest = tickets.last().map(|ticket| ticket.epoch);
    let in_doubt = recorded == PscState::Transport
        && !verified_before
        && newest.is_some_and(|epoch| !app.desk.has_heard(flight.id(), epoch))
        && body_is_there(before, &CardImage::new(flight.op.target_image.clone()), &plan.layout);
    let psc = if in_doubt { PscState::Unknown } else { recorded };
    (psc, verified_before && recorded == PscState::Transport)
}

/// What the books keep of a ticket.
fn ticket_body(order: &Order<'_>, purpose: Purpose) -> Value {
    let mut body = json!({
        "epoch": order.epoch, "workstation_id": order.workstation, "session": order.session,
        "before_sha256": sha256(order.before.bytes()), "psc": order.psc.as_str(),
    });
    if let (Purpose::Restore { asked_by }, Some(body)) = (purpose, body.as_object_mut()) {
        body.insert("restore".into(), restore_body(asked_by));
    }
    body
}

/// Issues the next ticket of this purpose over whatever is on the card in the reader now. False: the card is gone, the
/// station is gone, or this session has had its share of tickets.
///
/// # Errors
/// Those of the store.
pub async fn again(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    session: Uuid,
    reason: Reason,
    purpose: Purpose,
) -> Result<bool, StoreError> {
    let sale_id = flight.id();
    // The card's arrival and a clerk's wish may meet: one ticket is enough, and a second one over the same image would
    // find it changed by the first.
    let Some(_issuing) = app.desk.issue(sale_id) else { return Ok(true) };
    if reason != Reason::BrokeOff && app.desk.is_writing(sale_id, session) {
        return Ok(true);
    }
    let Some(card) = app.hub.card_of(who.workstation, session) else { return Ok(false) };
    let Some(box_key) = app.hub.box_key(who.workstation) else { return Ok(false) };
    let account = flight.facts.account_id;
    let read = app.store.tx(who.org, "tickets_read", async |s| {
        let tickets = store::ticket_list(s, sale_id).await?;
        Ok((tickets, store::fence_list(s, sale_id).await?, store::card_current(s, account).await?))
    });
    let (tickets, fences, owner) = read.await?;
    let chain = Chain::of(&tickets, &fences)?;
    let now_open = authorised(&InFlight { chain: chain.clone(), ..flight.clone() })?;
    if !now_open.may_write_in(SessionId(session.as_u128())) {
        tracing::error!(%sale_id, "the card does not keep what is written");
        return Ok(false);
    }
    let epoch = chain.epoch().saturating_add(1);
    let plan = plan_of(flight)?;
    let before = CardImage::new(card.image.0.clone());
    let target = CardImage::new(match purpose {
        Purpose::Write => flight.op.target_image.clone(),
        Purpose::Restore { .. } => flight.op.before_image.clone(),
    });
    let (psc, verified_before) = password_of(app, flight, &plan, &tickets, owner.psc_state, &before);
    let now = app.clock.now();
    let order = Order {
        org: who.org,
        sale_id,
        epoch,
        workstation: who.workstation,
        session,
        box_key: &box_key,
        before: &before,
        target: &target,
        layout: &plan.layout,
        access: &plan.access,
        psc,
        restores: purpose != Purpose::Write,
        may_not_present: card.tries.is_some_and(|tries| tries < 3),
        verified_before,
        sale: copy_of(flight),
        issued_at: now.to_rfc3339(),
    };
    let signed = match ticket::make(&app.keys, &order) {
        Ok(signed) => signed,
        Err(error) => return Err(StoreError::Inconsistent(format!("ticket for sale {sale_id}: {error}"))),
    };
    let body = ticket_body(&order, purpose);
    let here = session.to_string();
    let new = NewTicket { sale_id, epoch, workstation_id: who.workstation, session: here, issued_at: now, body };
    match app.store.ticket_add(who.org, &new).await {
        Ok(()) => {}
        // Another server was faster.
        Err(StoreError::StaleDecision | StoreError::AlreadyEnded) => return Ok(true),
        // The account has another card by now, and this one is never written again.
        Err(StoreError::BeingReplaced) => {
            app.desk.forget(sale_id);
            return Ok(false);
        }
        Err(other) => return Err(other),
    }
    app.desk.grow(flight, chain.with_ticket(epoch, who.workstation, session, purpose));
    dianka_lab::power_cut::point("recover.ticket");
    tracing::info!(%sale_id, epoch, ?reason, ?purpose, "writing on");
    app.desk.sent(sale_id, session);
    let sent = app.hub.send(who.workstation, ToStation::Write(signed));
    Ok(sent.is_ok())
}
