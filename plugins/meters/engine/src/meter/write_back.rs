//! What the meter writes onto a purchase card.

use dianka_sdk::meter::types::Refusal;

use super::Meter;
use crate::encode;
use crate::fields::Values;
use crate::frame;
use crate::profile::{Item, Standard};

/// Steps of the returned totals, Wh: 0.1 kWh used, 0.01 kWh left.
const USED_STEP_WH: i64 = 100;
const LEFT_STEP_WH: i64 = 10;
/// Eight digits in steps of 0.1 kWh.
const USED_WRAP_WH: i64 = 100_000_000 * USED_STEP_WH;

impl Meter {
    /// Writes the returned frame. Energies are rounded down to what the card can carry, towards the smaller balance. A
    /// meter erases the first byte of the area first and sets it last, so that a torn write-back reads as none; the image
    /// here is the finished one.
    pub(super) fn write_back(&self, standard: &Standard, rejected: bool, bytes: &mut [u8]) -> Result<(), Refusal> {
        let profile = standard.profile;
        let down = |wh: i64, step: i64| wh.div_euclid(step).saturating_mul(step);
        let balance = down(self.balance_wh(), LEFT_STEP_WH);
        let used = self.used_ws.div_euclid(super::WS_PER_WH).rem_euclid(USED_WRAP_WH);
        let errors = self.errors.saturating_add(rejected.into()).min(999_999);
        let values = Values::default()
            .with_number(Item::UserNo, self.user_no)
            .with_number(Item::MeterNo, self.meter_no)
            .with(Item::Count, self.count.into())
            .with(Item::TotalUsed, down(used, USED_STEP_WH))
            .with(Item::Remaining, balance.max(0))
            .with(Item::Overdrawn, balance.saturating_neg().max(0))
            .with(Item::RelayOpen, i64::from(!self.relay_closed()))
            .with(Item::Status, self.status().into())
            .with(Item::Errors, errors.into())
            .with(Item::TotalPurchased, self.purchased_wh.rem_euclid(100_000_000_000))
            .with(Item::Power, self.power_w().min(99_999_999).into());
        let frame = frame::build(&profile.returned_frame, &values, profile.length)?;
        encode::place(bytes, profile.returned, &frame);
        Ok(())
    }

    /// Power drawn now, W.
    pub(super) const fn power_w(&self) -> u32 {
        if self.relay_closed() { self.load_w } else { 0 }
    }
}
