//! The durable rows, and the transactions on them: each is whole or not at all. What the database compares here it
//! compares in `migrations/sale_functions.sql`; what it means is the domain's to say.

use std::collections::BTreeMap;

use dianka_domain::card_op::{
    AuthoriseFacts, AuthoriseRefusal, Authorised, EventNo, Fence, OpState, Order, Prepared, SessionId, StationId,
    Ticket,
};
use dianka_domain::counter::CounterState;
use dianka_domain::ledger::{SaleFigures, Transfer, postings_begin, postings_confirm, postings_void};
use dianka_domain::units::{MeterEnergy, Money, Price, RealEnergy};
use uuid::Uuid;

use crate::defect::Defect;

/// Whose password a card answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Psc {
    /// The maker's.
    Transport,
    /// Derived.
    Ours,
    /// A change was begun and not proven.
    Unknown,
}

/// An account, with its current card.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Rises with every change.
    pub version: i64,
    /// The purchase counter.
    pub counter: CounterState,
    /// Adjustment that waits.
    pub adjustment: RealEnergy,
    /// Preset that waits.
    pub preset: MeterEnergy,
    /// Of its card.
    pub psc: Psc,
    /// The unfinished sale, and the epoch of its newest ticket.
    pub open: Option<(Uuid, u32)>,
}

/// What a begin brings.
#[derive(Debug, Clone)]
pub struct NewSale {
    /// The client's.
    pub id: Uuid,
    /// What stands in the quote and the request, as one number.
    pub request: u64,
    /// Whose.
    pub account: usize,
    /// The account as it was decided on.
    pub version: i64,
    /// Where.
    pub station: usize,
    /// In which card session.
    pub session: Uuid,
    /// Frozen.
    pub order: Order,
    /// Frozen.
    pub figures: SaleFigures,
    /// Of the account's adjustment.
    pub adjustment_net: RealEnergy,
    /// Of the account's preset, meter energy.
    pub preset: MeterEnergy,
    /// The price of the quote, and what it was applied to.
    pub price: (Price, RealEnergy),
    /// Password before and after.
    pub codes: ([u8; 3], [u8; 3]),
}

/// A sale.
#[derive(Debug, Clone)]
pub struct SaleRow {
    /// As it was begun.
    pub new: NewSale,
    /// Where it stands.
    pub state: OpState,
    /// Station and number.
    pub receipt: Option<(usize, u64)>,
    /// Its tickets.
    pub tickets: Vec<Ticket>,
    /// Epochs of tickets that were issued while the password was not known.
    pub unknown_psc: bool,
    /// Promises to refuse them.
    pub fences: Vec<Fence>,
}

/// The database.
#[derive(Debug, Clone, Default)]
pub struct Db {
    /// By number.
    pub accounts: Vec<AccountRow>,
    /// By id.
    pub sales: BTreeMap<Uuid, SaleRow>,
    /// Every movement, with the event it belongs to.
    pub transfers: Vec<(Uuid, &'static str, Transfer)>,
    /// The next receipt number of each station.
    pub receipts: Vec<u64>,
    /// All price versions; the last one holds.
    pub prices: Vec<Price>,
}

/// What a begin answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Now.
    New,
    /// Before, by the same request.
    Replayed,
    /// Decided on figures that have changed.
    Stale,
    /// Another sale of the account is unfinished.
    OtherOpen,
    /// The same id with another request.
    OtherBody,
    /// The domain refuses.
    Refused(AuthoriseRefusal),
}

/// What an end answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Now.
    Now,
    /// Before.
    Before,
    /// It ended the other way.
    Otherwise,
    /// A newer ticket is out than the one that was judged.
    Stale,
}

/// What a ticket answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is the newest.
    Yes,
    /// Another was faster.
    Stale,
    /// The sale is not open.
    NotOpen,
}

impl Db {
    /// T1 and T2 in one.
    pub fn begin(&mut self, new: &NewSale, defect: Option<Defect>) -> Begun {
        let found = self.sales.get(&new.id);
        if let Some(before) = found
            && defect != Some(Defect::BeginTwice)
        {
            return if before.new.request == new.request { Begun::Replayed } else { Begun::OtherBody };
        }
        let account = &self.accounts[new.account];
        let careless = matches!(defect, Some(Defect::TwoOpen | Defect::BeginTwice));
        if account.open.is_some() && !careless {
            return Begun::OtherOpen;
        }
        if account.version != new.version && !careless && defect != Some(Defect::SellOverUnused) {
            return Begun::Stale;
        }
        let mut counter = account.counter;
        if careless || defect == Some(Defect::SellOverUnused) {
            counter = CounterState { sold: new.order.count - 1, acked: new.order.count - 1, ..counter };
        }
        let facts = AuthoriseFacts {
            session: Some(SessionId(new.session.as_u128())),
            card_generation: account.counter.issue,
            price_holds: self.prices.contains(&new.price.0),
            journals_complete: true,
            counter,
            at: EventNo::of_ticket(1),
        };
        let station = StationId(u128::try_from(new.station).unwrap());
        let prepared = Prepared::new(new.order.clone(), station, SessionId(new.session.as_u128())).unwrap();
        let authorised = match prepared.authorise(&facts) {
            Ok(authorised) => authorised,
            Err(refused) => return Begun::Refused(refused.reason),
        };
        let account = &mut self.accounts[new.account];
        account.adjustment = account.adjustment.checked_sub(new.adjustment_net).unwrap();
        account.preset = account.preset.checked_sub(new.preset).unwrap();
        account.version += 1;
        let mut id = new.id;
        while self.sales.contains_key(&id) {
            id = Uuid::from_u128(id.as_u128() + (1 << 64));
        }
        account.open = Some((id, 1));
        let row = SaleRow {
            new: new.clone(),
            state: OpState::Authorised,
            receipt: None,
            tickets: authorised.tickets().to_vec(),
            unknown_psc: false,
            fences: Vec::new(),
        };
        self.sales.insert(id, row);
        self.post(id, "begin", postings_begin(&new.figures).unwrap());
        Begun::New
    }

