//! Returned data 返写 of a stored reading.

use dianka_domain::units::MeterEnergy;
use dianka_store::Returned;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What the meter wrote onto the card. Energies are meter energy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Returned)]
pub struct ReturnedView {
    /// Purchase number that the meter has taken.
    pub count: u32,
    /// Remaining; negative when overdrawn.
    pub remaining_wh: i64,
    /// Total used.
    pub total_used_wh: i64,
    /// Total purchased.
    pub total_purchased_wh: i64,
    /// Overdraft.
    pub overdraft_wh: i64,
    /// Status word.
    pub status: u32,
    /// The relay was open.
    pub relay_open: bool,
    /// Insertions that the meter refused.
    pub errors: u32,
    /// Power at that moment, W.
    pub power_w: i64,
}

impl From<&Returned> for ReturnedView {
    fn from(returned: &Returned) -> ReturnedView {
        let wh = |energy: Option<MeterEnergy>| energy.map_or(0, MeterEnergy::wh);
        let errors = returned.details.get("errors").and_then(Value::as_u64);
        ReturnedView {
            count: returned.count,
            remaining_wh: wh(returned.remaining_wh),
            total_used_wh: wh(returned.total_used_wh),
            total_purchased_wh: wh(returned.total_purchased_wh),
            overdraft_wh: wh(returned.overdraft_wh),
            status: u32::from(returned.status_word.unwrap_or_default()),
            relay_open: returned.details.get("relay_open").and_then(Value::as_bool).unwrap_or_default(),
            errors: errors.and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
            power_w: returned.power_w.unwrap_or_default(),
        }
    }
}
