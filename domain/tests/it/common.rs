//! Facts of the two standards, and short ways to say an example.

use dianka_domain::facts::{MeterFacts, PresetDeductedBy};
use dianka_domain::plan::{PlanInput, RECOVER_WHOLE_PERMILLE};
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};

/// GB/T 18460: the meter deducts the preset, no least quantity but one step.
pub fn gb() -> MeterFacts {
    MeterFacts {
        quantity_step_wh: meter(1),
        quantity_min_wh: meter(0),
        quantity_max_wh: meter(999_999),
        count_max: 9999,
        count_wraps_to: None,
        preset_deducted_by: PresetDeductedBy::Meter,
        alarm_permille: 100,
        alarm_min_wh: meter(1),
        loads_at_hoarding_limit: None,
        writes_back_on_rejection: None,
        shows_next_count: None,
        capacity_max_w: 99_990,
    }
}

/// JB/T 8382: the system deducts the preset, every card carries at least 12 kWh.
pub fn jb() -> MeterFacts {
    MeterFacts { quantity_min_wh: meter(12), preset_deducted_by: PresetDeductedBy::System, ..gb() }
}

/// kWh of real energy.
pub fn real(kwh: i64) -> RealEnergy {
    RealEnergy::from_wh(kwh * 1000)
}

/// kWh of meter energy.
pub fn meter(kwh: i64) -> MeterEnergy {
    MeterEnergy::from_wh(kwh * 1000)
}

pub fn times(multiplier: u32) -> Multiplier {
    Multiplier::new(multiplier).unwrap()
}

/// A later purchase of `kwh` real kWh without anything special.
pub fn buy(kwh: i64) -> PlanInput {
    PlanInput {
        purchase: real(kwh),
        adjustment_pending: real(0),
        multiplier: Multiplier::ONE,
        preset_pending: meter(0),
        first: false,
        count: 2,
        last_remaining: None,
        hoarding_limit: meter(0),
        alarm: None,
        recover_share_permille: RECOVER_WHOLE_PERMILLE,
    }
}

/// The same through transformers.
pub fn buy_through(kwh: i64, multiplier: u32) -> PlanInput {
    PlanInput { multiplier: times(multiplier), ..buy(kwh) }
}

/// The same with a pending adjustment of `adjustment` real kWh.
pub fn buy_adjusted(kwh: i64, adjustment: i64) -> PlanInput {
    PlanInput { adjustment_pending: real(adjustment), ..buy(kwh) }
}

/// The first purchase on a meter with a preset of `preset` meter kWh.
pub fn buy_first(kwh: i64, preset: i64) -> PlanInput {
    PlanInput { first: true, count: 1, preset_pending: meter(preset), ..buy(kwh) }
}
