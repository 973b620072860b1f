//! A sale onto a card: the whole target image, checked, with its password rules.

use dianka_domain::card::CardImage;
use dianka_domain::plan::{LoadForecast, Plan};
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{CalendarDate, Content, MeterDriver, Purchase, kind};
use dianka_plugin_host::verify_encode;

use super::{Basis, MadeCard, OnCard, WillLoad, call, hoard, meter_no, number, setup, user_no};
use crate::cards::look::{blank_content, returned_of};
use crate::cards::{REGION, password};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::sales::frozen::AccessPair;

/// Encodes and checks, and tries the card on the virtual meter.
///
/// # Errors
/// What the driver refuses, or does wrong.
pub(super) fn make(
    driver: &MeterDriver,
    basis: &Basis<'_>,
    on: OnCard<'_>,
    plan: &Plan,
    count: u32,
) -> Result<(MadeCard, WillLoad), Problem> {
    let content = content(basis, on, plan, count)?;
    let target = driver.encode(&content, on.before).map_err(|e| call(driver, &e))?;
    verify_encode(driver, &content, on.before, &target).map_err(|fault| {
        let problem = Problem::new(Code::DriverFault).param("driver_id", driver.about().id.clone());
        problem.param("check", fault.code()).because(fault)
    })?;
    let access = AccessPair {
        now: driver.access(&now_content(on)).map_err(|e| call(driver, &e))?,
        then: driver.access(&content).map_err(|e| call(driver, &e))?,
        key_version: password::VERSION,
    };
    let will_load = will_load(driver, basis, on, plan, &target);
    let purchase = content.purchase.ok_or_else(|| Problem::internal("a decided sale has no purchase"))?;
    Ok((MadeCard { purchase, target, access }, will_load))
}

fn content(basis: &Basis<'_>, on: OnCard<'_>, plan: &Plan, count: u32) -> Result<Content, Problem> {
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
        returned: on.content.and_then(|c| c.returned.clone()),
        params: Vec::new(),
    })
}

fn now_content(on: OnCard<'_>) -> Content {
    on.content.cloned().unwrap_or_else(blank_content)
}

/// The meter as it last was, with this card put in. A driver that cannot say is no reason to refuse.
fn will_load(driver: &MeterDriver, basis: &Basis<'_>, on: OnCard<'_>, plan: &Plan, target: &CardImage) -> WillLoad {
    if let LoadForecast::LoadsLater { insert_below } = plan.load {
        let insert_below_wh = Some(insert_below.wh());
        return WillLoad { answer: "later".into(), code: None, insert_below_wh };
    }
    let tried = twin(driver, basis, on).and_then(|state| driver.insert(&state, target).ok());
    match tried {
        Some(outcome) if outcome.accepted => WillLoad { answer: "yes".into(), code: None, insert_below_wh: None },
        Some(outcome) => WillLoad { answer: "no".into(), code: Some(outcome.code), insert_below_wh: None },
        None => WillLoad { answer: "unknown".into(), code: None, insert_below_wh: None },
    }
}

fn twin(driver: &MeterDriver, basis: &Basis<'_>, on: OnCard<'_>) -> Option<Vec<u8>> {
    let account = basis.account;
    let setup = setup(basis);
    if account.counter.sold == 0 {
        return driver.fresh(&setup).ok();
    }
    let content = on.content?;
    let last = content.purchase.as_ref()?;
    let returned = returned_of(content, user_no(account), meter_no(account))?;
    driver.restore(&setup, last, returned).ok()
}
