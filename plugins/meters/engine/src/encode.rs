//! From what a card shall say to its whole image.

use dianka_sdk::checksum::crc16;
use dianka_sdk::meter::types::{CardImage, Content, Param, Refusal, Value};

use crate::card::{self, OPERATION_SUSPEND, OPERATION_WAKE};
use crate::decode;
use crate::fields::{self, Values};
use crate::frame;
use crate::open_a;
use crate::profile::{Area, CardKind, Item, Standard};
use crate::refuse::{refuse, refuse_with};

/// The image that `before` becomes when it shall say `content`. Header, unused bytes and returned data stay; a `blank`
/// content erases everything behind the header, for a card that is issued anew.
///
/// # Errors
/// `unsupported` for another chip or kind, `below-minimum`, `not-a-step` and `above-maximum` for quantities,
/// `bad-input` for anything else that cannot be written.
pub fn encode(standard: &Standard, content: &Content, before: &CardImage) -> Result<CardImage, Refusal> {
    let profile = standard.profile;
    let mut bytes = decode::memory(profile, before)?.to_vec();
    if content.kind == "blank" {
        bytes.get_mut(profile.identity.offset..).unwrap_or_default().fill(0xFF);
        return Ok(CardImage { chip: before.chip.clone(), bytes });
    }
    returned_stays(standard, content, &bytes)?;
    let (kind, order) = order(standard, content)?;
    let identity = Values::default()
        .with(Item::ProfileId, standard.profile_id)
        .with(Item::ProfileVersion, profile.version)
        .with(Item::SystemCode, content.system_code.into())
        .with(Item::Region, content.region.into())
        .with_number(Item::UserNo, content.user_no)
        .with(Item::CardNo, content.card_no.into())
        .with(Item::CardType, kind.code)
        .with(Item::KeyVersion, content.key_version.into())
        .with(Item::WriteCounter, next_write(standard, &bytes));
    if let Some((item, why)) = card::fault(kind, &identity, &order) {
        return Err(refuse("bad-input", format!("{}: {why}", item.name())));
    }
    let mut block = Vec::with_capacity(profile.identity.len);
    fields::write(profile.identity_fields, &identity, &mut block)?;
    block.extend_from_slice(&crc16(&block).to_be_bytes());
    place(&mut bytes, profile.identity, &block);
    place(&mut bytes, profile.order, &frame::build(&kind.frame, &order, profile.length)?);
    Ok(CardImage { chip: before.chip.clone(), bytes })
}

/// Fills an area: the block, then FFh.
pub fn place(bytes: &mut [u8], area: Area, block: &[u8]) {
    let filled = block.iter().copied().chain(std::iter::repeat(0xFF));
    for (byte, new) in area.of_mut(bytes).iter_mut().zip(filled) {
        *byte = new;
    }
}

/// Returned data are the meter's: content may repeat what is on the card or leave it out, never say something else.
fn returned_stays(standard: &Standard, content: &Content, bytes: &[u8]) -> Result<(), Refusal> {
    let Some(wanted) = &content.returned else { return Ok(()) };
    let there = decode::returned(standard.profile, bytes).ok().flatten();
    let same = there.is_some_and(|there| decode::returned_record(&there) == *wanted);
    if same { Ok(()) } else { Err(refuse("bad-input", "returned data are written by the meter only")) }
}

/// The write counter of a card that carries one, one higher; 1 for any other. It stays at its greatest value.
fn next_write(standard: &Standard, bytes: &[u8]) -> i64 {
    let last = decode::identity(standard, bytes).map_or(0, |identity| identity.get(Item::WriteCounter));
    last.saturating_add(1).min(i64::from(u16::MAX))
}

