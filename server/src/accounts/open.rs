//! POST /accounts 开户配表

use super::view::AccountView;
use crate::auth::rights::OpenAccount;
use crate::auth::{Guard, Op};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::http::{fields, replay};
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use dianka_domain::units::{MeterEnergy, Multiplier, Ratio};
use dianka_store::{self as store, Account, LimitMode, NewAccount, NewAudit, Scoped, StoreError};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The largest capacity, W: 10 GW. What the meter's card can carry is the driver's to say, at the sale.
const MOST_W: i64 = 10_000_000_000;

/// An account to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
pub struct NewAccountBody {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// User number, 8 digits; left out: the next free one.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{8}$")]
    pub user_no: Option<String>,
    /// Customer's name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Unit 单位.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// Address.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// Telephone.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// The area that it stands in.
    pub area_id: Uuid,
    /// A meter in stock.
    pub meter_id: Uuid,
    /// Its tariff.
    pub tariff_id: Uuid,
    /// PT ratio as on the plate; 1 without transformer.
    #[schema(minimum = 1)]
    pub pt_primary: u32,
    /// See `pt_primary`.
    #[schema(minimum = 1)]
    pub pt_secondary: u32,
    /// CT ratio as on the plate; 1 without transformer.
    #[schema(minimum = 1)]
    pub ct_primary: u32,
    /// See `ct_primary`.
    #[schema(minimum = 1)]
    pub ct_secondary: u32,
    /// Limit mode 限容方式: 0 none, 1 cut after 30 s over the capacity.
    #[schema(minimum = 0, maximum = 1)]
    pub limit_mode: i32,
    /// Contracted capacity.
    #[schema(minimum = 0)]
    pub capacity_w: i64,
    /// Preset 预置电量 that the meter was given before, meter energy as its display shows it.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub preset_given_wh: Option<i64>,
    /// Hoarding limit of its own instead of the meter type's, meter energy.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub hoard_wh: Option<i64>,
    /// Alarm level of its own, meter energy.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub alarm_wh: Option<i64>,
    /// Overdraft limit of its own, meter energy.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub overdraft_wh: Option<i64>,
}

/// Open an account
///
/// Assigns a meter from stock, a user number and, where the meter takes cards, a card number. The card is written by the
/// first sale.
#[utoipa::path(tag = "accounts", operation_id = "openAccount", request_body = NewAccountBody,
    responses((status = 201, body = AccountView)))]
#[post("/accounts")]
pub async fn open_account(
    app: App,
    op: Guard<OpenAccount>,
    body: web::Json<NewAccountBody>,
) -> Result<HttpResponse, Problem> {
    let new = checked(&app, &body)?;
    let today = app.today();
    let made = app
        .store
        .tx(op.org, "account_open", async |s| {
            let account = store::account_open(s, &new).await?;
            store::audit_add(s, &entry(&op, &account)).await?;
            AccountView::load(s, &account, today).await
        })
        .await;
    let view = match made {
        Ok(view) => view,
        Err(refused @ StoreError::Conflict { .. }) => {
            let existing = app.store.tx(op.org, "account_get", async |s| one(s, new.account_id, today).await).await;
            let same = |(account, _): &(Account, AccountView)| is_same(account, &new);
            let factory_no = factory_no(&app, &op, new.meter_id).await;
            replay::same_or(refused, existing, same, |e| taken(e, &body, &factory_no))?.1
        }
        Err(error) => return Err(error.into()),
    };
    Ok(HttpResponse::Created().json(view))
}

async fn one(
    s: &mut Scoped,
    id: Uuid,
    today: dianka_domain::tariff::Date,
) -> Result<(Account, AccountView), StoreError> {
    let account = store::account_get(s, id).await?;
    let view = AccountView::load(s, &account, today).await?;
    Ok((account, view))
}

