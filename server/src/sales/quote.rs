//! POST /quotes

use std::time::Duration;

use actix_web::{post, web};
use dianka_domain::units::{Money, RealEnergy};
use dianka_plugin_host::meter::MeterDriver;
use dianka_station::proto::{CardSeen, Hex};
use dianka_store::{self as store, Account, AccountStatus, MeterType, Org, Site, StoreError, Workstation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decide::{Basis, Decision, Wanted, WillLoad, decide, meter_no};
use super::frozen::{DriverStamp, FORMAT, Frozen};
use super::receipt::Receipt;
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::SellEnergy;
use crate::cards::look::{self, Look};
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// Seconds that a quote holds.
const HOLDS_S: i64 = 300;
/// How long a quote waits until the card that is in has been held against the books.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);

/// What to sell.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuote {
    /// The counter whose reader holds the card.
    pub workstation_id: Uuid,
    /// Whose account.
    pub account_id: Uuid,
    /// The card session that the clerk saw; left out: the card that is in now.
    #[serde(default)]
    pub session: Option<Uuid>,
    /// By energy, real Wh. Either this or `amount_fen`.
    #[serde(default)]
    pub energy_wh: Option<i64>,
    /// By money, fen.
    #[serde(default)]
    pub amount_fen: Option<i64>,
}

/// A quote. Energies in Wh: real, but for `quantity_wh`, `alarm_wh`, `hoard_wh` and `preset_deducted_wh` (meter).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quote {
    /// The signed decision; goes back unread with the sale.
    pub quote: String,
    /// Whose.
    pub account_id: Uuid,
    /// The card session.
    pub session: Uuid,
    /// `opening` or `purchase`.
    pub kind: String,
    /// Billed.
    pub energy_wh: i64,
    /// To pay.
    pub amount_fen: i64,
    /// Left over of the money asked for.
    pub change_fen: i64,
    /// Price.
    pub price_micro: i64,
    /// The tariff version.
    pub tariff_version_id: Uuid,
    /// 倍率.
    pub multiplier: u32,
    /// Adjustment used 找补.
    pub adjustment_wh: i64,
    /// Carried to the next purchase.
    pub carry_wh: i64,
    /// Preset deducted 预置.
    pub preset_deducted_wh: i64,
    /// On the card 写卡电量.
    pub quantity_wh: i64,
    /// Purchase number.
    pub count: u32,
    /// Alarm level.
    pub alarm_wh: i64,
    /// Hoarding limit; 0 = none.
    pub hoard_wh: i64,
    /// Whether the meter will take it.
    pub will_load: WillLoad,
    /// What to know, without refusing.
    pub warnings: Vec<Warning>,
    /// RFC 3339.
    pub expires_at: String,
}

/// A warning.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Warning {
    /// A code of the catalogue.
    pub code: String,
    /// Its figures.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

/// What the books say.
struct Books {
    org: Org,
    workstation: Workstation,
    site: Site,
    operator: String,
    account: Account,
    meter_type: MeterType,
    /// SHA-256 of the driver's file that was approved for the meter type.
    approved: Option<[u8; 32]>,
    tariff_version: dianka_domain::tariff::TariffVersion<Uuid>,
    generation: u32,
}

/// Quote a sale: nothing is stored
#[utoipa::path(tag = "sales", operation_id = "createQuote", responses((status = 200, body = Quote)))]
#[post("/quotes")]
pub async fn create_quote(
    app: App,
    op: Guard<SellEnergy>,
    body: web::Json<NewQuote>,
) -> Result<web::Json<Quote>, Problem> {
    let body = body.into_inner();
    let wanted = wanted(&body)?;
    wait_until_taken(&app, body.workstation_id).await;
    let books = books(&app, &op, &body).await?;
    if books.account.status != AccountStatus::Open {
        return Err(Problem::new(Code::AccountNotActive).param("status", books.account.status.as_str()));
    }
    let card = card(&app, &body, books.workstation.number)?;
    let driver = in_use::of_type(&app, &books.meter_type, books.approved)?;
    let keys = app.clone();
    let now = app.clock.now();
    // Driver calls are computation: they would keep a worker from its other requests.
    web::block(move || frozen_quote(&keys, &driver, &books, card, wanted, now))
        .await
        .map_err(Problem::internal)?
        .map(web::Json)
}

fn wanted(body: &NewQuote) -> Result<Wanted, Problem> {
    match (body.energy_wh, body.amount_fen) {
        (Some(energy), None) => Ok(Wanted::Energy(RealEnergy::from_wh(energy))),
        (None, Some(money)) => Ok(Wanted::Money(Money::from_fen(money))),
        _ => Err(Problem::new(Code::SaleQuantityOrMoney)),
    }
}

