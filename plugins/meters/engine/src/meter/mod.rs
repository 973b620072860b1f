//! The virtual meter: takes cards by the rules, counts down, warns, cuts, overdraws, shows its display, writes back.

mod insert;
mod look;
mod orders;
mod pass;
mod purchase;
mod show;
mod state;
mod write_back;

use dianka_sdk::meter::simulator::Setup;
use dianka_sdk::meter::types::{Purchase, Refusal, Returned};

use crate::card;
use crate::profile::{PresetBy, Standard};
use crate::refuse::refuse;

pub use insert::Verdict;
pub use look::snapshot;

/// Watt-seconds in a Wh: the meter counts in them, so that no load loses a remainder.
pub const WS_PER_WH: i64 = 3600;

/// Status bit: cut because the alarm level is reached.
pub const STATUS_ALARM: u32 = 0x01;
/// Status bit: cut because of too much power.
pub const STATUS_CAPACITY: u32 = 0x04;
/// Status bit: suspended by a management card.
pub const STATUS_SUSPENDED: u32 = 0x20;

/// Greatest balance, Wh: what the display can show.
const BALANCE_MAX_WH: i64 = 999_999_990;

/// What the last card made the display say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Message {
    /// Nothing.
    #[default]
    None,
    /// `E=C07`.
    CardError,
}

/// The contents of the last purchase that the meter took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Quantity, Wh.
    pub quantity_wh: i64,
    /// Alarm level, Wh.
    pub alarm_wh: i64,
    /// Overdraft limit, Wh.
    pub overdraft_wh: i64,
    /// Hoarding limit, Wh; 0 = none.
    pub hoard_wh: i64,
    /// 1 = cut after 30 s over capacity.
    pub limit_mode: u8,
    /// Contracted capacity, W.
    pub capacity_w: u32,
    /// Date, YYMMDD.
    pub date: i64,
}

/// The whole state of a meter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Factory number.
    pub meter_no: u64,
    /// imp/kWh.
    pub constant: u32,
    /// System that it belongs to.
    pub system_code: u32,
    /// Area that it stands in.
    pub region: u32,
    /// Customer that it is bound to; 0 = none.
    pub user_no: u64,
    /// Purchases taken.
    pub count: u32,
    /// Balance, watt-seconds; below 0 when overdrawn.
    pub balance_ws: i64,
    /// Used since it was cleared, watt-seconds.
    pub used_ws: i64,
    /// Bought since it was cleared, Wh; a preset that is a balance counts as bought.
    pub purchased_wh: i64,
    /// Preset that was given and not yet settled by a first purchase, Wh.
    pub preset_wh: i64,
    /// What the last purchase said.
    pub limits: Limits,
    /// Cut at the alarm level.
    pub alarm_cut: bool,
    /// A card was inserted since the alarm level was reached.
    pub alarm_acknowledged: bool,
    /// Cut because nothing is left.
    pub empty_cut: bool,
    /// Cut because of too much power.
    pub capacity_cut: bool,
    /// Suspended by a management card.
    pub suspended: bool,
    /// Seconds over capacity without a break.
    pub over_seconds: u64,
    /// Load of the last stretch of time, W.
    pub load_w: u32,
    /// Seconds under power in its life.
    pub run_seconds: u64,
    /// Whether there is power.
    pub powered: bool,
    /// Seconds since power went off, or since it came back.
    pub since_power_s: u64,
    /// Whether the last break was long enough for a clear card.
    pub clearable: bool,
    /// Rejected insertions.
    pub errors: u32,
    /// What the display says about the last card.
    pub message: Message,
}

impl Meter {
    /// A meter from the factory: no customer, no energy, relay open, under power for longer than a clear card allows.
    ///
    /// # Errors
    /// `bad-input` for a number, code or constant that no card or display can carry.
    pub fn fresh(setup: &Setup) -> Result<Self, Refusal> {
        let sane = (1..=99_999_999).contains(&setup.meter_no)
            && (1..=999_999).contains(&setup.constant)
            && setup.system_code <= 9999
            && setup.region <= 9999;
        if !sane {
            return Err(refuse("bad-input", "meter number of 8 digits, constant above 0, codes of 4 digits"));
        }
        Ok(Self {
            meter_no: setup.meter_no,
            constant: setup.constant,
            system_code: setup.system_code,
            region: setup.region,
            powered: true,
            empty_cut: true,
            ..Self::default()
        })
    }

