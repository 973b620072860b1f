//! A replacement card as the page sees it.

use chrono::{DateTime, Utc};
use dianka_store::{Replacement, Sale};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::view::eight_digits;
use crate::sales::desk::Note;
use crate::sales::view::SaleProblem;

/// A replacement card 补卡. No money; `quantity_wh` is meter energy.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Replacement)]
pub struct ReplacementView {
    /// The client's id.
    pub id: Uuid,
    /// `authorised`: the old card is blocked and the new one not proven yet; `committed`.
    pub state: String,
    /// Whose card.
    pub account_id: Uuid,
    /// User number 用户编号.
    pub user_no: String,
    /// Name 户名.
    pub name: String,
    /// The sale whose purchase it repeats. If that one was unfinished, it ends with this card.
    pub sale_id: Uuid,
    /// Purchase number 购电次数, that of the sale.
    pub count: u32,
    /// On the card 写卡电量, that of the sale.
    pub quantity_wh: i64,
    /// Factory number of the meter.
    pub meter_no: String,
    /// `lost`, `damaged` or `locked`.
    pub reason: String,
    /// The card that does not count any more.
    pub old_card_no: i64,
    /// The new one.
    pub card_no: i64,
    /// Where it was begun.
    pub workstation_id: Uuid,
    /// `waiting-card`, or the station's step, while it is open.
    pub step: Option<String>,
    /// Why it waits.
    pub problem: Option<SaleProblem>,
    /// When it was begun.
    pub authorised_at: DateTime<Utc>,
    /// When its card was proven.
    pub committed_at: Option<DateTime<Utc>>,
}

impl ReplacementView {
    /// From the books and from what is known of the write. `sale` is the one whose purchase it repeats.
    #[must_use]
    pub fn new(replacement: &Replacement, sale: &Sale, note: Option<&Note>) -> Self {
        let facts = &replacement.facts;
        let open = replacement.ended_at.is_none();
        let note = note.filter(|_| open);
        Self {
            id: facts.op_id,
            state: if open { "authorised" } else { "committed" }.to_owned(),
            account_id: facts.account_id,
            user_no: eight_digits(sale.user_no),
            name: sale.account_name.clone(),
            sale_id: facts.sale_id,
            count: sale.facts.count,
            quantity_wh: sale.facts.quantity_wh.wh(),
            meter_no: sale.factory_no.clone(),
            reason: facts.reason.as_str().to_owned(),
            old_card_no: facts.old_card_no,
            card_no: replacement.card_no,
            workstation_id: facts.workstation_id,
            step: open.then(|| note.and_then(|n| n.step.clone()).unwrap_or_else(|| "waiting-card".to_owned())),
            problem: note.and_then(|n| n.problem.clone()),
            authorised_at: facts.created_at,
            committed_at: replacement.ended_at,
        }
    }
}
