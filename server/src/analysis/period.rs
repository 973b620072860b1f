//! Days and months as they stand in addresses.

use crate::http::problem::Problem;
use chrono::{Datelike, Days, Months, NaiveDate};

/// Days that one question may span with `period=day`: three years.
const MOST_DAYS: i64 = 1_100;

/// A day, `2026-11-22`.
///
/// # Errors
/// `request.field`.
pub fn day(field: &str, text: &str) -> Result<NaiveDate, Problem> {
    let day: NaiveDate = text.parse().map_err(|_| Problem::field(field, "date"))?;
    // Before prepaid meters, and beyond four figures: a slip of the keys.
    if (2000..=9999).contains(&day.year()) { Ok(day) } else { Err(Problem::field(field, "year-out-of-range")) }
}

/// The first and last day of a month `2026-11` or of a day `2026-11-22`.
///
/// # Errors
/// `request.field`.
pub fn span(field: &str, text: &str) -> Result<(NaiveDate, NaiveDate), Problem> {
    if text.len() == 10 {
        let day = day(field, text)?;
        return Ok((day, day));
    }
    let first = day(field, &format!("{text}-01"))?;
    let last = first.checked_add_months(Months::new(1)).and_then(|next| next.checked_sub_days(Days::new(1)));
    Ok((first, last.ok_or_else(|| Problem::field(field, "date"))?))
}

/// Checks that a span is not turned around and not endless.
///
/// # Errors
/// `request.field`.
pub fn bounded(from: NaiveDate, to: NaiveDate, by_day: bool) -> Result<(), Problem> {
    let days = (to - from).num_days();
    if days < 0 {
        return Err(Problem::field("to", "before-from"));
    }
    if by_day && days > MOST_DAYS {
        return Err(Problem::field("to", "too-long").param("most_days", MOST_DAYS));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let of = |text: &str| span("period", text).map(|(a, b)| (a.to_string(), b.to_string()));
        assert_eq!(of("2024-02").unwrap(), ("2024-02-01".to_owned(), "2024-02-29".to_owned()));
        assert_eq!(of("2026-12").unwrap(), ("2026-12-01".to_owned(), "2026-12-31".to_owned()));
        assert_eq!(of("2026-11-22").unwrap(), ("2026-11-22".to_owned(), "2026-11-22".to_owned()));
        for bad in ["", "2026", "2026-13", "2026-11-31", "1999-01", "x", "2026-11-2"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
