//! The bench 学习台 of the learning mode: virtual cards, readers and meters, so that a clerk can practise and a test can
//! hold the meter's word against the books.

mod cards;
mod meters;
mod show;
mod token;

use actix_web::web;
use dianka_lab::world::{World, WorldError};
use dianka_plugin_host::meter::MeterDriver;
use dianka_store::{self as store, Meter, MeterType, Scoped, StoreError};
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::guard::Op;
use crate::drivers::in_use;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show::get_bench);
    cfg.service(cards::create_card);
    cfg.service(cards::move_card);
    cfg.service(cards::set_fault);
    cfg.service(meters::create_meter);
    cfg.service(meters::pass_time);
    cfg.service(meters::switch_power);
    cfg.service(token::enter_token);
}

/// The bench of a learning organisation.
///
/// # Errors
/// `mode.learning_only`.
async fn world(app: &App, op: &Op) -> Result<World, Problem> {
    let org = app.store.tx(op.org, "org_get", async |s| store::org_get(s).await).await?;
    if org.mode != store::OrgMode::Learning {
        return Err(Problem::new(Code::LearningOnly));
    }
    World::open(&app.bench_dir()).map_err(problem)
}

fn problem(error: WorldError) -> Problem {
    let code = match &error {
        WorldError::NoCard(_) | WorldError::NoMeter(_) => Code::BenchUnknown,
        WorldError::Occupied { .. } | WorldError::FactoryNoTaken(_) => Code::BenchPlaceTaken,
        WorldError::Busy(_) => Code::ReaderInUse,
        WorldError::Driver(_) => Code::DriverFault,
        _ => Code::Internal,
    };
    let problem = Problem::new(code);
    let problem =
        if code == Code::DriverFault { problem.param("driver_id", "").param("check", "bench") } else { problem };
    problem.because(error)
}

/// What a virtual meter is run by: the version that is chosen for its meter type, or, of a meter that is not in the books,
/// the newest.
///
/// # Errors
/// `driver.missing`, `driver.version_missing`.
async fn model(app: &App, op: &Op, factory_no: u64, driver_id: &str) -> Result<MeterDriver, Problem> {
    let mut types = types(app, op, &[factory_no]).await?;
    match types.remove(&factory_no).filter(|it| it.driver_id == driver_id) {
        Some(it) => in_use::pinned(app, &it),
        None => {
            let newest = app.registry.meter(driver_id);
            newest.ok_or_else(|| Problem::new(Code::DriverMissing).param("driver_id", driver_id))
        }
    }
}

/// The meter types of meters, by factory number; those that are not in the books are not among them.
async fn types(app: &App, op: &Op, factory_nos: &[u64]) -> Result<HashMap<u64, MeterType>, Problem> {
    let read = app.store.tx(op.org, "bench_types", async |s| {
        let types = store::meter_type_list(s).await?;
        let mut found = HashMap::new();
        for number in factory_nos {
            let Some(meter) = stocked(s, *number).await? else { continue };
            let it = types.iter().find(|it| it.meter_type_id == meter.meter_type_id);
            found.extend(it.map(|it| (*number, it.clone())));
        }
        Ok(found)
    });
    Ok(read.await?)
}

/// The meter with this number, as its face shows it: 8 digits, or 11 or 13 of a meter with a keypad.
async fn stocked(s: &mut Scoped, number: u64) -> Result<Option<Meter>, StoreError> {
    for shown in [format!("{number:08}"), format!("{number:011}"), format!("{number:013}")] {
        match store::meter_by_factory_no(s, &shown).await {
            Ok(meter) => return Ok(Some(meter)),
            Err(StoreError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

/// Files and driver calls, away from the workers.
async fn off_thread<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, WorldError> + Send + 'static,
) -> Result<T, Problem> {
    web::block(act).await.map_err(Problem::internal)?.map_err(problem)
}
