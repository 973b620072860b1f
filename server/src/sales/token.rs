//! Selling a token. There is nothing to be written and nothing to wait for: the token is made by driver and key provider,
//! read by the host itself, and stored with its sale in one durable commit. Before the commit there is no sale; after it there
//! is this one token, however often the request comes and whatever became of the first answer.

use actix_web::web;
use dianka_domain::ledger::{postings_begin, postings_confirm};
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::token::Token;
use dianka_store::{
    self as store, Carried, NewTokenSale, Org, OrgMode, Sale, SaleConfirm, SaleEnd, SaleState, StoreError, TokenFacts,
    TokenSold,
};
use serde_json::json;

use super::begin::{Paid, driver_sha256, figures};
use super::decide::token::{make, request};
use super::frozen::FrozenToken;
use super::receipt::{Receipt, ReceiptToken};
use super::view::SaleView;
use crate::auth::guard::Op;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// How often a token is made again because the meter got another one in between. Each time somebody else's sale went on.
const TRIES: usize = 3;

/// What the books say before a token is made.
enum Found {
    /// This sale is made; here it is.
    Before,
    /// It is not.
    New {
        /// The meter's last token.
        after: Option<u64>,
        /// Whose vending keys; as it is now, not as it was when the quote was made.
        org: Org,
    },
}

/// Sells a token, or answers with the one that was sold under this id.
///
/// # Errors
/// `request.id_reused`; `quote.expired`, `quote.stale`; why there is no token.
pub(super) async fn sell(app: &App, op: &Op, paid: &Paid, on: &FrozenToken) -> Result<SaleView, Problem> {
    for _ in 0..TRIES {
        let (after, org) = match found(app, op, paid, on).await? {
            Found::Before => return super::get::view(app, op.org, paid.sale.sale_id).await,
            Found::New { after, org } => (after, org),
        };
        if paid.has_expired() {
            return Err(Problem::new(Code::QuoteExpired));
        }
        let token = minted(app, paid, on, after, &org).await?;
        let new = new_sale(app, paid, on, after, &org, &token)?;
        dianka_lab::power_cut::point("token.before");
        match app.store.sale_token(op.org, &new).await? {
            TokenSold::Now(end) => {
                dianka_lab::power_cut::point("token.after");
                tracing::info!(sale_id = %paid.sale.sale_id, receipt_no = end.receipt_no, "token sold");
                let view = SaleView::new(&sold(paid, token, end), None);
                app.hub.tell(paid.frozen.workstation_id, "sale", &view);
                return Ok(view);
            }
            TokenSold::Before => return super::get::view(app, op.org, paid.sale.sale_id).await,
            TokenSold::OtherToken => {}
        }
    }
    Err(Problem::new(Code::QuoteStale))
}

/// Looked at before a token is made, so that a repeated request needs neither driver nor key.
async fn found(app: &App, op: &Op, paid: &Paid, on: &FrozenToken) -> Result<Found, Problem> {
    let (sale_id, meter_id) = (paid.sale.sale_id, paid.sale.meter_id);
    let read = app.store.tx(op.org, "token_read", async |s| {
        let before = match store::sale_get(s, sale_id).await {
            Ok(sale) => Some(sale),
            Err(StoreError::NotFound) => None,
            Err(other) => return Err(other),
        };
        Ok((before, store::token_last(s, meter_id, &on.key_slot).await?, store::org_get(s).await?))
    });
    match read.await? {
        (Some(sale), ..) if sale.facts.request_hash == paid.sale.request_hash => Ok(Found::Before),
        (Some(_), ..) => Err(Problem::new(Code::IdReused)),
        (None, after, org) => Ok(Found::New { after, org }),
    }
}

/// Driver calls and keys, away from the workers.
async fn minted(app: &App, paid: &Paid, on: &FrozenToken, after: Option<u64>, org: &Org) -> Result<Token, Problem> {
    let driver = driver(app, paid)?;
    let request = request(on.meter.clone(), MeterEnergy::from_wh(paid.frozen.quantity_wh), paid.now, after);
    let (app, code, learning) = (app.clone(), org.code.clone(), org.mode == OrgMode::Learning);
    web::block(move || make(&driver, &request, &app.vending.of(&code, learning))).await.map_err(Problem::internal)?
}

/// The very driver that the sale was decided with.
fn driver(app: &App, paid: &Paid) -> Result<MeterDriver, Problem> {
    let stamp = &paid.frozen.driver;
    let driver = stamp.version.parse().ok().and_then(|version| app.registry.meter_version(&stamp.id, version));
    let same = |driver: &MeterDriver| hex::encode(driver.about().digest.as_bytes()) == stamp.sha256;
    driver.filter(same).ok_or_else(|| Problem::new(Code::QuoteStale))
}

fn new_sale(
    app: &App,
    paid: &Paid,
    on: &FrozenToken,
    after: Option<u64>,
    org: &Org,
    token: &Token,
) -> Result<NewTokenSale, Problem> {
    let (frozen, figures) = (&paid.frozen, figures(&paid.sale)?);
    let test_key = app.vending.of(&org.code, org.mode == OrgMode::Learning).is_test_key(&on.key_slot);
    let on_receipt = ReceiptToken { digits: token.digits.clone(), identifier: token.identifier, test_key };
    let receipt = Receipt { at: paid.now, token: Some(on_receipt), ..paid.receipt.clone() };
    Ok(NewTokenSale {
        account_version: frozen.account_version,
        sale: paid.sale.clone(),
        token: TokenFacts {
            generation: frozen.generation,
            key_slot: on.key_slot.clone(),
            after,
            identifier: token.identifier,
            digits: token.digits.clone(),
            driver_id: frozen.driver.id.clone(),
            driver_version: frozen.driver.version.clone(),
            driver_sha256: driver_sha256(frozen)?,
        },
        transfers: postings_begin(&figures).map_err(Problem::internal)?,
        confirm: SaleConfirm {
            sale_id: paid.sale.sale_id,
            workstation_id: frozen.workstation_id,
            day: app.day_of(paid.now),
            at: paid.now,
            // What the host has read from the token by itself before it was stored.
            evidence: json!({ "kind": "token", "identifier": token.identifier, "quantity_wh": frozen.quantity_wh }),
            document: serde_json::to_value(&receipt).map_err(Problem::internal)?,
            transfers: postings_confirm(&figures).map_err(Problem::internal)?,
        },
    })
}

/// The sale as the books have it now, without reading it.
fn sold(paid: &Paid, token: Token, end: SaleEnd) -> Sale {
    let (receipt, frozen) = (&paid.receipt, &paid.frozen);
    Sale {
        facts: paid.sale.clone(),
        state: SaleState::Committed,
        end: Some(end),
        user_no: receipt.user_no,
        account_name: receipt.name.clone(),
        factory_no: receipt.meter_no.clone(),
        site_name: receipt.site.clone(),
        operator_name: receipt.operator.clone(),
        driver_id: frozen.driver.id.clone(),
        driver_version: frozen.driver.version.clone(),
        carried: Carried::Token { digits: token.digits, identifier: token.identifier },
    }
}
