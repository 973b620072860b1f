//! A quote onto the card in the reader: what lies there is held against the books first.

use std::time::Duration;

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::Content;
use dianka_station::proto::{CardSeen, Hex};
use serde_json::Map;
use uuid::Uuid;

use super::{Books, NewQuote, Quote, Quoting, Warning};
use crate::cards::arrival;
use crate::cards::look::{self, Finding, Look};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::sales::decide::{Decision, Made, On, OnCard, decide};
use crate::sales::frozen::{FrozenCard, FrozenCarrier};
use crate::state::App;
use crate::stations::no_card;

/// How long a quote waits until the card that is in has been held against the books.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);

/// What the card brought (a purchase taken, a sale finished) belongs to the figures that are decided on. A card that is
/// not taken in time is decided on all the same: the authorisation compares the account's version.
pub(super) async fn wait_until_taken(app: &App, workstation: Uuid) {
    let taken = async {
        loop {
            let view = app.hub.view(workstation);
            if view.card.as_ref().is_none_or(|card| view.taken == Some(card.session)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let _decided_on_what_is_known = tokio::time::timeout(TAKEN_WITHIN, taken).await;
}

/// The card in the counter's reader.
///
/// # Errors
/// `station.offline`, the reader's own reasons, `card.none`; `card.changed` when it is not the one that the clerk saw.
pub(super) fn in_reader(app: &App, body: &NewQuote, number: u32) -> Result<CardSeen, Problem> {
    let card = app.hub.view(body.workstation_id).card.ok_or_else(|| no_card(app, body.workstation_id, number))?;
    if body.session.is_some_and(|session| session != card.session) {
        return Err(Problem::new(Code::CardChanged));
    }
    Ok(card)
}

/// With a sale unfinished, what the card looks like is that sale's doing: the refusal names the sale. A card that is not
/// this account's says so all the same.
pub(super) fn unfinished(open: Option<Uuid>, problem: Problem) -> Problem {
    let Some(sale_id) = open else { return problem };
    match problem.code() {
        Code::CardNone
        | Code::CardChanged
        | Code::CardTorn
        | Code::CardHalfWritten
        | Code::CardBlank
        | Code::CardCountAhead
        | Code::CardCountBehind
        | Code::CardNotLoaded => Problem::new(Code::SaleOpen).param("sale_id", sale_id.to_string()).because(problem),
        _ => problem,
    }
}

/// Decides about this card.
///
/// # Errors
/// What forbids a sale onto it, and the refusals of the decision.
pub(super) fn quote(desk: &Quoting<'_>, card: &CardSeen) -> Result<Quote, Problem> {
    let (books, before) = (desk.books, CardImage::new(card.image.0.clone()));
    let seen = look::with_driver(desk.driver, &before)?;
    let content = match &seen {
        Look::Content(content) => Some(content.as_ref()),
        _ => None,
    };
    let findings = findings(books, &seen, content, card)?;
    let decision = decide(desk.driver, &desk.basis(On::Card(OnCard { content, before: &before })))?;
    let mut warnings: Vec<Warning> =
        findings.iter().map(|f| Warning { code: f.code.as_str().to_owned(), params: f.params.clone() }).collect();
    if decision.alarm_trips_at_once {
        warnings.push(Warning { code: "sale.alarm_at_once".into(), params: Map::new() });
    }
    let carrier = FrozenCarrier::Card(Box::new(frozen_card(desk, card, &decision)?));
    desk.answer(decision, carrier, warnings)
}

/// What is to be known of the card, without forbidding the sale.
fn findings(books: &Books, seen: &Look, content: Option<&Content>, card: &CardSeen) -> Result<Vec<Finding>, Problem> {
    let mut findings = look::of_card(seen, card.tries, books.org.system_code);
    if books.open.is_none() {
        findings = look::unclaimed(findings);
    }
    let mine = content.is_some_and(|c| i64::from(c.card_no) == books.account.card_no.unwrap_or_default());
    if let Some(content) = content.filter(|_| !findings.iter().any(|f| f.blocking)) {
        if i64::try_from(content.user_no).ok() != Some(books.account.user_no) {
            return Err(Problem::new(Code::CardOtherAccount).param("user_no", format!("{:08}", content.user_no)));
        }
        findings.extend(look::compare(content, &books.account, mine));
    }
    if let Some(finding) = findings.iter().find(|f| f.blocking) {
        return Err(finding.problem());
    }
    if let Some(sale_id) = books.open {
        return Err(Problem::new(Code::SaleOpen).param("sale_id", sale_id.to_string()));
    }
    if content.is_none() && books.account.counter.sold > 0 {
        // A blank card for an account that has one: that is a replacement, not a sale.
        return Err(Problem::new(Code::CardBlank).action("replace-card"));
    }
    Ok(findings)
}

/// `card.other_account` when a driver of another meter type reads the card, and it is another account's; `card.foreign`
/// when it is another system's.
///
/// # Errors
/// Those of the store.
pub(super) async fn of_another_customer(
    app: &App,
    org: Uuid,
    (user_no, system_code): (i64, u32),
    image: &CardImage,
) -> Result<Option<Problem>, Problem> {
    Ok(match arrival::looked_at(app, org, image).await? {
        Look::Content(content) if content.system_code != system_code => {
            Some(Problem::new(Code::CardForeign).param("system_code", content.system_code))
        }
        Look::Content(content) if i64::try_from(content.user_no).ok() != Some(user_no) => {
            Some(Problem::new(Code::CardOtherAccount).param("user_no", format!("{:08}", content.user_no)))
        }
        _ => None,
    })
}

fn frozen_card(desk: &Quoting<'_>, card: &CardSeen, decision: &Decision) -> Result<FrozenCard, Problem> {
    let Made::Card(made) = &decision.made else {
        return Err(Problem::internal("a card was decided on and a token made"));
    };
    let p = &made.purchase;
    Ok(FrozenCard {
        session: card.session,
        card_no: desk.books.account.card_no.ok_or_else(|| Problem::internal("the account has no card"))?,
        alarm_wh: p.alarm_wh.wh(),
        hoard_wh: p.hoard_wh.wh(),
        overdraft_wh: p.overdraft_wh.wh(),
        limit_mode: p.limit_mode,
        capacity_w: p.capacity_w,
        layout: desk.driver.describe().layout.without_fields(),
        access: made.access.clone(),
        before: card.image.clone(),
        target: Hex(made.target.bytes().to_vec()),
    })
}
