//! An order and the digits that it makes under a test key. Fields as the contract `dianka:meter` has them.

use serde::Serialize;

use super::card::Param;
use super::error::{VectorsError, Wrong};
use super::hexed::Hexed;
use super::node::Node;
use super::walk::Members;

/// An order and the digits that it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenVector {
    /// For reports.
    pub name: String,
    /// The vending key: a test key, since a package is no place for another one.
    pub key: Hexed,
    /// Everything that the token is made from.
    pub request: TokenRequest,
    /// What comes out.
    pub token: Token,
}

/// Everything that a token is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenRequest {
    /// What it does.
    pub order: TokenOrder,
    /// Whom it is for.
    pub meter: TokenMeter,
    /// When it is issued.
    pub issued: Minute,
    /// Identifier of the last token of this meter; none = there is none.
    pub after: Option<u64>,
    /// Chance, for standards that want some.
    pub chance: u64,
}

/// What a token does: `{"credit": {"quantity_wh": 100}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenOrder {
    /// Loads energy.
    Credit {
        /// How much, Wh.
        quantity_wh: i64,
    },
    /// Something else of the standard's.
    Other {
        /// Id of the kind, as the driver declares it.
        kind: String,
        /// In the unit of the kind.
        amount: i64,
    },
}

/// The meter that a token is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenMeter {
    /// Its number as it stands on its face.
    pub meter_no: u64,
    /// As the driver's description specifies them.
    pub params: Vec<Param>,
}

/// A minute of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What the customer types, without spaces.
    pub digits: String,
    /// Its identifier.
    pub identifier: u64,
}

impl TokenVector {
    pub(super) fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let vector = Self {
            name: members.text("name")?,
            key: members.hexed("key")?,
            request: TokenRequest::read(members.must("request")?, &members.place("request"))?,
            token: Token::read(members.must("token")?, &members.place("token"))?,
        };
        if vector.key.0.is_empty() {
            return Err(VectorsError::wrong(members.place("key"), Wrong::Empty));
        }
        members.end()?;
        Ok(vector)
    }
}

impl TokenRequest {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let request = Self {
            order: TokenOrder::read(members.must("order")?, &members.place("order"))?,
            meter: TokenMeter::read(members.must("meter")?, &members.place("meter"))?,
            issued: Minute::read(members.must("issued")?, &members.place("issued"))?,
            after: members.maybe_number("after")?,
            chance: members.number("chance")?,
        };
        members.end()?;
        Ok(request)
    }
}

impl TokenOrder {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let (credit, other) = (members.maybe("credit")?, members.maybe("other")?);
        let order = match (credit, other) {
            (Some(node), None) => {
                let place = members.place("credit");
                let mut inner = Members::of(node, &place)?;
                let order = Self::Credit { quantity_wh: inner.number("quantity_wh")? };
                inner.end()?;
                order
            }
            (None, Some(node)) => {
                let place = members.place("other");
                let mut inner = Members::of(node, &place)?;
                let order = Self::Other { kind: inner.text("kind")?, amount: inner.number("amount")? };
                inner.end()?;
                order
            }
            _ => {
                let what = Wrong::Type("credit 或 other 之一", "one of credit and other");
                return Err(VectorsError::wrong(place, what));
            }
        };
        members.end()?;
        Ok(order)
    }
}

impl TokenMeter {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let meter = Self { meter_no: members.number("meter_no")?, params: Param::read_all(&mut members)? };
        members.end()?;
        Ok(meter)
    }
}

impl Minute {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let minute = Self {
            year: members.number("year")?,
            month: members.number("month")?,
            day: members.number("day")?,
            hour: members.number("hour")?,
            minute: members.number("minute")?,
        };
        members.end()?;
        Ok(minute)
    }
}

impl Token {
    fn read(node: &Node, place: &str) -> Result<Self, VectorsError> {
        let mut members = Members::of(node, place)?;
        let token = Self { digits: members.text("digits")?, identifier: members.number("identifier")? };
        if let Some(at) = token.digits.chars().position(|digit| !digit.is_ascii_digit()) {
            return Err(VectorsError::wrong(members.place("digits"), Wrong::Digit(at.saturating_add(1))));
        }
        members.end()?;
        Ok(token)
    }
}
