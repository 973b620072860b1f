//! Finishing what was begun: the card says where a sale stopped, and the same image is written again until it is there.
//!
//! Evidence only. No clock, no restart and no operator turns an authorised sale back.

use dianka_domain::card::{CardImage, Seen, classify};
use dianka_plugin_host::meter::Content;
use dianka_station::proto::{CardSeen, ToStation};
use dianka_store::{self as store, NewTicket, PscState, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::begin::{sale_copy, sha256};
use super::desk::InFlight;
use super::settle::{confirm, open_sale, plan_of};
use super::ticket::{self, Order};
use crate::cards::look::Look;
use crate::state::App;
use crate::stations::serve::Identity;

/// Tickets for one sale in one card session: a card that does not keep what is written must not be written for ever.
const TICKETS_PER_SESSION: usize = 4;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovered {
    /// No open sale is this card's.
    Nothing,
    /// This sale is being written on, or has just been proven.
    Sale(Uuid),
    /// This open sale may be this card's: a blank card looks like any other. A person says so.
    Ask(Uuid),
}

/// Finishes the open sale that this card belongs to.
///
/// # Errors
/// Those of the store.
pub async fn on_card(app: &App, who: &Identity, card: &CardSeen, look: &Look) -> Result<Recovered, StoreError> {
    let image = CardImage::new(card.image.0.clone());
    for sale_id in candidates(app, who, look).await? {
        let Some(flight) = open_sale(app, who.org, sale_id).await? else { continue };
        let plan = plan_of(&flight)?;
        if let Look::Content(content) = look
            && taken_by_meter(content, &flight)
        {
            let evidence =
                json!({ "kind": "returned", "session": card.session, "image_sha256": sha256(&card.image.0) });
            confirm(app, who, &flight, evidence).await?;
            return Ok(Recovered::Sale(sale_id));
        }
        let before = CardImage::new(flight.op.before_image.clone());
        let target = CardImage::new(flight.op.target_image.clone());
        match classify(&image, &before, &target, &plan.layout) {
            Seen::Other => {}
            Seen::Old if matches!(look, Look::Blank) => return Ok(Recovered::Ask(sale_id)),
            Seen::Old | Seen::Torn | Seen::New => {
                again(app, who, &flight, card.session, Reason::CardSeen).await?;
                return Ok(Recovered::Sale(sale_id));
            }
        }
    }
    Ok(Recovered::Nothing)
}

/// Open sales that this card may belong to: its own account's, or, when it cannot be read, all of them.
async fn candidates(app: &App, who: &Identity, look: &Look) -> Result<Vec<Uuid>, StoreError> {
    let workstation = who.workstation;
    app.store
        .tx(who.org, "open_for_card", async |s| {
            if let Look::Content(content) = look {
                let account = match store::account_by_card_no(s, i64::from(content.card_no)).await {
                    Ok(account) => account,
                    Err(StoreError::NotFound) => return Ok(Vec::new()),
                    Err(other) => return Err(other),
                };
                let open = store::sale_open_by_account(s, account.account_id).await?;
                return Ok(open.into_iter().map(|o| o.sale_id).collect());
            }
            let mut open = store::sale_open_list(s).await?;
            if matches!(look, Look::Blank) {
                // A blank card may be meant for anybody: only what was begun at this very counter is offered.
                open.retain(|(_, sale)| sale.facts.workstation_id == workstation);
            }
            Ok(open.into_iter().map(|(o, _)| o.sale_id).collect())
        })
        .await
}

/// The meter itself says that it has taken the sale's number.
fn taken_by_meter(content: &Content, flight: &InFlight) -> bool {
    let Some(returned) = &content.returned else { return false };
    let mine = content.purchase.as_ref().is_some_and(|p| p.meter_no == returned.meter_no);
    mine && returned.user_no == content.user_no
        && returned.count >= flight.facts.count
        && u32::try_from(flight.op.card_no).is_ok_and(|no| no == content.card_no)
}

/// Issues the next ticket over whatever is on the card in the reader now. False: the card is gone, the station is gone,
/// or this session has had its share of tickets.
///
/// # Errors
/// Those of the store.
pub async fn again(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    session: Uuid,
    reason: Reason,
) -> Result<bool, StoreError> {
    let sale_id = flight.facts.sale_id;
    if reason != Reason::BrokeOff && app.desk.is_writing(sale_id, session) {
        return Ok(true);
    }
    let Some(card) = app.hub.card_of(who.workstation, session) else { return Ok(false) };
    let Some(box_key) = app.hub.box_key(who.workstation) else { return Ok(false) };
    let account = flight.facts.account_id;
    let read = app.store.tx(who.org, "tickets_read", async |s| {
        Ok((store::ticket_list(s, sale_id).await?, store::card_current(s, account).await?))
    });
    let (tickets, owner) = read.await?;
    let here = session.to_string();
    if tickets.iter().filter(|t| t.session == here).count() >= TICKETS_PER_SESSION {
        tracing::error!(%sale_id, "the card does not keep what is written");
        return Ok(false);
    }
    let epoch = tickets.last().map_or(1, |t| t.epoch.saturating_add(1));
    let plan = plan_of(flight)?;
    let before = CardImage::new(card.image.0.clone());
    // The old password verified on this card before a change was begun, so it may follow with two tries left.
    let verified_before = tickets.iter().any(|t| t.body.get("psc").and_then(|p| p.as_str()) == Some("unknown"));
    let now = app.clock.now();
    let order = Order {
        org: who.org,
        sale_id,
        epoch,
        workstation: who.workstation,
        session,
        box_key: &box_key,
        before: &before,
        target: &CardImage::new(flight.op.target_image.clone()),
        layout: &plan.layout,
        access: &plan.access,
        psc: owner.psc_state,
        verified_before: verified_before && owner.psc_state == PscState::Transport,
        sale: sale_copy(&flight.facts),
        issued_at: now.to_rfc3339(),
    };
    let signed = match ticket::make(&app.keys, &order) {
        Ok(signed) => signed,
        Err(error) => return Err(StoreError::Inconsistent(format!("ticket for sale {sale_id}: {error}"))),
    };
    let body = json!({
        "epoch": epoch, "workstation_id": who.workstation, "session": session,
        "before_sha256": sha256(before.bytes()), "psc": owner.psc_state.as_str(),
    });
    let new = NewTicket { sale_id, epoch, workstation_id: who.workstation, session: here, issued_at: now, body };
    match app.store.ticket_add(who.org, &new).await {
        Ok(()) => {}
        // The card's arrival and a clerk's wish may meet: one ticket is enough.
        Err(StoreError::StaleDecision | StoreError::AlreadyEnded) => return Ok(true),
        Err(other) => return Err(other),
    }
    dianka_lab::power_cut::point("recover.ticket");
    tracing::info!(%sale_id, epoch, ?reason, "writing on");
    app.desk.sent(sale_id, session);
    let sent = app.hub.send(who.workstation, ToStation::Write(signed));
    Ok(sent.is_ok())
}
