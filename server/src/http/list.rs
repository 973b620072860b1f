//! Lists: `?q=&page=&per_page=` gives `{items, page, per_page, total}`.

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
    pub total: u64,
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

    /// Entries to skip.
    #[must_use]
    pub fn offset(&self) -> i64 {
        i64::from(self.page() - 1) * i64::from(self.per_page())
    }

    /// The search text, without spaces around it; `None` if empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim).filter(|q| !q.is_empty())
    }

    /// Builds the answer.
    pub fn answer<T>(&self, items: Vec<T>, total: u64) -> Page<T> {
        Page { items, page: self.page(), per_page: self.per_page(), total }
    }
}