fn order(standard: &Standard, content: &Content) -> Result<(&'static CardKind, Values), Refusal> {
    let mut params = Params::new(&content.params);
    let base = Values::default();
    let (code, order) = match content.kind.as_str() {
        "purchase" => (open_a::TYPE_PURCHASE, purchase(standard, content)?),
        "clear" => (open_a::TYPE_CLEAR, base.with(Item::MeterNo, params.int("meter-no", 1)?.unwrap_or(0))),
        "preset" => {
            let Some(preset) = params.int("preset-wh", 1)? else {
                return Err(refuse("bad-input", "a preset card needs preset-wh"));
            };
            (open_a::TYPE_PRESET, base.with(Item::Preset, preset))
        }
        "check" => (open_a::TYPE_CHECK, base),
        "management" => management(content, &mut params)?,
        other => return Err(refuse("unsupported", format!("no card of kind {other}"))),
    };
    params.finish()?;
    if content.purchase.is_some() != (code == open_a::TYPE_PURCHASE) {
        return Err(refuse("bad-input", "a purchase stands on a purchase card, and only there"));
    }
    let kind = standard.profile.kinds.iter().find(|kind| kind.code == code);
    let kind = kind.ok_or_else(|| refuse("unsupported", "the layout has no such card"))?;
    Ok((kind, order.with(Item::CardType, code)))
}

fn management(content: &Content, params: &mut Params<'_>) -> Result<(i64, Values), Refusal> {
    let operation = match params.text("operation")? {
        Some("suspend") => OPERATION_SUSPEND,
        Some("wake") => OPERATION_WAKE,
        Some("initialise") => {
            let Some(alarm) = params.int("alarm-wh", 1)? else {
                return Err(refuse("bad-input", "initialise needs alarm-wh"));
            };
            let order = Values::default().with_number(Item::UserNo, content.user_no).with(Item::Alarm, alarm);
            return Ok((open_a::TYPE_INITIALISATION, order));
        }
        _ => return Err(refuse("bad-input", "operation is suspend, wake or initialise")),
    };
    let meter = params.int("meter-no", 1)?.unwrap_or(0);
    Ok((open_a::TYPE_MANAGEMENT, Values::default().with(Item::MeterNo, meter).with(Item::Operation, operation)))
}

fn purchase(standard: &Standard, content: &Content) -> Result<Values, Refusal> {
    let Some(purchase) = &content.purchase else {
        return Err(refuse("bad-input", "a purchase card needs a purchase"));
    };
    if purchase.quantity_wh < standard.quantity_min_wh {
        let figures = [("minimum-wh", standard.quantity_min_wh), ("quantity-wh", purchase.quantity_wh)];
        return Err(refuse_with("below-minimum", "the meter takes no such small quantity", &figures));
    }
    let Some(date) = card::date_number(&purchase.date) else {
        return Err(refuse("bad-input", "date: no such day"));
    };
    Ok(Values::default()
        .with_number(Item::UserNo, content.user_no)
        .with_number(Item::MeterNo, purchase.meter_no)
        .with(Item::Count, purchase.count.into())
        .with(Item::Quantity, purchase.quantity_wh)
        .with(Item::Alarm, purchase.alarm_wh)
        .with(Item::Overdraft, purchase.overdraft_wh)
        .with(Item::Hoard, purchase.hoard_wh)
        .with(Item::LimitMode, purchase.limit_mode.into())
        .with(Item::Capacity, purchase.capacity_w.into())
        .with(Item::Preset, purchase.preset_wh)
        .with(Item::Date, date))
}

/// The extension parameters of one content; what is not asked for is refused.
struct Params<'a> {
    all: &'a [Param],
    known: usize,
}

impl<'a> Params<'a> {
    const fn new(all: &'a [Param]) -> Self {
        Self { all, known: 0 }
    }

    fn find(&mut self, name: &str) -> Option<&'a Value> {
        let found = self.all.iter().find(|param| param.name == name)?;
        self.known = self.known.saturating_add(1);
        Some(&found.value)
    }

    fn int(&mut self, name: &str, min: i64) -> Result<Option<i64>, Refusal> {
        match self.find(name) {
            None => Ok(None),
            Some(Value::Int(value)) if *value >= min => Ok(Some(*value)),
            Some(_) => Err(refuse("bad-input", format!("{name} is an integer of {min} or more"))),
        }
    }

    fn text(&mut self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.find(name) {
            None => Ok(None),
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(_) => Err(refuse("bad-input", format!("{name} is a text"))),
        }
    }

    fn finish(self) -> Result<(), Refusal> {
        if self.known == self.all.len() {
            return Ok(());
        }
        Err(refuse("bad-input", "a parameter that this kind of card does not know, or one said twice"))
    }
}
