//! Virtual meters: hang one up, let time pass, switch the mains.

use actix_web::{HttpResponse, post, web};
use dianka_lab::world::{MeterId, NewMeter};
use dianka_store::{self as store, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::show::{BenchMeter, meter};
use super::{model, off_thread};
use crate::auth::Guard;
use crate::auth::rights::UseBench;
use crate::cards::REGION;
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::App;

/// Longest time that passes at once: a year.
const MOST_SECONDS: u64 = 366 * 86_400;

/// A meter to be hung up.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBenchMeter {
    /// Factory number of a meter in the books.
    pub factory_no: String,
}

/// Hang up the virtual meter of a factory number
#[utoipa::path(tag = "bench", operation_id = "createBenchMeter", responses((status = 201, body = BenchMeter)))]
#[post("/bench/meters")]
pub async fn create_meter(
    app: App,
    op: Guard<UseBench>,
    body: web::Json<NewBenchMeter>,
) -> Result<HttpResponse, Problem> {
    let world = super::world(&app, &op).await?;
    let factory_no = fields::text("factory_no", &body.factory_no, 13)?;
    let read = app.store.tx(op.org, "bench_meter", async |s| {
        let meter = store::meter_by_factory_no(s, &factory_no).await?;
        let meter_type = store::meter_type_get(s, meter.meter_type_id).await?;
        Ok((meter_type, store::org_get(s).await?.system_code))
    });
    let (meter_type, system_code) = read.await.map_err(|error| match error {
        StoreError::NotFound => Problem::new(Code::BenchNotInStock).param("factory_no", factory_no.as_str()),
        other => other.into(),
    })?;
    let driver = in_use::pinned(&app, &meter_type)?;
    let number = factory_no.parse().map_err(Problem::internal)?;
    let new = NewMeter {
        factory_no: number,
        driver_id: meter_type.driver_id.clone(),
        constant: meter_type.constant_imp,
        system_code,
        region: REGION,
    };
    let made = off_thread(move || {
        let known = world.meters()?.into_iter().find(|m| m.factory_no == number);
        let id = match known {
            Some(known) => known.id,
            None => world.new_meter(&new, &driver)?,
        };
        meter(&world, Some(&driver), world.meter(id)?)
    });
    Ok(HttpResponse::Created().json(made.await?))
}

/// Time and load.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// Seconds, at most a year.
    pub seconds: u64,
    /// Load, W.
    pub watts: u32,
}

/// Let time pass at a meter
#[utoipa::path(tag = "bench", operation_id = "passBenchTime", responses((status = 200, body = BenchMeter)))]
#[post("/bench/meters/{id}/pass")]
pub async fn pass_time(
    app: App,
    op: Guard<UseBench>,
    id: web::Path<u32>,
    body: web::Json<Pass>,
) -> Result<web::Json<BenchMeter>, Problem> {
    if body.seconds > MOST_SECONDS {
        return Err(Problem::field("seconds", "out-of-range").param("least", 0).param("most", MOST_SECONDS));
    }
    let Pass { seconds, watts } = body.into_inner();
    work(app, op, MeterId(*id), move |world, id, driver| world.pass(id, driver, seconds, watts)).await
}

/// The mains.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// On or off.
    pub on: bool,
}

/// Switch a meter's mains
#[utoipa::path(tag = "bench", operation_id = "switchBenchPower", responses((status = 200, body = BenchMeter)))]
#[post("/bench/meters/{id}/power")]
pub async fn switch_power(
    app: App,
    op: Guard<UseBench>,
    id: web::Path<u32>,
    body: web::Json<Power>,
) -> Result<web::Json<BenchMeter>, Problem> {
    let on = body.on;
    work(app, op, MeterId(*id), move |world, id, driver| world.power(id, driver, on)).await
}

async fn work(
    app: App,
    op: Guard<UseBench>,
    id: MeterId,
    act: impl FnOnce(
        &dianka_lab::world::World,
        MeterId,
        &dianka_plugin_host::meter::MeterDriver,
    ) -> Result<(), dianka_lab::world::WorldError>
    + Send
    + 'static,
) -> Result<web::Json<BenchMeter>, Problem> {
    let world = super::world(&app, &op).await?;
    let known = world.clone();
    let known = off_thread(move || known.meter(id)).await?;
    let driver = model(&app, &op, known.factory_no, &known.driver_id).await?;
    let done = off_thread(move || {
        act(&world, id, &driver)?;
        meter(&world, Some(&driver), world.meter(id)?)
    });
    done.await.map(web::Json)
}
