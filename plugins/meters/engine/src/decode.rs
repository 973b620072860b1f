//! From a card image to what it says. Never guesses: what does not check out is refused.

use dianka_sdk::checksum::crc16;
use dianka_sdk::meter::types::{CardImage, Content, Param, Purchase, Refusal, Returned};

use crate::card::{self, Card};
use crate::fields::{self, Values};
use crate::frame::{self, START};
use crate::open_a;
use crate::profile::{Item, Profile, Standard};
use crate::refuse::{int, refuse, refuse_at, text};

/// What the card says, with the returned data.
///
/// # Errors
/// `unsupported` for another chip, version or kind; `not-this-standard`; `torn` while the seal is not whole;
/// `checksum`; `bad-field`.
pub fn decode(standard: &Standard, image: &CardImage) -> Result<Content, Refusal> {
    let bytes = memory(standard.profile, image)?;
    match open(standard, bytes)? {
        None => Ok(blank()),
        Some(card) => {
            let returned = returned(standard.profile, bytes)?;
            Ok(content(&card, returned.as_ref()))
        }
    }
}

/// The bytes of an image of the right chip and size.
///
/// # Errors
/// `unsupported` for another chip, `bad-input` for another size.
pub fn memory<'a>(profile: &Profile, image: &'a CardImage) -> Result<&'a [u8], Refusal> {
    if image.chip != profile.chip {
        return Err(refuse("unsupported", format!("{} lies on {}, not {}", profile.name, profile.chip, image.chip)));
    }
    if image.bytes.len() != profile.size {
        return Err(refuse("bad-input", format!("{} bytes instead of {}", image.bytes.len(), profile.size)));
    }
    Ok(&image.bytes)
}

/// Identity and frame; `None` for a blank card. This is all that a meter reads.
///
/// # Errors
/// As [`decode`], but for the returned data.
pub fn open(standard: &Standard, bytes: &[u8]) -> Result<Option<Card>, Refusal> {
    let profile = standard.profile;
    if card::is_blank(profile, bytes) {
        return Ok(None);
    }
    let area = profile.order;
    let ours = profile.identity.of(bytes).first().copied().map(i64::from) == Some(standard.profile_id);
    if !ours {
        return Err(refuse_at("not-this-standard", profile.identity.offset, "profile id of another standard"));
    }
    if area.of(bytes).first() != Some(&START) {
        return Err(refuse_at("torn", area.offset, "the seal is not whole: a write was interrupted"));
    }
    let identity = identity(standard, bytes)?;
    let code = identity.get(Item::CardType);
    let Some(kind) = profile.kinds.iter().find(|kind| kind.code == code) else {
        return Err(refuse_at("unsupported", profile.identity.offset, format!("card type {code}")));
    };
    let order = frame::parse(&kind.frame, area.of(bytes), area.offset, profile.length)?;
    if let Some((item, why)) = card::fault(kind, &identity, &order) {
        let within = fields::offset_of(kind.frame.fields, item).unwrap_or(0);
        let offset = area.offset.saturating_add(frame::HEAD).saturating_add(within);
        return Err(refuse_at("bad-field", offset, format!("{}: {why}", item.name())));
    }
    Ok(Some(Card { kind, identity, order }))
}

/// The identity block.
///
/// # Errors
/// `unsupported` for another version of the layout, `checksum`, `bad-field`.
pub fn identity(standard: &Standard, bytes: &[u8]) -> Result<Values, Refusal> {
    let profile = standard.profile;
    let area = profile.identity;
    let block = area.of(bytes);
    let len = fields::len(profile.identity_fields);
    let end = len.saturating_add(2);
    let (Some(body), Some(sum)) = (block.get(..len), block.get(len..end)) else {
        return Err(refuse_at("bad-field", area.offset, "the identity does not fit"));
    };
    if sum != crc16(body).to_be_bytes() {
        return Err(refuse_at("checksum", area.offset.saturating_add(len), "CRC-16 of the identity"));
    }
    let values = fields::read(profile.identity_fields, body, area.offset)?;
    if values.get(Item::ProfileId) != standard.profile_id {
        return Err(refuse_at("not-this-standard", area.offset, "profile id of another standard"));
    }
    if values.get(Item::ProfileVersion) != profile.version {
        return Err(refuse_at("unsupported", area.offset.saturating_add(1), "another version of the layout"));
    }
    Ok(values)
}

