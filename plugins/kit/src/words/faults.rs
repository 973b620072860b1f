//! What went wrong with a driver, told from the values of the fault and not from the host's log.

use dianka_domain::card::{CheckFault, FieldError, WritePlanError};
use dianka_plugin_host::meter::Refusal;
use dianka_plugin_host::reader::ReaderCallError;
use dianka_plugin_host::token::{KeyError, TokenError, TokenFault};
use dianka_plugin_host::{CallError, Fault, IntegrityFault, Text};
use serde::Serialize;
use serde_json::{Value, json};

use super::differs::Differences;
use crate::report::say;

/// A refusal: its code, and what the driver says about it.
pub(crate) fn refused(refusal: &Refusal) -> Text {
    let (zh_at, en_at) =
        refusal.at.map(|at| (format!("，第 {at} 字节处"), format!(", at byte {at}"))).unwrap_or_default();
    let (code, message) = (&refusal.code, &refusal.message);
    say(format!("{code}（驱动说：{message}{zh_at}）"), format!("{code} (the driver says: {message}{en_at})"))
}

fn fault(fault: &Fault) -> Text {
    let notice = fault.notice();
    let (zh, en) = match fault {
        Fault::Trap(why) | Fault::Incompatible(why) | Fault::Host(why) => (format!("{}：{why}", notice.zh), notice.en),
        _ => (notice.zh, notice.en),
    };
    say(format!("{zh}（{}）", fault.code()), format!("{en} ({})", fault.code()))
}

/// A call that gave no result.
pub(crate) fn called(error: &CallError) -> Text {
    match error {
        CallError::Refusal(refusal) => {
            let why = refused(refusal);
            say(format!("拒绝：{}", why.zh), format!("refused: {}", why.en))
        }
        CallError::Fault(why) => fault(why),
        CallError::Quarantined(notice) => say(&notice.zh, &notice.en),
    }
}

/// The same as values.
pub(super) fn called_json(error: &CallError) -> Value {
    match error {
        CallError::Refusal(refusal) => json!({"refused": refusal}),
        CallError::Fault(fault) => json!({"fault": fault.code()}),
        CallError::Quarantined(notice) => json!({"quarantined": notice.code}),
    }
}

/// A call of a reader that the driver did not survive.
pub(crate) fn reader_called(error: &ReaderCallError) -> Text {
    match error {
        ReaderCallError::Reader(error) => {
            let (code, message) = (&error.code, &error.message);
            say(format!("{code}（驱动说：{message}）"), format!("{code} (the driver says: {message})"))
        }
        ReaderCallError::Fault(why) => fault(why),
        ReaderCallError::Dead(why) => {
            let why = fault(why);
            say(format!("会话已结束：{}", why.zh), format!("the session has ended: {}", why.en))
        }
        ReaderCallError::Quarantined(notice) => say(&notice.zh, &notice.en),
    }
}

/// A key that is not to be had.
fn key_error(error: &KeyError) -> Text {
    let (zh, en) = match error {
        KeyError::NoSlot { slot } => {
            (format!("密钥槽“{slot}”中没有密钥"), format!("there is no key in the slot “{slot}”"))
        }
        KeyError::Unknown { algorithm, len, cipher } => (
            format!("不支持的派生方法：{algorithm}，{len} 字节，用于 {cipher}"),
            format!("the derivation {algorithm} of {len} bytes for the cipher {cipher} is not known"),
        ),
        KeyError::BadData(why) => {
            (format!("派生数据不可用（{why}）"), format!("the data of the derivation are not acceptable: {why}"))
        }
        KeyError::BadBlock { given, wanted } => (
            format!("数据块应为 {wanted} 字节，实为 {given} 字节"),
            format!("a block should have {wanted} bytes and has {given}"),
        ),
        KeyError::BadKey { given, wanted } => (
            format!("密钥应为 {wanted} 字节，实为 {given} 字节"),
            format!("a key should have {wanted} bytes and has {given}"),
        ),
        KeyError::Unavailable(why) => (format!("密钥暂不可用（{why}）"), format!("the keys cannot be used now: {why}")),
    };
    say(format!("{zh}（{}）", error.code()), format!("{en} ({})", error.code()))
}

/// A token that there is none of.
pub(crate) fn token_called(error: &TokenError) -> Text {
    match error {
        TokenError::NoTokens => say("该标准不使用代码，而使用卡", "the standard has no tokens; its carrier is a card"),
        TokenError::Call(error) => called(error),
        TokenError::Key(error) => key_error(error),
    }
}

/// An answer about a token as a value.
pub(crate) fn token_answered<T: Serialize>(answer: &Result<T, TokenError>) -> Value {
    match answer {
        Ok(value) => json!(value),
        Err(TokenError::Call(error)) => called_json(error),
        Err(TokenError::Key(error)) => json!({"key": error.code()}),
        Err(TokenError::NoTokens) => json!({"key": "no-tokens"}),
    }
}

