//! Two values that should be one: which fields differ, and how.

use dianka_plugin_host::Text;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::faults::called_json;
use super::fields::{name, unit};
use crate::report::say;
use dianka_plugin_host::CallError;

/// Fields that a sentence names; the JSON has all of them.
const NAMED: usize = 3;
/// Text that is shown whole, characters.
const SHOWN: usize = 60;

/// One field in which two values differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Difference {
    /// `purchase.quantity_wh`; for bytes with their offset: `card[33]`.
    field: String,
    expected: Value,
    got: Value,
    /// `Wh`, `W`, or empty.
    unit: &'static str,
}

/// All fields in which two values differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Differences(Vec<Difference>);

impl Differences {
    /// Those between what was expected and what came. Empty if the values are the same.
    pub(crate) fn between<T: Serialize + ?Sized, U: Serialize + ?Sized>(expected: &T, got: &U) -> Self {
        let (expected, got) = (plain(expected), plain(got));
        let mut all = Vec::new();
        walk("", &expected, &got, &mut all);
        Self(all)
    }

    /// One field that was compared by itself.
    pub(crate) fn of(field: &str, expected: impl Into<Value>, got: impl Into<Value>) -> Self {
        Self(vec![Difference {
            field: field.to_owned(),
            expected: expected.into(),
            got: got.into(),
            unit: unit(field),
        }])
    }

    /// For the report's JSON.
    pub(crate) fn json(&self) -> Value {
        json!(self.0)
    }

    /// `purchase.quantity_wh (quantity) should be 100 Wh and is 200 Wh; ...`
    pub(crate) fn words(&self) -> Text {
        self.told(("应为", "实为"), ("should be", "and is"))
    }

    /// The same for two answers of which neither is the right one.
    fn two(&self) -> Text {
        self.told(("一次为", "另一次为"), ("is", "one time and"))
    }

    fn told(&self, zh: (&str, &str), en: (&str, &str)) -> Text {
        let all = self.0.iter().take(NAMED);
        let (mut said_zh, mut said_en): (Vec<_>, Vec<_>) = all.map(|one| one.told(zh, en)).unzip();
        let more = self.0.len().saturating_sub(NAMED);
        if more > 0 {
            said_zh.push(format!("另有 {more} 处不同"));
            said_en.push(format!("and {more} more differ"));
        }
        say(said_zh.join("；"), said_en.join("; "))
    }
}

impl Difference {
    fn told(&self, zh: (&str, &str), en: (&str, &str)) -> (String, String) {
        let last = self.field.rsplit('.').next().unwrap_or_default();
        let (field_zh, field_en) = match name(last.split('[').next().unwrap_or_default()) {
            Some((zh, en)) => (format!("{}（{zh}）", self.field), format!("{} ({en})", self.field)),
            None if self.field.is_empty() => ("结果".to_owned(), "the answer".to_owned()),
            None => (self.field.clone(), self.field.clone()),
        };
        let (expected_zh, expected) = shown(&self.expected, self.unit);
        let (got_zh, got) = shown(&self.got, self.unit);
        (
            format!("{field_zh}{}{expected_zh}，{}{got_zh}", zh.0, zh.1),
            format!("{field_en} {} {expected} {} {got}", en.0, en.1),
        )
    }
}

/// What two answers of a driver to the same question differ in: for the sentence, and for the JSON. None if they do not.
pub(crate) fn twice(one: &Value, other: &Value) -> Option<(Text, Value)> {
    let differs = Differences::between(one, other);
    (!differs.0.is_empty()).then(|| (differs.two(), differs.json()))
}

/// An answer of a driver as a value: what it said, or how it refused or failed.
pub(crate) fn answered<T: Serialize>(answer: &Result<T, CallError>) -> Value {
    match answer {
        Ok(value) => plain(value),
        Err(error) => called_json(error),
    }
}

fn plain<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn shown(value: &Value, unit: &str) -> (String, String) {
    let both = |text: String| (text.clone(), text);
    match value {
        Value::Null => ("空".to_owned(), "nothing".to_owned()),
        Value::Bool(true) => ("是".to_owned(), "yes".to_owned()),
        Value::Bool(false) => ("否".to_owned(), "no".to_owned()),
        Value::Number(number) if unit.is_empty() => both(number.to_string()),
        Value::Number(number) => both(format!("{number} {unit}")),
        Value::String(text) if text.is_empty() => ("空文本".to_owned(), "an empty text".to_owned()),
        Value::String(text) if text.chars().count() > SHOWN => {
            let begin: String = text.chars().take(SHOWN).collect();
            (format!("“{begin}…”"), format!("“{begin}…”"))
        }
        Value::String(text) => (format!("“{text}”"), format!("“{text}”")),
        Value::Array(items) => (format!("{} 项", items.len()), format!("{} items", items.len())),
        Value::Object(members) => match members.iter().next() {
            Some((tag, inner)) if members.len() == 1 => {
                let (zh, en) = shown(inner, unit);
                (format!("{tag} {zh}"), format!("{tag} {en}"))
            }
            _ => ("有内容".to_owned(), "something".to_owned()),
        },
    }
}

