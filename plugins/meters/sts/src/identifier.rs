//! The token identifier: minutes since the base date, 24 bits. A meter takes each one once.
//!
//! The minute 00:01 of every day is reserved: a token of that minute takes the next one.

use crate::contract::tokens::Minute;

/// Greatest identifier; 31.9 years after the base date.
pub const MAX: u32 = 0x00FF_FFFF;

const DAY: u32 = 1440;
const RESERVED: u32 = 1;

/// Why there is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoIdentifier {
    /// The minute is not in the calendar.
    NoMinute,
    /// The minute is before the base date or after the last identifier.
    OutOfReach,
    /// No identifier is left after the last one.
    Exhausted,
}

/// The identifier of a token of this minute, greater than `after`. `base` is the year whose first minute is 0.
///
/// # Errors
/// [`NoIdentifier`].
pub fn of(base: u16, minute: &Minute, after: Option<u64>) -> Result<u32, NoIdentifier> {
    let now = minutes_since(base, minute).ok_or(NoIdentifier::NoMinute)?;
    let now = u32::try_from(now).ok().and_then(allowed).ok_or(NoIdentifier::OutOfReach)?;
    match after {
        None => Ok(now),
        Some(last) if u64::from(now) > last => Ok(now),
        Some(last) => {
            u32::try_from(last).ok().and_then(|last| allowed(last.checked_add(1)?)).ok_or(NoIdentifier::Exhausted)
        }
    }
}

/// The identifier itself, or the next where it is reserved.
fn allowed(identifier: u32) -> Option<u32> {
    let reserved = identifier.checked_rem(DAY) == Some(RESERVED);
    let identifier = identifier.checked_add(u32::from(reserved))?;
    (identifier <= MAX).then_some(identifier)
}

/// The minute that an identifier stands for.
#[must_use]
pub fn minute(base: u16, identifier: u32) -> Minute {
    let (mut days, rest) = (identifier.checked_div(DAY).unwrap_or(0), identifier.checked_rem(DAY).unwrap_or(0));
    let mut year = base;
    while let Some(left) = days.checked_sub(days_of_year(year)) {
        days = left;
        year = year.saturating_add(1);
    }
    let mut month = 1_u8;
    while let Some(left) = days.checked_sub(days_of_month(year, month).into()) {
        days = left;
        month = month.saturating_add(1);
    }
    let small = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    Minute { year, month, day: small(days.saturating_add(1)), hour: small(rest / 60), minute: small(rest % 60) }
}

/// `None` if there is no such minute; negative before the base date.
fn minutes_since(base: u16, at: &Minute) -> Option<i64> {
    let calendar = (1..=12).contains(&at.month) && (1..=days_of_month(at.year, at.month)).contains(&at.day);
    if !calendar || at.hour > 23 || at.minute > 59 {
        return None;
    }
    if at.year < base {
        return Some(-1);
    }
    let years: i64 = (base..at.year).map(|year| i64::from(days_of_year(year))).sum();
    let months: i64 = (1..at.month).map(|month| i64::from(days_of_month(at.year, month))).sum();
    let days = years.checked_add(months)?.checked_add(i64::from(at.day))?.checked_sub(1)?;
    let minutes = days.checked_mul(DAY.into())?;
    minutes.checked_add(i64::from(at.hour).checked_mul(60)?)?.checked_add(at.minute.into())
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u16) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

/// 31 for a month that does not exist, so that walking the months comes to an end.
const fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8) -> Minute {
        Minute { year, month, day, hour, minute }
    }

    #[test]
    fn minutes_of_the_published_cases() {
        assert_eq!(of(1993, &at(2004, 3, 1, 13, 0), None), Ok(0x59_982C));
        assert_eq!(of(1993, &at(2004, 3, 28, 9, 1), None), Ok(0x5A_2F1D));
        assert_eq!(of(2014, &at(2014, 1, 1, 8, 0), None), Ok(480));
        assert_eq!(of(2035, &at(2035, 1, 1, 8, 0), None), Ok(480));
        assert_eq!(of(1993, &at(2004, 3, 29, 0, 0), None), Ok(0x5A_32A0));
        assert_eq!(of(1993, &at(2004, 3, 29, 0, 3), None), Ok(0x5A_32A3));
    }

    #[test]
    fn the_reserved_minute_of_each_day_is_never_used() {
        assert_eq!(of(1993, &at(2004, 3, 29, 0, 1), None), Ok(0x5A_32A2));
        // Neither by the clock nor by counting on.
        assert_eq!(of(1993, &at(2004, 3, 29, 0, 0), Some(0x5A_32A0)), Ok(0x5A_32A2));
        assert_eq!(of(1993, &at(2004, 3, 29, 0, 1), Some(0x5A_32A2)), Ok(0x5A_32A3));
        for day in 0..400 {
            assert_eq!(allowed(day * DAY + 1), Some(day * DAY + 2));
        }
    }

    #[test]
    fn a_second_token_of_a_minute_counts_on() {
        let minute = at(2026, 11, 22, 12, 0);
        let first = of(2014, &minute, None).ok();
        let second = of(2014, &minute, first.map(u64::from)).ok();
        assert_eq!(second, first.map(|first| first + 1));
        // A clock that went back changes nothing.
        assert_eq!(of(2014, &at(2020, 1, 1, 0, 0), second.map(u64::from)).ok(), second.map(|id| id + 1));
    }

    #[test]
    fn what_the_24_bits_do_not_reach_is_refused() {
        assert_eq!(of(1993, &at(1992, 12, 31, 23, 59), None), Err(NoIdentifier::OutOfReach));
        assert_eq!(of(1993, &at(1993, 1, 1, 0, 0), None), Ok(0));
        assert_eq!(of(1993, &at(2024, 11, 24, 20, 15), None), Ok(MAX));
        assert_eq!(of(1993, &at(2024, 11, 24, 20, 16), None), Err(NoIdentifier::OutOfReach));
        assert_eq!(of(1993, &at(2024, 11, 24, 20, 15), Some(MAX.into())), Err(NoIdentifier::Exhausted));
        assert_eq!(of(1993, &at(2004, 1, 1, 0, 0), Some(u64::MAX)), Err(NoIdentifier::Exhausted));
    }

    #[test]
    fn what_is_not_in_the_calendar_is_refused() {
        for minute in [
            at(2023, 2, 29, 0, 0),
            at(2024, 13, 1, 0, 0),
            at(2024, 0, 1, 0, 0),
            at(2024, 1, 0, 0, 0),
            at(2024, 4, 31, 0, 0),
            at(2024, 1, 1, 24, 0),
            at(2024, 1, 1, 0, 60),
        ] {
            assert_eq!(of(2014, &minute, None), Err(NoIdentifier::NoMinute), "{minute:?}");
        }
        assert!(of(2014, &at(2024, 2, 29, 23, 59), None).is_ok());
    }

    #[test]
    fn an_identifier_tells_its_minute() {
        for base in [1993, 2014, 2035] {
            for identifier in (0..=MAX).step_by(719).filter(|id| id % DAY != RESERVED) {
                assert_eq!(of(base, &minute(base, identifier), None), Ok(identifier));
            }
        }
    }
}
