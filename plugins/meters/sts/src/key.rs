//! The meter's key: what DKGA04 derives it for, from the meter's number and its parameters.

use crate::contract::tokens::{KeyRule, TokenMeter};
use crate::contract::types::{Param, ParamSpec, Refusal, Text, Value};
use crate::refuse::refuse;

/// Years whose first minute is a base date, with the code of each.
const BASES: [(u16, &str); 3] = [(1993, "93"), (2014, "14"), (2035, "35")];
/// Encryption algorithm 11: MISTY1.
const EA: &str = "11";
const KEY_BYTES: u32 = 16;
const ISSUER: i64 = 600_727;

/// What the parameters of a meter say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Six digits.
    pub supply_group: String,
    /// 0 initialisation, 1 default, 2 unique, 3 common.
    pub key_type: u8,
    /// 1 to 9.
    pub key_revision: u8,
    /// 0 to 99.
    pub tariff_index: u8,
    /// Year of the base date.
    pub base: u16,
    /// Issuer identification number of meters with a number of 11 digits.
    pub issuer: u32,
}

impl Parameters {
    /// From the contract's parameters.
    ///
    /// # Errors
    /// `bad-input` for one that is missing, unknown, given twice, of another type, or out of range.
    pub fn of(params: &[Param]) -> Result<Self, Refusal> {
        if let Some(stranger) = params.iter().find(|param| !NAMES.contains(&param.name.as_str())) {
            return Err(refuse("bad-input", format!("a meter has no parameter {:?}", stranger.name)));
        }
        let supply_group = match find(params, "supply-group")? {
            Some(Value::Text(digits)) if is_digits(digits, 6) => digits.clone(),
            _ => return Err(refuse("bad-input", "supply-group is a text of six digits")),
        };
        let base = int(params, "base-date", None)?;
        let base = u16::try_from(base).ok().filter(|year| BASES.iter().any(|(known, _)| known == year));
        Ok(Self {
            supply_group,
            key_type: small(params, "key-type", Some(2), 0..=3)?,
            key_revision: small(params, "key-revision", None, 1..=9)?,
            tariff_index: small(params, "tariff-index", Some(1), 0..=99)?,
            base: base.ok_or_else(|| refuse("bad-input", "base-date is 1993, 2014 or 2035"))?,
            issuer: u32::try_from(int(params, "issuer", Some(ISSUER))?)
                .ok()
                .filter(|issuer| *issuer <= 999_999)
                .ok_or_else(|| refuse("bad-input", "issuer is a number of six digits"))?,
        })
    }
}

/// The rule of the meter's key.
///
/// # Errors
/// Those of [`Parameters::of`]; `bad-field` for a number that is no meter's.
pub fn rule(meter: &TokenMeter) -> Result<KeyRule, Refusal> {
    let parameters = Parameters::of(&meter.params)?;
    let account = account(meter.meter_no, parameters.issuer)?;
    let (kt, krn) = (parameters.key_type, parameters.key_revision);
    let base = BASES.iter().find(|(year, _)| *year == parameters.base).map_or("", |(_, code)| *code);
    let mut data = vec![0x04];
    let mut put = |fixed: &[u8], text: &str| {
        data.extend_from_slice(fixed);
        data.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        data.extend_from_slice(text.as_bytes());
    };
    put(&[], "04");
    put(&[], base);
    put(&[], EA);
    put(&[], &format!("{:02}", parameters.tariff_index));
    put(&[0x00, 0x04], &parameters.supply_group);
    put(&[], &kt.to_string());
    put(&[], &krn.to_string());
    put(&[], &account);
    data.extend_from_slice(&KEY_BYTES.saturating_mul(8).to_be_bytes());
    Ok(KeyRule {
        slot: format!("sts-{}-{kt}-{krn}", parameters.supply_group),
        algorithm: "dkga04".into(),
        data,
        len: KEY_BYTES,
        cipher: "misty1".into(),
    })
}

/// The primary account number: issuer, meter number, check digit; 18 digits. A meter number of 13 digits has four zeros
/// as issuer. Both numbers end with a check digit by Luhn.
fn account(meter_no: u64, issuer: u32) -> Result<String, Refusal> {
    let number = if meter_no < 100_000_000_000 { format!("{meter_no:011}") } else { format!("{meter_no:013}") };
    if number.len() > 13 || luhn(&number) != 0 {
        return Err(refuse("bad-field", "a meter number has 11 or 13 digits, the last of which is a check digit"));
    }
    let body = if number.len() == 11 { format!("{issuer:06}{number}") } else { format!("0000{number}") };
    // The digit that makes the sum whole: as if a zero stood in its place.
    let check = 10_u32.saturating_sub(luhn(&format!("{body}0"))).checked_rem(10).unwrap_or(0);
    Ok(format!("{body}{check}"))
}

/// Sum by Luhn modulo 10; 0 for a number with its right check digit.
fn luhn(digits: &str) -> u32 {
    let values = digits.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum = values.zip([false, true].into_iter().cycle()).fold(0_u32, |sum, (value, double)| {
        let value = if double { value.saturating_mul(2) } else { value };
        sum.saturating_add(if value > 9 { value.saturating_sub(9) } else { value })
    });
    sum.checked_rem(10).unwrap_or(0)
}

const NAMES: [&str; 6] = ["supply-group", "key-type", "key-revision", "tariff-index", "base-date", "issuer"];

