//! Tariff versions and the date that chooses among them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::units::Price;

/// A calendar date, checked (leap years too), ordered, `2024-03-15` in text and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Not a date of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a date")]
pub struct DateError(String);

impl Date {
    /// A date, if the calendar has it. Years 1 to 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        let real = (1..=9999).contains(&year) && day >= 1 && day <= days_in(year, month);
        if real { Ok(Self { year, month, day }) } else { Err(DateError(format!("{year:04}-{month:02}-{day:02}"))) }
    }

    /// Year, 1 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// 0 for a month that does not exist, so that no day fits it.
const fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || DateError(text.to_owned());
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let mut parts = text.split('-');
        match (plain, parts.next(), parts.next(), parts.next(), parts.next()) {
            (true, Some(y), Some(m), Some(d), None) if y.len() == 4 && m.len() == 2 && d.len() == 2 => {
                Self::new(y.parse().map_err(|_| no())?, m.parse().map_err(|_| no())?, d.parse().map_err(|_| no())?)
            }
            _ => Err(no()),
        }
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

/// One version of a tariff. A sale keeps the version that it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffVersion<Id = u128> {
    /// Identity in the books.
    pub id: Id,
    /// Unit price.
    pub price: Price,
    /// First day on which it holds; it holds until the next version begins.
    pub valid_from: Date,
}

/// Why no version can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// All versions begin later.
    #[error("no version of the tariff is valid on {date}")]
    NoneValid {
        /// The day asked for.
        date: Date,
    },
    /// Two versions begin on the same day, so neither can be chosen.
    #[error("two versions of the tariff begin on {valid_from}")]
    TwoOnOneDay {
        /// The day on which both begin.
        valid_from: Date,
    },
}

impl TariffError {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoneValid { .. } => "tariff.none_valid",
            Self::TwoOnOneDay { .. } => "tariff.two_on_one_day",
        }
    }
}

/// The version valid on `date`: the latest that has begun. The order of `versions` does not matter.
pub fn version_at<Id>(versions: &[TariffVersion<Id>], date: Date) -> Result<&TariffVersion<Id>, TariffError> {
    let begun = || versions.iter().filter(|v| v.valid_from <= date);
    let latest = begun().max_by_key(|v| v.valid_from).ok_or(TariffError::NoneValid { date })?;
    if begun().filter(|v| v.valid_from == latest.valid_from).count() > 1 {
        return Err(TariffError::TwoOnOneDay { valid_from: latest.valid_from });
    }
    Ok(latest)
}
