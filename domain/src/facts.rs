//! What distinguishes one meter standard from another, as its driver declares it (record `facts` of the meter contract).

use serde::{Deserialize, Serialize};

use crate::units::MeterEnergy;

/// Who subtracts the preset quantity 预置电量 from the first purchase. If both did, the customer would lose it; if neither
/// did, it would be given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PresetDeductedBy {
    /// The meter nets it (GB/T 18460).
    Meter,
    /// The system writes so much less (JB/T 8382).
    System,
}

/// Facts of a meter standard. Energies are meter energy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterFacts {
    /// The smallest step of a written quantity, Wh (1000 for whole kWh).
    pub quantity_step_wh: MeterEnergy,
    /// Least written quantity of any purchase, Wh.
    pub quantity_min_wh: MeterEnergy,
    /// Greatest written quantity, Wh.
    pub quantity_max_wh: MeterEnergy,
    /// Greatest purchase number that a card can carry.
    pub count_max: u32,
    /// Number that follows `count_max`; none = the driver does not know.
    pub count_wraps_to: Option<u32>,
    /// Who subtracts the preset quantity.
    pub preset_deducted_by: PresetDeductedBy,
    /// Alarm level as a share of the written quantity, in thousandths, when the account sets none.
    pub alarm_permille: u32,
    /// Least alarm level, Wh.
    pub alarm_min_wh: MeterEnergy,
    /// Whether a purchase loads when quantity + remaining equals the hoarding limit; none = unknown.
    pub loads_at_hoarding_limit: Option<bool>,
    /// Whether the meter writes returned data when it rejects a purchase; none = unknown.
    pub writes_back_on_rejection: Option<bool>,
    /// Whether the displayed count is the next expected number instead of the last taken one.
    pub shows_next_count: Option<bool>,
    /// Greatest contracted capacity that a card can carry, W.
    pub capacity_max_w: u32,
}

/// Why facts cannot be worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// The step of a quantity is not positive.
    #[error("quantity-step-wh must be above 0")]
    Step,
    /// The bounds of a quantity are negative, crossed, or leave no writable step between them.
    #[error("quantity-min-wh and quantity-max-wh leave nothing to write")]
    Bounds,
    /// No purchase number is possible.
    #[error("count-max must be above 0")]
    Count,
    /// The alarm share is above the whole, or the least alarm is negative.
    #[error("the alarm share or its least value is out of range")]
    Alarm,
}

impl MeterFacts {
    /// Whether these facts make sense; a host checks this once, when a driver is activated.
    pub fn validate(&self) -> Result<(), FactsError> {
        let (step, min, max) = (self.quantity_step_wh, self.quantity_min_wh, self.quantity_max_wh);
        if !step.is_positive() {
            return Err(FactsError::Step);
        }
        if min.is_negative() || max < min || max < step {
            return Err(FactsError::Bounds);
        }
        if self.count_max == 0 {
            return Err(FactsError::Count);
        }
        if self.alarm_permille > 1000 || self.alarm_min_wh.is_negative() {
            return Err(FactsError::Alarm);
        }
        Ok(())
    }
}
