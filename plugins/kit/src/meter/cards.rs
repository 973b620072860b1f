//! Generated contents of cards, within what a driver declares.

use dianka_domain::card::{Coding, FIELD_METER_NO};
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{CalendarDate, Content, Description, Purchase, Setup, kind};

use crate::chance::Chance;

/// The meter that the checks' customer has.
pub(crate) const METER_NO: u64 = 1234;
/// Its seller's system.
pub(crate) const SYSTEM: u32 = 86;
/// Its region.
pub(crate) const REGION: u32 = 1;
/// Its customer.
pub(crate) const USER: u64 = 161;

/// The virtual meter of that customer.
pub(crate) const SETUP: Setup = Setup { meter_no: METER_NO, constant: 1600, system_code: SYSTEM, region: REGION };

/// A card of that customer that says nothing else yet.
pub(crate) fn plain(card_kind: &str) -> Content {
    Content {
        kind: card_kind.to_owned(),
        system_code: SYSTEM,
        region: REGION,
        user_no: USER,
        card_no: 1,
        key_version: 1,
        purchase: None,
        returned: None,
        params: Vec::new(),
    }
}

/// His purchase card.
pub(crate) fn sale(purchase: Purchase) -> Content {
    Content { purchase: Some(purchase), ..plain(kind::PURCHASE) }
}

/// Numbers within a driver's facts.
pub(crate) struct Figures<'a> {
    description: &'a Description,
    /// Wh of one step, and the steps of the least and of the greatest quantity.
    pub(crate) step: i64,
    least: u64,
    most: u64,
}

impl<'a> Figures<'a> {
    pub(crate) fn new(description: &'a Description) -> Self {
        let facts = &description.facts;
        let step = facts.quantity_step_wh.wh().max(1);
        let steps = |wh: i64| u64::try_from(wh.checked_div(step).unwrap_or_default()).unwrap_or_default();
        let least = steps(facts.quantity_min_wh.wh().saturating_add(step).saturating_sub(1)).max(1);
        Self { description, step, least, most: steps(facts.quantity_max_wh.wh()).max(least) }
    }

    /// So many steps above the least quantity, as far as the facts allow.
    pub(crate) fn quantity(&self, above_least: u64) -> MeterEnergy {
        self.energy(self.least.saturating_add(above_least).min(self.most))
    }

    /// The greatest quantity.
    pub(crate) fn most(&self) -> MeterEnergy {
        self.energy(self.most)
    }

    pub(crate) fn energy(&self, steps: u64) -> MeterEnergy {
        MeterEnergy::from_wh(i64::try_from(steps).unwrap_or(i64::MAX).saturating_mul(self.step))
    }

    /// A purchase with nothing but what every purchase has: any driver must take it.
    pub(crate) fn least(&self, count: u32, quantity_wh: MeterEnergy) -> Purchase {
        let zero = MeterEnergy::ZERO;
        Purchase {
            meter_no: METER_NO,
            count,
            quantity_wh,
            alarm_wh: zero,
            overdraft_wh: zero,
            hoard_wh: zero,
            limit_mode: 0,
            capacity_w: 0,
            preset_wh: zero,
            date: CalendarDate { year: 2026, month: 11, day: 22 },
        }
    }

    /// Bounds as often as anything between them.
    pub(crate) fn any_quantity(&self, chance: &mut Chance) -> MeterEnergy {
        match chance.within(0, 9) {
            0 => self.energy(self.least),
            1 => self.energy(self.most),
            2..=6 => self.energy(chance.within(self.least, self.most.min(self.least.saturating_add(2000)))),
            _ => self.energy(chance.within(self.least, self.most)),
        }
    }

    pub(crate) fn any_count(&self, chance: &mut Chance) -> u32 {
        let max = self.description.facts.count_max;
        match chance.within(0, 9) {
            0 => 1,
            1 => max,
            _ => u32::try_from(chance.within(1, u64::from(max))).unwrap_or(1),
        }
    }

    /// The greatest number of the field `name`; the widest that the house uses if the field map does not name it.
    fn most_of(&self, name: &str, otherwise: u64) -> u64 {
        let Some(field) = self.description.layout.field(name) else { return otherwise };
        let base: u64 = match field.coding {
            Coding::BcdBe => 100,
            Coding::UintBe => 256,
        };
        base.checked_pow(field.len).map_or(otherwise, |states| states.saturating_sub(1)).min(otherwise)
    }

    /// A purchase with everything in it, for a meter of any number.
    pub(crate) fn rich(&self, chance: &mut Chance) -> Purchase {
        let quantity_wh = self.any_quantity(chance);
        let capacity = u64::from(self.description.facts.capacity_max_w) / 10;
        Purchase {
            meter_no: chance.within(1, self.most_of(FIELD_METER_NO, 99_999_999)),
            alarm_wh: self.energy(chance.within(0, 500)),
            overdraft_wh: self.energy(chance.within(0, 100)),
            hoard_wh: self.energy(chance.within(0, 9999)),
            limit_mode: u8::try_from(chance.within(0, 1)).unwrap_or_default(),
            capacity_w: u32::try_from(chance.within(0, capacity)).unwrap_or_default().saturating_mul(10),
            preset_wh: self.energy(chance.within(0, 20)),
            date: any_date(chance),
            ..self.least(self.any_count(chance), quantity_wh)
        }
    }

    /// A card of anybody.
    pub(crate) fn anybody(&self, chance: &mut Chance, card_kind: &str) -> Content {
        let short = |chance: &mut Chance, max: u64| u32::try_from(chance.within(1, max)).unwrap_or(1);
        Content {
            system_code: short(chance, self.most_of("system-code", 9999)),
            region: short(chance, self.most_of("region", 9999)),
            user_no: chance.within(1, self.most_of("user-no", 99_999_999)),
            card_no: short(chance, self.most_of("card-no", 9999)),
            key_version: u8::try_from(chance.within(1, 99)).unwrap_or(1),
            ..plain(card_kind)
        }
    }
}

fn any_date(chance: &mut Chance) -> CalendarDate {
    let small = |chance: &mut Chance, high| u8::try_from(chance.within(1, high)).unwrap_or(1);
    CalendarDate {
        year: u16::try_from(chance.within(2020, 2060)).unwrap_or(2026),
        month: small(chance, 12),
        day: small(chance, 28),
    }
}
