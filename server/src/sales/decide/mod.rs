//! The decision about a sale: planned here and by the driver, then encoded for a card or tried as a token, checked, tried on
//! the virtual meter. No I/O but the driver's calls; nothing is stored.

mod card;
pub mod token;

use dianka_domain::card::CardImage;
use dianka_domain::facts::MeterFacts;
use dianka_domain::plan::{Plan, PlanInput, RECOVER_WHOLE_PERMILLE, plan, plan_by_money};
use dianka_domain::tariff::Date;
use dianka_domain::units::{MeterEnergy, Money, Price, RealEnergy, Rounding};
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{Content, MeterDriver, PlanRequest, Purchase, Setup};
use dianka_store::{Account, MeterType};
use serde::Serialize;
use utoipa::ToSchema;

use self::token::OnToken;
use super::frozen::AccessPair;
use super::refusal;
use crate::cards::REGION;
use crate::cards::look::{driver_problem, returned_of};
use crate::errors::Code;
use crate::http::problem::Problem;

/// What the clerk asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// So much energy.
    Energy(RealEnergy),
    /// As much as this buys.
    Money(Money),
}

/// Everything that a decision is made on.
#[derive(Debug)]
pub struct Basis<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its meter's type.
    pub meter_type: &'a MeterType,
    /// Price.
    pub price: Price,
    /// The organisation's system code.
    pub system_code: u32,
    /// What was asked for.
    pub wanted: Wanted,
    /// Today at the counter.
    pub today: Date,
    /// What it goes onto.
    pub on: On<'a>,
}

/// What carries the energy to the meter, as it is before the sale.
#[derive(Debug)]
pub enum On<'a> {
    /// A card.
    Card(OnCard<'a>),
    /// A token.
    Token(OnToken<'a>),
}

/// The card in the reader.
#[derive(Debug, Clone, Copy)]
pub struct OnCard<'a> {
    /// What is on it; none: blank.
    pub content: Option<&'a Content>,
    /// All of it.
    pub before: &'a CardImage,
}

impl<'a> Basis<'a> {
    /// What is on the card, if there is one.
    const fn content(&self) -> Option<&'a Content> {
        match &self.on {
            On::Card(card) => card.content,
            On::Token(_) => None,
        }
    }
}

/// Whether the card will load, as the meter twin says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WillLoad {
    /// `yes`, `no`, `later` or `unknown`.
    pub answer: String,
    /// The meter's own code when it would not.
    pub code: Option<String>,
    /// For `later`: the card loads while the display shows less than this, meter Wh.
    pub insert_below_wh: Option<i64>,
}

/// A decided sale.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Billed, real.
    pub energy: RealEnergy,
    /// To pay.
    pub amount: Money,
    /// What is left of the money asked for.
    pub change: Money,
    /// What goes onto the card.
    pub plan: Plan,
    /// Purchase number.
    pub count: u32,
    /// What is made of it.
    pub made: Made,
    /// The twin's word.
    pub will_load: WillLoad,
    /// The alarm would trip as soon as this is loaded onto nothing.
    pub alarm_trips_at_once: bool,
}

/// What a decided sale is made into.
#[derive(Debug, Clone)]
pub enum Made {
    /// A card.
    Card(Box<MadeCard>),
    /// A token: made when it is sold, since it is dated, by this vending key.
    Token {
        /// Name of the vending key.
        key_slot: String,
    },
}

/// A card as it shall be.
#[derive(Debug, Clone)]
pub struct MadeCard {
    /// The limits on it.
    pub purchase: Purchase,
    /// All of it.
    pub target: CardImage,
    /// Password rules.
    pub access: AccessPair,
}

/// Decides.
///
/// # Errors
/// A refusal with its figures, or a driver's fault.
pub fn decide(driver: &MeterDriver, basis: &Basis<'_>) -> Result<Decision, Problem> {
    let facts = &driver.describe().facts;
    let account = basis.account;
    let carried = basis.content().and_then(|c| c.purchase.as_ref()).map_or(0, |p| p.quantity_wh.wh());
    let next = account.counter.next(facts).map_err(|e| refusal::of_counter(&e, carried))?;
    if matches!(basis.on, On::Card(_)) && account.counter.acked < account.counter.sold {
        let problem = Problem::new(Code::CardNotLoaded);
        return Err(problem.param("count", account.counter.sold).param("quantity_wh", carried));
    }
    let input = input(basis, next.count)?;
    let (energy, amount, change, plan) = planned(basis, input, facts)?;
    agree(driver, basis, energy, &plan, next.count)?;
    let (made, will_load) = match &basis.on {
        On::Card(on) => {
            let (made, will_load) = card::make(driver, basis, *on, &plan, next.count)?;
            (Made::Card(Box::new(made)), will_load)
        }
        On::Token(on) => {
            let (key_slot, will_load) = token::try_out(driver, basis, on, energy, &plan)?;
            (Made::Token { key_slot }, will_load)
        }
    };
    let alarm_trips_at_once = matches!(made, Made::Card(_)) && plan.alarm_trips_at_once();
    Ok(Decision { energy, amount, change, plan, count: next.count, made, will_load, alarm_trips_at_once })
}

