//! The cards of the supplier's own people.

use super::insert::Reaction;
use super::{Limits, Meter, WS_PER_WH, show};
use crate::card::{Card, OPERATION_SUSPEND};
use crate::profile::{Item, PresetBy, Standard};

/// A clear card works for so long after power came back.
const CLEAR_WITHIN_S: u64 = 120;

impl Meter {
    /// Clears everything but running time and factory number. Bound to the area, and to the factory number once the
    /// meter belongs to a customer; only shortly after a break of the supply.
    pub(super) fn clear_card(&mut self, standard: &Standard, card: &Card) -> Reaction {
        let bound = card.order.number(Item::MeterNo);
        if card.identity.short(Item::Region) != self.region {
            return Reaction::Rejected("wrong-region");
        }
        if bound != 0 && bound != self.meter_no {
            return Reaction::Rejected("wrong-meter");
        }
        if bound == 0 && self.assigned() {
            return Reaction::Rejected("assigned");
        }
        if !self.clearable || self.since_power_s > CLEAR_WITHIN_S {
            return Reaction::Rejected("not-armed");
        }
        *self = Self {
            meter_no: self.meter_no,
            constant: self.constant,
            system_code: self.system_code,
            region: self.region,
            run_seconds: self.run_seconds,
            load_w: self.load_w,
            powered: true,
            since_power_s: self.since_power_s,
            clearable: self.clearable,
            ..Self::default()
        };
        self.settle(standard);
        Reaction::Done("cleared", show::status(self.status()))
    }

    /// Gives a new meter energy to be installed with, once: a credit where the meter deducts it from the first purchase,
    /// a balance where the system does.
    pub(super) fn preset_card(&mut self, standard: &Standard, card: &Card) -> Reaction {
        if !self.in_region(card) {
            return Reaction::Rejected("wrong-region");
        }
        if self.assigned() {
            return Reaction::Rejected("assigned");
        }
        if self.preset_wh != 0 {
            return Reaction::Rejected("already-preset");
        }
        self.preset_wh = card.order.get(Item::Preset);
        if standard.preset_by == PresetBy::System {
            self.balance_ws = self.balance_ws.saturating_add(self.preset_wh.saturating_mul(WS_PER_WH));
            self.purchased_wh = self.purchased_wh.saturating_add(self.preset_wh);
        }
        self.settle(standard);
        let shown = match standard.preset_by {
            PresetBy::Meter => show::kwh("P2", self.preset_wh),
            PresetBy::System => show::remaining(self.balance_ws),
        };
        Reaction::Done("preset", shown.lcd)
    }

    /// Makes the meter show its number.
    pub(super) fn check_card(&self, card: &Card) -> Reaction {
        if !self.in_region(card) {
            return Reaction::Rejected("wrong-region");
        }
        Reaction::Done("checked", show::number("CH", self.meter_no).lcd)
    }

    /// Suspends the meter or wakes it.
    pub(super) fn management_card(&mut self, standard: &Standard, card: &Card) -> Reaction {
        let bound = card.order.number(Item::MeterNo);
        if card.identity.short(Item::Region) != self.region {
            return Reaction::Rejected("wrong-region");
        }
        if bound != 0 && bound != self.meter_no {
            return Reaction::Rejected("wrong-meter");
        }
        self.suspended = card.order.get(Item::Operation) == OPERATION_SUSPEND;
        self.settle(standard);
        Reaction::Done(if self.suspended { "suspended" } else { "woken" }, show::status(self.status()))
    }

    /// Binds a meter without customer to one.
    pub(super) fn initialisation_card(&mut self, card: &Card) -> Reaction {
        if card.identity.short(Item::Region) != self.region {
            return Reaction::Rejected("wrong-region");
        }
        if self.assigned() {
            return Reaction::Rejected("assigned");
        }
        self.user_no = card.order.number(Item::UserNo);
        self.limits = Limits { alarm_wh: card.order.get(Item::Alarm), ..Limits::default() };
        Reaction::Done("initialised", show::number("HH", self.user_no).lcd)
    }

    /// Universal cards carry area 0 and work in any.
    fn in_region(&self, card: &Card) -> bool {
        matches!(card.identity.short(Item::Region), region if region == 0 || region == self.region)
    }
}
