//! The identities of rules 2.1 over random lives of an account: nothing is lost between purchase, adjustment, preset and
//! what the cards carry; and the ledger's balances say the same.

use std::collections::BTreeMap;

use dianka_domain::facts::{MeterFacts, PresetDeductedBy};
use dianka_domain::ledger::{
    LedgerAccount, SaleFigures, Transfer, postings_adjustment, postings_begin, postings_confirm, postings_void,
};
use dianka_domain::plan::{Plan, PlanInput, plan, plan_by_money, plan_with_carry};
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Price, RealEnergy, Rounding};
use proptest::prelude::*;

use crate::common::{gb, jb, meter, times};

#[derive(Debug, Clone, Copy)]
enum Event {
    Energy(i64),
    EnergyWithCarry(i64),
    Money(i64),
    /// Authorised, then voided on evidence.
    Voided(i64),
    Adjustment(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (1..3_000_i64).prop_map(|kwh| Event::Energy(kwh * 1000)),
        (1..3_000_000_i64).prop_map(Event::EnergyWithCarry),
        (1..500_000_i64).prop_map(Event::Money),
        (1..3_000_i64).prop_map(|kwh| Event::Voided(kwh * 1000)),
        (-1_500_000..1_500_000_i64).prop_map(Event::Adjustment),
        (-500..500_i64).prop_map(|kwh| Event::Adjustment(kwh * 1000)),
    ]
}

/// One account in one meter period, with the sums that the identities speak of, all in Wh.
struct Account {
    facts: MeterFacts,
    multiplier: Multiplier,
    price: Price,
    share: u32,
    preset_pending: MeterEnergy,
    pending: RealEnergy,
    sold: u32,
    on_cards: i64,
    purchases: i64,
    used: i64,
    presets: i64,
    granted: i64,
    taken_in: i64,
    ledger: Vec<Transfer>,
}

impl Account {
    fn input(&self, purchase: i64) -> PlanInput {
        PlanInput {
            purchase: RealEnergy::from_wh(purchase),
            adjustment_pending: self.pending,
            multiplier: self.multiplier,
            preset_pending: self.preset_pending,
            first: self.sold == 0,
            count: self.sold + 1,
            last_remaining: None,
            hoarding_limit: meter(0),
            alarm: None,
            recover_share_permille: self.share,
        }
    }

    fn live(&mut self, event: Event) {
        match event {
            Event::Adjustment(wh) => {
                self.pending = self.pending.checked_add(RealEnergy::from_wh(wh)).unwrap();
                self.granted += wh;
                self.ledger.extend(postings_adjustment(RealEnergy::from_wh(wh)).unwrap());
            }
            Event::Energy(wh) => {
                if let Ok(plan) = plan(&self.input(wh), &self.facts) {
                    self.sell(wh, &plan);
                }
            }
            Event::EnergyWithCarry(wh) => {
                if let Ok(plan) = plan_with_carry(&self.input(wh), &self.facts) {
                    self.sell(wh, &plan);
                }
            }
            Event::Money(fen) => {
                let money = Money::from_fen(fen);
                if let Ok(sold) = plan_by_money(money, self.price, &self.input(0), &self.facts) {
                    assert_eq!(sold.billed.checked_add(sold.change), Ok(money));
                    assert!(!sold.change.is_negative());
                    assert_eq!(self.price.amount(sold.purchase, Rounding::HalfUp), Ok(sold.billed));
                    assert_eq!(sold.plan.carry, RealEnergy::ZERO);
                    self.sell(sold.purchase.wh(), &sold.plan);
                }
            }
            Event::Voided(wh) => {
                if let Ok(plan) = plan(&self.input(wh), &self.facts) {
                    let figures = self.figures(wh, &plan);
                    self.ledger.extend(postings_begin(&figures).unwrap());
                    self.ledger.extend(postings_void(&figures).unwrap());
                    let after = plan.pending_after(self.pending).unwrap();
                    assert_eq!(after.checked_add(plan.adjustment_net().unwrap()), Ok(self.pending));
                }
            }
        }
    }

    fn figures(&self, purchase: i64, plan: &Plan) -> SaleFigures {
        let purchase = RealEnergy::from_wh(purchase);
        let amount = self.price.amount(purchase, Rounding::HalfUp).unwrap();
        SaleFigures::of_plan(amount, purchase, plan, self.multiplier).unwrap()
    }

