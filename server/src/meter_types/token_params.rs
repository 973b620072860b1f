//! What a driver of tokens has to be told of a meter: checked against its own specification, kept as the driver takes it.

use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{Carrier, MeterDriver, Param, ParamSpec, Value};
use dianka_plugin_host::token::{TokenError, TokenMeter};
use serde_json::{Map, Value as Json};

use crate::http::problem::Problem;

const FIELD: &str = "token_params";

/// As they are stored; an empty list for meters that take cards.
///
/// # Errors
/// `request.field` with the rule `needed`, `unknown`, `refused` or `out-of-range`, and the parameter's name.
pub fn checked(driver: &MeterDriver, given: &Map<String, Json>) -> Result<Json, Problem> {
    if driver.carrier() == Carrier::Card {
        return if given.is_empty() { Ok(Json::Array(Vec::new())) } else { Err(Problem::field(FIELD, "refused")) };
    }
    let specs = &driver.describe().params;
    if let Some(name) = given.keys().find(|name| !specs.iter().any(|spec| spec.name == **name)) {
        return Err(Problem::field(FIELD, "unknown").param("param", name.as_str()));
    }
    let mut params = Vec::new();
    for spec in specs {
        match given.get(&spec.name).filter(|value| !value.is_null()) {
            Some(value) => params.push(Param { name: spec.name.clone(), value: typed(spec, value)? }),
            None if spec.required => return Err(Problem::field(FIELD, "needed").param("param", spec.name.as_str())),
            None => {}
        }
    }
    // Rules that no bounds tell; a meter's number comes later.
    let probe = TokenMeter { meter_no: 0, params };
    match driver.token_key(&probe) {
        Err(TokenError::Call(CallError::Refusal(refusal))) if refusal.code == "bad-input" => {
            Err(Problem::field(FIELD, "refused").because(refusal.to_string()))
        }
        _ => serde_json::to_value(probe.params).map_err(Problem::internal),
    }
}

fn typed(spec: &ParamSpec, value: &Json) -> Result<Value, Problem> {
    let refused = || Problem::field(FIELD, "refused").param("param", spec.name.as_str());
    match spec.kind.as_str() {
        "flag" => value.as_bool().map(Value::Flag).ok_or_else(refused),
        "text" => value.as_str().map(|text| Value::Text(text.to_owned())).ok_or_else(refused),
        "int" => {
            let number = value.as_i64().ok_or_else(refused)?;
            let (least, most) = (spec.min.unwrap_or(i64::MIN), spec.max.unwrap_or(i64::MAX));
            if number < least || number > most {
                let problem = Problem::field(FIELD, "out-of-range").param("param", spec.name.as_str());
                return Err(problem.param("least", least).param("most", most));
            }
            Ok(Value::Int(number))
        }
        _ => Err(refused()),
    }
}

/// As the page has them.
#[must_use]
pub fn view(stored: &Json) -> Map<String, Json> {
    let params: Vec<Param> = serde_json::from_value(stored.clone()).unwrap_or_default();
    let plain = |value| match value {
        Value::Flag(flag) => Json::from(flag),
        Value::Int(number) => Json::from(number),
        Value::Text(text) => Json::from(text),
        Value::Bytes(bytes) => Json::from(hex::encode(bytes)),
    };
    params.into_iter().map(|param| (param.name, plain(param.value))).collect()
}
