//! A driver with meters that it makes tokens for, and everything that is asked of it: a fault is a failure of the check at
//! hand, and the driver is put back into service.

use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{MeterDriver, Param, ParamSpec, Refusal, Value};
use dianka_plugin_host::token::{
    Minute, Token, TokenContent, TokenError, TokenFacts, TokenMeter, TokenOrder, TokenRequest, verify_token,
};
use serde_json::{Value as Json, json};

use super::super::Subject;
use super::super::keys::TestKeys;
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{refused, token_called, token_fault};

/// Sets of parameters that are tried at most.
const MOST_SETS: usize = 4096;
/// Meter numbers that are tried, beginning with 0: one in ten has the right check digit.
const NUMBERS_TRIED: u64 = 400;
/// Meters that are enough.
const METERS: usize = 16;

/// The day of the checks.
pub(crate) const NOON: Minute = Minute { year: 2026, month: 11, day: 22, hour: 12, minute: 0 };

pub(crate) struct Stand<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) facts: &'a TokenFacts,
    pub(crate) params: Vec<Param>,
    /// At least two.
    pub(crate) numbers: Vec<u64>,
    pub(crate) keys: TestKeys,
}

impl<'a> Stand<'a> {
    pub(crate) fn find(subject: &'a Subject, check: &mut Check) -> Option<Self> {
        let facts = subject.driver.token_facts()?;
        let mut stand = Self { subject, facts, params: Vec::new(), numbers: Vec::new(), keys: TestKeys::usual() };
        let mut last = None;
        for params in sets(&subject.description().params) {
            stand.params = params;
            match stand.takes(check, 0..10) {
                Ok(numbers) if !numbers.is_empty() => {
                    stand.numbers = stand.takes(check, 0..NUMBERS_TRIED).unwrap_or_default();
                    break;
                }
                Ok(_) => {}
                Err(refusal) => last = refusal.or(last),
            }
            if check.is_full() {
                return None;
            }
        }
        check.case();
        if stand.numbers.len() >= 2 {
            return Some(stand);
        }
        let why = last.as_ref().map_or_else(|| say("", ""), refused);
        let zh = format!("用声明的参数怎样都不能为两块电表生成代码：{}", why.zh);
        let en = format!("with no set of the declared parameters are there tokens for two meters: {}", why.en);
        check.fail(say(zh, en), json!({"params": subject.description().params, "refused": last}));
        None
    }

    /// Numbers of meters that tokens are made for.
    fn takes(&self, check: &mut Check, numbers: std::ops::Range<u64>) -> Result<Vec<u64>, Option<Refusal>> {
        let mut found = Vec::new();
        let mut last = None;
        for meter_no in numbers {
            let request = self.request(meter_no, self.credit(1), NOON, None);
            match self.make(check, &request) {
                Some(Ok(_)) => found.push(meter_no),
                Some(Err(refusal)) => last = Some(refusal),
                None => return Err(None),
            }
            if found.len() >= METERS {
                break;
            }
        }
        if found.is_empty() { Err(last) } else { Ok(found) }
    }

    /// So many steps of energy.
    pub(crate) fn credit(&self, steps: u64) -> TokenOrder {
        let wh = i64::try_from(steps).unwrap_or(i64::MAX).saturating_mul(self.facts.amount.step);
        TokenOrder::Credit { quantity_wh: MeterEnergy::from_wh(wh) }
    }

    /// Any energy that exists on a token, the ends as often as the middle.
    pub(crate) fn any_credit(&self, chance: &mut Chance) -> TokenOrder {
        let most = self.facts.exact_up_to_wh.wh().checked_div(self.facts.amount.step).unwrap_or(1);
        let most = u64::try_from(most).unwrap_or(1);
        self.credit(match chance.within(0, 9) {
            0 => 1,
            1 => most,
            2..=5 => chance.within(1, most.min(1000)),
            _ => chance.within(1, most),
        })
    }

    pub(crate) fn any_meter(&self, chance: &mut Chance) -> u64 {
        let last = u64::try_from(self.numbers.len()).unwrap_or(1).saturating_sub(1);
        let at = usize::try_from(chance.within(0, last)).unwrap_or_default();
        self.numbers.get(at).copied().unwrap_or_default()
    }

