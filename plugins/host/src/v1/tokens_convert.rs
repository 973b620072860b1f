//! Between the generated types of interface `tokens` and the host's own.

use dianka_domain::units::MeterEnergy;
use dianka_keys::KeyRule;

use super::tokens::bindings::dianka::meter::types as wit;
use super::tokens::bindings::exports::dianka::meter::tokens;
use crate::meter::{Param, Refusal, Value};
use crate::text::Text;
use crate::token::{
    AmountCoding, BitField, DigitsCoding, Minute, Prepared, TokenContent, TokenFacts, TokenKind, TokenMeter,
    TokenOrder, TokenRequest,
};

fn text(text: wit::Text) -> Text {
    Text { zh: text.zh, en: text.en }
}

fn param_from(param: wit::Param) -> Param {
    let value = match param.value {
        wit::Value::Flag(flag) => Value::Flag(flag),
        wit::Value::Int(int) => Value::Int(int),
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::Bytes(bytes) => Value::Bytes(bytes),
    };
    Param { name: param.name, value }
}

fn param_into(param: &Param) -> wit::Param {
    let value = match &param.value {
        Value::Flag(flag) => wit::Value::Flag(*flag),
        Value::Int(int) => wit::Value::Int(*int),
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Bytes(bytes) => wit::Value::Bytes(bytes.clone()),
    };
    wit::Param { name: param.name.clone(), value }
}

pub(super) fn refusal(refusal: wit::Refusal) -> Refusal {
    let params = refusal.params.into_iter().map(param_from).collect();
    Refusal { code: refusal.code, message: refusal.message, at: refusal.at, params }
}

/// Fails on what the contract's strings do not allow.
pub(super) fn facts(facts: tokens::TokenFacts) -> Result<TokenFacts, String> {
    Ok(TokenFacts {
        digits: facts.digits,
        digits_coding: match facts.digits_coding.as_str() {
            "sts-66" => DigitsCoding::Sts66,
            other => return Err(format!("the digits are coded as {other:?}, which is unknown")),
        },
        block_len: facts.block_len,
        amount: bit_field(facts.amount)?,
        identifier: bit_field(facts.identifier)?,
        exact_up_to_wh: MeterEnergy::from_wh(facts.exact_up_to_wh),
        most_wh: MeterEnergy::from_wh(facts.most_wh),
        kinds: facts.kinds.into_iter().map(kind).collect(),
    })
}

fn bit_field(field: tokens::BitField) -> Result<BitField, String> {
    let coding = match field.coding.as_str() {
        "uint-be" => AmountCoding::UintBe,
        "sts-amount" => AmountCoding::StsAmount,
        other => return Err(format!("a number is coded as {other:?}, which is unknown")),
    };
    Ok(BitField { offset: field.offset, len: field.len, coding, step: field.step })
}

fn kind(kind: tokens::TokenKind) -> TokenKind {
    TokenKind { id: kind.id, name: text(kind.name), class: kind.class, unit: kind.unit }
}

pub(super) fn meter(meter: &TokenMeter) -> tokens::TokenMeter {
    tokens::TokenMeter { meter_no: meter.meter_no, params: meter.params.iter().map(param_into).collect() }
}

pub(super) fn request(request: &TokenRequest) -> tokens::TokenRequest {
    let (kind, amount) = request.order.parts();
    let Minute { year, month, day, hour, minute } = request.issued;
    tokens::TokenRequest {
        kind: kind.to_owned(),
        meter: meter(&request.meter),
        amount,
        issued: tokens::Minute { year, month, day, hour, minute },
        after: request.after,
        chance: request.chance,
    }
}

pub(super) fn key_rule(rule: tokens::KeyRule) -> KeyRule {
    KeyRule { slot: rule.slot, algorithm: rule.algorithm, data: rule.data, len: rule.len, cipher: rule.cipher }
}

pub(super) fn prepared(prepared: tokens::Prepared) -> Prepared {
    Prepared {
        class: prepared.class,
        block: prepared.block,
        key: key_rule(prepared.key),
        identifier: prepared.identifier,
    }
}

pub(super) fn content(content: tokens::TokenContent) -> TokenContent {
    let tokens::Minute { year, month, day, hour, minute } = content.issued;
    TokenContent {
        order: TokenOrder::of(content.kind, content.amount),
        identifier: content.identifier,
        issued: Minute { year, month, day, hour, minute },
        chance: content.chance,
    }
}