    /// The next ticket of an open sale, if `ticket.epoch` is the newest one + 1.
    pub fn ticket_add(&mut self, sale: Uuid, ticket: Ticket) -> Added {
        let row = self.sales.get_mut(&sale).unwrap();
        let account = &mut self.accounts[row.new.account];
        match account.open {
            Some((open, epoch)) if open == sale => {
                if epoch + 1 != ticket.epoch {
                    return Added::Stale;
                }
                account.open = Some((sale, ticket.epoch));
                row.unknown_psc |= account.psc == Psc::Unknown;
                row.tickets.push(ticket);
                Added::Yes
            }
            _ => Added::NotOpen,
        }
    }

    /// A promise, received while the newest ticket was what it is.
    pub fn fence_add(&mut self, sale: Uuid, station: StationId, up_to_epoch: u32) {
        let Some(row) = self.sales.get_mut(&sale) else { return };
        let newest = row.tickets.last().map_or(0, |ticket| ticket.epoch);
        row.fences.push(Fence { station, up_to_epoch, received: EventNo::after_ticket(newest) });
    }

    /// T3. `epoch`: of the ticket whose result was judged, which must still be the newest; none when the meter itself says
    /// that it has taken the purchase.
    pub fn confirm(&mut self, sale: Uuid, epoch: Option<u32>, station: usize, defect: Option<Defect>) -> End {
        let row = &self.sales[&sale];
        let newest = self.accounts[row.new.account].open.filter(|(open, _)| *open == sale);
        if let (Some(judged), Some((_, newest))) = (epoch, newest)
            && judged != newest
            && defect != Some(Defect::ConfirmIgnoresEpoch)
        {
            return End::Stale;
        }
        let open = self.accounts[row.new.account].open.is_some_and(|(open, _)| open == sale);
        if !open || row.state != OpState::Authorised {
            if defect == Some(Defect::ReceiptGap) {
                self.receipts[station] += 1;
            }
            let (state, figures) = (row.state, row.new.figures);
            if defect == Some(Defect::PostsTwice) && state == OpState::Committed {
                self.post(sale, "confirm", postings_confirm(&figures).unwrap());
            }
            return if state == OpState::Committed { End::Before } else { End::Otherwise };
        }
        let (figures, count, account) = (row.new.figures, row.new.order.count, row.new.account);
        self.post(sale, "confirm", postings_confirm(&figures).unwrap());
        let number = self.receipts[station];
        self.receipts[station] += 1;
        let row = self.sales.get_mut(&sale).unwrap();
        (row.state, row.receipt) = (OpState::Committed, Some((station, number)));
        let account = &mut self.accounts[account];
        account.counter.sold = count;
        account.version += 1;
        account.psc = Psc::Ours;
        account.open = None;
        End::Now
    }

    /// Gives back what the sale took, if the ticket that was judged is still the newest.
    pub fn void(&mut self, sale: Uuid, epoch: u32, defect: Option<Defect>) -> End {
        let row = &self.sales[&sale];
        match self.accounts[row.new.account].open {
            Some((open, newest)) if open == sale => {
                if newest != epoch && defect != Some(Defect::VoidIgnoresEpoch) {
                    return End::Stale;
                }
            }
            _ => return if row.state == OpState::Voided { End::Before } else { End::Otherwise },
        }
        let new = row.new.clone();
        self.post(sale, "void", postings_void(&new.figures).unwrap());
        let account = &mut self.accounts[new.account];
        account.adjustment = account.adjustment.checked_add(new.adjustment_net).unwrap();
        account.preset = account.preset.checked_add(new.preset).unwrap();
        account.version += 1;
        account.open = None;
        self.sales.get_mut(&sale).unwrap().state = OpState::Voided;
        End::Now
    }

    /// What a card brought back: raises what is proven taken.
    pub fn reading(&mut self, account: usize, count: u32) {
        let row = &mut self.accounts[account];
        if count > row.counter.acked
            && let Ok(counter) = row.counter.observe_returned(count)
        {
            row.counter = counter;
            row.version += 1;
        }
    }

    /// An open sale as the domain knows it.
    #[must_use]
    pub fn authorised(&self, sale: Uuid) -> Option<Authorised> {
        let row = self.sales.get(&sale).filter(|row| row.state == OpState::Authorised)?;
        Authorised::restore(row.new.order.clone(), row.tickets.clone(), row.fences.clone(), false).ok()
    }

    /// What a customer handed over.
    #[must_use]
    pub fn amount(&self, sale: Uuid) -> Money {
        self.sales[&sale].new.figures.amount
    }

    fn post(&mut self, sale: Uuid, step: &'static str, transfers: Vec<Transfer>) {
        self.transfers.extend(transfers.into_iter().map(|transfer| (sale, step, transfer)));
    }
}
