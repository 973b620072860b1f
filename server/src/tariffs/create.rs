//! POST /tariffs

use super::list::TariffView;
use crate::auth::Guard;
use crate::auth::rights::ManageSetup;
use crate::http::problem::Problem;
use crate::http::{fields, replay, store_errors};
use crate::state::{App, AppState};
use actix_web::{HttpResponse, post, web};
use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::Price;
use dianka_store::{self as store, Scoped, StoreError, Tariff};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// 1000 yuan per kWh: above it is a slip of the unit.
pub(super) const MOST_MICRO: i64 = 1_000_000_000;

/// A tariff to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTariff {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Short code, unique.
    #[schema(max_length = 32)]
    pub code: String,
    /// Name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Price of its first version, 10⁻⁶ yuan per kWh: 0.5683 yuan is 568 300.
    #[schema(minimum = 1, maximum = 1_000_000_000_i64)]
    pub price_micro: i64,
    /// First day on which it holds; left out: today.
    #[serde(default)]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub valid_from: Option<Date>,
}

/// A version to be added. It is never changed afterwards.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTariffVersion {
    /// Made by the client; left out: by the server.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Price, 10⁻⁶ yuan per kWh: 0.5683 yuan is 568 300.
    #[schema(minimum = 1, maximum = 1_000_000_000_i64)]
    pub price_micro: i64,
    /// First day on which it holds; left out: today.
    #[serde(default)]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub valid_from: Option<Date>,
}

impl NewTariffVersion {
    pub(super) fn checked(&self, app: &AppState) -> Result<TariffVersion<Uuid>, Problem> {
        let price = fields::between("price_micro", self.price_micro, 1, MOST_MICRO)?;
        Ok(TariffVersion {
            id: self.id.unwrap_or_else(Uuid::now_v7),
            price: Price::from_micro(price),
            valid_from: self.valid_from.unwrap_or_else(|| app.today()),
        })
    }
}

/// Add a tariff
#[utoipa::path(tag = "tariffs", operation_id = "createTariff", request_body = NewTariff,
    responses((status = 201, body = TariffView)))]
#[post("/tariffs")]
pub async fn create_tariff(
    app: App,
    op: Guard<ManageSetup>,
    body: web::Json<NewTariff>,
) -> Result<HttpResponse, Problem> {
    let first = NewTariffVersion { id: None, price_micro: body.price_micro, valid_from: body.valid_from };
    let new = Tariff {
        tariff_id: body.id.unwrap_or_else(Uuid::now_v7),
        code: fields::code("code", &body.code)?,
        name: fields::text("name", &body.name, 100)?,
        versions: vec![first.checked(&app)?],
    };
    match app.store.tx(op.org, "tariff_create", async |s| store::tariff_create(s, &new).await).await {
        Ok(()) => {}
        Err(conflict @ StoreError::Conflict { .. }) => {
            let existing = app.store.tx(op.org, "tariff_get", async |s| one(s, new.tariff_id).await).await;
            let otherwise = |e| store_errors::taken(e, "tariff_code_key", "code", &new.code);
            let tariff = replay::same_or(conflict, existing, |tariff| same(tariff, &new), otherwise)?;
            return Ok(HttpResponse::Created().json(TariffView::from(tariff)));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(HttpResponse::Created().json(TariffView::from(new)))
}

/// The tariff with this id.
pub(super) async fn one(s: &mut Scoped, tariff_id: Uuid) -> Result<Tariff, StoreError> {
    let all = store::tariff_list(s).await?;
    all.into_iter().find(|tariff| tariff.tariff_id == tariff_id).ok_or(StoreError::NotFound)
}

/// Whether `new` is how this tariff began: later versions do not matter, and the id of its first one is the server's.
fn same(tariff: &Tariff, new: &Tariff) -> bool {
    let begun = |t: &Tariff| t.versions.first().map(|v| (v.price, v.valid_from));
    tariff.code == new.code && tariff.name == new.name && begun(tariff) == begun(new)
}