fn walk(place: &str, expected: &Value, got: &Value, all: &mut Vec<Difference>) {
    if expected == got {
        return;
    }
    match (expected, got) {
        (Value::Object(one), Value::Object(other)) if !tags_differ(one, other) => {
            let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
            for name in names {
                let inner = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
                walk(&inner, &of(one), &of(other), all);
            }
        }
        (Value::Array(one), Value::Array(other)) => lists(place, one, other, all),
        (Value::String(one), Value::String(other)) => match (image(one), image(other)) {
            (Some(one), Some(other)) => bytes(place, &one, &other, all),
            _ => put(place, expected.clone(), got.clone(), all),
        },
        _ => put(place, expected.clone(), got.clone(), all),
    }
}

/// Whether these are two kinds of one sort: `{"transport": ...}` and `{"derived": ...}`.
fn tags_differ(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.keys().all(|name| !other.contains_key(name))
}

fn lists(place: &str, one: &[Value], other: &[Value], all: &mut Vec<Difference>) {
    if let (Some(one), Some(other)) = (octets(one), octets(other)) {
        return bytes(place, &one, &other, all);
    }
    // Parameters and display lines go by their names; where they stand says nothing.
    if let (Some(one), Some(other)) = (by_name(one), by_name(other)) {
        for (name, value) in &one {
            let got = other.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
            walk(&format!("{place}.{name}"), value, &got.unwrap_or_default(), all);
        }
        for (name, value) in other.iter().filter(|(name, _)| one.iter().all(|(own, _)| own != name)) {
            walk(&format!("{place}.{name}"), &Value::Null, value, all);
        }
        return;
    }
    for at in 0..one.len().max(other.len()) {
        let of = |items: &[Value]| items.get(at).cloned().unwrap_or_default();
        walk(&format!("{place}[{at}]"), &of(one), &of(other), all);
    }
}

fn by_name(items: &[Value]) -> Option<Vec<(String, Value)>> {
    let one = |item: &Value| {
        let members = item.as_object()?;
        let (key, rest) = match (members.get("name"), members.get("id")) {
            (Some(name), _) => (name.as_str()?, members.get("value")?.clone()),
            (None, Some(id)) => (id.as_str()?, item.clone()),
            (None, None) => return None,
        };
        Some((key.to_owned(), rest))
    };
    items.iter().map(one).collect()
}

/// The bytes of a list that is nothing but bytes.
fn octets(items: &[Value]) -> Option<Vec<u8>> {
    items.iter().map(|item| u8::try_from(item.as_u64()?).ok()).collect()
}

/// The bytes of a text that is a memory image.
fn image(text: &str) -> Option<Vec<u8>> {
    // Digits of a token and codes of a few letters are no images.
    if text.len() < 32 { None } else { hex::decode(text).ok() }
}

/// The first byte that differs, with its offset, and how many others do.
fn bytes(place: &str, one: &[u8], other: &[u8], all: &mut Vec<Difference>) {
    if one.len() != other.len() {
        return put(&format!("{place}.bytes"), json!(one.len()), json!(other.len()), all);
    }
    let hexed = |byte: &u8| json!(format!("{byte:02X}"));
    for (at, (one, other)) in one.iter().zip(other).enumerate().filter(|(_, (one, other))| one != other) {
        put(&format!("{place}[{at}]"), hexed(one), hexed(other), all);
    }
}

fn put(place: &str, expected: Value, got: Value, all: &mut Vec<Difference>) {
    all.push(Difference { field: place.to_owned(), expected, got, unit: unit(place) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_with_their_units() {
        let one = json!({"kind": "purchase", "purchase": {"count": 1, "quantity_wh": 100}, "returned": null,
            "params": [{"name": "a", "value": {"int": 1}}, {"name": "b", "value": {"flag": true}}]});
        let mut other = one.clone();
        assert_eq!(Differences::between(&one, &other), Differences(vec![]));
        other["purchase"]["quantity_wh"] = json!(200);
        other["params"] = json!([{"name": "b", "value": {"flag": true}}, {"name": "a", "value": {"int": 2}}]);
        let found = Differences::between(&one, &other);
        assert_eq!(
            found.words().en,
            "params.a.int should be 1 and is 2; purchase.quantity_wh (quantity) should be 100 Wh and is 200 Wh"
        );
        assert!(found.words().zh.contains("purchase.quantity_wh（电量）应为100 Wh，实为200 Wh"));
        assert_eq!(
            found.json()[1],
            json!({"field": "purchase.quantity_wh", "expected": 100, "got": 200, "unit": "Wh"})
        );
        other["purchase"] = Value::Null;
        assert!(
            Differences::between(&one, &other)
                .words()
                .en
                .contains("purchase (purchase) should be something and is nothing")
        );
    }

    #[test]
    fn of_bytes_the_place_is_named() {
        let (one, mut other) = (vec![0xA2_u8; 64], vec![0xA2_u8; 64]);
        other[33] = 1;
        other[35] = 1;
        for (one, other) in [(json!(hex::encode(&one)), json!(hex::encode(&other))), (json!(one), json!(other))] {
            let found = Differences::between(&json!({"card": one}), &json!({"card": other}));
            assert_eq!(
                found.words().en,
                "card[33] (card image) should be “A2” and is “01”; card[35] (card image) should be “A2” and is “01”"
            );
        }
        let refused = json!({"refused": {"code": "torn"}});
        assert_eq!(
            Differences::between(&refused, &json!({"loaded_wh": 1})).words().en,
            "the answer should be refused code “torn” and is loaded_wh 1"
        );
    }
}
