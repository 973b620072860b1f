//! Dates and tariff versions.

use dianka_domain::tariff::{Date, TariffError, TariffVersion, version_at};
use dianka_domain::units::Price;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn version(id: u128, micro: i64, from: &str) -> TariffVersion {
    TariffVersion { id, price: Price::from_micro(micro), valid_from: date(from) }
}

#[test]
fn dates_follow_the_calendar() {
    for good in ["2024-02-29", "2000-02-29", "2023-02-28", "2024-12-31", "0001-01-01", "9999-12-31"] {
        assert_eq!(date(good).to_string(), good);
    }
    for bad in ["2023-02-29", "1900-02-29", "2100-02-29", "2024-00-10", "2024-13-01", "2024-04-31", "2024-01-00"] {
        assert!(bad.parse::<Date>().is_err(), "{bad}");
    }
    for bad in
        ["", "2024-1-01", "2024-01-1", "24-01-01", "2024-01-01 ", "2024/01/01", "+024-01-01", "2024-01-01-", "０"]
    {
        assert!(bad.parse::<Date>().is_err(), "{bad}");
    }
    assert!(Date::new(0, 1, 1).is_err());
    assert!(Date::new(10_000, 1, 1).is_err());
}

#[test]
fn dates_are_ordered() {
    assert!(date("2024-03-15") < date("2024-03-16"));
    assert!(date("2024-12-31") < date("2025-01-01"));
    let day = date("2024-03-15");
    assert_eq!((day.year(), day.month(), day.day()), (2024, 3, 15));
}

#[test]
fn the_latest_version_that_has_begun_is_valid() {
    let versions =
        [version(2, 550_000, "2024-07-01"), version(1, 500_000, "2024-01-01"), version(3, 600_000, "2025-01-01")];
    let on = |day| version_at(&versions, date(day)).map(|v| v.id);
    assert_eq!(on("2024-01-01"), Ok(1));
    assert_eq!(on("2024-06-30"), Ok(1));
    assert_eq!(on("2024-07-01"), Ok(2));
    assert_eq!(on("2030-01-01"), Ok(3));
    assert_eq!(on("2023-12-31"), Err(TariffError::NoneValid { date: date("2023-12-31") }));
    assert_eq!(version_at::<u128>(&[], date("2024-01-01")).map(|v| v.id).unwrap_err().code(), "tariff.none_valid");
}

#[test]
fn two_versions_of_one_day_are_not_chosen_between() {
    let versions = [version(1, 500_000, "2024-01-01"), version(2, 550_000, "2024-01-01"), version(3, 1, "2024-02-01")];
    let on = |day| version_at(&versions, date(day)).map(|v| v.id);
    assert_eq!(on("2024-01-15"), Err(TariffError::TwoOnOneDay { valid_from: date("2024-01-01") }));
    assert_eq!(on("2024-02-01"), Ok(3));
}
