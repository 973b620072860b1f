//! POST /quotes

mod card;

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use dianka_domain::card::CardImage;
use dianka_domain::units::{Money, RealEnergy};
use dianka_plugin_host::meter::MeterDriver;
use dianka_store::{
    self as store, Account, AccountStatus, Carrier, MeterType, Org, OrgMode, Site, StoreError, Workstation,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decide::token::{OnToken, token_meter};
use super::decide::{Basis, Decision, Made, On, Wanted, WillLoad, decide, meter_no};
use super::frozen::{DriverStamp, FORMAT, Frozen, FrozenCarrier, FrozenToken};
use super::receipt::Receipt;
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::SellEnergy;
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// Seconds that a quote holds.
const HOLDS_S: i64 = 300;

/// What to sell.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuote {
    /// The counter; its reader holds the card, where the meter takes cards.
    pub workstation_id: Uuid,
    /// Whose account.
    pub account_id: Uuid,
    /// The card session that the clerk saw; left out: the card that is in now. Not looked at where the meter takes tokens.
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
    /// `card` or `token`.
    pub carrier: String,
    /// The card session; none for a token.
    pub session: Option<Uuid>,
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
    /// On the card or token 写卡电量.
    pub quantity_wh: i64,
    /// Purchase number.
    pub count: u32,
    /// Alarm level; 0 for a token, which carries none.
    pub alarm_wh: i64,
    /// Hoarding limit on the card; 0 = none.
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
    /// Of the current card; of the account, where there is none.
    generation: u32,
    /// The account's sale that is not finished.
    open: Option<Uuid>,
    /// Its replacement card that is not finished.
    replacing: Option<Uuid>,
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
    card::wait_until_taken(&app, body.workstation_id).await;
    let books = books(&app, &op, &body).await?;
    if books.account.status != AccountStatus::Open {
        return Err(Problem::new(Code::AccountNotActive).param("status", books.account.status.as_str()));
    }
    if let Some(id) = books.replacing {
        return Err(Problem::new(Code::ReplacementOpen).param("replacement_id", id.to_string()));
    }
    let driver = in_use::of_type(&app, &books.meter_type, books.approved)?;
    let card = match books.account.meter.carrier {
        Carrier::Card => {
            let card = card::in_reader(&app, &body, books.workstation.number);
            Some(card.map_err(|problem| card::unfinished(books.open, problem))?)
        }
        Carrier::Token => None,
    };
    let inner = app.clone();
    let now = app.clock.now();
    // Driver calls are computation: they would keep a worker from its other requests.
    let account = (
        (books.account.user_no, books.org.system_code),
        card.as_ref().map(|card| CardImage::new(card.image.0.clone())),
    );
    let quoted = web::block(move || {
        let desk = Quoting { app: &inner, driver: &driver, books: &books, wanted, now };
        match card {
            Some(card) => card::quote(&desk, &card).map_err(|problem| card::unfinished(desk.books.open, problem)),
            None => desk.token_quote(),
        }
    });
    match (quoted.await.map_err(Problem::internal)?, account) {
        // A good card of another standard is another customer's.
        (Err(problem), (mine, Some(image))) if problem.code() == Code::CardUnreadable => {
            Err(card::of_another_customer(&app, op.org, mine, &image).await?.unwrap_or(problem))
        }
        (quoted, _) => quoted.map(web::Json),
    }
}

fn wanted(body: &NewQuote) -> Result<Wanted, Problem> {
    match (body.energy_wh, body.amount_fen) {
        (Some(energy), None) => Ok(Wanted::Energy(RealEnergy::from_wh(energy))),
        (None, Some(money)) => Ok(Wanted::Money(Money::from_fen(money))),
        _ => Err(Problem::new(Code::SaleQuantityOrMoney)),
    }
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
            generation: match account.meter.carrier {
                Carrier::Card => store::card_current(s, account.account_id).await?.generation,
                Carrier::Token => account.counter.issue,
            },
            open: store::sale_open_by_account(s, account.account_id).await?.map(|open| open.sale_id),
            replacing: store::replacement_open_by_account(s, account.account_id).await?,
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

/// What a quote is made of, away from the workers.
struct Quoting<'a> {
    app: &'a App,
    driver: &'a MeterDriver,
    books: &'a Books,
    wanted: Wanted,
    now: DateTime<Utc>,
}