    fn sell(&mut self, purchase: i64, plan: &Plan) {
        let facts = &self.facts;
        assert!(plan.quantity >= facts.quantity_min_wh && plan.quantity <= facts.quantity_max_wh);
        assert!(plan.quantity.is_positive());
        assert_eq!(plan.quantity.wh() % facts.quantity_step_wh.wh(), 0);
        assert!(!plan.carry.is_negative());
        if self.sold == 0 && facts.preset_deducted_by == PresetDeductedBy::Meter {
            assert!(plan.quantity > self.preset_pending);
        }
        let share = purchase * i64::from(self.share) / 1000;
        assert!(plan.adjustment_used.wh() >= -share, "more recovered than the share allows");
        assert!(plan.adjustment_used.wh().abs() <= self.pending.wh().abs());

        let figures = self.figures(purchase, plan);
        self.taken_in += figures.amount.fen();
        self.ledger.extend(postings_begin(&figures).unwrap());
        self.ledger.extend(postings_confirm(&figures).unwrap());
        self.on_cards += plan.quantity.to_real(self.multiplier).unwrap().wh();
        self.purchases += purchase;
        self.used += plan.adjustment_net().unwrap().wh();
        self.presets += plan.preset_deducted.to_real(self.multiplier).unwrap().wh();
        self.pending = plan.pending_after(self.pending).unwrap();
        self.preset_pending = self.preset_pending.checked_sub(plan.preset_deducted).unwrap();
        self.sold += 1;
    }

    fn check(&self) {
        assert_eq!(self.on_cards, self.purchases + self.used - self.presets, "energy is lost or given away");
        assert_eq!(self.granted, self.used + self.pending.wh(), "adjustment is lost or given away");
        let balances = balances(&self.ledger);
        let energy = |account| balances.get(&account).map_or(0, |(_, wh)| *wh);
        let money = |account| balances.get(&account).map_or(0, |(fen, _)| *fen);
        assert_eq!(energy(LedgerAccount::EnergyOnCards), -self.on_cards);
        assert_eq!(energy(LedgerAccount::EnergySold), self.purchases);
        assert_eq!(energy(LedgerAccount::Adjustment), -self.pending.wh());
        assert_eq!(energy(LedgerAccount::PresetRecovered), -self.presets);
        assert_eq!(energy(LedgerAccount::AdjustmentGranted), self.granted);
        assert_eq!(money(LedgerAccount::CashDrawer), self.taken_in);
        assert_eq!(money(LedgerAccount::CustomerHeld), 0);
        assert_eq!(money(LedgerAccount::Revenue), -self.taken_in);
    }
}

/// Debit balances, fen and Wh.
fn balances(rows: &[Transfer]) -> BTreeMap<LedgerAccount, (i64, i64)> {
    let mut sums = BTreeMap::new();
    for row in rows {
        assert!(!row.amount.is_negative() && !row.energy.is_negative());
        assert_ne!(row.debit, row.credit);
        for (account, sign) in [(row.debit, 1), (row.credit, -1)] {
            let sum: &mut (i64, i64) = sums.entry(account).or_default();
            *sum = (sum.0 + sign * row.amount.fen(), sum.1 + sign * row.energy.wh());
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_over_the_life_of_an_account(
        by_system in any::<bool>(),
        multiplier in prop_oneof![Just(1_u32), Just(2), Just(30), Just(200), Just(300), 1..1200_u32],
        preset in 0..20_i64,
        share in prop_oneof![Just(1000_u32), Just(500), Just(0), 0..=1000_u32],
        price in 100_000..1_500_000_i64,
        events in prop::collection::vec(event(), 1..40),
    ) {
        let mut account = Account {
            facts: if by_system { jb() } else { gb() },
            multiplier: times(multiplier),
            price: Price::from_micro(price),
            share,
            preset_pending: meter(preset),
            pending: RealEnergy::ZERO,
            sold: 0,
            on_cards: 0,
            purchases: 0,
            used: 0,
            presets: 0,
            granted: 0,
            taken_in: 0,
            ledger: Vec::new(),
        };
        for event in events {
            account.live(event);
            account.check();
        }
        // A large purchase with carry can always be made, so no life is without a sale.
        let sold = account.sold;
        account.live(Event::EnergyWithCarry(200_000_001));
        account.check();
        prop_assert_eq!(account.sold, sold + 1);
        if by_system {
            prop_assert_eq!(account.preset_pending, MeterEnergy::ZERO);
        }
    }

    #[test]
    fn ledger_rows_always_sum_to_zero(event in event(), multiplier in 1..400_u32) {
        let (facts, price) = (jb(), Price::from_micro(568_300));
        let wh = match event {
            Event::Energy(wh) | Event::EnergyWithCarry(wh) | Event::Voided(wh) | Event::Money(wh) => wh,
            Event::Adjustment(wh) => wh.abs() + 1,
        };
        let input = PlanInput { purchase: RealEnergy::from_wh(wh), multiplier: times(multiplier), ..crate::common::buy(0) };
        if let Ok(plan) = plan_with_carry(&input, &facts) {
            let amount = price.amount(input.purchase, Rounding::HalfUp).unwrap();
            let figures = SaleFigures::of_plan(amount, input.purchase, &plan, input.multiplier).unwrap();
            let mut rows = postings_begin(&figures).unwrap();
            rows.extend(postings_confirm(&figures).unwrap());
            let sums = balances(&rows);
            prop_assert_eq!(sums.values().map(|(fen, _)| fen).sum::<i64>(), 0);
            prop_assert_eq!(sums.values().map(|(_, wh)| wh).sum::<i64>(), 0);
        }
    }
}
