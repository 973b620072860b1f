//! Tokens: the six functions of the contract's interface.

use crate::amount;
use crate::block::Block;
use crate::contract::tokens::{
    BitField, Dissected, KeyRule, Prepared, TokenContent, TokenFacts, TokenMeter, TokenRequest,
};
use crate::contract::types::Refusal;
use crate::describe::STEP_WH;
use crate::digits;
use crate::identifier::{self, NoIdentifier};
use crate::key::{self, Parameters};
use crate::kinds;
use crate::refuse::{refuse, refuse_with};

/// What the host checks every token by.
#[must_use]
pub fn facts() -> TokenFacts {
    let field = |offset, len, coding: &str, step| BitField { offset, len, coding: coding.into(), step };
    TokenFacts {
        digits: u32::try_from(digits::DIGITS).unwrap_or(0),
        digits_coding: "sts-66".into(),
        block_len: 8,
        amount: field(32, 16, "sts-amount", STEP_WH),
        identifier: field(8, 24, "uint-be", 1),
        exact_up_to_wh: i64::from(amount::EXACT_UP_TO).saturating_mul(STEP_WH),
        most_wh: i64::from(amount::MAX).saturating_mul(STEP_WH),
        kinds: kinds::ALL.map(kinds::Kind::described).to_vec(),
    }
}

/// The key of a meter.
///
/// # Errors
/// See [`key::rule`].
pub fn key(meter: &TokenMeter) -> Result<KeyRule, Refusal> {
    key::rule(meter)
}

/// The plain block of a token.
///
/// # Errors
/// Those of [`key::rule`] and [`kinds::Kind::encode`]; `unsupported`, `bad-input`, `count-exhausted`.
pub fn prepare(request: &TokenRequest) -> Result<Prepared, Refusal> {
    let key = key::rule(&request.meter)?;
    let base = Parameters::of(&request.meter.params)?.base;
    let kind = kinds::by_id(&request.kind)?;
    let data = kind.encode(request.amount)?;
    let identifier = identifier::of(base, &request.issued, request.after).map_err(|reason| match reason {
        NoIdentifier::NoMinute => refuse("bad-input", "there is no such minute in the calendar"),
        NoIdentifier::OutOfReach => {
            let figures = [("base-date", base.into())];
            refuse_with("bad-input", "the minute is not among those that the base date reaches", &figures)
        }
        NoIdentifier::Exhausted => refuse("count-exhausted", "no identifier is left; the meter needs a new base date"),
    })?;
    let [.., chance] = request.chance.to_be_bytes();
    let block = Block { subclass: kind.subclass, chance: chance & 0x0F, identifier, data };
    Ok(Prepared { class: kind.class, block: block.to_bytes(kind.class).to_vec(), key, identifier: identifier.into() })
}

/// The digits of a token.
///
/// # Errors
/// `bad-input`.
pub fn compose(class: u8, cipher_block: &[u8]) -> Result<String, Refusal> {
    let digits = cipher_block.try_into().ok().and_then(|block| digits::compose(class, block));
    digits.ok_or_else(|| refuse("bad-input", "a class of 0 to 3 and a block of 8 bytes are needed"))
}

/// What the digits carry.
///
/// # Errors
/// `bad-input`.
pub fn dissect(digits: &str) -> Result<Dissected, Refusal> {
    let (class, block) = digits::dissect(digits)
        .ok_or_else(|| refuse("bad-input", "a token is a number of 20 digits, at most 73786976294838206463"))?;
    Ok(Dissected { class, cipher_block: block.to_vec() })
}

/// What a decrypted token says.
///
/// # Errors
/// Those of [`key::rule`]; `bad-input`, `checksum`, `unsupported`, `bad-field`.
pub fn read(meter: &TokenMeter, class: u8, block: &[u8]) -> Result<TokenContent, Refusal> {
    let base = Parameters::of(&meter.params)?.base;
    let bytes = block.try_into().map_err(|_| refuse("bad-input", "a block has 8 bytes"))?;
    let block = Block::from_bytes(class, bytes)
        .ok_or_else(|| refuse("checksum", "not a token of this meter, or a digit is wrong"))?;
    let kind = kinds::by_bits(class, block.subclass)
        .ok_or_else(|| refuse("unsupported", format!("class {class}, kind {} is not known", block.subclass)))?;
    let amount = kind.decode(block.data).ok_or_else(|| {
        refuse("bad-field", format!("a token of kind {:?} does not carry {:04x}h", kind.id, block.data))
    })?;
    Ok(TokenContent {
        kind: kind.id.into(),
        amount,
        identifier: block.identifier.into(),
        issued: identifier::minute(base, block.identifier),
        chance: block.chance.into(),
    })
}
