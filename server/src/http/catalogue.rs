//! The texts of the error codes, from the catalogue that the page uses too: `i18n/<language>/errors.json`,
//! `{"code": {"title": "… {param} …", "action": "…"}}`.

use crate::errors::Code;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language that the system speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// 简体中文, the default.
    #[default]
    Zh,
    /// English.
    En,
}

/// The text of one code.
#[derive(Clone, Debug, Deserialize)]
pub struct Text {
    /// What happened.
    pub title: String,
    /// What to do next; may be empty.
    #[serde(default)]
    pub action: String,
}

type Texts = BTreeMap<String, Text>;
/// Words for params that are themselves codes: group (the param's name), code, word.
type Words = BTreeMap<String, BTreeMap<String, String>>;

// A catalogue that does not parse gives no texts; the test below turns that red.
static ZH: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/zh-CN/errors.json")).unwrap_or_default());
static EN: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/en/errors.json")).unwrap_or_default());

static WORDS_ZH: LazyLock<Words> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/zh-CN/params.json")).unwrap_or_default());
static WORDS_EN: LazyLock<Words> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/en/params.json")).unwrap_or_default());

impl Language {
    /// From an `Accept-Language` header: the first of its languages that the system speaks, by weight.
    #[must_use]
    pub fn from_header(header: Option<&str>) -> Language {
        let mut best = (0_u16, Language::Zh);
        for part in header.unwrap_or_default().split(',') {
            let (tag, weight) = match part.split_once(";q=") {
                Some((tag, q)) => (tag, thousandths(q.trim())),
                None => (part, 1000),
            };
            let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("zh") => Language::Zh,
                Some("en") => Language::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Of a terminal: `LC_ALL`, `LC_MESSAGES`, `LANG`. English where none says Chinese.
    #[must_use]
    pub fn from_environment() -> Language {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if said.is_some_and(|value| value.starts_with("zh")) { Language::Zh } else { Language::En }
    }

    /// The tag for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    /// The text of a code, if the catalogue has one.
    #[must_use]
    pub fn text(self, code: Code) -> Option<&'static Text> {
        let texts: &'static Texts = match self {
            Language::Zh => &ZH,
            Language::En => &EN,
        };
        texts.get(code.as_str())
    }

    /// The title of a code with its params filled in; the bare code if the catalogue lacks it.
    #[must_use]
    pub fn title(self, code: Code, params: &Map<String, Value>) -> String {
        self.text(code).map_or_else(|| code.as_str().to_owned(), |text| fill(self, &text.title, params))
    }

    /// What to do next; none where there is nothing to do.
    #[must_use]
    pub fn action(self, code: Code, params: &Map<String, Value>) -> Option<String> {
        let text = self.text(code).filter(|text| !text.action.is_empty())?;
        Some(fill(self, &text.action, params))
    }

    /// The word for a param whose value is a code; the code itself where there is none.
    fn word(self, param: &str, code: &str) -> String {
        let words: &Words = match self {
            Language::Zh => &WORDS_ZH,
            Language::En => &WORDS_EN,
        };
        let key = code.replace(['-', '.'], "_");
        words.get(param).and_then(|group| group.get(&key)).map_or_else(|| code.to_owned(), Clone::clone)
    }
}

/// `0.85` as 850; what is no weight counts as 0.
fn thousandths(q: &str) -> u16 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    if whole == "1" {
        return 1000;
    }
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

/// Replaces `{name}` by the param of that name. A placeholder without a param stays as it is.
///
/// Figures are shown in the unit that people read: `…_wh` in kWh, `…_fen` and `…_micro` in yuan.
fn fill(language: Language, text: &str, params: &Map<String, Value>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match params.get(name) {
            Some(value) => out.push_str(&show(language, name, value)),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn show(language: Language, name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => language.word(name, text),
        Value::Number(number) => match number.as_i64() {
            Some(n) if name.ends_with("_wh") => decimal(n, 3, 0),
            Some(n) if name.ends_with("_fen") => decimal(n, 2, 2),
            Some(n) if name.ends_with("_micro") => decimal(n, 6, 2),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// `value` divided by 10^`places`, with trailing zeros cut down to `keep` places.
fn decimal(value: i64, places: usize, keep: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let mut fraction = fraction.to_owned();
    while fraction.len() > keep && fraction.ends_with('0') {
        fraction.pop();
    }
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_code_has_both_texts_with_the_same_placeholders() {
        for code in Code::ALL {
            let zh = Language::Zh.text(*code).unwrap_or_else(|| panic!("no zh-CN text for {}", code.as_str()));
            let en = Language::En.text(*code).unwrap_or_else(|| panic!("no en text for {}", code.as_str()));
            assert!(!zh.title.is_empty() && !en.title.is_empty(), "{}", code.as_str());
            assert_eq!(placeholders(&zh.title), placeholders(&en.title), "title of {}", code.as_str());
            assert_eq!(placeholders(&zh.action), placeholders(&en.action), "action of {}", code.as_str());
            assert_eq!(zh.action.is_empty(), en.action.is_empty(), "action of {}", code.as_str());
        }
    }

    #[test]
    fn the_header_decides_and_chinese_is_the_default() {
        for (header, language) in [
            (None, Language::Zh),
            (Some(""), Language::Zh),
            (Some("fr"), Language::Zh),
            (Some("en"), Language::En),
            (Some("en-GB,en;q=0.9,zh-CN;q=0.5"), Language::En),
            (Some("zh-TW,zh;q=0.9,en;q=0.8"), Language::Zh),
            (Some("en;q=0.3, zh-CN;q=0.35"), Language::Zh),
        ] {
            assert_eq!(Language::from_header(header), language, "{header:?}");
        }
    }

    #[test]
    fn figures_are_shown_in_the_unit_people_read() {
        let params = json!({"lower_wh": 900_000, "x_wh": -1_500, "amount_fen": 10_005, "price_micro": 560_000, "n": 3});
        let params = params.as_object().cloned().unwrap();
        assert_eq!(
            fill(Language::Zh, "{lower_wh} {x_wh} {amount_fen} {price_micro} {n} {gone} {", &params),
            "900 -1.5 100.05 0.56 3 {gone} {"
        );
    }
}
