//! Exact integer arithmetic that says so when a figure does not fit.

use crate::units::Overflow;

pub(crate) fn add(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_add(b).ok_or(Overflow)
}

pub(crate) fn sub(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_sub(b).ok_or(Overflow)
}

pub(crate) fn mul(a: i128, b: i128) -> Result<i128, Overflow> {
    a.checked_mul(b).ok_or(Overflow)
}

/// Division towards minus infinity; `divisor` must be positive.
pub(crate) fn floor_div(a: i128, divisor: i128) -> Result<i128, Overflow> {
    positive(divisor)?;
    a.checked_div_euclid(divisor).ok_or(Overflow)
}

/// Division towards plus infinity; `divisor` must be positive.
pub(crate) fn ceil_div(a: i128, divisor: i128) -> Result<i128, Overflow> {
    let floor = floor_div(a, divisor)?;
    if modulo(a, divisor)? == 0 { Ok(floor) } else { add(floor, 1) }
}

/// Remainder in `0..divisor`; `divisor` must be positive.
pub(crate) fn modulo(a: i128, divisor: i128) -> Result<i128, Overflow> {
    positive(divisor)?;
    a.checked_rem_euclid(divisor).ok_or(Overflow)
}

pub(crate) fn narrow(a: i128) -> Result<i64, Overflow> {
    i64::try_from(a).map_err(|_| Overflow)
}

fn positive(divisor: i128) -> Result<(), Overflow> {
    if divisor > 0 { Ok(()) } else { Err(Overflow) }
}