/// Why the host would not sell a card: in words, and the fields that differ.
pub(crate) fn integrity(fault: &IntegrityFault) -> (Text, Value) {
    let code = fault.code();
    let (zh, en, differs) = match fault {
        IntegrityFault::NoPurchase => ("内容中没有购电数据".to_owned(), "the content has no purchase".to_owned(), None),
        IntegrityFault::Check(fault) => {
            let (text, differs) = check_fault(fault);
            (
                format!("系统按字段表自行核对不符：{}", text.zh),
                format!("the host, with the field map, does not find what was meant: {}", text.en),
                differs,
            )
        }
        IntegrityFault::RoundTrip { meant, found } => {
            let differs = Differences::between(meant, found);
            let words = differs.words();
            (
                format!("驱动读回的内容与所写内容不一致：{}", words.zh),
                format!("the driver decodes something else than it encoded: {}", words.en),
                Some(differs),
            )
        }
        IntegrityFault::NotRepeatable => (
            "同一内容两次编码得到不同的卡".to_owned(),
            "encoding the same content twice gives two different cards".to_owned(),
            None,
        ),
        IntegrityFault::SealIgnored { value } => (
            format!("封印字节为 {value:02X}h（无效）时仍能解码"),
            format!("it decodes although the seal has the invalid value {value:02X}h"),
            None,
        ),
        IntegrityFault::Call(error) => {
            let why = called(error);
            (format!("核对未能完成：{}", why.zh), format!("it cannot be checked: {}", why.en), None)
        }
    };
    (say(format!("{zh}（{code}）"), format!("{en} ({code})")), differs.map_or(Value::Null, |differs| differs.json()))
}

fn check_fault(fault: &CheckFault) -> (Text, Option<Differences>) {
    let size = |expected: &u32, got: &usize| {
        say(
            format!("卡片数据应为 {expected} 字节，实为 {got} 字节"),
            format!("a card image should have {expected} bytes and has {got}"),
        )
    };
    let text = match fault {
        CheckFault::Differs { field, expected, got } => {
            let field = if *field == dianka_domain::card::FIELD_QUANTITY { "quantity_wh" } else { field };
            let differs = Differences::of(&field.replace('-', "_"), *expected, *got);
            return (differs.words(), Some(differs));
        }
        CheckFault::Plan(WritePlanError::WrongSize { expected, got })
        | CheckFault::Field(FieldError::WrongSize { expected, got }) => size(expected, got),
        CheckFault::Plan(WritePlanError::TargetNotSealed) => say("封印字节无效", "the card is not sealed"),
        CheckFault::Plan(WritePlanError::ReturnedTouched { at }) => say(
            format!("改动了第 {at} 字节，该处由电表写入"),
            format!("byte {at} was changed, which is the meter's to write"),
        ),
        CheckFault::Plan(WritePlanError::NotWritable { at }) => say(
            format!("改动了第 {at} 字节，该处不在可写区域（writable）内"),
            format!("byte {at} was changed, which is outside of writable"),
        ),
        CheckFault::Field(FieldError::Unknown { name }) => {
            say(format!("字段表中没有字段 {name}"), format!("the field map has no field {name}"))
        }
        CheckFault::Field(FieldError::Outside { name }) => {
            say(format!("字段 {name} 超出卡片数据"), format!("the field {name} lies outside of the card image"))
        }
        CheckFault::Field(FieldError::NotDecimal { at }) => {
            say(format!("第 {at} 字节不是 BCD 数字"), format!("byte {at} is no BCD digit"))
        }
        CheckFault::Field(FieldError::Overflow { name }) => {
            say(format!("字段 {name} 的数值过大"), format!("the number in the field {name} is too large"))
        }
        CheckFault::MeterNo(number) => say(
            format!("表号 {number} 过大，无法核对"),
            format!("the meter number {number} is too large to be checked"),
        ),
    };
    (text, None)
}

/// Why the host would not sell a token: in words, and the fields that differ. `told` is the identifier that the driver gave.
pub(crate) fn token_fault(fault: &TokenFault, told: u64) -> (Text, Value) {
    let code = fault.code();
    let (text, differs) = match fault {
        TokenFault::Digits => (say("位数或数值不符合标准", "the digits are no token of this standard"), None),
        TokenFault::Class { kind, found } => (
            say(
                format!("代码的类别是 {found}，不是 {kind} 的类别"),
                format!("the token is of class {found}, which is not that of {kind}"),
            ),
            None,
        ),
        TokenFault::Amount { meant, found } => {
            let differs = Differences::of("quantity_wh", *meant, *found);
            (
                within(&differs, "系统自行从代码中读出的电量不符", "the host reads another energy from the token"),
                Some(differs),
            )
        }
        TokenFault::Identifier { told, found, after } => {
            let own = found.and_then(|found| u64::try_from(found).ok());
            match (own == Some(*told), after) {
                (true, Some(after)) => {
                    let zh = format!("标识号 {told} 没有大于上一个的 {after}");
                    (say(zh, format!("the identifier {told} is not above the last one, {after}")), None)
                }
                _ => {
                    let differs = Differences::of("identifier", *told, *found);
                    (within(&differs, "系统自行读出的标识号不符", "the host reads another identifier"), Some(differs))
                }
            }
        }
        TokenFault::OtherMeter => {
            (say("密钥不是该电表的密钥", "the key of the token is not the key of the meter"), None)
        }
        TokenFault::NotRepeatable => {
            (say("同一请求两次得到不同的代码", "making the same token twice gives two different ones"), None)
        }
        TokenFault::RoundTrip { meant, found } => {
            let (meant, found) = (
                json!({"order": meant, "identifier": told}),
                json!({"order": found.order, "identifier": found.identifier}),
            );
            let differs = Differences::between(&meant, &found);
            (
                within(
                    &differs,
                    "驱动读回的内容与所要求的不一致",
                    "the driver reads something else from the token than was meant",
                ),
                Some(differs),
            )
        }
        TokenFault::Call(error) => {
            let why = token_called(error);
            (say(format!("核对未能完成：{}", why.zh), format!("it cannot be checked: {}", why.en)), None)
        }
    };
    (
        say(format!("{}（{code}）", text.zh), format!("{} ({code})", text.en)),
        differs.map_or(Value::Null, |differs| differs.json()),
    )
}

fn within(differs: &Differences, zh: &str, en: &str) -> Text {
    let words = differs.words();
    if words.en.is_empty() { say(zh, en) } else { say(format!("{zh}：{}", words.zh), format!("{en}: {}", words.en)) }
}