    /// The two meters of the checks that need two.
    pub(crate) fn pair(&self) -> (u64, u64) {
        let mut numbers = self.numbers.iter().copied();
        (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
    }

    pub(crate) fn meter(&self, meter_no: u64) -> TokenMeter {
        TokenMeter { meter_no, params: self.params.clone() }
    }

    pub(crate) fn request(&self, meter_no: u64, order: TokenOrder, issued: Minute, after: Option<u64>) -> TokenRequest {
        TokenRequest { order, meter: self.meter(meter_no), issued, after, chance: 5 }
    }

    /// Makes a token; none after a fault, which is a failure.
    pub(crate) fn make(&self, check: &mut Check, request: &TokenRequest) -> Option<Result<Token, Refusal>> {
        self.ask(check, "token", || json!({"request": request}), |driver| driver.token(request, &self.keys))
    }

    /// The same where a refusal is a failure, too.
    pub(crate) fn must_make(&self, check: &mut Check, request: &TokenRequest) -> Option<Token> {
        match self.make(check, request)? {
            Ok(token) => Some(token),
            Err(refusal) => {
                let why = refused(&refusal);
                let zh = format!("不应拒绝，却拒绝了：{}", why.zh);
                check.fail(
                    say(zh, format!("it must not refuse this, and refused: {}", why.en)),
                    json!({"request": request, "refused": refusal}),
                );
                None
            }
        }
    }

    /// The host's own check of a token, as before a sale. True if it holds.
    pub(crate) fn verify(&self, check: &mut Check, request: &TokenRequest, token: &Token) -> bool {
        match verify_token(&self.subject.driver, request, token, &self.keys) {
            Ok(()) => true,
            Err(fault) => {
                let (text, differs) = token_fault(&fault, token.identifier);
                let input = json!({"request": request, "token": token, "code": fault.code(), "differs": differs});
                check.fail(text, input);
                self.subject.heal();
                false
            }
        }
    }

    pub(crate) fn read(&self, check: &mut Check, meter_no: u64, digits: &str) -> Option<Result<TokenContent, Refusal>> {
        let shown = || json!({"meter_no": meter_no, "digits": digits});
        self.ask(check, "read-token", shown, |driver| driver.read_token(&self.meter(meter_no), digits, &self.keys))
    }

    /// Calls the driver; a key that is not to be had is the driver's fault as well, since it said which.
    pub(crate) fn ask<T>(
        &self,
        check: &mut Check,
        name: &'static str,
        input: impl Fn() -> Json,
        call: impl Fn(&MeterDriver) -> Result<T, TokenError>,
    ) -> Option<Result<T, Refusal>> {
        let answer = self.subject.ask(check, name, &input, |driver| match call(driver) {
            Ok(value) => Ok(Ok(value)),
            Err(TokenError::Call(error)) => Err(error),
            Err(other) => Ok::<_, CallError>(Err(token_called(&other))),
        });
        match answer? {
            Ok(Ok(value)) => Some(Ok(value)),
            Ok(Err(why)) => {
                check.fail(
                    say(
                        format!("{name}：密钥规则不可用：{}", why.zh),
                        format!("{name}: its key cannot be had: {}", why.en),
                    ),
                    input(),
                );
                None
            }
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

/// Sets of values for the parameters that are needed, likely ones first: those that are near the beginning of every list.
fn sets(specs: &[ParamSpec]) -> Vec<Vec<Param>> {
    let mut all: Vec<(usize, Vec<Param>)> = vec![(0, Vec::new())];
    for spec in specs.iter().filter(|spec| spec.required) {
        let values = samples(spec);
        let mut grown: Vec<_> = all
            .iter()
            .flat_map(|(far, set)| {
                values.iter().enumerate().map(move |(at, value)| {
                    let one = Param { name: spec.name.clone(), value: value.clone() };
                    (far.saturating_add(at), set.iter().cloned().chain([one]).collect::<Vec<_>>())
                })
            })
            .collect();
        grown.sort_by_key(|(far, _)| *far);
        grown.truncate(MOST_SETS);
        all = grown;
    }
    all.into_iter().map(|(_, set)| set).collect()
}

/// Of a text: numbers of one to twelve digits, and the words of its description.
fn samples(spec: &ParamSpec) -> Vec<Value> {
    match spec.kind.as_str() {
        "flag" => vec![Value::Flag(true), Value::Flag(false)],
        "int" => {
            let (low, high) = (spec.min.unwrap_or(1), spec.max.unwrap_or(i64::from(u16::MAX)));
            let middle = low.midpoint(high);
            let near = (1..64).map(|step| low.saturating_add(step)).filter(|value| *value < high && *value != middle);
            let mut all: Vec<i64> = [low, high, middle].into_iter().chain(near).collect();
            all.dedup();
            all.into_iter().map(Value::Int).collect()
        }
        "text" => {
            let digits = "123457890123";
            let numbers = (1..=digits.len()).filter_map(|len| digits.get(..len)).map(str::to_owned);
            let words =
                spec.doc.en.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).filter(|word| word.len() > 2);
            numbers.chain(words.map(str::to_owned)).take(64).map(Value::Text).collect()
        }
        _ => vec![Value::Bytes(vec![1, 2, 3, 4])],
    }
}
