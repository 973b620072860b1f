//! Errors as a person reads them: a stable code and one sentence in each language of the house.

use dianka_plugin_package::Notice;

use crate::report::Lang;

/// An error of the kit.
pub trait Told: std::error::Error {
    /// What is said about it.
    fn notice(&self) -> Notice;

    /// The sentence in this language, with the code behind it.
    fn said(&self, lang: Lang) -> String {
        sentence(&self.notice(), lang)
    }
}

/// A notice in one language, with its code behind it.
#[must_use]
pub fn sentence(notice: &Notice, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}（{}）", notice.zh, notice.code),
        Lang::En => format!("{} ({})", notice.en, notice.code),
    }
}
