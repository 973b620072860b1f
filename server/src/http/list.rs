//! Lists: `?q=&page=&per_page=` gives `{items, page, per_page, total}`.

use dianka_store::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The largest page.
pub const MOST_PER_PAGE: u32 = 200;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Text to search for.
    pub q: Option<String>,
    /// Page, from 1.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// Entries on a page, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub per_page: Option<u32>,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// This page, from 1.
    pub page: u32,
    /// Entries on a full page.
    pub per_page: u32,
    /// Entries in the whole list.
    pub total: i64,
}

impl ListQuery {
    /// The page asked for, from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page.unwrap_or(1).max(1)
    }

    /// Entries per page, 1 to 200; 50 if not given.
    #[must_use]
    pub fn per_page(&self) -> u32 {
        self.per_page.unwrap_or(50).clamp(1, MOST_PER_PAGE)
    }

    /// The search text, without spaces around it; `None` if empty. Nothing has a control character in its name, and
    /// the database does not take them all.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let plain: String = self.q.as_deref()?.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        (!plain.is_empty()).then_some(plain)
    }

    /// Which page to ask the store for.
    #[must_use]
    pub fn request(&self) -> PageRequest {
        PageRequest::new(self.page(), self.per_page())
    }

    /// The answer for a list that is short by its nature and was loaded whole; `words` is what `q` searches in.
    pub fn cut<T>(&self, all: Vec<T>, words: impl Fn(&T) -> String) -> Page<T> {
        let wanted = self.text().map(|q| q.to_lowercase());
        let fits = |item: &T| wanted.as_deref().is_none_or(|q| words(item).to_lowercase().contains(q));
        let found: Vec<T> = all.into_iter().filter(fits).collect();
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let per_page = usize::try_from(self.per_page()).unwrap_or(usize::MAX);
        let before = usize::try_from(self.page() - 1).unwrap_or(usize::MAX).saturating_mul(per_page);
        self.answer(found.into_iter().skip(before).take(per_page).collect(), total)
    }

    /// Builds the answer.
    pub fn answer<T>(&self, items: Vec<T>, total: i64) -> Page<T> {
        Page { items, page: self.page(), per_page: self.per_page(), total }
    }
}
