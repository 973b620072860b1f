//! The decision about a sale: planned here and by the driver, encoded, checked, tried on the virtual meter. No I/O but the
//! driver's calls; nothing is stored.

use dianka_domain::card::CardImage;
use dianka_domain::facts::MeterFacts;
use dianka_domain::plan::{LoadForecast, Plan, PlanInput, RECOVER_WHOLE_PERMILLE, plan, plan_by_money};
use dianka_domain::tariff::Date;
use dianka_domain::units::{MeterEnergy, Money, Price, RealEnergy, Rounding};
use dianka_plugin_host::meter::{CalendarDate, Content, MeterDriver, PlanRequest, Purchase, Setup, kind};
use dianka_plugin_host::{CallError, verify_encode};
use dianka_store::{Account, MeterType};
use serde::Serialize;
use utoipa::ToSchema;

use super::frozen::AccessPair;
use super::refusal;
use crate::cards::look::{driver_problem, returned_of};
use crate::cards::{REGION, password};
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
    /// What is on the card.
    pub content: Option<&'a Content>,
    /// The whole card.
    pub before: &'a CardImage,
    /// What was asked for.
    pub wanted: Wanted,
    /// Today at the counter.
    pub today: Date,
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
    /// The limits on the card.
    pub purchase: Purchase,
    /// The whole card after.
    pub target: CardImage,
    /// Password rules.
    pub access: AccessPair,
    /// The twin's word.
    pub will_load: WillLoad,
    /// The alarm would trip as soon as this is loaded onto nothing.
    pub alarm_trips_at_once: bool,
}

/// Decides.
///
/// # Errors
/// A refusal with its figures, or a driver's fault.
pub fn decide(driver: &MeterDriver, basis: &Basis<'_>) -> Result<Decision, Problem> {
    let facts = &driver.describe().facts;
    let account = basis.account;
    let carried = basis.content.and_then(|c| c.purchase.as_ref()).map_or(0, |p| p.quantity_wh.wh());
    let next = account.counter.next(facts).map_err(|e| refusal::of_counter(&e, carried))?;
    if account.counter.acked < account.counter.sold {
        let problem = Problem::new(Code::CardNotLoaded);
        return Err(problem.param("count", account.counter.sold).param("quantity_wh", carried));
    }
    let input = input(basis, next.count)?;
    let (energy, amount, change, plan) = planned(basis, input, facts)?;
    agree(driver, basis, energy, &plan, next.count)?;
    let content = content(basis, &plan, next.count)?;
    let target = driver.encode(&content, basis.before).map_err(|e| call(driver, &e))?;
    verify_encode(driver, &content, basis.before, &target).map_err(|fault| {
        let problem = Problem::new(Code::DriverFault).param("driver_id", driver.about().id.clone());
        problem.param("check", fault.code()).because(fault)
    })?;
    let access = AccessPair {
        now: driver.access(&now_content(basis)).map_err(|e| call(driver, &e))?,
        then: driver.access(&content).map_err(|e| call(driver, &e))?,
        key_version: password::VERSION,
    };
    let will_load = will_load(driver, basis, &plan, &target);
    let alarm_trips_at_once = plan.alarm_trips_at_once();
    let purchase = content.purchase.ok_or_else(|| Problem::internal("a decided sale has no purchase"))?;
    Ok(Decision {
        energy,
        amount,
        change,
        plan,
        count: next.count,
        purchase,
        target,
        access,
        will_load,
        alarm_trips_at_once,
    })
}

fn call(driver: &MeterDriver, error: &CallError) -> Problem {
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
    let returned = basis.content.and_then(|c| returned_of(c, user_no(account), meter_no(account)));
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
    // Eight digits, by the table's own check.
    account.meter.factory_no.parse().unwrap_or_default()
}

fn content(basis: &Basis<'_>, plan: &Plan, count: u32) -> Result<Content, Problem> {
    let account = basis.account;
    let card_no = account.card_no.ok_or_else(|| Problem::internal("the account has no card"))?;
    let limit_mode = u8::from(account.limit_mode != dianka_store::LimitMode::None);
    Ok(Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: basis.system_code,
        region: REGION,
        user_no: user_no(account),
        card_no: u32::try_from(card_no).map_err(|e| number("card_no", e))?,
        key_version: password::VERSION,
        purchase: Some(Purchase {
            meter_no: meter_no(account),
            count,
            quantity_wh: plan.quantity,
            alarm_wh: plan.alarm,
            overdraft_wh: account.overdraft_wh.unwrap_or(basis.meter_type.overdraft_wh),
            hoard_wh: hoard(basis),
            limit_mode,
            capacity_w: u32::try_from(account.capacity_w).map_err(|e| number("capacity", e))?,
            preset_wh: if account.counter.sold == 0 { account.preset_pending_wh } else { MeterEnergy::ZERO },
            date: CalendarDate { year: basis.today.year(), month: basis.today.month(), day: basis.today.day() },
        }),
        returned: basis.content.and_then(|c| c.returned.clone()),
        params: Vec::new(),
    })
}

fn now_content(basis: &Basis<'_>) -> Content {
    basis.content.cloned().unwrap_or_else(|| Content {
        kind: kind::BLANK.to_owned(),
        system_code: 0,
        region: 0,
        user_no: 0,
        card_no: 0,
        key_version: 0,
        purchase: None,
        returned: None,
        params: Vec::new(),
    })
}

/// The meter as it last was, with this card put in. A driver that cannot say is no reason to refuse.
fn will_load(driver: &MeterDriver, basis: &Basis<'_>, plan: &Plan, target: &CardImage) -> WillLoad {
    if let LoadForecast::LoadsLater { insert_below } = plan.load {
        let insert_below_wh = Some(insert_below.wh());
        return WillLoad { answer: "later".into(), code: None, insert_below_wh };
    }
    let tried = twin(driver, basis).and_then(|state| driver.insert(&state, target).ok());
    match tried {
        Some(outcome) if outcome.accepted => WillLoad { answer: "yes".into(), code: None, insert_below_wh: None },
        Some(outcome) => WillLoad { answer: "no".into(), code: Some(outcome.code), insert_below_wh: None },
        None => WillLoad { answer: "unknown".into(), code: None, insert_below_wh: None },
    }
}

fn twin(driver: &MeterDriver, basis: &Basis<'_>) -> Option<Vec<u8>> {
    let account = basis.account;
    let setup = Setup {
        meter_no: meter_no(account),
        constant: basis.meter_type.constant_imp,
        system_code: basis.system_code,
        region: REGION,
    };
    if account.counter.sold == 0 {
        return driver.fresh(&setup).ok();
    }
    let content = basis.content?;
    let last = content.purchase.as_ref()?;
    let returned = returned_of(content, user_no(account), meter_no(account))?;
    driver.restore(&setup, last, returned).ok()
}
