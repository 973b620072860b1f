//! The texts of the invariants: `i18n/<language>/invariants.json`, which the page uses too.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::http::catalogue::Language;

/// The text of one invariant.
#[derive(Clone, Debug, Deserialize)]
pub struct Text {
    /// Its name.
    pub title: String,
    /// What is compared.
    pub compares: String,
}

type Texts = BTreeMap<String, Text>;

// A file that does not parse gives no texts; the test below turns that red.
static ZH: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/zh-CN/invariants.json")).unwrap_or_default());
static EN: LazyLock<Texts> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../i18n/en/invariants.json")).unwrap_or_default());

/// The text of an invariant; none for one of another version.
#[must_use]
pub fn of(language: Language, id: &str) -> Option<&'static Text> {
    let texts: &'static Texts = match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    };
    texts.get(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invariant_has_its_text_and_no_text_is_left_over() {
        for texts in [&*ZH, &*EN] {
            let mut ids = dianka_store::invariant_ids();
            ids.sort_unstable();
            assert_eq!(texts.keys().map(String::as_str).collect::<Vec<_>>(), ids);
            assert!(texts.values().all(|text| !text.title.is_empty() && !text.compares.is_empty()));
        }
    }
}
