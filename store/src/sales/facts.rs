//! What a sale is, as it goes to the database: whole and frozen.

use chrono::{DateTime, Utc};
use dianka_domain::ledger::Transfer;
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Price, RealEnergy};
use uuid::Uuid;

use crate::accounts::LimitMode;
use crate::text_enum::text_enum;

text_enum! {
    /// What kind of sale.
    SaleKind {
        /// The first one of an account, onto a blank card.
        Opening = "opening",
        /// Any later one.
        Purchase = "purchase",
    }
}

text_enum! {
    /// How it was paid.
    Payment {
        /// Cash.
        Cash = "cash",
        /// WeChat Pay 微信.
        Wechat = "wechat",
        /// Alipay 支付宝.
        Alipay = "alipay",
        /// Bank card.
        Bank = "bank",
    }
}

/// The sale as business. Frozen: nothing of it ever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleFacts {
    /// The client's id: its idempotency key.
    pub sale_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// The meter.
    pub meter_id: Uuid,
    /// Opening or purchase.
    pub kind: SaleKind,
    /// The meter's period.
    pub period: u32,
    /// Purchase number on the card.
    pub count: u32,
    /// Real energy, billed.
    pub energy_wh: RealEnergy,
    /// What it costs.
    pub amount_fen: Money,
    /// Unit price.
    pub price_micro: Price,
    /// The tariff version that the price is of.
    pub tariff_version_id: Uuid,
    /// Multiplier 倍率.
    pub multiplier: Multiplier,
    /// The part of the pending adjustment that goes into this sale, real Wh, with its sign.
    pub adjustment_used_wh: RealEnergy,
    /// What this sale's rounding adds to the pending adjustment, real Wh: pending after = before - used + carry.
    pub carry_wh: RealEnergy,
    /// Preset that the system deducts, meter Wh.
    pub preset_deducted_wh: MeterEnergy,
    /// Quantity on the card, meter Wh.
    pub quantity_wh: MeterEnergy,
    /// Area of the account.
    pub area_id: Uuid,
    /// Site of the workstation.
    pub site_id: Uuid,
    /// Where it was sold.
    pub workstation_id: Uuid,
    /// Who sold it.
    pub operator_id: Uuid,
    /// How it was paid.
    pub payment: Payment,
    /// What the customer handed over in cash.
    pub cash_fen: Option<Money>,
    /// SHA-256 of the request: the same id with another content is refused.
    pub request_hash: [u8; 32],
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The sale as card: images, parameters, driver, plan. Frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardOpFacts {
    /// The card's number.
    pub card_no: i64,
    /// The card's generation: must be the account's current one.
    pub generation: u32,
    /// Alarm level on the card, meter Wh.
    pub alarm_wh: MeterEnergy,
    /// Hoarding limit on the card, meter Wh.
    pub hoard_wh: MeterEnergy,
    /// Overdraft limit on the card, meter Wh.
    pub overdraft_wh: MeterEnergy,
    /// Limit mode on the card.
    pub limit_mode: LimitMode,
    /// Capacity on the card, W.
    pub capacity_w: i64,
    /// Driver that made the image.
    pub driver_id: String,
    /// Its version.
    pub driver_version: String,
    /// SHA-256 of its package.
    pub driver_sha256: [u8; 32],
    /// The card session that `before_image` was read in.
    pub session: String,
    /// The whole card as it was read.
    pub before_image: Vec<u8>,
    /// The whole card as it shall be.
    pub target_image: Vec<u8>,
    /// The write plan.
    pub plan: serde_json::Value,
}

/// The sale as token. Frozen: the same sale is the same token for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The account's generation that was decided on.
    pub generation: u32,
    /// Name of the vending key.
    pub key_slot: String,
    /// Identifier of the meter's last token under this key, which this one was made after.
    pub after: Option<u64>,
    /// Its own identifier; above `after`.
    pub identifier: u64,
    /// What the customer types, without spaces.
    pub digits: String,
    /// Driver that made it.
    pub driver_id: String,
    /// Its version.
    pub driver_version: String,
    /// SHA-256 of its package.
    pub driver_sha256: [u8; 32],
}

/// A sale of a token, to be authorised and finished at once.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTokenSale {
    /// The account's version that the decision was made on.
    pub account_version: i64,
    /// The sale.
    pub sale: SaleFacts,
    /// The token.
    pub token: TokenFacts,
    /// `dianka_domain::ledger::postings_begin`.
    pub transfers: Vec<Transfer>,
    /// How it ends, at the same instant and counter.
    pub confirm: SaleConfirm,
}

/// A sale to be authorised, with the decision that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSale {
    /// The account's version that the decision was made on.
    pub account_version: i64,
    /// The sale.
    pub sale: SaleFacts,
    /// What is written onto the card.
    pub op: CardOpFacts,
    /// The first ticket (epoch 1), signed.
    pub ticket: serde_json::Value,
    /// `dianka_domain::ledger::postings_begin`.
    pub transfers: Vec<Transfer>,
}

/// How a sale is confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct SaleConfirm {
    /// The sale.
    pub sale_id: Uuid,
    /// Where it was finished: its receipt counter numbers the receipt.
    pub workstation_id: Uuid,
    /// The organisation's own date: the day that it counts in.
    pub day: dianka_domain::tariff::Date,
    /// When.
    pub at: DateTime<Utc>,
    /// What proved it: the read-back, or the meter's returned data.
    pub evidence: serde_json::Value,
    /// The receipt as it is printed, but for its number.
    pub document: serde_json::Value,
    /// `dianka_domain::ledger::postings_confirm`.
    pub transfers: Vec<Transfer>,
}

/// How a sale is voided.
#[derive(Debug, Clone, PartialEq)]
pub struct SaleVoid {
    /// The sale.
    pub sale_id: Uuid,
    /// Where.
    pub workstation_id: Uuid,
    /// The organisation's own date.
    pub day: dianka_domain::tariff::Date,
    /// When.
    pub at: DateTime<Utc>,
    /// Fences, and the card read back as it was before.
    pub evidence: serde_json::Value,
    /// `dianka_domain::ledger::postings_void`.
    pub transfers: Vec<Transfer>,
}

/// Another ticket for an open sale.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTicket {
    /// The sale.
    pub sale_id: Uuid,
    /// The epoch that the body was signed for: the newest one + 1.
    pub epoch: u32,
    /// Who may write.
    pub workstation_id: Uuid,
    /// In which card session.
    pub session: String,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// The ticket, signed.
    pub body: serde_json::Value,
}