/// What the card brought (a purchase taken, a sale finished) belongs to the figures that are decided on. A card that is
/// not taken in time is decided on all the same: the authorisation compares the account's version.
async fn wait_until_taken(app: &App, workstation: Uuid) {
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

async fn books(app: &App, op: &Op, body: &NewQuote) -> Result<Books, Problem> {
    let today = app.today();
    let books = app.store.tx(op.org, "quote_read", async |s| {
        let workstation = store::workstation_get(s, body.workstation_id).await?;
        let account = store::account_get(s, body.account_id).await.map_err(unknown_account)?;
        let meter_type = store::meter_type_get(s, account.meter.meter_type_id).await?;
        Ok(Books {
            org: store::org_get(s).await?,
            site: store::site_get(s, workstation.site_id).await?,
            operator: store::operator_get(s, op.operator).await?.name,
            approved: store::driver_approved(s, &meter_type.driver_id, &meter_type.driver_version).await?,
            meter_type,
            tariff_version: store::tariff_version_at(s, account.tariff_id, today).await?,
            generation: store::card_current(s, account.account_id).await?.generation,
            workstation,
            account,
        })
    });
    books.await.map_err(|error| match &error {
        StoreError::Conflict { constraint } if constraint == UNKNOWN_ACCOUNT => {
            Problem::new(Code::AccountUnknown).because(error)
        }
        _ => error.into(),
    })
}

/// Told apart from the other rows that may be missing.
const UNKNOWN_ACCOUNT: &str = "unknown_account";

fn unknown_account(error: StoreError) -> StoreError {
    match error {
        StoreError::NotFound => StoreError::Conflict { constraint: UNKNOWN_ACCOUNT.to_owned() },
        other => other,
    }
}

fn card(app: &App, body: &NewQuote, number: u32) -> Result<CardSeen, Problem> {
    let view = app.hub.view(body.workstation_id);
    if !view.connected {
        return Err(Problem::new(Code::StationOffline).param("workstation", number));
    }
    let card = view.card.ok_or_else(|| Problem::new(Code::CardNone))?;
    if body.session.is_some_and(|session| session != card.session) {
        return Err(Problem::new(Code::CardChanged));
    }
    Ok(card)
}

fn frozen_quote(
    app: &App,
    driver: &MeterDriver,
    books: &Books,
    card: CardSeen,
    wanted: Wanted,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Quote, Problem> {
    let before = dianka_domain::card::CardImage::new(card.image.0.clone());
    let seen = look::with_driver(driver, &before)?;
    if matches!(seen, Look::Unreadable(_)) {
        // A good card of another standard is another customer's.
        other_customer(app, books, &before)?;
    }
    let mut findings = look::of_card(&seen, card.tries, books.org.system_code);
    let content = match &seen {
        Look::Content(content) => Some(content.as_ref()),
        _ => None,
    };
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
    if content.is_none() && books.account.counter.sold > 0 {
        // A blank card for an account that has one: that is a replacement, not a sale.
        return Err(Problem::new(Code::CardBlank).action("replace-card"));
    }
    let basis = Basis {
        account: &books.account,
        meter_type: &books.meter_type,
        price: books.tariff_version.price,
        system_code: books.org.system_code,
        content,
        before: &before,
        wanted,
        today: app.day_of(now),
    };
    let decision = decide(driver, &basis)?;
    let mut warnings: Vec<Warning> =
        findings.iter().map(|f| Warning { code: f.code.as_str().to_owned(), params: f.params.clone() }).collect();
    if decision.alarm_trips_at_once {
        warnings.push(Warning { code: "sale.alarm_at_once".into(), params: Map::new() });
    }
    let offset_min = app.config.books.utc_offset_minutes;
    let receipt = receipt(books, &decision, now, offset_min);
    let frozen = freeze(driver, books, &card, &decision, receipt, now.timestamp().saturating_add(HOLDS_S))?;
    answer(app, &frozen, decision, warnings)
}

/// # Errors
/// `card.other_account` when some other driver reads a card of this system and of another account.
fn other_customer(app: &App, books: &Books, image: &dianka_domain::card::CardImage) -> Result<(), Problem> {
    match look::with_any(&app.registry, image) {
        Look::Content(content)
            if content.system_code == books.org.system_code
                && i64::try_from(content.user_no).ok() != Some(books.account.user_no) =>
        {
            Err(Problem::new(Code::CardOtherAccount).param("user_no", format!("{:08}", content.user_no)))
        }
        _ => Ok(()),
    }
}

fn freeze(
    driver: &MeterDriver,
    books: &Books,
    card: &CardSeen,
    decision: &Decision,
    receipt: Receipt,
    expires_at: i64,
) -> Result<Frozen, Problem> {
    let account = &books.account;
    let about = driver.about();
    let p = &decision.purchase;
    Ok(Frozen {
        format: FORMAT,
        org: books.org.org_id,
        workstation_id: books.workstation.workstation_id,
        site_id: books.site.site_id,
        session: card.session,
        opening: books.account.counter.sold == 0,
        account_id: account.account_id,
        account_version: account.version,
        sold: account.counter.sold,
        user_no: account.user_no,
        meter_id: account.meter.meter_id,
        meter_no: meter_no(account),
        period: account.period,
        card_no: account.card_no.ok_or_else(|| Problem::internal("the account has no card"))?,
        generation: books.generation,
        area_id: account.area_id,
        count: decision.count,
        energy_wh: decision.energy.wh(),
        amount_fen: decision.amount.fen(),
        price_micro: books.tariff_version.price.micro(),
        tariff_version_id: books.tariff_version.id,
        multiplier: account.multiplier.get(),
        adjustment_used_wh: decision.plan.adjustment_used.wh(),
        carry_wh: decision.plan.carry.wh(),
        preset_deducted_wh: decision.plan.preset_deducted.wh(),
        quantity_wh: decision.plan.quantity.wh(),
        alarm_wh: p.alarm_wh.wh(),
        hoard_wh: p.hoard_wh.wh(),
        overdraft_wh: p.overdraft_wh.wh(),
        limit_mode: p.limit_mode,
        capacity_w: p.capacity_w,
        driver: DriverStamp {
            id: about.id.clone(),
            version: about.version.to_string(),
            sha256: hex::encode(about.digest.as_bytes()),
        },
        layout: driver.describe().layout.without_fields(),
        access: decision.access.clone(),
        before: card.image.clone(),
        target: Hex(decision.target.bytes().to_vec()),
        receipt,
        expires_at,
    })
}

fn receipt(books: &Books, decision: &Decision, now: chrono::DateTime<chrono::Utc>, offset_min: i32) -> Receipt {
    let account = &books.account;
    Receipt {
        organisation: books.org.name.clone(),
        site: books.site.name.clone(),
        workstation: books.workstation.number,
        operator: books.operator.clone(),
        user_no: account.user_no,
        name: account.name.clone(),
        address: account.address.clone(),
        meter_no: account.meter.factory_no.clone(),
        count: decision.count,
        tariff: account.tariff_name.clone(),
        price_micro: books.tariff_version.price.micro(),
        energy_wh: decision.energy.wh(),
        amount_fen: decision.amount.fen(),
        cash_fen: None,
        multiplier: account.multiplier.get(),
        adjustment_used_wh: decision.plan.adjustment_used.wh(),
        carry_wh: decision.plan.carry.wh(),
        preset_deducted_wh: decision.plan.preset_deducted.wh(),
        quantity_wh: decision.plan.quantity.wh(),
        alarm_wh: decision.plan.alarm.wh(),
        learning: books.org.mode == dianka_store::OrgMode::Learning,
        at: now,
        offset_min,
    }
}

fn answer(app: &App, frozen: &Frozen, decision: Decision, warnings: Vec<Warning>) -> Result<Quote, Problem> {
    Ok(Quote {
        quote: frozen.sign(&app.keys).map_err(Problem::internal)?,
        account_id: frozen.account_id,
        session: frozen.session,
        kind: if frozen.opening { "opening" } else { "purchase" }.to_owned(),
        energy_wh: frozen.energy_wh,
        amount_fen: frozen.amount_fen,
        change_fen: decision.change.fen(),
        price_micro: frozen.price_micro,
        tariff_version_id: frozen.tariff_version_id,
        multiplier: frozen.multiplier,
        adjustment_wh: frozen.adjustment_used_wh,
        carry_wh: frozen.carry_wh,
        preset_deducted_wh: frozen.preset_deducted_wh,
        quantity_wh: frozen.quantity_wh,
        count: frozen.count,
        alarm_wh: frozen.alarm_wh,
        hoard_wh: frozen.hoard_wh,
        will_load: decision.will_load,
        warnings,
        expires_at: chrono::DateTime::from_timestamp(frozen.expires_at, 0).unwrap_or_default().to_rfc3339(),
    })
}