pub(crate) fn call(driver: &MeterDriver, error: &CallError) -> Problem {
    match error {
        CallError::Refusal(refusal) => Problem::new(Code::SaleRefused).param("reason", refusal.to_string()),
        other => driver_problem(driver, other),
    }
}

fn number(what: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new(Code::NumberTooLarge).because(format!("{what}: {error}"))
}

fn hoard(basis: &Basis<'_>) -> MeterEnergy {
    basis.account.hoard_wh.unwrap_or(basis.meter_type.hoard_wh)
}

fn input(basis: &Basis<'_>, count: u32) -> Result<PlanInput, Problem> {
    let account = basis.account;
    let returned = basis.content().and_then(|c| returned_of(c, user_no(account), meter_no(account)));
    // A meter that is overdrawn returns nothing remaining and how far below it is.
    let remaining = returned.map(|r| r.remaining_wh.checked_sub(r.overdraft_wh)).transpose();
    Ok(PlanInput {
        purchase: match basis.wanted {
            Wanted::Energy(energy) => energy,
            Wanted::Money(_) => RealEnergy::ZERO,
        },
        adjustment_pending: account.adjustment_pending_wh,
        multiplier: account.multiplier,
        preset_pending: account.preset_pending_wh,
        first: account.counter.sold == 0,
        count,
        last_remaining: remaining.map_err(|e| number("remaining", e))?,
        hoarding_limit: hoard(basis),
        alarm: account.alarm_wh.or(basis.meter_type.alarm_wh),
        recover_share_permille: RECOVER_WHOLE_PERMILLE,
    })
}

fn planned(
    basis: &Basis<'_>,
    input: PlanInput,
    facts: &MeterFacts,
) -> Result<(RealEnergy, Money, Money, Plan), Problem> {
    match basis.wanted {
        Wanted::Energy(energy) => {
            let plan = plan(&input, facts).map_err(|e| refusal::of_plan(&e))?;
            let amount = basis.price.amount(energy, Rounding::HalfUp).map_err(|e| number("amount", e))?;
            Ok((energy, amount, Money::ZERO, plan))
        }
        Wanted::Money(money) => {
            let by = plan_by_money(money, basis.price, &input, facts).map_err(|e| refusal::of_plan(&e))?;
            Ok((by.purchase, by.billed, by.change, by.plan))
        }
    }
}

/// The driver plans by itself; a driver that disagrees with its own published facts is not sold with.
fn agree(driver: &MeterDriver, basis: &Basis<'_>, energy: RealEnergy, plan: &Plan, count: u32) -> Result<(), Problem> {
    let account = basis.account;
    let request = PlanRequest {
        purchase_real_wh: energy,
        adjustment_real_wh: plan.adjustment_net().map_err(|e| number("adjustment", e))?,
        multiplier: account.multiplier,
        preset_wh: account.preset_pending_wh,
        first: account.counter.sold == 0,
        count,
        hoard_wh: hoard(basis),
        alarm_wh: account.alarm_wh.or(basis.meter_type.alarm_wh),
    };
    let theirs = driver.plan(&request).map_err(|e| call(driver, &e))?;
    let same = theirs.quantity_wh == plan.quantity
        && theirs.alarm_wh == plan.alarm
        && theirs.preset_deducted_wh == plan.preset_deducted;
    if same {
        return Ok(());
    }
    let problem = Problem::new(Code::DriverFault).param("driver_id", driver.about().id.clone()).param("check", "plan");
    Err(problem.because(format!("the driver plans {theirs:?}, the house {plan:?}")))
}

pub(crate) fn user_no(account: &Account) -> u64 {
    u64::try_from(account.user_no).unwrap_or_default()
}

pub(crate) fn meter_no(account: &Account) -> u64 {
    // At most 13 digits, by the table's own check.
    account.meter.factory_no.parse().unwrap_or_default()
}

/// How the account's virtual meter left the factory.
fn setup(basis: &Basis<'_>) -> Setup {
    Setup {
        meter_no: meter_no(basis.account),
        constant: basis.meter_type.constant_imp,
        system_code: basis.system_code,
        region: REGION,
    }
}