/// What the meter wrote back; `None` while its first byte is not set, which is also what a torn write-back leaves.
///
/// # Errors
/// `checksum` or `bad-field` for returned data that are there and damaged.
pub fn returned(profile: &Profile, bytes: &[u8]) -> Result<Option<Values>, Refusal> {
    let area = profile.returned;
    if area.of(bytes).first() != Some(&START) {
        return Ok(None);
    }
    let values = frame::parse(&profile.returned_frame, area.of(bytes), area.offset, profile.length)?;
    let both = values.get(Item::Remaining) > 0 && values.get(Item::Overdrawn) > 0;
    if both || values.get(Item::RelayOpen) > 1 {
        return Err(refuse_at("bad-field", area.offset, "returned data that contradict themselves"));
    }
    Ok(Some(values))
}

fn blank() -> Content {
    Content {
        kind: "blank".into(),
        system_code: 0,
        region: 0,
        user_no: 0,
        card_no: 0,
        key_version: 0,
        purchase: None,
        returned: None,
        params: Vec::new(),
    }
}

fn content(card: &Card, returned: Option<&Values>) -> Content {
    let identity = &card.identity;
    Content {
        kind: card.kind.name.into(),
        system_code: identity.short(Item::SystemCode),
        region: identity.short(Item::Region),
        user_no: identity.number(Item::UserNo),
        card_no: identity.short(Item::CardNo),
        key_version: identity.byte(Item::KeyVersion),
        purchase: purchase(card),
        returned: returned.map(returned_record),
        params: params(card),
    }
}

/// The purchase of a purchase card.
#[must_use]
pub fn purchase(card: &Card) -> Option<Purchase> {
    let order = &card.order;
    Some(Purchase {
        meter_no: order.number(Item::MeterNo),
        count: order.short(Item::Count),
        quantity_wh: order.get(Item::Quantity),
        alarm_wh: order.get(Item::Alarm),
        overdraft_wh: order.get(Item::Overdraft),
        hoard_wh: order.get(Item::Hoard),
        limit_mode: order.byte(Item::LimitMode),
        capacity_w: order.short(Item::Capacity),
        preset_wh: order.get(Item::Preset),
        date: card::date(order.get(Item::Date))?,
    })
    .filter(|_| card.kind.code == open_a::TYPE_PURCHASE)
}

/// The contract's record of returned numbers.
#[must_use]
pub fn returned_record(values: &Values) -> Returned {
    Returned {
        user_no: values.number(Item::UserNo),
        meter_no: values.number(Item::MeterNo),
        count: values.short(Item::Count),
        total_used_wh: values.get(Item::TotalUsed),
        remaining_wh: values.get(Item::Remaining),
        overdraft_wh: values.get(Item::Overdrawn),
        total_purchased_wh: values.get(Item::TotalPurchased),
        power_w: values.short(Item::Power),
        relay_open: values.get(Item::RelayOpen) == 1,
        status: values.short(Item::Status),
        errors: values.short(Item::Errors),
    }
}

/// What the contract's records have no place for; see `describe` for the published parameters.
fn params(card: &Card) -> Vec<Param> {
    let order = &card.order;
    let meter = order.get(Item::MeterNo);
    let bound = (meter != 0).then(|| int("meter-no", meter));
    match card.kind.code {
        open_a::TYPE_CLEAR => bound.into_iter().collect(),
        open_a::TYPE_PRESET => vec![int("preset-wh", order.get(Item::Preset))],
        open_a::TYPE_MANAGEMENT => {
            let wake = order.get(Item::Operation) == card::OPERATION_WAKE;
            let operation = text("operation", if wake { "wake" } else { "suspend" });
            std::iter::once(operation).chain(bound).collect()
        }
        open_a::TYPE_INITIALISATION => {
            vec![text("operation", "initialise"), int("alarm-wh", order.get(Item::Alarm))]
        }
        _ => Vec::new(),
    }
}
