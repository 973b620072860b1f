//! The kinds of tokens that this driver makes and understands.

use crate::amount;
use crate::contract::tokens::TokenKind;
use crate::contract::types::{Refusal, Text};
use crate::describe::STEP_WH;
use crate::refuse::{refuse, refuse_with};

/// How the 16 bits of data are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Data {
    /// Energy: the transfer amount in steps of 0.1 kWh.
    Energy,
    /// Transfer amount.
    Amount,
    /// Plain number up to 16383, where transfer amount and plain number are the same. The published cases do not tell
    /// which of both it is above.
    Number,
    /// A code, as it is.
    Code,
    /// Nothing: zero.
    Nothing,
}

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its id in the contract.
    pub id: &'static str,
    /// The class, in clear on the token.
    pub class: u8,
    /// The kind within the class.
    pub subclass: u8,
    data: Data,
    unit: &'static str,
    name: (&'static str, &'static str),
}

const fn kind(
    id: &'static str,
    (class, subclass): (u8, u8),
    data: Data,
    unit: &'static str,
    name: (&'static str, &'static str),
) -> Kind {
    Kind { id, class, subclass, data, unit, name }
}

/// All of them. Class 0 is credit, class 2 management.
pub const ALL: [Kind; 7] = [
    kind("credit", (0, 0), Data::Energy, "Wh", ("购电", "Electricity credit")),
    kind("credit-water", (0, 1), Data::Amount, "0.1 m3", ("购水", "Water credit")),
    kind("credit-gas", (0, 2), Data::Amount, "0.1 m3", ("购气", "Gas credit")),
    kind("max-power", (2, 0), Data::Number, "W", ("设置最大功率", "Set maximum power")),
    kind("clear-credit", (2, 1), Data::Code, "", ("清零（65535 为全部）", "Clear credit (65535 = all registers)")),
    kind("clear-tamper", (2, 5), Data::Nothing, "", ("清除窃电状态", "Clear tamper condition")),
    kind("phase-unbalance", (2, 6), Data::Number, "W", ("设置相间不平衡功率", "Set maximum phase power unbalance")),
];

/// The kind of this id.
///
/// # Errors
/// `unsupported`.
pub fn by_id(id: &str) -> Result<Kind, Refusal> {
    let found = ALL.into_iter().find(|kind| kind.id == id);
    found.ok_or_else(|| refuse("unsupported", format!("no token of kind {id:?} is known")))
}

/// The kind of these bits.
#[must_use]
pub fn by_bits(class: u8, subclass: u8) -> Option<Kind> {
    ALL.into_iter().find(|kind| (kind.class, kind.subclass) == (class, subclass))
}

impl Kind {
    /// As the contract has it.
    #[must_use]
    pub fn described(self) -> TokenKind {
        let (zh, en) = self.name;
        let name = Text { zh: zh.into(), en: en.into() };
        TokenKind { id: self.id.into(), name, class: self.class, unit: self.unit.into() }
    }

    /// The 16 bits of this amount, which is in the unit of the kind.
    ///
    /// # Errors
    /// `below-minimum`, `above-maximum`, `not-a-step`, with figures; `bad-input`.
    pub fn encode(self, amount: i64) -> Result<u16, Refusal> {
        match self.data {
            Data::Energy => energy(amount),
            Data::Amount => transfer(positive(amount, 1)?, 1, ["lower", "upper"]),
            Data::Number => below(positive(amount, 0)?, 0x3FFF),
            Data::Code => below(positive(amount, 0)?, 0xFFFF),
            Data::Nothing if amount == 0 => Ok(0),
            Data::Nothing => Err(refuse("bad-input", "such a token carries no amount: 0 is expected")),
        }
    }

    /// The amount of 16 bits; `None` if they are not what this kind has there.
    #[must_use]
    pub fn decode(self, data: u16) -> Option<i64> {
        match self.data {
            Data::Energy => i64::from(amount::decode(data)).checked_mul(STEP_WH),
            Data::Amount => Some(amount::decode(data).into()),
            Data::Number => (data <= 0x3FFF).then(|| data.into()),
            Data::Code => Some(data.into()),
            Data::Nothing => (data == 0).then_some(0),
        }
    }
}

fn energy(wh: i64) -> Result<u16, Refusal> {
    if wh < STEP_WH {
        return Err(refuse_with(
            "below-minimum",
            "less than a token can carry",
            &[("minimum-wh", STEP_WH), ("wh", wh)],
        ));
    }
    let names = ["lower-wh", "upper-wh"];
    let units = wh.checked_div(STEP_WH).and_then(|units| u32::try_from(units).ok()).unwrap_or(u32::MAX);
    if units >= amount::MAX || wh.checked_rem(STEP_WH) == Some(0) {
        let whole = u32::from(wh.checked_rem(STEP_WH) != Some(0));
        return transfer(units.saturating_add(whole), STEP_WH, names);
    }
    let (lower, upper) = around(units);
    Err(not_a_step(lower, upper, STEP_WH, names))
}

/// The nearest amounts on both sides of what lies between `units` and the next.
fn around(units: u32) -> (u32, u32) {
    let lower = match amount::encode(units) {
        Ok(_) => units,
        Err(amount::Inexact::Between(lower, _)) => lower,
        Err(amount::Inexact::TooMuch) => amount::MAX,
    };
    let upper = match amount::encode(units.saturating_add(1)) {
        Ok(_) => units.saturating_add(1),
        Err(amount::Inexact::Between(_, upper)) => upper,
        Err(amount::Inexact::TooMuch) => amount::MAX,
    };
    (lower, upper)
}

fn transfer(units: u32, step: i64, names: [&str; 2]) -> Result<u16, Refusal> {
    amount::encode(units).map_err(|inexact| match inexact {
        amount::Inexact::Between(lower, upper) => not_a_step(lower, upper, step, names),
        amount::Inexact::TooMuch => {
            let most = i64::from(amount::MAX).saturating_mul(step);
            refuse_with("above-maximum", "more than a token can carry", &[("maximum", most)])
        }
    })
}

fn not_a_step(lower: u32, upper: u32, step: i64, [low, high]: [&str; 2]) -> Refusal {
    let figures = [(low, i64::from(lower).saturating_mul(step)), (high, i64::from(upper).saturating_mul(step))];
    refuse_with("not-a-step", "a token has no such amount", &figures)
}

fn positive(amount: i64, least: i64) -> Result<u32, Refusal> {
    if amount < least {
        return Err(refuse_with("below-minimum", "less than a token can carry", &[("minimum", least)]));
    }
    Ok(u32::try_from(amount).unwrap_or(u32::MAX))
}

fn below(amount: u32, most: u16) -> Result<u16, Refusal> {
    let fits = u16::try_from(amount).ok().filter(|amount| *amount <= most);
    fits.ok_or_else(|| refuse_with("above-maximum", "more than a token can carry", &[("maximum", most.into())]))
}