impl Quoting<'_> {
    fn basis<'b>(&'b self, on: On<'b>) -> Basis<'b> {
        Basis {
            account: &self.books.account,
            meter_type: &self.books.meter_type,
            price: self.books.tariff_version.price,
            system_code: self.books.org.system_code,
            wanted: self.wanted,
            today: self.app.day_of(self.now),
            on,
        }
    }

    fn token_quote(&self) -> Result<Quote, Problem> {
        let org = &self.books.org;
        let meter = token_meter(&self.books.meter_type, meter_no(&self.books.account))?;
        let keys = self.app.vending.of(&org.code, org.mode == OrgMode::Learning);
        let on = OnToken { meter: meter.clone(), keys, now: self.now };
        let decision = decide(self.driver, &self.basis(On::Token(on)))?;
        let Made::Token { key_slot } = &decision.made else {
            return Err(Problem::internal("a token was decided on and a card made"));
        };
        let mut warnings = Vec::new();
        if keys.is_test_key(key_slot) {
            warnings.push(Warning { code: "token.test_key".into(), params: Map::new() });
        }
        let token = FrozenToken { meter, key_slot: key_slot.clone() };
        self.answer(decision, FrozenCarrier::Token(token), warnings)
    }

    fn answer(&self, decision: Decision, carrier: FrozenCarrier, warnings: Vec<Warning>) -> Result<Quote, Problem> {
        let frozen = self.freeze(&decision, carrier);
        answer(self.app, &frozen, decision, warnings)
    }

    fn freeze(&self, decision: &Decision, carrier: FrozenCarrier) -> Frozen {
        let books = self.books;
        let account = &books.account;
        let about = self.driver.about();
        Frozen {
            format: FORMAT,
            org: books.org.org_id,
            workstation_id: books.workstation.workstation_id,
            site_id: books.site.site_id,
            opening: account.counter.sold == 0,
            account_id: account.account_id,
            account_version: account.version,
            sold: account.counter.sold,
            user_no: account.user_no,
            meter_id: account.meter.meter_id,
            meter_no: meter_no(account),
            period: account.period,
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
            driver: DriverStamp {
                id: about.id.clone(),
                version: about.version.to_string(),
                sha256: hex::encode(about.digest.as_bytes()),
            },
            carrier,
            receipt: receipt(books, decision, self.now, self.app.config.books.utc_offset_minutes),
            expires_at: self.now.timestamp().saturating_add(HOLDS_S),
        }
    }
}

fn receipt(books: &Books, decision: &Decision, now: DateTime<Utc>, offset_min: i32) -> Receipt {
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
        token: None,
        learning: books.org.mode == OrgMode::Learning,
        at: now,
        offset_min,
    }
}

fn answer(app: &App, frozen: &Frozen, decision: Decision, warnings: Vec<Warning>) -> Result<Quote, Problem> {
    let card = match &frozen.carrier {
        FrozenCarrier::Card(card) => Some(card),
        FrozenCarrier::Token(_) => None,
    };
    Ok(Quote {
        quote: frozen.sign(&app.keys).map_err(Problem::internal)?,
        account_id: frozen.account_id,
        carrier: if card.is_some() { Carrier::Card } else { Carrier::Token }.as_str().to_owned(),
        session: card.map(|card| card.session),
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
        alarm_wh: card.map_or(0, |card| card.alarm_wh),
        hoard_wh: card.map_or(0, |card| card.hoard_wh),
        will_load: decision.will_load,
        warnings,
        expires_at: DateTime::from_timestamp(frozen.expires_at, 0).unwrap_or_default().to_rfc3339(),
    })
}
