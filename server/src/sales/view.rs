//! A sale as the page sees it.

use chrono::{DateTime, Utc};
use dianka_store::{Carried, Sale, SaleState};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::desk::Note;

/// A sale. Energies in Wh (real, but for `quantity_wh` and `preset_deducted_wh`: meter), money in fen.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Sale)]
pub struct SaleView {
    /// The client's id.
    pub id: Uuid,
    /// `opening` or `purchase`.
    pub kind: String,
    /// `authorised`, `committed` or `voided`.
    pub state: String,
    /// Whose.
    pub account_id: Uuid,
    /// User number 用户编号.
    pub user_no: String,
    /// Name 户名.
    pub name: String,
    /// Purchase number 购电次数.
    pub count: u32,
    /// Sold and billed 购电量.
    pub energy_wh: i64,
    /// 金额.
    pub amount_fen: i64,
    /// On the card or token 写卡电量.
    pub quantity_wh: i64,
    /// Adjustment used 找补.
    pub adjustment_wh: i64,
    /// Carried to the next purchase.
    pub carry_wh: i64,
    /// Preset deducted by the system 预置.
    pub preset_deducted_wh: i64,
    /// Price.
    pub price_micro: i64,
    /// Multiplier 倍率.
    pub multiplier: u32,
    /// Counter.
    pub workstation_id: Uuid,
    /// Site.
    pub site_name: String,
    /// Who sold it.
    pub operator_name: String,
    /// `cash`, `wechat`, `alipay`, `bank`.
    pub payment: String,
    /// Handed over.
    pub cash_fen: Option<i64>,
    /// Change.
    pub change_fen: Option<i64>,
    /// Receipt number, once committed.
    pub receipt_no: Option<i64>,
    /// The workstation whose row the number is of: where the sale ended, which need not be where it was paid.
    pub receipt_workstation_id: Option<Uuid>,
    /// `waiting-card`, or the station's step, while it is open.
    pub step: Option<String>,
    /// Why it waits.
    pub problem: Option<SaleProblem>,
    /// When the money was taken.
    pub authorised_at: DateTime<Utc>,
    /// When the card was proven, or the token made.
    pub committed_at: Option<DateTime<Utc>>,
    /// Factory number.
    pub meter_no: String,
    /// `card` or `token`.
    pub carrier: String,
    /// Card number, where the meter takes cards.
    pub card_no: Option<i64>,
    /// The token, where the meter takes tokens: the same one for ever.
    pub token: Option<SaleToken>,
    /// Driver.
    pub driver_id: String,
    /// Its version.
    pub driver_version: String,
}

/// A token that was sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaleToken {
    /// What the customer types, in groups of four: `5938 6323 4721 3742 6967`.
    pub digits: String,
    /// What makes it another token than all others of the meter (TID: minutes since the base date).
    pub identifier: u64,
}

/// Digits in groups of four, as they are read aloud and typed.
#[must_use]
pub fn in_fours(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len().saturating_mul(2));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at.is_multiple_of(4) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// Why an open sale waits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SaleProblem {
    /// A code of the catalogue.
    pub code: String,
    /// Its figures.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

impl SaleView {
    /// From the books and from what is known of the write.
    #[must_use]
    pub fn new(sale: &Sale, note: Option<&Note>) -> Self {
        let facts = &sale.facts;
        let open = sale.state == SaleState::Authorised;
        let note = note.filter(|_| open);
        let (card_no, token) = match &sale.carried {
            Carried::Card { card_no } => (Some(*card_no), None),
            Carried::Token { digits, identifier } => {
                (None, Some(SaleToken { digits: in_fours(digits), identifier: *identifier }))
            }
        };
        let cash = facts.cash_fen.map(dianka_domain::units::Money::fen);
        Self {
            id: facts.sale_id,
            kind: facts.kind.as_str().to_owned(),
            state: sale.state.as_str().to_owned(),
            account_id: facts.account_id,
            user_no: crate::accounts::view::eight_digits(sale.user_no),
            name: sale.account_name.clone(),
            count: facts.count,
            energy_wh: facts.energy_wh.wh(),
            amount_fen: facts.amount_fen.fen(),
            quantity_wh: facts.quantity_wh.wh(),
            adjustment_wh: facts.adjustment_used_wh.wh(),
            carry_wh: facts.carry_wh.wh(),
            preset_deducted_wh: facts.preset_deducted_wh.wh(),
            price_micro: facts.price_micro.micro(),
            multiplier: facts.multiplier.get(),
            workstation_id: facts.workstation_id,
            site_name: sale.site_name.clone(),
            operator_name: sale.operator_name.clone(),
            payment: facts.payment.as_str().to_owned(),
            cash_fen: cash,
            change_fen: cash.map(|cash| cash.saturating_sub(facts.amount_fen.fen())),
            receipt_no: sale.end.as_ref().and_then(|end| end.receipt_no),
            receipt_workstation_id: sale
                .end
                .as_ref()
                .filter(|end| end.receipt_no.is_some())
                .map(|end| end.workstation_id),
            step: open.then(|| note.and_then(|n| n.step.clone()).unwrap_or_else(|| "waiting-card".to_owned())),
            problem: note.and_then(|n| n.problem.clone()),
            authorised_at: facts.created_at,
            committed_at: sale.end.as_ref().filter(|end| end.receipt_no.is_some()).map(|end| end.at),
            meter_no: sale.factory_no.clone(),
            carrier: if token.is_some() { "token" } else { "card" }.to_owned(),
            card_no,
            token,
            driver_id: sale.driver_id.clone(),
            driver_version: sale.driver_version.clone(),
        }
    }
}
