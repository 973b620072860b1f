//! What a check found: for a vendor to read, and as JSON for his own tools.

use dianka_plugin_host::Text;
use dianka_plugin_package::{Digest, Kind, Version};
use serde::Serialize;
use serde_json::Value;

/// Different failures of one check that are kept with their inputs. After so many the check ends.
pub const KEPT_FAILURES: usize = 5;

/// Failures, alike or not, after which a check ends: more of them say nothing new.
const MOST_FAILURES: u64 = 20;
/// A fault costs time (an endless loop its whole budget), so it counts for so many.
const FAULT_WEIGHT: u64 = 4;

/// A language of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a locale: `zh_CN.UTF-8` is Chinese, everything else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The text in this language.
    #[must_use]
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }

    pub(crate) const fn pick(self, zh: &'static str, en: &'static str) -> &'static str {
        self.pick_text(zh, en)
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick_text<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A text in both languages.
pub(crate) fn say(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Everything that was tried held.
    Passed,
    /// Something did not.
    Failed,
    /// There was nothing to try; the note says what is needed.
    Skipped,
}

/// One thing that did not hold.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What happened, and what should have.
    pub what: Text,
    /// The input that shows it: contents, card images in hexadecimal, states, calls; and in `differs` the fields that are
    /// not what they should be.
    pub input: Value,
    /// Failures of this check that are like it but for their numbers, and were not kept.
    pub more: u64,
}

/// One rule, tried on many cases.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Stable and machine readable, `round-trip`, `torn`, ...
    pub id: &'static str,
    /// For people.
    pub title: Text,
    /// How it ended.
    pub outcome: Outcome,
    /// Cases tried.
    pub cases: u64,
    /// Figures, or why it was skipped.
    pub note: Option<Text>,
    /// The first failures, each unlike the others.
    pub failures: Vec<Failure>,
    /// What the failures count for so far.
    #[serde(skip)]
    spent: u64,
}

impl Check {
    pub(crate) fn new(id: &'static str, zh: &str, en: &str) -> Self {
        let title = say(zh, en);
        Self { id, title, outcome: Outcome::Passed, cases: 0, note: None, failures: Vec::new(), spent: 0 }
    }

    /// Counts a case.
    pub(crate) fn case(&mut self) {
        self.count(1);
    }

    pub(crate) fn count(&mut self, cases: u64) {
        self.cases = self.cases.saturating_add(cases);
    }

    pub(crate) fn fail(&mut self, what: Text, input: Value) {
        self.outcome = Outcome::Failed;
        self.spent = self.spent.saturating_add(1);
        let kind = alike(&what.en);
        if let Some(known) = self.failures.iter_mut().find(|failure| alike(&failure.what.en) == kind) {
            known.more = known.more.saturating_add(1);
        } else if self.failures.len() < KEPT_FAILURES {
            self.failures.push(Failure { what, input, more: 0 });
        }
    }

    /// A failure of which a few are enough.
    pub(crate) fn fault(&mut self, what: Text, input: Value) {
        self.fail(what, input);
        self.spent = self.spent.saturating_add(FAULT_WEIGHT.saturating_sub(1));
    }

    /// Fails unless `held`.
    pub(crate) fn demand(&mut self, held: bool, what: impl FnOnce() -> Text, input: impl FnOnce() -> Value) -> bool {
        if !held {
            self.fail(what(), input());
        }
        held
    }

    pub(crate) fn skip(&mut self, why: Text) {
        self.outcome = Outcome::Skipped;
        self.note = Some(why);
    }

    /// Whether enough failures are known: another would say nothing new.
    pub(crate) fn is_full(&self) -> bool {
        self.failures.len() >= KEPT_FAILURES || self.spent >= MOST_FAILURES
    }
}

