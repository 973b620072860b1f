//! The ledger: every movement is one row with a debit and a credit account, in fen and in real Wh, so it cannot be
//! unbalanced. Rows are only ever added.
//!
//! Energy: `EnergyOnCards` is what went out on cards (credit `Σ W·m`), `EnergySold` what was sold (debit `Σ Q`), and the
//! credit balance of `Adjustment` is exactly what is pending. So the identities of planning are balances.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::units::{Money, Multiplier, Overflow, RealEnergy};

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Cash in the drawer of a workstation, fen.
    CashDrawer,
    /// Customers' money for sales that are authorised and not yet committed, fen.
    CustomerHeld,
    /// Sales, fen.
    Revenue,
    /// Energy sold, real Wh.
    EnergySold,
    /// Energy that cards carried out, real Wh.
    EnergyOnCards,
    /// Adjustments 找补电量 that wait for a purchase: credit = owed to customers, real Wh.
    Adjustment,
    /// The other side of entering an adjustment, real Wh.
    AdjustmentGranted,
    /// Presets deducted by the system, real Wh.
    PresetRecovered,
}

/// A number that no account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no ledger account {0}")]
pub struct UnknownAccount(pub i16);

impl LedgerAccount {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CashDrawer,
        Self::CustomerHeld,
        Self::Revenue,
        Self::EnergySold,
        Self::EnergyOnCards,
        Self::Adjustment,
        Self::AdjustmentGranted,
        Self::PresetRecovered,
    ];

    /// Its number in storage; never changed, never used again.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::CashDrawer => 1,
            Self::CustomerHeld => 2,
            Self::Revenue => 3,
            Self::EnergySold => 4,
            Self::EnergyOnCards => 5,
            Self::Adjustment => 6,
            Self::AdjustmentGranted => 7,
            Self::PresetRecovered => 8,
        }
    }
}

impl TryFrom<i16> for LedgerAccount {
    type Error = UnknownAccount;
    fn try_from(code: i16) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|account| account.code() == code).ok_or(UnknownAccount(code))
    }
}

/// One row: `amount` and `energy` move from the credit to the debit account. Neither is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Account that is debited.
    pub debit: LedgerAccount,
    /// Account that is credited.
    pub credit: LedgerAccount,
    /// Money, fen.
    pub amount: Money,
    /// Energy, real Wh.
    pub energy: RealEnergy,
}

impl Transfer {
    const fn of_money(debit: LedgerAccount, credit: LedgerAccount, amount: Money) -> Self {
        Self { debit, credit, amount, energy: RealEnergy::ZERO }
    }

    /// `energy` may be negative: then it moves the other way.
    fn of_energy(debit: LedgerAccount, credit: LedgerAccount, energy: RealEnergy) -> Result<Self, Overflow> {
        if energy.is_negative() {
            let energy = energy.checked_neg()?;
            return Ok(Self { debit: credit, credit: debit, amount: Money::ZERO, energy });
        }
        Ok(Self { debit, credit, amount: Money::ZERO, energy })
    }

    /// The row that undoes this one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { debit: self.credit, credit: self.debit, amount: self.amount, energy: self.energy }
    }

    const fn is_empty(&self) -> bool {
        self.amount.is_zero() && self.energy.is_zero()
    }
}

/// What a sale moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleFigures {
    /// What the customer pays.
    pub amount: Money,
    /// What is sold, real Wh.
    pub purchase: RealEnergy,
    /// Adjustment used, less what the rounding carries on, real Wh ([`Plan::adjustment_net`]).
    pub adjustment_net: RealEnergy,
    /// Preset deducted by the system, real Wh.
    pub preset_deducted: RealEnergy,
    /// What the card carries, real Wh.
    pub on_card: RealEnergy,
}

/// Why a sale cannot be posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// What the card carries is not what was sold with adjustment and preset.
    #[error("{on_card_wh} Wh on the card do not equal {expected_wh} Wh of purchase, adjustment and preset")]
    NotEqual {
        /// On the card, real Wh.
        on_card_wh: i64,
        /// Purchase + net adjustment - preset deducted, real Wh.
        expected_wh: i64,
    },
    /// Amount, purchase, preset or quantity is negative.
    #[error("a sale has a negative figure")]
    Negative,
    /// A figure does not fit.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl SaleFigures {
    /// The figures of a planned sale. Fails if they do not add up.
    pub fn of_plan(
        amount: Money,
        purchase: RealEnergy,
        plan: &Plan,
        multiplier: Multiplier,
    ) -> Result<Self, LedgerError> {
        let figures = Self {
            amount,
            purchase,
            adjustment_net: plan.adjustment_net()?,
            preset_deducted: plan.preset_deducted.to_real(multiplier)?,
            on_card: plan.quantity.to_real(multiplier)?,
        };
        figures.check()?;
        Ok(figures)
    }

    /// `W·m = Q + A_used - P·m`, and nothing negative but the adjustment.
    pub fn check(&self) -> Result<(), LedgerError> {
        let negative = self.amount.is_negative()
            || [self.purchase, self.preset_deducted, self.on_card].iter().any(|energy| energy.is_negative());
        if negative {
            return Err(LedgerError::Negative);
        }
        let expected = self.purchase.checked_add(self.adjustment_net)?.checked_sub(self.preset_deducted)?;
        if expected == self.on_card {
            return Ok(());
        }
        Err(LedgerError::NotEqual { on_card_wh: self.on_card.wh(), expected_wh: expected.wh() })
    }
}

/// When a sale is authorised: the customer's money is in the drawer and held for him.
pub fn postings_begin(sale: &SaleFigures) -> Result<Vec<Transfer>, LedgerError> {
    sale.check()?;
    Ok(non_empty([Transfer::of_money(LedgerAccount::CashDrawer, LedgerAccount::CustomerHeld, sale.amount)]))
}

/// When the card is read back equal to its target: the money is earned and the energy is out.
pub fn postings_confirm(sale: &SaleFigures) -> Result<Vec<Transfer>, LedgerError> {
    use LedgerAccount::{Adjustment, CustomerHeld, EnergyOnCards, EnergySold, PresetRecovered, Revenue};
    sale.check()?;
    Ok(non_empty([
        Transfer::of_money(CustomerHeld, Revenue, sale.amount),
        Transfer::of_energy(EnergySold, EnergyOnCards, sale.purchase)?,
        Transfer::of_energy(Adjustment, EnergyOnCards, sale.adjustment_net)?,
        Transfer::of_energy(EnergyOnCards, PresetRecovered, sale.preset_deducted)?,
    ]))
}

/// When a sale is voided on evidence: the money goes back.
pub fn postings_void(sale: &SaleFigures) -> Result<Vec<Transfer>, LedgerError> {
    Ok(postings_begin(sale)?.into_iter().map(Transfer::reversed).collect())
}

/// When an adjustment is entered: positive is owed to the customer from now on, negative by him.
pub fn postings_adjustment(energy: RealEnergy) -> Result<Vec<Transfer>, LedgerError> {
    Ok(non_empty([Transfer::of_energy(LedgerAccount::AdjustmentGranted, LedgerAccount::Adjustment, energy)?]))
}

fn non_empty(rows: impl IntoIterator<Item = Transfer>) -> Vec<Transfer> {
    rows.into_iter().filter(|row| !row.is_empty()).collect()
}
