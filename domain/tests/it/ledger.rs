//! The ledger's rows for the parts of a sale.

use dianka_domain::ledger::{
    LedgerAccount, LedgerError, SaleFigures, Transfer, UnknownAccount, postings_begin, postings_confirm, postings_void,
};
use dianka_domain::units::{Money, RealEnergy};

use crate::common::real;

fn figures() -> SaleFigures {
    SaleFigures {
        amount: Money::from_fen(9968),
        purchase: real(178),
        adjustment_net: real(-12),
        preset_deducted: real(12),
        on_card: real(154),
    }
}

const fn row(debit: LedgerAccount, credit: LedgerAccount, fen: i64, wh: i64) -> Transfer {
    Transfer { debit, credit, amount: Money::from_fen(fen), energy: RealEnergy::from_wh(wh) }
}

#[test]
fn money_is_held_then_earned_and_energy_goes_out() {
    use LedgerAccount::{Adjustment, CashDrawer, CustomerHeld, EnergyOnCards, EnergySold, PresetRecovered, Revenue};
    assert_eq!(postings_begin(&figures()).unwrap(), [row(CashDrawer, CustomerHeld, 9968, 0)]);
    assert_eq!(
        postings_confirm(&figures()).unwrap(),
        [
            row(CustomerHeld, Revenue, 9968, 0),
            row(EnergySold, EnergyOnCards, 0, 178_000),
            row(EnergyOnCards, Adjustment, 0, 12_000),
            row(EnergyOnCards, PresetRecovered, 0, 12_000),
        ]
    );
}

#[test]
fn a_void_undoes_the_beginning() {
    let void = postings_void(&figures()).unwrap();
    let begin: Vec<_> = postings_begin(&figures()).unwrap().into_iter().map(Transfer::reversed).collect();
    assert_eq!(void, begin);
}

#[test]
fn figures_that_do_not_add_up_are_not_posted() {
    let wrong = SaleFigures { on_card: real(155), ..figures() };
    let error = LedgerError::NotEqual { on_card_wh: 155_000, expected_wh: 154_000 };
    assert_eq!(postings_begin(&wrong), Err(error));
    assert_eq!(postings_confirm(&wrong), Err(error));
    let negative = SaleFigures { amount: Money::from_fen(-1), ..figures() };
    assert_eq!(postings_begin(&negative), Err(LedgerError::Negative));
}

#[test]
fn account_codes_are_stable_and_distinct() {
    let codes: Vec<i16> = LedgerAccount::ALL.iter().map(|account| account.code()).collect();
    assert_eq!(codes, [1, 2, 3, 4, 5, 6, 7, 8]);
    for account in LedgerAccount::ALL {
        assert_eq!(LedgerAccount::try_from(account.code()), Ok(account));
    }
    assert_eq!(LedgerAccount::try_from(99), Err(UnknownAccount(99)));
}