fn find<'a>(params: &'a [Param], name: &str) -> Result<Option<&'a Value>, Refusal> {
    let mut all = params.iter().filter(|param| param.name == name);
    let first = all.next();
    match all.next() {
        None => Ok(first.map(|param| &param.value)),
        Some(_) => Err(refuse("bad-input", format!("{name} is given twice"))),
    }
}

fn int(params: &[Param], name: &str, default: Option<i64>) -> Result<i64, Refusal> {
    match (find(params, name)?, default) {
        (Some(Value::Int(value)), _) => Ok(*value),
        (None, Some(value)) => Ok(value),
        _ => Err(refuse("bad-input", format!("{name} is a number that is needed"))),
    }
}

fn small(
    params: &[Param],
    name: &str,
    default: Option<i64>,
    range: core::ops::RangeInclusive<u8>,
) -> Result<u8, Refusal> {
    let value = u8::try_from(int(params, name, default)?).ok().filter(|value| range.contains(value));
    value.ok_or_else(|| refuse("bad-input", format!("{name} is from {} to {}", range.start(), range.end())))
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the description says about them.
#[must_use]
pub fn specs() -> Vec<ParamSpec> {
    let spec = |name: &str, kind: &str, required, bounds: Option<(i64, i64)>, (zh, en): (&str, &str)| ParamSpec {
        name: name.into(),
        kind: kind.into(),
        required,
        min: bounds.map(|(min, _)| min),
        max: bounds.map(|(_, max)| max),
        unit: String::new(),
        doc: Text { zh: zh.into(), en: en.into() },
    };
    vec![
        spec("supply-group", "text", true, None, ("供电组代码，六位数字", "Supply group code, six digits")),
        spec(
            "key-type",
            "int",
            false,
            Some((0, 3)),
            (
                "密钥类型：0 初始，1 默认，2 唯一（缺省），3 公共",
                "Key type: 0 initialisation, 1 default, 2 unique (when left out), 3 common",
            ),
        ),
        spec("key-revision", "int", true, Some((1, 9)), ("密钥版本号", "Key revision number")),
        spec("tariff-index", "int", false, Some((0, 99)), ("费率索引，缺省为 1", "Tariff index; 1 when left out")),
        spec(
            "base-date",
            "int",
            true,
            Some((1993, 2035)),
            ("基准日期的年份：1993、2014 或 2035", "Year of the base date: 1993, 2014 or 2035"),
        ),
        spec(
            "issuer",
            "int",
            false,
            Some((0, 999_999)),
            (
                "11 位表号的发行者标识号，缺省为 600727；13 位表号为 0000",
                "Issuer identification number of meters with 11 digits, 600727 when left out; 13 digits have 0000",
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    fn meter(meter_no: u64, more: &[(&str, i64)]) -> TokenMeter {
        let mut params = vec![Param { name: "supply-group".into(), value: Value::Text("123457".into()) }];
        params.extend(more.iter().map(|(name, value)| Param { name: (*name).into(), value: Value::Int(*value) }));
        TokenMeter { meter_no, params }
    }

    #[test]
    fn the_data_block_of_case_1() {
        let rule = rule(&meter(0, &[("key-revision", 1), ("base-date", 1993)])).unwrap();
        let data = *b"\x04\x0204\x0293\x0211\x0201\x00\x04\x06123457\x012\x011\x12600727000000000009\x00\x00\x00\x80";
        assert_eq!(rule.data, data);
        assert_eq!((rule.slot.as_str(), rule.len), ("sts-123457-2-1", 16));
        assert_eq!((rule.algorithm.as_str(), rule.cipher.as_str()), ("dkga04", "misty1"));
    }

    #[test]
    fn account_numbers_of_the_published_cases() {
        assert_eq!(account(0, 600_727).unwrap(), "600727000000000009");
        assert_eq!(account(100_000_000_008, 600_727).unwrap(), "000001000000000082");
        for wrong in [1, 100_000_000_009, 10_000_000_000_000, u64::MAX] {
            assert_eq!(account(wrong, 600_727).unwrap_err().code, "bad-field", "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_unknown_or_out_of_range_is_refused() {
        let good = [("key-revision", 1), ("base-date", 2014)];
        assert!(rule(&meter(0, &good)).is_ok());
        for more in [
            &[("key-revision", 1)][..],
            &[("base-date", 2014)],
            &[("key-revision", 0), ("base-date", 2014)],
            &[("key-revision", 10), ("base-date", 2014)],
            &[("key-revision", 1), ("base-date", 2000)],
            &[("key-revision", 1), ("key-revision", 1), ("base-date", 2014)],
            &[("key-revision", 1), ("base-date", 2014), ("key-type", 4)],
            &[("key-revision", 1), ("base-date", 2014), ("tariff-index", 100)],
            &[("key-revision", 1), ("base-date", 2014), ("issuer", 1_000_000)],
            &[("key-revision", 1), ("base-date", 2014), ("colour", 3)],
        ] {
            assert_eq!(rule(&meter(0, more)).unwrap_err().code, "bad-input", "{more:?}");
        }
        let mut short = meter(0, &good);
        for wrong in [Value::Text("12345".into()), Value::Text("12345x".into()), Value::Int(123_457)] {
            short.params.iter_mut().take(1).for_each(|param| param.value = wrong.clone());
            assert_eq!(rule(&short).unwrap_err().code, "bad-input");
        }
    }
}
