//! Planning a purchase by money.

use serde::{Deserialize, Serialize};

use super::sale::{check_input, plan};
use super::{Plan, PlanInput, PlanRefusal};
use crate::facts::MeterFacts;
use crate::units::{Money, Price, RealEnergy, Rounding};

/// A purchase by money: as much as can be written for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyPlan {
    /// What is sold, real Wh.
    pub purchase: RealEnergy,
    /// What the card will carry.
    pub plan: Plan,
    /// What it costs: purchase x price, rounded half up to the fen.
    pub billed: Money,
    /// Money that was not used: back to the customer, or onto the account.
    pub change: Money,
}

/// Plans the greatest purchase that can be written and costs no more than `money`. `input.purchase` is not looked at.
///
/// Money that buys less than can be written is refused with the smallest purchase that can; money that buys more than a
/// card may carry is refused with the greatest.
pub fn plan_by_money(
    money: Money,
    price: Price,
    input: &PlanInput,
    facts: &MeterFacts,
) -> Result<MoneyPlan, PlanRefusal> {
    if money.is_negative() {
        return Err(PlanRefusal::QuantityNegative { wanted: RealEnergy::ZERO });
    }
    if money.is_zero() {
        return Err(PlanRefusal::QuantityZero);
    }
    let affordable = PlanInput { purchase: price.most_energy_billed_within(money)?, ..input.clone() };
    check_input(&affordable, facts)?;
    let purchase = match plan(&affordable, facts) {
        Ok(_) => affordable.purchase,
        Err(PlanRefusal::NotMultiple { lower, .. }) => lower,
        Err(other) => return Err(other),
    };
    let input = PlanInput { purchase, ..affordable };
    let billed = price.amount(purchase, Rounding::HalfUp)?;
    Ok(MoneyPlan { purchase, plan: plan(&input, facts)?, billed, change: money.checked_sub(billed)? })
}
