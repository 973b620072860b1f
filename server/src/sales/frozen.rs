//! What a quote freezes: the whole decision about a sale, signed, so that nothing has to be stored before the money is
//! taken and nothing is decided twice.
//!
//! The page carries the text and gives it back unread. The tag makes it this server's own; for a card, the session in it
//! ties it to one insertion; `account_version` and `sold` tie it to the books that the decision was made on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dianka_domain::card::Layout;
use dianka_plugin_host::meter::AccessRule;
use dianka_plugin_host::token::TokenMeter;
use dianka_station::proto::Hex;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::receipt::Receipt;
use crate::keys::Keys;

/// Version of the payload; another one is refused, never guessed at.
pub const FORMAT: u32 = 2;

/// The password's rule on both sides of a write. Rules, not passwords: these may be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPair {
    /// Of the card as it is.
    pub now: AccessRule,
    /// Of the card as it shall be.
    pub then: AccessRule,
    /// Version of the key that both are derived with.
    pub key_version: u8,
}

/// What a sale keeps beside its images, so that it can be finished without a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPlan {
    /// Where the seal, the writable and the returned ranges are; without the fields.
    pub layout: Layout,
    /// How the password is found.
    pub access: AccessPair,
    /// What the receipt says.
    pub receipt: Receipt,
}

/// The driver that made the target or makes the token, as every sale keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverStamp {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the component, hex.
    pub sha256: String,
}

/// What carries a decided sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FrozenCarrier {
    /// A card, as it was and as it shall be.
    Card(Box<FrozenCard>),
    /// A token, made when it is sold.
    Token(FrozenToken),
}

/// The card of a decided sale. Energies are meter energy, Wh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenCard {
    /// The card session.
    pub session: Uuid,
    /// The card's number.
    pub card_no: i64,
    /// Alarm level.
    pub alarm_wh: i64,
    /// Hoarding limit.
    pub hoard_wh: i64,
    /// Overdraft limit.
    pub overdraft_wh: i64,
    /// 0 or 1.
    pub limit_mode: u8,
    /// Contracted capacity, W.
    pub capacity_w: u32,
    /// Where the seal, the writable and the returned ranges are (without the fields): repair needs no driver.
    pub layout: Layout,
    /// How the card's password is found, as it is now and as it shall be.
    pub access: AccessPair,
    /// The whole card before.
    pub before: Hex,
    /// The whole card after.
    pub target: Hex,
}

/// The token of a decided sale: what it will be made from. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenToken {
    /// The meter as the driver knows it.
    pub meter: TokenMeter,
    /// Name of the vending key.
    pub key_slot: String,
}

/// A decided sale. Energies in Wh (real unless the name says meter), money in fen, price in 10^-6 yuan per kWh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// [`FORMAT`].
    pub format: u32,
    /// The organisation.
    pub org: Uuid,
    /// The counter.
    pub workstation_id: Uuid,
    /// Its site.
    pub site_id: Uuid,
    /// `opening` (makes a blank card the account's own) or `purchase`.
    pub opening: bool,
    /// The account.
    pub account_id: Uuid,
    /// Version of the account that was decided on.
    pub account_version: i64,
    /// Its last purchase number; the sale's is the next.
    pub sold: u32,
    /// The account's user number.
    pub user_no: i64,
    /// The meter.
    pub meter_id: Uuid,
    /// Its factory number.
    pub meter_no: u64,
    /// The meter's period.
    pub period: u32,
    /// Generation of the account's card.
    pub generation: u32,
    /// The area that the sale counts for.
    pub area_id: Uuid,
    /// Purchase number.
    pub count: u32,
    /// Sold and billed, real.
    pub energy_wh: i64,
    /// To pay.
    pub amount_fen: i64,
    /// Price.
    pub price_micro: i64,
    /// The tariff version that the price comes from.
    pub tariff_version_id: Uuid,
    /// PT x CT.
    pub multiplier: u32,
    /// Adjustment that this sale uses up, real.
    pub adjustment_used_wh: i64,
    /// New pending adjustment from rounding, real.
    pub carry_wh: i64,
    /// Preset that the system deducts, meter energy.
    pub preset_deducted_wh: i64,
    /// On the card or token, meter energy.
    pub quantity_wh: i64,
    /// Who made the target, or makes the token.
    pub driver: DriverStamp,
    /// What carries it.
    pub carrier: FrozenCarrier,
    /// What the receipt will say.
    pub receipt: Receipt,
    /// Unix seconds after which the quote is not taken. Decides nothing once the sale is authorised.
    pub expires_at: i64,
}

/// Not a quote, or not this server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the quote is not this server's")]
pub struct InvalidQuote;

impl Frozen {
    /// The text that the page carries.
    ///
    /// # Errors
    /// When it does not serialise.
    pub fn sign(&self, keys: &Keys) -> Result<String, serde_json::Error> {
        let payload = serde_json::to_vec(self)?;
        let tag = tag(keys, &payload).finalize().into_bytes();
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(tag)))
    }

    /// Whether it is too old for a new sale. `now` is Unix seconds.
    #[must_use]
    pub const fn has_expired(&self, now: i64) -> bool {
        now > self.expires_at
    }

    /// Reads a quote whatever its age: to answer a repeated request with its first answer.
    ///
    /// # Errors
    /// [`InvalidQuote`].
    pub fn open(text: &str, keys: &Keys) -> Result<Self, InvalidQuote> {
        let (payload, tag) = text.split_once('.').ok_or(InvalidQuote)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| InvalidQuote)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| InvalidQuote)?;
        self::tag(keys, &payload).verify_slice(&tag).map_err(|_| InvalidQuote)?;
        let frozen: Self = serde_json::from_slice(&payload).map_err(|_| InvalidQuote)?;
        if frozen.format == FORMAT { Ok(frozen) } else { Err(InvalidQuote) }
    }
}

fn tag(keys: &Keys, payload: &[u8]) -> Hmac<Sha256> {
    // The block-sized form of the key, which cannot fail.
    let mut block = [0_u8; 64];
    block.iter_mut().zip(keys.derive("quote")).for_each(|(to, from)| *to = from);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(payload);
    mac
}
