//! The virtual meter: takes tokens once, counts down, cuts, and shows its display. What the standard leaves to the maker
//! (display, thirty seconds over the limit, the size of its memory of tokens) is ours.

mod insert;
mod look;
mod state;

use crate::contract::simulator::Setup;
use crate::contract::types::Refusal;
use crate::refuse::refuse;

pub use look::snapshot;

/// Watt-seconds in a Wh: the meter counts in them, so that no load loses a remainder.
pub const WS_PER_WH: i64 = 3600;
/// Identifiers of tokens that it remembers.
pub const MEMORY: usize = 50;
/// Status bit: cut because of too much power.
pub const STATUS_POWER: u32 = 0x04;
/// Status bit: no credit left.
pub const STATUS_EMPTY: u32 = 0x08;

/// Greatest credit, Wh: what the display can show.
const BALANCE_MAX_WH: i64 = 99_999_900;
/// Seconds over the limit after which it cuts.
const PATIENCE: u64 = 30;

/// What the display says about the last token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Message {
    /// Nothing yet.
    #[default]
    None,
    /// It was good.
    Accepted,
    /// It was entered before.
    Used,
    /// It is older than all that the meter remembers.
    Old,
    /// It is not this meter's, or mistyped, or of a kind that it does not take.
    Rejected,
    /// The credit would not fit.
    Full,
}

/// The whole state of a meter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Its number.
    pub meter_no: u64,
    /// imp/kWh.
    pub constant: u32,
    /// Credit, watt-seconds; never below 0.
    pub balance_ws: i64,
    /// Used in its life, watt-seconds.
    pub used_ws: i64,
    /// Credit entered in its life, Wh.
    pub purchased_wh: i64,
    /// Credit of the last token, Wh.
    pub last_wh: i64,
    /// Tokens taken.
    pub count: u32,
    /// Power limit, W; 0 = none.
    pub max_power_w: u32,
    /// Limit of the unbalance between phases, W; 0 = none. A single-phase meter stores it only.
    pub unbalance_w: u32,
    /// Cut because of too much power.
    pub power_cut: bool,
    /// Seconds over the limit without a break.
    pub over_seconds: u64,
    /// Load of the last stretch of time, W.
    pub load_w: u32,
    /// Whether there is voltage.
    pub powered: bool,
    /// Tokens that were not taken.
    pub errors: u32,
    /// What the display says.
    pub message: Message,
    /// Identifiers of tokens that were taken, the least first; the least is forgotten when a further one comes.
    pub taken: Vec<u32>,
}

impl Meter {
    /// A meter from the factory: no credit, relay open, under power.
    ///
    /// # Errors
    /// `bad-input` for a number or constant that no meter has.
    pub fn fresh(setup: &Setup) -> Result<Self, Refusal> {
        if setup.meter_no > 9_999_999_999_999 || !(1..=999_999).contains(&setup.constant) {
            return Err(refuse("bad-input", "a meter number of at most 13 digits and a constant above 0 are needed"));
        }
        Ok(Self { meter_no: setup.meter_no, constant: setup.constant, powered: true, ..Self::default() })
    }

    /// Credit in whole Wh, rounded down.
    #[must_use]
    pub const fn balance_wh(&self) -> i64 {
        self.balance_ws.div_euclid(WS_PER_WH)
    }

    /// Whether current can flow.
    #[must_use]
    pub const fn relay_closed(&self) -> bool {
        self.powered && self.balance_ws > 0 && !self.power_cut
    }

    /// The status word.
    #[must_use]
    pub fn status(&self) -> u32 {
        let bit = |on: bool, value: u32| if on { value } else { 0 };
        bit(self.power_cut, STATUS_POWER) | bit(self.balance_ws <= 0, STATUS_EMPTY)
    }

    /// Voltage comes or goes; a break ends a cut for too much power.
    pub const fn power(&mut self, on: bool) {
        self.powered = on;
        if !on {
            self.power_cut = false;
            self.over_seconds = 0;
        }
    }

    /// Time passing under a constant load.
    pub fn pass(&mut self, seconds: u64, watts: u32) {
        self.load_w = watts;
        if !self.relay_closed() || watts == 0 {
            self.over_seconds = 0;
            return;
        }
        let load = i64::from(watts);
        // The second in which the credit ends counts as a whole one; the meter gives no more than it has.
        let whole = self.balance_ws.checked_div(load).unwrap_or(0);
        let last = i64::from(self.balance_ws.checked_rem(load) != Some(0));
        let until_empty = u64::try_from(whole.saturating_add(last)).unwrap_or(0);
        let over = self.max_power_w > 0 && watts > self.max_power_w;
        let until_cut = if over { PATIENCE.saturating_sub(self.over_seconds) } else { u64::MAX };
        let flows = seconds.min(until_empty).min(until_cut);
        self.over_seconds = if over { self.over_seconds.saturating_add(flows) } else { 0 };
        self.power_cut = over && self.over_seconds >= PATIENCE;
        let wanted = load.saturating_mul(i64::try_from(flows).unwrap_or(i64::MAX));
        let used = wanted.min(self.balance_ws);
        self.balance_ws = self.balance_ws.saturating_sub(used);
        self.used_ws = self.used_ws.saturating_add(used);
    }
}