    /// The meter as it was when it wrote `returned`. What no card carries (remainders below a step, running time, an
    /// acknowledged alarm) is taken as it stands right after an insertion.
    ///
    /// # Errors
    /// As [`Meter::fresh`]; `bad-input` if the purchase or the returned data are another meter's, or out of range.
    pub fn restore(standard: &Standard, setup: &Setup, last: &Purchase, returned: &Returned) -> Result<Self, Refusal> {
        let date = card::date_number(&last.date);
        let same = last.meter_no == setup.meter_no && returned.meter_no == setup.meter_no;
        let energies = [
            last.quantity_wh,
            last.alarm_wh,
            last.overdraft_wh,
            last.hoard_wh,
            last.preset_wh,
            returned.total_used_wh,
            returned.total_purchased_wh,
            returned.remaining_wh,
            returned.overdraft_wh,
        ];
        let sane = energies.iter().all(|energy| (0..=10_000_000_000).contains(energy)) && returned.count <= 9999;
        let Some(date) = date.filter(|_| same && sane) else {
            return Err(refuse("bad-input", "purchase and returned data of this meter, with a real date, are needed"));
        };
        let balance = returned.remaining_wh.saturating_sub(returned.overdraft_wh);
        let mut meter = Self {
            user_no: returned.user_no,
            count: returned.count,
            balance_ws: balance.saturating_mul(WS_PER_WH),
            used_ws: returned.total_used_wh.saturating_mul(WS_PER_WH),
            purchased_wh: returned.total_purchased_wh,
            preset_wh: if returned.count == 0 { last.preset_wh } else { 0 },
            limits: if returned.count == 0 { Limits::default() } else { Limits::of(last, date) },
            alarm_acknowledged: true,
            capacity_cut: returned.status & STATUS_CAPACITY != 0,
            suspended: returned.status & STATUS_SUSPENDED != 0,
            load_w: returned.power_w,
            errors: returned.errors,
            ..Self::fresh(setup)?
        };
        meter.settle(standard);
        Ok(meter)
    }

    /// Balance in whole Wh, rounded down.
    #[must_use]
    pub const fn balance_wh(&self) -> i64 {
        self.balance_ws.div_euclid(WS_PER_WH)
    }

    /// Whether current can flow.
    #[must_use]
    pub const fn relay_closed(&self) -> bool {
        self.powered && !(self.alarm_cut || self.empty_cut || self.capacity_cut || self.suspended)
    }

    /// The status word.
    #[must_use]
    pub fn status(&self) -> u32 {
        let bit = |on: bool, value: u32| if on { value } else { 0 };
        bit(self.alarm_cut, STATUS_ALARM)
            | bit(self.capacity_cut, STATUS_CAPACITY)
            | bit(self.suspended, STATUS_SUSPENDED)
    }

    /// Whether the meter belongs to a customer.
    const fn assigned(&self) -> bool {
        self.user_no != 0 || self.count > 0
    }

    /// The balance at which the meter cuts for good, watt-seconds: the overdraft limit, or before the first purchase
    /// the preset, where the preset is a credit.
    fn floor_ws(&self, standard: &Standard) -> i64 {
        let credit = match standard.preset_by {
            PresetBy::Meter if self.count == 0 => self.preset_wh,
            _ => self.limits.overdraft_wh,
        };
        credit.saturating_mul(WS_PER_WH).saturating_neg()
    }

    /// The balance at which the meter warns, watt-seconds, while there is something to warn of.
    fn alarm_ws(&self) -> Option<i64> {
        let level = self.limits.alarm_wh.saturating_mul(WS_PER_WH);
        (self.count > 0 && level > 0).then_some(level)
    }

    /// Brings the cuts in line with the balance.
    fn settle(&mut self, standard: &Standard) {
        self.empty_cut = self.balance_ws <= self.floor_ws(standard);
        let low = self.alarm_ws().is_some_and(|level| self.balance_ws <= level);
        self.alarm_acknowledged &= low;
        self.alarm_cut = low && !self.alarm_acknowledged;
        if !self.relay_closed() {
            self.over_seconds = 0;
        }
    }
}

impl Limits {
    const fn of(purchase: &Purchase, date: i64) -> Self {
        Self {
            quantity_wh: purchase.quantity_wh,
            alarm_wh: purchase.alarm_wh,
            overdraft_wh: purchase.overdraft_wh,
            hoard_wh: purchase.hoard_wh,
            limit_mode: purchase.limit_mode,
            capacity_w: purchase.capacity_w,
            date,
        }
    }
}
