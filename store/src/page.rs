//! Lists in pages.

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    page: i64,
    per_page: i64,
}

impl PageRequest {
    /// Most rows of one page.
    pub const MOST_PER_PAGE: u32 = 500;

    /// Page `page` (from 1; 0 is taken as 1) of `per_page` rows (1 to [`Self::MOST_PER_PAGE`]).
    #[must_use]
    pub fn new(page: u32, per_page: u32) -> Self {
        Self { page: i64::from(page.max(1)), per_page: i64::from(per_page.clamp(1, Self::MOST_PER_PAGE)) }
    }

    pub(crate) const fn limit(self) -> i64 {
        self.per_page
    }

    pub(crate) const fn offset(self) -> i64 {
        self.page.saturating_sub(1).saturating_mul(self.per_page)
    }
}

/// One page, and how many rows there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows of all pages.
    pub total: i64,
}
