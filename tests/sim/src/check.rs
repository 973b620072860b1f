//! The rules that hold after every event, and the equality that holds when all is quiet.

use std::collections::BTreeMap;

use dianka_domain::card::{CardImage, Seen};
use dianka_domain::card_op::OpState;
use dianka_domain::ledger::LedgerAccount;
use uuid::Uuid;

use crate::standard::Look;
use crate::world::World;

impl World<'_> {
    /// A meter took something: whose sale was it?
    pub fn loaded(&mut self, customer: usize, image: &CardImage, wh: i64) {
        let Look::Content(content) = self.standard(customer).look(image) else {
            return self.broken(format!("meter {customer} loads {wh} Wh from a card that does not decode"));
        };
        let count = content.purchase.as_ref().map_or(0, |purchase| purchase.count);
        let found = self.db.sales.iter().find(|(_, row)| {
            let same = row.new.account == customer && row.new.order.count == count;
            same && row.new.order.classify(image, &self.standard(customer).layout) == Seen::New
                && matches!(row.state, OpState::Authorised | OpState::Committed)
        });
        match found.map(|(id, row)| (*id, row.new.order.quantity.wh())) {
            Some((sale, quantity)) if quantity == wh => self.customers[customer].loads.push((count, wh, sale)),
            Some((sale, quantity)) => {
                self.broken(format!("meter {customer} loads {wh} Wh, sale {sale} has {quantity} Wh"));
            }
            None => {
                self.broken(format!("meter {customer} loads {wh} Wh as purchase {count}, and no sale stands for it"))
            }
        }
    }

    /// After every event.
    pub fn check(&mut self) {
        let stamp = self.db_stamp;
        for card in 0..self.cards.len() {
            let now = (self.cards[card].chip.cells().total(), stamp);
            if self.cards[card].checked != now {
                self.cards[card].checked = now;
                if let Some(broken) = self.card_fault_of(card) {
                    self.broken(broken);
                }
            }
        }
        if let Some(broken) = self.books_fault() {
            self.broken(broken);
        }
    }

    fn card_fault_of(&self, card: usize) -> Option<String> {
        let owner = &self.customers[card];
        if self.cards[card].chip.error_counter() == 0 {
            return Some(format!("card {card} is dead"));
        }
        let image = CardImage::new(self.cards[card].chip.image());
        let layout = &self.standard(card).layout;
        let (taken, _) = self.standard(card).taken(&owner.meter);
        if let Look::Content(content) = self.standard(card).look(&image) {
            if content.card_no != owner.card_no {
                return Some(format!("card {card} carries the image of card {}", content.card_no));
            }
            let purchase = content.purchase.as_ref()?;
            let live = self.db.sales.values().any(|row| {
                row.new.account == card
                    && row.new.order.count == purchase.count
                    && matches!(row.state, OpState::Authorised | OpState::Committed)
                    && row.new.order.classify(&image, layout) == Seen::New
            });
            if purchase.count > taken && !live {
                return Some(format!(
                    "card {card} can be spent, purchase {}, and no sale stands for it",
                    purchase.count
                ));
            }
        }
        // What is sold and not taken is on the card, byte for byte.
        let account = &self.db.accounts[card];
        let last = account.counter.sold;
        if last > taken && account.open.is_none() {
            let row = self.db.sales.values().find(|row| {
                row.new.account == card && row.new.order.count == last && row.state == OpState::Committed
            })?;
            let seen = row.new.order.classify(&image, layout);
            if seen != Seen::New {
                return Some(format!("purchase {last} of account {card} is committed, and its card shows {seen:?}"));
            }
        }
        if last > taken && account.open.is_some() {
            return Some(format!("account {card} was sold another purchase over number {last}, which nobody took"));
        }
        None
    }

    #[expect(clippy::too_many_lines, reason = "a list of rules")]
    fn books_fault(&self) -> Option<String> {
        let mut balance: BTreeMap<LedgerAccount, (i64, i64)> = BTreeMap::new();
        for (_, _, transfer) in &self.db.transfers {
            for (account, sign) in [(transfer.debit, 1), (transfer.credit, -1)] {
                let (money, energy) = balance.entry(account).or_default();
                *money += sign * transfer.amount.fen();
                *energy += sign * transfer.energy.wh();
            }
        }
        let of = |account| balance.get(&account).copied().unwrap_or_default();
        let (money, energy) = balance.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if (money, energy) != (0, 0) {
            return Some(format!("the ledger sums to {money} fen, {energy} Wh"));
        }
        let (mut held, mut earned, mut out, mut sold) = (0, 0, 0, 0);
        let mut numbers: BTreeMap<(usize, u32), Uuid> = BTreeMap::new();
        let mut receipts: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (id, row) in &self.db.sales {
            let fen = row.new.figures.amount.fen();
            match row.state {
                OpState::Authorised => {
                    held += fen;
                    if self.db.accounts[row.new.account].open.map(|(open, _)| open) != Some(*id) {
                        return Some(format!("sale {id} is neither finished nor in the list of those that are not"));
                    }
                }
                OpState::Committed => {
                    earned += fen;
                    out += row.new.figures.on_card.wh();
                    sold += row.new.figures.purchase.wh();
                    let Some((station, number)) = row.receipt else { return Some(format!("sale {id} has no receipt")) };
                    receipts.entry(station).or_default().push(number);
                }
                OpState::Voided => {
                    let taken = self.customers[row.new.account].loads.iter().any(|(_, _, sale)| sale == id);
                    if taken {
                        return Some(format!("sale {id} is voided, and the meter has taken it"));
                    }
                    continue;
                }
                _ => {}
            }
            if let Some(other) = numbers.insert((row.new.account, row.new.order.count), *id) {
                return Some(format!("sales {id} and {other} have one number"));
            }
        }
        if of(LedgerAccount::CashDrawer).0 != held + earned || of(LedgerAccount::CustomerHeld).0 != -held {
            return Some("the ledger's cash is not that of the sales".into());
        }
        if of(LedgerAccount::Revenue).0 != -earned
            || of(LedgerAccount::EnergyOnCards).1 != -out
            || of(LedgerAccount::EnergySold).1 != sold
        {
            return Some("the ledger's revenue or energy is not that of the committed sales".into());
        }
        for (station, mut drawn) in receipts {
            drawn.sort_unstable();
            let next = self.db.receipts[station];
            if drawn.iter().copied().ne(1..next) {
                return Some(format!("station {station} has the receipts {drawn:?}, the next is {next}"));
            }
        }
        for (account, row) in self.db.accounts.iter().enumerate() {
            let first = self.customers[account].first;
            for count in first..=row.counter.sold {
                let there = numbers.get(&(account, count)).map(|id| self.db.sales[id].state);
                if there != Some(OpState::Committed) {
                    return Some(format!(
                        "account {account} was sold {}, and number {count} is missing",
                        row.counter.sold
                    ));
                }
            }
        }
        None
    }

    /// When all is quiet.
    pub fn check_quiet(&mut self) {
        self.check();
        let mut wrong = Vec::new();
        for (sale, row) in &self.db.sales {
            if row.state != OpState::Authorised {
                continue;
            }
            let tries = self.cards[row.new.account].chip.error_counter().count_ones();
            let full = tries == 3 || (tries == 2 && self.db.accounts[row.new.account].psc == crate::db::Psc::Ours);
            if full {
                wrong.push(format!("sale {sale} does not end: {}", self.reason(*sale)));
            }
        }
        for (customer, owner) in self.customers.iter().enumerate() {
            let committed: i64 = self
                .db
                .sales
                .values()
                .filter(|row| row.new.account == customer && row.state == OpState::Committed)
                .map(|row| row.new.order.quantity.wh())
                .sum();
            let open: Vec<Uuid> = self.db.accounts[customer].open.iter().map(|(sale, _)| *sale).collect();
            let (taken_count, taken) = self.standard(customer).taken(&owner.meter);
            let loads: i64 = owner.loads.iter().map(|(_, wh, _)| wh).sum();
            if loads + owner.begun_with != taken {
                wrong.push(format!("meter {customer} has taken {taken} Wh and was seen to take {loads}"));
            }
            let image = CardImage::new(self.cards[customer].chip.image());
            let on_card = match self.standard(customer).look(&image) {
                Look::Content(content) => {
                    content.purchase.filter(|p| p.count > taken_count).map_or(0, |p| p.quantity_wh.wh())
                }
                _ => 0,
            };
            if open.is_empty() && committed != loads + on_card {
                wrong.push(format!(
                    "account {customer}: {committed} Wh committed, {loads} taken, {on_card} on the card"
                ));
            }
        }
        let drawer: i64 = self.clients.iter().map(|client| client.cash).sum();
        let booked: i64 = self
            .db
            .sales
            .values()
            .filter(|row| matches!(row.state, OpState::Authorised | OpState::Committed))
            .map(|row| row.new.figures.amount.fen())
            .sum();
        if drawer != booked {
            wrong.push(format!("{drawer} fen in the drawers, {booked} fen in the books"));
        }
        for (number, station) in self.stations.iter().enumerate() {
            let left = station.live.as_ref().map_or(0, |live| live.journal.unacknowledged().len());
            if left > 0 {
                wrong.push(format!("station {number} has {left} results that nobody took"));
            }
        }
        if let Some(first) = wrong.into_iter().next() {
            self.broken(first);
        }
    }
}