fn checked(app: &AppState, body: &NewAccountBody) -> Result<NewAccount, Problem> {
    let ratio = |field: &str, primary, secondary| -> Result<Ratio, Problem> {
        Ok(Ratio {
            primary: fields::between(field, primary, 1, 10_000_000)?,
            secondary: fields::between(field, secondary, 1, 10_000_000)?,
        })
    };
    let pt = ratio("pt", body.pt_primary, body.pt_secondary)?;
    let ct = ratio("ct", body.ct_primary, body.ct_secondary)?;
    let multiplier = Multiplier::from_ratios(pt, ct).map_err(|e| Problem::new(Code::RatioInvalid).because(e))?;
    fields::between("multiplier", multiplier.get(), 1, 1_000_000)?;
    let own = |field: &str, wh: Option<i64>| wh.map(|wh| fields::meter_energy(field, wh)).transpose();
    Ok(NewAccount {
        account_id: body.id.unwrap_or_else(Uuid::now_v7),
        card_id: Uuid::now_v7(),
        user_no: body.user_no.as_deref().map(user_no).transpose()?,
        name: fields::text("name", &body.name, 100)?,
        unit: fields::optional_text("unit", body.unit.as_deref(), 100)?,
        address: fields::optional_text("address", body.address.as_deref(), 200)?,
        phone: fields::optional_text("phone", body.phone.as_deref(), 40)?,
        area_id: body.area_id,
        meter_id: body.meter_id,
        tariff_id: body.tariff_id,
        pt,
        ct,
        multiplier,
        limit_mode: LimitMode::try_from(body.limit_mode).map_err(|_| Problem::field("limit_mode", "0-or-1"))?,
        capacity_w: fields::between("capacity_w", body.capacity_w, 0, MOST_W)?,
        preset_pending_wh: own("preset_given_wh", body.preset_given_wh)?.unwrap_or(MeterEnergy::ZERO),
        hoard_wh: own("hoard_wh", body.hoard_wh)?,
        alarm_wh: own("alarm_wh", body.alarm_wh)?,
        overdraft_wh: own("overdraft_wh", body.overdraft_wh)?,
        opened_at: app.clock.now(),
    })
}

fn user_no(text: &str) -> Result<i64, Problem> {
    let number =
        fields::eight_digits("user_no", text)?.parse().map_err(|_| Problem::field("user_no", "eight-digits"))?;
    fields::between("user_no", number, 1, 99_999_999)
}

fn entry(op: &Op, account: &Account) -> NewAudit {
    NewAudit {
        at: account.opened_at,
        operator_id: Some(op.operator),
        workstation_id: None,
        action: "account.open".to_owned(),
        subject_kind: "account".to_owned(),
        subject_id: Some(account.account_id),
        detail: json!({
            "user_no": account.user_no,
            "meter_no": account.meter.factory_no,
            "multiplier": account.multiplier.get(),
            "tariff_id": account.tariff_id,
        }),
        request_id: Some(op.request.id.to_string()),
    }
}

/// Whether `new` is how this account was opened.
fn is_same(account: &Account, new: &NewAccount) -> bool {
    account.name == new.name
        && account.unit == new.unit
        && account.address == new.address
        && account.phone == new.phone
        && account.area_id == new.area_id
        && account.meter.meter_id == new.meter_id
        && account.tariff_id == new.tariff_id
        && (account.pt, account.ct) == (new.pt, new.ct)
        && account.limit_mode == new.limit_mode
        && account.capacity_w == new.capacity_w
        && new.user_no.is_none_or(|user_no| user_no == account.user_no)
}

/// For the text of a refusal only, so a failure to find it is no failure.
async fn factory_no(app: &AppState, op: &Op, meter_id: Uuid) -> String {
    let found = app.store.tx(op.org, "meter_get", async |s| store::meter_get(s, meter_id).await).await;
    found.map(|meter| meter.factory_no).unwrap_or_default()
}

fn taken(error: StoreError, body: &NewAccountBody, factory_no: &str) -> Problem {
    let StoreError::Conflict { constraint } = &error else { return error.into() };
    match constraint.as_str() {
        "meter_not_in_stock" | "account_meter_key" => {
            Problem::new(Code::MeterNotInStock).param("factory_no", factory_no)
        }
        "account_user_no_key" => {
            Problem::new(Code::AccountExists).param("user_no", body.user_no.clone().unwrap_or_default())
        }
        _ => error.into(),
    }
}
