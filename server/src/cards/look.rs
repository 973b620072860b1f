//! What is on a card: decoded by whichever driver understands it, then compared with the books.

use dianka_domain::card::CardImage;
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{Carrier, Content, MeterDriver, Refusal, Returned, kind};
use dianka_store::Account;
use serde_json::{Map, Value};

use crate::errors::Code;
use crate::http::problem::Problem;

/// A card's content, or why it has none.
#[derive(Debug, Clone)]
pub enum Look {
    /// Virgin, or erased.
    Blank,
    /// Decoded.
    Content(Box<Content>),
    /// The seal is broken: half written.
    Torn,
    /// No driver understands it; the last refusal.
    Unreadable(String),
}

/// What a blank card holds.
#[must_use]
pub fn blank_content() -> Content {
    Content {
        kind: kind::BLANK.to_owned(),
        system_code: 0,
        region: 0,
        user_no: 0,
        card_no: 0,
        key_version: 0,
        purchase: None,
        returned: None,
        params: Vec::new(),
    }
}

/// Decodes with this driver.
///
/// # Errors
/// `driver.fault` when the driver misbehaves.
pub fn with_driver(driver: &MeterDriver, image: &CardImage) -> Result<Look, Problem> {
    match driver.decode(image) {
        Ok(content) if content.kind == kind::BLANK => Ok(Look::Blank),
        Ok(content) => Ok(Look::Content(Box::new(content))),
        Err(CallError::Refusal(refusal)) => Ok(refused(&refusal)),
        Err(error) => Err(driver_problem(driver, &error)),
    }
}

fn refused(refusal: &Refusal) -> Look {
    match refusal.code.as_str() {
        "torn" => Look::Torn,
        "blank" => Look::Blank,
        _ => Look::Unreadable(refusal.to_string()),
    }
}

/// Decodes with the first of these drivers that understands the card. A driver that misbehaves is passed over: it has been
/// counted and logged.
#[must_use]
pub fn with_these(drivers: &[MeterDriver], image: &CardImage) -> Look {
    let mut best = Look::Unreadable("no driver of a meter type is loaded".to_owned());
    for driver in drivers.iter().filter(|driver| driver.carrier() == Carrier::Card) {
        match with_driver(driver, image) {
            Ok(found @ (Look::Content(_) | Look::Blank)) => return found,
            Ok(Look::Torn) => best = Look::Torn,
            Ok(other) if !matches!(best, Look::Torn) => best = other,
            Ok(_) | Err(_) => {}
        }
    }
    best
}

/// A driver's misbehaviour as a problem.
#[must_use]
pub fn driver_problem(driver: &MeterDriver, error: &CallError) -> Problem {
    let code = if driver.quarantine().is_some() { Code::DriverQuarantined } else { Code::DriverFault };
    Problem::new(code).param("driver_id", driver.about().id.clone()).param("check", "call").because(error)
}

/// A finding about a card, for the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// With which figures.
    pub params: Map<String, Value>,
    /// Whether it forbids a sale onto this card.
    pub blocking: bool,
}

impl Finding {
    fn blocking(code: Code) -> Self {
        Self { code, params: Map::new(), blocking: true }
    }

    pub(super) fn warning(code: Code) -> Self {
        Self { blocking: false, ..Self::blocking(code) }
    }

    pub(super) fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// As the answer to a request.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::new(self.code).params(self.params.clone())
    }
}

/// The returned data that speak for this account's meter: others prove nothing.
#[must_use]
pub fn returned_of(content: &Content, user_no: u64, meter_no: u64) -> Option<&Returned> {
    content.returned.as_ref().filter(|r| r.user_no == user_no && r.meter_no == meter_no)
}

/// Compares a decoded card with the account that it names. The order is that of what a clerk must hear first.
#[must_use]
pub fn compare(content: &Content, account: &Account, card_generation_ok: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if !card_generation_ok {
        found.push(Finding::blocking(Code::CardReplaced).param("card_no", content.card_no));
    }
    let meter_no: u64 = account.meter.factory_no.parse().unwrap_or_default();
    let user_no = u64::try_from(account.user_no).unwrap_or_default();
    if let Some(purchase) = &content.purchase {
        if purchase.meter_no != meter_no {
            let finding = Finding::blocking(Code::CardMeterMismatch)
                .param("card_meter", format!("{:08}", purchase.meter_no))
                .param("account_meter", account.meter.factory_no.clone());
            found.push(finding);
        }
        if purchase.count > account.counter.sold {
            let finding = Finding::blocking(Code::CardCountAhead)
                .param("card_count", purchase.count)
                .param("books_count", account.counter.sold);
            found.push(finding);
        }
    }
    match returned_of(content, user_no, meter_no) {
        Some(returned) => found.extend(of_returned(content, returned, account)),
        None if account.counter.acked < account.counter.sold => found.push(not_loaded(content, account)),
        None => {}
    }
    found
}

fn of_returned(content: &Content, returned: &Returned, account: &Account) -> Vec<Finding> {
    let mut found = Vec::new();
    let counter = account.counter;
    if returned.count > counter.sold {
        let finding = Finding::blocking(Code::CardCountAhead)
            .param("card_count", returned.count)
            .param("books_count", counter.sold);
        found.push(finding);
    } else if returned.count < counter.sold && counter.acked < counter.sold {
        found.push(not_loaded(content, account));
    }
    if returned.overdraft_wh.is_positive() {
        found.push(Finding::warning(Code::CardOverdraft).param("overdraft_wh", returned.overdraft_wh.wh()));
    }
    found
}

fn not_loaded(content: &Content, account: &Account) -> Finding {
    let quantity = content.purchase.as_ref().map_or(0, |p| p.quantity_wh.wh());
    Finding::blocking(Code::CardNotLoaded).param("count", account.counter.sold).param("quantity_wh", quantity)
}

/// The same findings where no unfinished sale or replacement is this card's: nothing completes what is half written on it.
#[must_use]
pub fn unclaimed(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in findings.iter_mut().filter(|finding| finding.code == Code::CardTorn) {
        finding.code = Code::CardHalfWritten;
    }
    findings
}

/// What forbids or warns about the card by itself, before any account.
#[must_use]
pub fn of_card(look: &Look, tries: Option<u8>, system_code: u32) -> Vec<Finding> {
    let mut found = Vec::new();
    match tries {
        Some(0) => found.push(Finding::blocking(Code::CardLocked)),
        Some(1) => found.push(Finding::blocking(Code::CardTriesLow).param("tries", 1)),
        Some(2) => found.push(Finding::warning(Code::CardTriesLow).param("tries", 2)),
        _ => {}
    }
    match look {
        Look::Blank => {}
        Look::Torn => found.push(Finding::blocking(Code::CardTorn)),
        Look::Unreadable(_) => found.push(Finding::blocking(Code::CardUnreadable)),
        Look::Content(content) if content.system_code != system_code => {
            found.push(Finding::blocking(Code::CardForeign).param("system_code", content.system_code));
        }
        Look::Content(content) if content.kind != kind::PURCHASE => {
            found.push(Finding::blocking(Code::CardNotPurchase).param("kind", content.kind.clone()));
        }
        Look::Content(_) => {}
    }
    found
}
