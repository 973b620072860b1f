//! A card as the engine sees it, between bytes and the contract's records.

use dianka_sdk::meter::types::CalendarDate;

use crate::fields::Values;
use crate::open_a;
use crate::profile::{CardKind, Item, Profile};

/// What identity and frame say. The returned data are apart: only the host reads them.
#[derive(Clone, Debug)]
pub struct Card {
    /// Kind of card.
    pub kind: &'static CardKind,
    /// Numbers of the identity.
    pub identity: Values,
    /// Numbers of the frame.
    pub order: Values,
}

/// A management card's order "suspend".
pub const OPERATION_SUSPEND: i64 = 1;
/// A management card's order "wake".
pub const OPERATION_WAKE: i64 = 2;

/// Whether the card was never issued, or erased: all FFh behind the factory header.
#[must_use]
pub fn is_blank(profile: &Profile, bytes: &[u8]) -> bool {
    bytes.get(profile.identity.offset..).is_some_and(|rest| rest.iter().all(|byte| *byte == 0xFF))
}

/// The first thing in a frame that its fields allow and its meaning forbids.
#[must_use]
pub fn fault(kind: &CardKind, identity: &Values, order: &Values) -> Option<(Item, &'static str)> {
    let wrong = |item, bad: bool, why| bad.then_some((item, why));
    let named = |item| kind.frame.fields.iter().any(|field| field.item == item);
    wrong(Item::CardType, named(Item::CardType) && order.get(Item::CardType) != kind.code, "another kind of card")
        .or_else(|| {
            let other = named(Item::UserNo) && order.get(Item::UserNo) != identity.get(Item::UserNo);
            wrong(Item::UserNo, other, "not the identity's customer")
        })
        .or_else(|| wrong(Item::UserNo, named(Item::UserNo) && order.get(Item::UserNo) == 0, "no customer"))
        .or_else(|| match kind.code {
            open_a::TYPE_PURCHASE => purchase_fault(order),
            open_a::TYPE_PRESET => wrong(Item::Preset, order.get(Item::Preset) == 0, "nothing to preset"),
            open_a::TYPE_MANAGEMENT => {
                let known = matches!(order.get(Item::Operation), OPERATION_SUSPEND | OPERATION_WAKE);
                wrong(Item::Operation, !known, "unknown operation")
            }
            _ => None,
        })
}

fn purchase_fault(order: &Values) -> Option<(Item, &'static str)> {
    let checks = [
        (Item::MeterNo, order.get(Item::MeterNo) == 0, "no meter"),
        (Item::Count, order.get(Item::Count) == 0, "purchases are counted from 1"),
        (Item::Quantity, order.get(Item::Quantity) == 0, "nothing purchased"),
        (Item::LimitMode, !matches!(order.get(Item::LimitMode), 0 | 1), "limit mode is 0 or 1"),
        (Item::Capacity, order.get(Item::LimitMode) == 1 && order.get(Item::Capacity) == 0, "a limit needs a capacity"),
        (Item::Date, date(order.get(Item::Date)).is_none(), "no such day"),
    ];
    checks.into_iter().find(|(_, bad, _)| *bad).map(|(item, _, why)| (item, why))
}

/// A calendar date from YYMMDD, of the years 2000 to 2099.
#[must_use]
pub fn date(number: i64) -> Option<CalendarDate> {
    let part = |divisor: i64| number.checked_div(divisor).and_then(|part| part.checked_rem(100));
    let year = u16::try_from(part(10_000)?.checked_add(2000)?).ok()?;
    let month = u8::try_from(part(100)?).ok()?;
    let day = u8::try_from(part(1)?).ok()?;
    (1..=days(year, month)).contains(&day).then_some(CalendarDate { year, month, day })
}

/// YYMMDD of a calendar date; `None` for a day that does not exist or that two digits of a year cannot say.
#[must_use]
pub fn date_number(date: &CalendarDate) -> Option<i64> {
    let exists = (1..=days(date.year, date.month)).contains(&date.day);
    let year = i64::from(date.year).checked_sub(2000).filter(|year| (0..100).contains(year))?;
    let number = year.checked_mul(10_000)?.checked_add(i64::from(date.month).checked_mul(100)?)?;
    number.checked_add(i64::from(date.day)).filter(|_| exists)
}

/// Days of a month of the years 2000 to 2099, in which every fourth year is a leap year; 0 for no month.
const fn days(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let day = date(240_315).unwrap();
        assert_eq!((day.year, day.month, day.day), (2024, 3, 15));
        assert_eq!(date_number(&day), Some(240_315));
        assert!(date(240_229).is_some());
        for wrong in [250_229, 240_230, 241_301, 240_001, 240_100, 0] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert_eq!(date_number(&CalendarDate { year: 1999, month: 12, day: 31 }), None);
        assert_eq!(date_number(&CalendarDate { year: 2100, month: 1, day: 1 }), None);
        assert_eq!(date_number(&CalendarDate { year: 2024, month: 2, day: 30 }), None);
    }
}
