//! A card arrives: finish what it left unfinished, store what it brings, tell the page.

use actix_web::web;
use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::Content;
use dianka_station::proto::CardSeen;
use dianka_store::{Acked, NewCardRead, Returned as StoredReturn, StoreError};
use uuid::Uuid;

use super::look::{self, Look};
use super::readers;
use super::view::{self, CardView, Known};
use crate::sales::decide::{meter_no, user_no};
use crate::sales::recover;
use crate::state::App;
use crate::stations::serve::Identity;

/// Takes a card that a station has read, and tells its pages.
pub async fn card_in(app: &App, who: &Identity, card: &CardSeen) {
    match taken(app, who, card, None).await {
        Ok(view) => app.hub.tell(who.workstation, "card", &view),
        Err(error) => {
            tracing::warn!(workstation = who.number, %error, "the card waits for the database");
            // The page is told; reading the card again takes it up.
            let code = if error.is_transient() { "server.database" } else { "server.internal" };
            app.hub.tell(who.workstation, "problem", &serde_json::json!({ "code": code, "params": {} }));
        }
    }
}

/// The same, for whoever asked to have it read.
///
/// # Errors
/// Those of the store.
pub async fn taken(app: &App, who: &Identity, card: &CardSeen, operator: Option<Uuid>) -> Result<CardView, StoreError> {
    let look = looked_at(app, who.org, &CardImage::new(card.image.0.clone())).await?;
    let done = recover::on_card(app, who, card, &look).await?;
    let mut known = view::known(app, who.org, &look).await?;
    if record(app, who, card, &look, &known, operator).await? {
        known = view::known(app, who.org, &look).await?;
    }
    app.hub.update(who.workstation, |view| view.taken = Some(card.session));
    Ok(view::build(app, who.org, card, &look, &known, done).await)
}

/// What the organisation's drivers say of an image.
///
/// # Errors
/// Those of the store; [`StoreError::Inconsistent`] when the computation was lost.
pub async fn looked_at(app: &App, org: Uuid, image: &CardImage) -> Result<Look, StoreError> {
    let readers = readers::of_org(app, org).await?;
    let (registry, image) = (app.registry.clone(), image.clone());
    web::block(move || readers.look(&registry, &image)).await.map_err(|e| StoreError::Inconsistent(e.to_string()))
}

/// Stores the reading. True when it proved a purchase taken: the account has changed.
async fn record(
    app: &App,
    who: &Identity,
    card: &CardSeen,
    look: &Look,
    known: &Known,
    operator: Option<Uuid>,
) -> Result<bool, StoreError> {
    // A virgin card brings nothing.
    let Look::Content(content) = look else { return Ok(false) };
    let account = known.account.as_ref();
    let returned = account.and_then(|a| look::returned_of(content, user_no(a), meter_no(a)));
    let acked =
        account.zip(returned).filter(|_| known.current).map(|(a, r)| Acked { count: r.count, period: a.period });
    let read = NewCardRead {
        read_id: Uuid::now_v7(),
        account_id: account.map(|a| a.account_id),
        card_no: Some(i64::from(content.card_no)).filter(|_| account.is_some()),
        workstation_id: who.workstation,
        operator_id: operator,
        session: card.session.to_string(),
        kind: content.kind.clone(),
        image: card.image.0.clone(),
        tries: card.tries.unwrap_or_default(),
        returned: returned.map(|_| stored(content)).transpose()?.flatten(),
        at: app.clock.now(),
    };
    let stored = app.store.reading_record(who.org, &read, acked).await?;
    Ok(stored == dianka_store::Recorded::AckedRaised)
}

fn stored(content: &Content) -> Result<Option<StoredReturn>, StoreError> {
    let Some(r) = &content.returned else { return Ok(None) };
    let status = u16::try_from(r.status).map_err(|e| StoreError::Inconsistent(format!("status word: {e}")))?;
    Ok(Some(StoredReturn {
        count: r.count,
        remaining_wh: Some(r.remaining_wh),
        total_used_wh: Some(r.total_used_wh),
        total_purchased_wh: Some(r.total_purchased_wh),
        overdraft_wh: Some(r.overdraft_wh),
        power_w: Some(i64::from(r.power_w)),
        status_word: Some(status),
        details: serde_json::json!({ "relay_open": r.relay_open, "errors": r.errors }),
    }))
}
