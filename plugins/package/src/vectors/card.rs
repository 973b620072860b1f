//! A content of a card and the image that it encodes to. Fields as the contract `dianka:meter` has them; energies are Wh of
//! meter energy, powers W.

use serde::Serialize;

use super::error::{VectorsError, Wrong};
use super::hexed::Hexed;
use super::node::Node;
use super::walk::{Members, bytes};

/// A content and the image that it encodes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardVector {
    /// For reports.
    pub name: String,
    /// What the card says.
    pub content: Content,
    /// What was on the card before; none for a card as its maker delivers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Hexed>,
    /// What is on it then.
    pub image: Hexed,
}

/// All that a card says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Kind of the card: `purchase`, `clear`, ...
    pub kind: String,
    /// The seller's system.
    pub system_code: u32,
    /// The region.
    pub region: u32,
    /// The customer's number.
    pub user_no: u64,
    /// The card's number.
    pub card_no: u32,
    /// Version of the key that the card's password is derived with.
    pub key_version: u8,
    /// The purchase on it.
    pub purchase: Option<Purchase>,
    /// What the meter wrote back.
    pub returned: Option<Returned>,
    /// Further parameters of the standard.
    pub params: Vec<Param>,
}

/// Everything that a purchase tells the meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Purchase {
    /// The meter's factory number.
    pub meter_no: u64,
    /// The purchase number.
    pub count: u32,
    /// What is loaded, Wh.
    pub quantity_wh: i64,
    /// Alarm level, Wh.
    pub alarm_wh: i64,
    /// Overdraft limit, Wh; 0 = none.
    pub overdraft_wh: i64,
    /// Hoarding limit, Wh; 0 = none.
    pub hoard_wh: i64,
    /// 0 = no limit, 1 = cut after 30 s over capacity.
    pub limit_mode: u8,
    /// Contracted capacity, W.
    pub capacity_w: u32,
    /// Preset quantity, Wh.
    pub preset_wh: i64,
    /// Day of purchase.
    pub date: CalendarDate,
}

/// A day of the calendar, as a card has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CalendarDate {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// What the meter wrote back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// The user that the meter belongs to.
    pub user_no: u64,
    /// The meter that wrote.
    pub meter_no: u64,
    /// The last purchase number that the meter took.
    pub count: u32,
    /// Used since the meter was cleared, Wh.
    pub total_used_wh: i64,
    /// 0 when the meter is overdrawn, Wh.
    pub remaining_wh: i64,
    /// Used beyond what was paid, Wh.
    pub overdraft_wh: i64,
    /// Loaded since the meter was cleared, Wh.
    pub total_purchased_wh: i64,
    /// Power at that moment, W.
    pub power_w: u32,
    /// Whether the supply was cut.
    pub relay_open: bool,
    /// Status word: 0 = in order.
    pub status: u32,
    /// Rejected insertions.
    pub errors: u32,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Param {
    /// As in the driver's parameter specification.
    pub name: String,
    /// The value.
    pub value: ParamValue,
}

/// A typed value: `{"int": 5}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Raw bytes, as a list of numbers.
    Bytes(Vec<u8>),
}

impl CardVector {
    pub(super) fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let vector = Self {
            name: members.text("name")?,
            content: Content::read(members.must("content")?, &members.place("content"))?,
            before: members.maybe_hexed("before")?,
            image: members.hexed("image")?,
        };
        members.end()?;
        Ok(vector)
    }
}

impl Content {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let content = Self {
            kind: members.text("kind")?,
            system_code: members.number("system_code")?,
            region: members.number("region")?,
            user_no: members.number("user_no")?,
            card_no: members.number("card_no")?,
            key_version: members.number("key_version")?,
            purchase: match members.maybe("purchase")? {
                Some(node) => Some(Purchase::read(node, &members.place("purchase"))?),
                None => None,
            },
            returned: match members.maybe("returned")? {
                Some(node) => Some(Returned::read(node, &members.place("returned"))?),
                None => None,
            },
            params: Param::read_all(&mut members)?,
        };
        members.end()?;
        Ok(content)
    }
}

impl Purchase {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let purchase = Self {
            meter_no: members.number("meter_no")?,
            count: members.number("count")?,
            quantity_wh: members.number("quantity_wh")?,
            alarm_wh: members.number("alarm_wh")?,
            overdraft_wh: members.number("overdraft_wh")?,
            hoard_wh: members.number("hoard_wh")?,
            limit_mode: members.number("limit_mode")?,
            capacity_w: members.number("capacity_w")?,
            preset_wh: members.number("preset_wh")?,
            date: CalendarDate::read(members.must("date")?, &members.place("date"))?,
        };
        members.end()?;
        Ok(purchase)
    }
}

impl CalendarDate {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let date = Self { year: members.number("year")?, month: members.number("month")?, day: members.number("day")? };
        members.end()?;
        Ok(date)
    }
}

impl Returned {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let returned = Self {
            user_no: members.number("user_no")?,
            meter_no: members.number("meter_no")?,
            count: members.number("count")?,
            total_used_wh: members.number("total_used_wh")?,
            remaining_wh: members.number("remaining_wh")?,
            overdraft_wh: members.number("overdraft_wh")?,
            total_purchased_wh: members.number("total_purchased_wh")?,
            power_w: members.number("power_w")?,
            relay_open: members.flag("relay_open")?,
            status: members.number("status")?,
            errors: members.number("errors")?,
        };
        members.end()?;
        Ok(returned)
    }
}

impl Param {
    /// The member `params`, which is there even if it is empty.
    pub(super) fn read_all(members: &mut Members<'_>) -> Result<Vec<Self>, VectorsError> {
        members.must("params")?;
        members.list("params", Self::read)
    }

    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let param = Self {
            name: members.text("name")?,
            value: ParamValue::read(members.must("value")?, &members.place("value"))?,
        };
        members.end()?;
        Ok(param)
    }
}

impl ParamValue {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let one = Wrong::Type(
            "flag、int、text、bytes 之一，例如 {\"int\": 5}",
            "one of flag, int, text and bytes, for example {\"int\": 5}",
        );
        let Node::Members(all) = node else { return Err(VectorsError::wrong(place, one)) };
        let [(kind, value)] = all.as_slice() else { return Err(VectorsError::wrong(place, one)) };
        let mut members = Members::of(node, place)?;
        match kind.as_str() {
            "flag" => members.flag("flag").map(Self::Flag),
            "int" => members.number("int").map(Self::Int),
            "text" => members.text("text").map(Self::Text),
            "bytes" => bytes(value).map(Self::Bytes).map_err(|what| VectorsError::wrong(members.place("bytes"), what)),
            _ => Err(VectorsError::wrong(place, one)),
        }
    }
}
