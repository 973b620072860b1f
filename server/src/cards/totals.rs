//! The meter's word against the books: between two visits its total of purchases must grow by just what was sold. This is
//! what finds a driver that puts more onto the card than it says, in a place that only its meter reads.

use super::look::Finding;
use crate::errors::Code;
use dianka_domain::units::MeterEnergy;
use std::collections::BTreeMap;

/// A purchase number and a quantity that goes with it: a meter's total after it, or what was sold with it.
pub type AtCount = (u32, MeterEnergy);

/// A warning when the meter's total grew by another quantity than was sold since the latest earlier reading. `None` also
/// when there is no earlier reading, or a sale in between that `sold` does not have.
#[must_use]
pub fn differ(
    now: AtCount,
    readings: impl IntoIterator<Item = AtCount>,
    sold: impl IntoIterator<Item = AtCount>,
) -> Option<Finding> {
    let (count, total) = now;
    // From the first purchase on: before it stands the preset, which each standard settles in its own way.
    let earlier = readings.into_iter().filter(|(then, _)| (1..count).contains(then)).max_by_key(|(then, _)| *then)?;
    let grown = total.wh().checked_sub(earlier.1.wh())?;
    let sold: BTreeMap<u32, MeterEnergy> = sold.into_iter().collect();
    let mut sum = 0_i64;
    for between in earlier.0.saturating_add(1)..=count {
        sum = sum.checked_add(sold.get(&between)?.wh())?;
    }
    let finding = || Finding::warning(Code::MeterTotalDiffers).param("count", count);
    (grown != sum).then(|| finding().param("sold_wh", sum).param("grown_wh", grown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(count: u32, kwh: i64) -> AtCount {
        (count, MeterEnergy::from_wh(kwh * 1000))
    }

    #[test]
    fn a_total_that_grows_by_what_was_sold_is_in_order() {
        let sold = [at(3, 50), at(4, 60), at(5, 70)];
        assert!(differ(at(5, 400), [at(2, 220), at(3, 270)], sold).is_none(), "60 + 70 since the third");
        assert!(differ(at(3, 270), [at(3, 270), at(2, 220)], sold).is_none(), "the same visit read again");
    }

    #[test]
    fn a_total_that_grows_by_more_or_less_is_found() {
        let sold = [at(3, 50), at(4, 60)];
        for (total, grown) in [(380, 110_000), (320, 50_000)] {
            let finding = differ(at(4, total), [at(3, 270)], sold).unwrap();
            assert_eq!((finding.code, finding.blocking), (Code::MeterTotalDiffers, false));
            assert_eq!((&finding.params["sold_wh"], &finding.params["grown_wh"]), (&60_000.into(), &grown.into()));
        }
    }

    #[test]
    fn what_cannot_be_compared_is_not() {
        assert!(differ(at(1, 999), [at(0, 0)], [at(1, 50)]).is_none(), "the first purchase");
        assert!(differ(at(5, 999), [at(2, 100)], [at(5, 50)]).is_none(), "sales that are not at hand");
        assert!(differ(at(2, 999), [at(4, 100)], [at(2, 50)]).is_none(), "a meter that began anew");
    }
}