/// What a sentence says whatever numbers are in it: words with a digit, and bytes, all look the same.
fn alike(sentence: &str) -> String {
    let number = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        bare.contains(|c: char| c.is_ascii_digit())
            || (bare.len() >= 2 && bare.bytes().all(|byte| matches!(byte, b'A'..=b'F')))
            || word.starts_with('“')
    };
    let words = sentence.split_whitespace().map(|word| if number(word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The whole answer about one file.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The file's name, as given.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
    /// What it drives, if it came so far.
    pub kind: Option<Kind>,
    /// Its id.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<Version>,
    /// What the cases were made from: the same seed gives the same cases.
    pub seed: u64,
    /// Whether no check failed.
    pub passed: bool,
    /// Milliseconds that all of it took.
    pub took_ms: u64,
    /// All checks, in their order.
    pub checks: Vec<Check>,
}

impl Failure {
    fn others(&self, lang: Lang) -> String {
        match (self.more, lang) {
            (0, _) => String::new(),
            (more, Lang::Zh) => format!("         另有 {more} 个同类失败\n"),
            (more, Lang::En) => format!("         and {more} more like this\n"),
        }
    }
}

impl Report {
    /// The check of this id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// For a person to read, in one language.
    #[must_use]
    pub fn to_text(&self, lang: Lang) -> String {
        let mut out = self.head(lang);
        for check in &self.checks {
            let mark = match check.outcome {
                Outcome::Passed => lang.pick("通过", "pass"),
                Outcome::Failed => lang.pick("失败", "FAIL"),
                Outcome::Skipped => lang.pick("跳过", "skip"),
            };
            out.push_str(&format!("[{mark}] {:<14} {:>8}  {}\n", check.id, check.cases, lang.of(&check.title)));
            if let Some(note) = &check.note {
                out.push_str(&format!("         {}\n", lang.of(note)));
            }
            for failure in &check.failures {
                let what = lang.of(&failure.what).replace('\n', "\n         ");
                out.push_str(&format!("       ✗ {what}\n"));
                out.push_str(&format!("         {} {}\n", lang.pick("输入：", "input:"), failure.input));
                out.push_str(&failure.others(lang));
            }
        }
        out.push_str(&self.foot(lang));
        out
    }

    fn head(&self, lang: Lang) -> String {
        let known = match (&self.id, self.version, self.kind) {
            (Some(id), Some(version), Some(kind)) => format!("{kind} {id} {version}"),
            _ => lang.pick("未能加载", "not loaded").to_owned(),
        };
        format!("{}\n  {known}\n  sha256 {}, {} B, seed {}\n\n", self.file, self.sha256, self.bytes, self.seed)
    }

    /// Passed is not all, and failed is not all either: what there was nothing to try with.
    fn not_done(&self, lang: Lang) -> String {
        let skipped = self.checks.iter().filter(|check| check.outcome == Outcome::Skipped);
        let names: Vec<&str> = skipped.map(|check| check.id).collect();
        if names.is_empty() {
            return String::new();
        }
        // Of a reader.
        let hint = match (names.contains(&"wrong-code"), lang) {
            (false, _) => "",
            (true, Lang::Zh) => "。请用 --transcript 给出通信记录，否则无从证明密码只发送一次",
            (true, Lang::En) => {
                ". Give a recorded session with --transcript: nothing else shows that a password is sent only once"
            }
        };
        let (n, names) = (names.len(), names.join(", "));
        match lang {
            Lang::Zh => format!("注意：有 {n} 项检查没有做：{names}{hint}\n"),
            Lang::En => format!("NOTE: {n} checks were NOT done: {names}{hint}\n"),
        }
    }

    fn foot(&self, lang: Lang) -> String {
        let cases = self.checks.iter().fold(0_u64, |sum, check| sum.saturating_add(check.cases));
        let failed = self.checks.iter().filter(|check| check.outcome == Outcome::Failed).count();
        let skipped = self.checks.iter().filter(|check| check.outcome == Outcome::Skipped).count();
        let (checks, ms) = (self.checks.len(), self.took_ms);
        let not_done = self.not_done(lang);
        match lang {
            Lang::Zh if self.passed => {
                format!("\n全部通过：{checks} 项检查（跳过 {skipped} 项），{cases} 个用例，{ms} 毫秒\n{not_done}")
            }
            Lang::Zh => {
                format!(
                    "\n未通过：{checks} 项检查中 {failed} 项失败（跳过 {skipped} 项），{cases} 个用例，{ms} 毫秒\n{not_done}"
                )
            }
            Lang::En if self.passed => {
                format!("\npassed: {checks} checks ({skipped} skipped), {cases} cases, {ms} ms\n{not_done}")
            }
            Lang::En => {
                format!(
                    "\nnot passed: {failed} of {checks} checks failed ({skipped} skipped), {cases} cases, {ms} ms\n{not_done}"
                )
            }
        }
    }
}
