//! Time passing under a constant load.

use super::{Message, Meter};
use crate::profile::Standard;

/// A limit of mode 1 cuts after so many seconds over capacity without a break.
const OVER_CAPACITY_S: u64 = 30;
/// A clear card needs the meter to have been without power for so long.
const CLEAR_OFF_S: u64 = 30;

impl Meter {
    /// Lets `seconds` pass with `watts` drawn as long as the relay is closed. The relay opens at the very moment at
    /// which a limit is reached, so the balance stops exactly there.
    pub fn pass(&mut self, standard: &Standard, seconds: u64, watts: u32) {
        self.since_power_s = self.since_power_s.saturating_add(seconds);
        if !self.powered {
            return;
        }
        self.run_seconds = self.run_seconds.saturating_add(seconds);
        self.load_w = watts;
        if !self.relay_closed() {
            return;
        }
        let over = self.limits.limit_mode == 1 && watts > self.limits.capacity_w;
        let within = if over { OVER_CAPACITY_S.saturating_sub(self.over_seconds) } else { u64::MAX };
        let wanted = energy(watts, seconds.min(within));
        let above = |level: i64| self.balance_ws.saturating_sub(level);
        let to_alarm = self.alarm_ws().filter(|_| !self.alarm_acknowledged).map(above);
        let to_next = to_alarm.unwrap_or(i64::MAX).min(above(self.floor_ws(standard)));
        let used = wanted.min(to_next);
        self.balance_ws = self.balance_ws.saturating_sub(used);
        self.used_ws = self.used_ws.saturating_add(used);
        self.over_seconds = if over { self.over_seconds.saturating_add(seconds) } else { 0 };
        // If the balance gave out first, the relay was open before the seconds were over.
        self.capacity_cut = over && seconds >= within && used == wanted;
        self.settle(standard);
    }

    /// Switches the supply off or on. Does nothing if it is so already.
    pub fn power(&mut self, on: bool) {
        if on == self.powered {
            return;
        }
        self.clearable = on && self.since_power_s >= CLEAR_OFF_S;
        self.powered = on;
        self.since_power_s = 0;
        self.over_seconds = 0;
        self.load_w = 0;
        self.message = Message::None;
    }
}

/// Watts times seconds; more than a century of any load is cut off far beyond every balance.
fn energy(watts: u32, seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(watts.into())
}
