//! The host's own check of what a driver encoded: the driver's answer is input, not truth.

use super::{CardImage, FIELD_COUNT, FIELD_METER_NO, FIELD_QUANTITY, FieldError, Layout, WritePlan, WritePlanError};
use crate::units::MeterEnergy;

/// What is wrong with a driver's target image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckFault {
    /// It cannot be written, or changes what it must not.
    #[error(transparent)]
    Plan(#[from] WritePlanError),
    /// A number cannot be read from it.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A number is not what was meant.
    #[error("field {field} reads {got} instead of {expected}")]
    Differs {
        /// The field.
        field: &'static str,
        /// What was meant (Wh for the quantity).
        expected: i64,
        /// What the host reads.
        got: i64,
    },
    /// The meter number cannot be compared.
    #[error("meter number {0} is too large")]
    MeterNo(u64),
}

impl CheckFault {
    /// Stable code for logs and driver reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Plan(_) => "driver.unwritable",
            Self::Field(_) => "driver.unreadable",
            Self::Differs { .. } => "driver.differs",
            Self::MeterNo(_) => "driver.meter_no",
        }
    }
}

/// Whether `target` can be written over `before`, and carries exactly this quantity, number and meter as the host reads it
/// by the field map.
pub fn independent_check(
    before: &CardImage,
    target: &CardImage,
    layout: &Layout,
    quantity: MeterEnergy,
    count: u32,
    meter_no: u64,
) -> Result<(), CheckFault> {
    WritePlan::build(before, target, layout)?;
    if !layout.is_sealed(target) {
        return Err(WritePlanError::TargetNotSealed.into());
    }
    let meter_no = i64::try_from(meter_no).map_err(|_| CheckFault::MeterNo(meter_no))?;
    let intent = [(FIELD_QUANTITY, quantity.wh()), (FIELD_COUNT, i64::from(count)), (FIELD_METER_NO, meter_no)];
    for (field, expected) in intent {
        let got = layout.read(target, field)?;
        if got != expected {
            return Err(CheckFault::Differs { field, expected, got });
        }
    }
    Ok(())
}

/// For a sale onto a card that carries a purchase of the same meter: whether the number follows the one before. A card
/// without a seal, or of another meter, has no number before.
pub fn number_follows(before: &CardImage, target: &CardImage, layout: &Layout) -> Result<(), CheckFault> {
    let sealed = layout.is_sealed(before);
    if !sealed || layout.read(before, FIELD_METER_NO)? != layout.read(target, FIELD_METER_NO)? {
        return Ok(());
    }
    let expected = layout.read(before, FIELD_COUNT)?.saturating_add(1);
    let got = layout.read(target, FIELD_COUNT)?;
    if got == expected { Ok(()) } else { Err(CheckFault::Differs { field: FIELD_COUNT, expected, got }) }
}
