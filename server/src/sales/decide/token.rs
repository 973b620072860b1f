//! A sale of a token: made and checked by the host's own reading. At the quote as a trial that nobody sees; at the sale in
//! earnest (see `sales/token.rs`).

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use dianka_domain::plan::Plan;
use dianka_domain::units::{MeterEnergy, RealEnergy};
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{MeterDriver, Refusal, Value};
use dianka_plugin_host::token::{
    KeyError, KeyProvider, Minute, Token, TokenError, TokenFault, TokenMeter, TokenOrder, TokenRequest, verify_token,
};
use dianka_store::MeterType;

use super::{Basis, WillLoad, call, setup};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::vending::OrgKeys;

/// What a token is made with.
#[derive(Debug)]
pub struct OnToken<'a> {
    /// The meter as the driver knows it.
    pub meter: TokenMeter,
    /// The organisation's vending keys.
    pub keys: OrgKeys<'a>,
    /// When.
    pub now: DateTime<Utc>,
}

/// The meter of a number, with the parameters of its type.
///
/// # Errors
/// When the type's parameters do not parse.
pub fn token_meter(meter_type: &MeterType, meter_no: u64) -> Result<TokenMeter, Problem> {
    let params = serde_json::from_value(meter_type.token_params.clone()).map_err(Problem::internal)?;
    Ok(TokenMeter { meter_no, params })
}

/// Makes a token, and has the host read it by itself. Nothing that fails here has cost anybody anything.
///
/// # Errors
/// `token.key_missing`, `token.keys_unavailable`; `sale.not_multiple` with both neighbours; `sale.refused` for what else
/// the driver refuses; `driver.fault` for what it does wrong.
pub fn make(driver: &MeterDriver, request: &TokenRequest, keys: &dyn KeyProvider) -> Result<Token, Problem> {
    let token = driver.token(request, keys).map_err(|error| problem(driver, &error))?;
    verify_token(driver, request, &token, keys).map_err(|fault| unchecked(driver, &fault))?;
    Ok(token)
}

/// What a token of `quantity` is made from.
#[must_use]
pub fn request(meter: TokenMeter, quantity: MeterEnergy, now: DateTime<Utc>, after: Option<u64>) -> TokenRequest {
    TokenRequest {
        order: TokenOrder::Credit { quantity_wh: quantity },
        meter,
        issued: minute(now),
        after,
        chance: rand::random(),
    }
}

/// A minute of the one clock that all tokens are dated by: UTC, which knows no summer time.
fn minute(at: DateTime<Utc>) -> Minute {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    Minute {
        year: u16::try_from(at.year()).unwrap_or_default(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
    }
}

/// A trial: the very token, made, checked, typed into a meter from the factory, and thrown away. Returns the name of the
/// vending key.
pub(super) fn try_out(
    driver: &MeterDriver,
    basis: &Basis<'_>,
    on: &OnToken<'_>,
    energy: RealEnergy,
    plan: &Plan,
) -> Result<(String, WillLoad), Problem> {
    let rule = driver.token_key(&on.meter).map_err(|error| problem(driver, &error))?;
    let request = request(on.meter.clone(), plan.quantity, on.now, None);
    let token = match driver.token(&request, &on.keys) {
        Ok(token) => token,
        Err(TokenError::Call(CallError::Refusal(refusal))) => {
            return Err(between_steps(basis, energy, plan, &refusal)
                .unwrap_or_else(|| call(driver, &CallError::Refusal(refusal))));
        }
        Err(error) => return Err(problem(driver, &error)),
    };
    verify_token(driver, &request, &token, &on.keys).map_err(|fault| unchecked(driver, &fault))?;
    let fresh = driver.fresh(&setup(basis)).ok();
    let tried = fresh.and_then(|state| driver.enter_token(&state, &on.meter, &token.digits, &on.keys).ok());
    let will_load = match tried {
        Some(outcome) if outcome.accepted => WillLoad { answer: "yes".into(), code: None, insert_below_wh: None },
        Some(outcome) => WillLoad { answer: "no".into(), code: Some(outcome.code), insert_below_wh: None },
        None => WillLoad { answer: "unknown".into(), code: None, insert_below_wh: None },
    };
    Ok((rule.slot, will_load))
}

/// The quantity lies between two that a token can carry: the purchases that lead to them.
fn between_steps(basis: &Basis<'_>, energy: RealEnergy, plan: &Plan, refusal: &Refusal) -> Option<Problem> {
    let figure = |name: &str| {
        let param = refusal.params.iter().find(|param| param.name == name)?;
        if let Value::Int(wh) = param.value { Some(MeterEnergy::from_wh(wh)) } else { None }
    };
    let purchase = |quantity: MeterEnergy| {
        let step = quantity.checked_sub(plan.quantity).ok()?.to_real(basis.account.multiplier).ok()?;
        energy.checked_add(step).ok()
    };
    if refusal.code != "not-a-step" {
        return None;
    }
    let (lower, upper) = (purchase(figure("lower-wh")?)?, purchase(figure("upper-wh")?)?);
    let problem = Problem::new(Code::SaleNotMultiple).param("wanted_wh", energy.wh());
    let problem = problem.param("multiplier", basis.account.multiplier.get());
    Some(problem.param("lower_wh", lower.wh()).param("upper_wh", upper.wh()))
}

/// Why there is no token.
pub fn problem(driver: &MeterDriver, error: &TokenError) -> Problem {
    match error {
        TokenError::Call(error) => call(driver, error),
        TokenError::Key(KeyError::NoSlot { slot }) => {
            Problem::new(Code::TokenKeyMissing).param("slot", slot.as_str()).because(error)
        }
        TokenError::Key(KeyError::Unavailable(_)) => Problem::new(Code::TokenKeysUnavailable).because(error),
        TokenError::Key(key) => fault(driver, key.code()).because(error),
        TokenError::NoTokens => fault(driver, "carrier").because(error),
    }
}

fn unchecked(driver: &MeterDriver, found: &TokenFault) -> Problem {
    match found {
        TokenFault::Call(error) => problem(driver, error),
        other => fault(driver, other.code()).because(other),
    }
}

fn fault(driver: &MeterDriver, check: &str) -> Problem {
    Problem::new(Code::DriverFault).param("driver_id", driver.about().id.clone()).param("check", check)
}
