//! The end of a replacement: its own card is proven, and with it the sale whose purchase it took over.

use chrono::{DateTime, Utc};
use dianka_store::{Replacement, ReplacementFacts, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::view::ReplacementView;
use crate::sales::desk::InFlight;
use crate::sales::receipt::Receipt;
use crate::sales::settle::{confirmation, plan_of, stale};
use crate::state::App;
use crate::stations::serve::Identity;

/// The card carries the target. An unfinished sale with this purchase is committed by it, in the same commit.
///
/// # Errors
/// Those of the store.
pub async fn proven(
    app: &App,
    who: &Identity,
    flight: &InFlight,
    replacement: &ReplacementFacts,
    evidence: &Value,
) -> Result<(), StoreError> {
    let mut plan = plan_of(flight)?;
    plan.receipt.at = flight.facts.created_at;
    let by = json!({ "kind": "replacement", "op_id": replacement.op_id });
    let sale = confirmation(app, who, flight, &plan.receipt, by)?;
    match app.store.replacement_confirm(who.org, replacement.op_id, evidence, &sale).await {
        Ok(_) => tracing::info!(op = %replacement.op_id, sale_id = %replacement.sale_id, "replacement card proven"),
        Err(StoreError::StaleDecision) => return stale(app, replacement.op_id),
        Err(other) => return Err(other),
    }
    dianka_lab::power_cut::point("settle.after");
    app.desk.end(replacement.op_id, None);
    // The sale, if it was open, has ended with it: whoever looks at it looks into the books.
    app.desk.end(replacement.sale_id, None);
    tell(app, who.workstation, flight, replacement, &plan.receipt, Some(sale.at));
    if let Ok(view) = crate::sales::get::view(app, who.org, replacement.sale_id).await {
        app.hub.tell(who.workstation, "sale", &view);
    }
    Ok(())
}

/// Tells the pages of a workstation how a replacement stands.
pub fn tell(
    app: &App,
    workstation: Uuid,
    flight: &InFlight,
    replacement: &ReplacementFacts,
    receipt: &Receipt,
    ended_at: Option<DateTime<Utc>>,
) {
    let now = Replacement { facts: replacement.clone(), card_no: flight.op.card_no, ended_at };
    let note = app.desk.note(replacement.op_id);
    app.hub.tell(workstation, "replacement", &ReplacementView::new(&now, &flight.sale(receipt, None), note.as_ref()));
}
