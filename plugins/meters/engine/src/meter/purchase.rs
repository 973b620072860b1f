//! A purchase card.

use super::insert::Reaction;
use super::{BALANCE_MAX_WH, Limits, Meter, WS_PER_WH, show};
use crate::card::Card;
use crate::decode;
use crate::profile::{Item, Standard};

impl Meter {
    /// Meter number, area, customer and purchase number must fit; then the quantity must be neither too small nor more
    /// than may be stored. Any card of the meter's own customer releases the cuts for alarm and capacity.
    pub(super) fn purchase_card(&mut self, standard: &Standard, card: &Card) -> Reaction {
        let Some(purchase) = decode::purchase(card) else {
            return Reaction::Rejected("unreadable");
        };
        let user_no = card.identity.number(Item::UserNo);
        if card.identity.short(Item::Region) != self.region {
            return Reaction::Rejected("wrong-region");
        }
        if purchase.meter_no != self.meter_no {
            return Reaction::Rejected("wrong-meter");
        }
        if self.user_no != 0 && self.user_no != user_no {
            return Reaction::Rejected("wrong-user");
        }
        if self.suspended {
            return Reaction::Done("suspended", show::status(self.status()));
        }
        let released = self.release(standard);
        let next = self.count.saturating_add(1);
        if purchase.count == self.count {
            let code = if released { "resumed" } else { "count-behind" };
            return Reaction::Done(code, show::remaining(self.balance_ws).lcd);
        }
        if purchase.count != next {
            return Reaction::Rejected(if purchase.count < next { "count-behind" } else { "count-ahead" });
        }
        if purchase.quantity_wh < standard.quantity_min_wh {
            return Reaction::Rejected("below-minimum");
        }
        let quantity_ws = purchase.quantity_wh.saturating_mul(WS_PER_WH);
        let balance_ws = self.balance_ws.saturating_add(quantity_ws);
        let limit_ws = purchase.hoard_wh.saturating_mul(WS_PER_WH);
        if (limit_ws > 0 && balance_ws >= limit_ws) || balance_ws > BALANCE_MAX_WH.saturating_mul(WS_PER_WH) {
            return Reaction::Rejected("over-hoarding-limit");
        }
        self.user_no = user_no;
        self.count = purchase.count;
        self.balance_ws = balance_ws;
        self.purchased_wh = self.purchased_wh.saturating_add(purchase.quantity_wh);
        // A preset that was a credit is paid by the balance being below zero; one that was a balance stays in it.
        self.preset_wh = 0;
        self.limits = Limits::of(&purchase, card.order.get(Item::Date));
        self.alarm_acknowledged = false;
        self.settle(standard);
        Reaction::Loaded(purchase.quantity_wh)
    }

    /// Releases the cuts for alarm and capacity; whether there was one.
    fn release(&mut self, standard: &Standard) -> bool {
        let released = self.alarm_cut || self.capacity_cut;
        self.alarm_acknowledged |= self.alarm_cut;
        self.capacity_cut = false;
        self.settle(standard);
        released
    }
}
