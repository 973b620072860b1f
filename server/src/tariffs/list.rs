//! GET /tariffs

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_domain::tariff::TariffVersion;
use dianka_store::{self as store, Tariff};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tariff.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Tariff)]
pub struct TariffView {
    /// Id.
    pub id: Uuid,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Versions, the earliest first. A sale keeps the one that it was made at.
    pub versions: Vec<TariffVersionView>,
}

/// A version of a tariff.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TariffVersion)]
pub struct TariffVersionView {
    /// Id.
    pub id: Uuid,
    /// Price, 10⁻⁶ yuan per kWh.
    pub price_micro: i64,
    /// First day on which it holds.
    #[schema(value_type = chrono::NaiveDate)]
    pub valid_from: String,
}

impl From<Tariff> for TariffView {
    fn from(tariff: Tariff) -> TariffView {
        TariffView {
            id: tariff.tariff_id,
            code: tariff.code,
            name: tariff.name,
            versions: tariff.versions.iter().map(TariffVersionView::from).collect(),
        }
    }
}

impl From<&TariffVersion<Uuid>> for TariffVersionView {
    fn from(version: &TariffVersion<Uuid>) -> TariffVersionView {
        TariffVersionView {
            id: version.id,
            price_micro: version.price.micro(),
            valid_from: version.valid_from.to_string(),
        }
    }
}

/// Tariffs
///
/// All of them, by code.
#[utoipa::path(tag = "tariffs", operation_id = "listTariffs", params(ListQuery), responses((status = 200, body = Page<TariffView>)))]
#[get("/tariffs")]
pub async fn list_tariffs(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<TariffView>>, Problem> {
    let tariffs = app.store.tx(op.org, "tariff_list", async |s| store::tariff_list(s).await).await?;
    Ok(web::Json(
        list.cut(tariffs.into_iter().map(TariffView::from).collect(), |tariff| {
            format!("{} {}", tariff.code, tariff.name)
        }),
    ))
}
