//! Drivers: what is installed, and how the registry is set up.

mod activate;
mod activate_reader;
pub mod in_use;
mod keys;
mod list;
mod open;
pub mod reader_versions;
mod report;
mod trust;
mod upload;

pub use list::DriverView;
pub use open::{DriversError, open};

use crate::auth::guard::Op;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::AppState;
use dianka_plugin_host::meter::{self as host, MeterDriver};
use dianka_store::{Carrier, NewAudit};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_drivers);
    cfg.service(upload::upload_driver);
    cfg.service(report::driver_report);
    cfg.service(keys::list_keys);
    cfg.service(keys::add_key);
    cfg.service(keys::revoke_key);
    cfg.service(activate::activate_driver);
    cfg.service(activate::release_driver);
}

/// The meter driver that is in service.
///
/// # Errors
/// `driver.missing` when there is none, `driver.not_meter` when it is a reader's, `driver.quarantined` when it was stopped.
pub fn active_meter(app: &AppState, driver_id: &str) -> Result<MeterDriver, Problem> {
    let missing = || {
        let other_kind = app.registry.reader(driver_id).is_some();
        let code = if other_kind { Code::DriverNotMeter } else { Code::DriverMissing };
        Problem::new(code).param("driver_id", driver_id)
    };
    let driver = app.registry.meter(driver_id).ok_or_else(missing)?;
    if driver.quarantine().is_some() {
        return Err(Problem::new(Code::DriverQuarantined).param("driver_id", driver_id));
    }
    Ok(driver)
}

/// How purchases reach the meters of a driver, as the books have it.
#[must_use]
pub fn carrier(driver: &MeterDriver) -> Carrier {
    match driver.carrier() {
        host::Carrier::Card => Carrier::Card,
        host::Carrier::Token => Carrier::Token,
    }
}

/// That a reader can be driven with it: stations have the server's drivers.
///
/// # Errors
/// `driver.missing` when there is none, `driver.not_reader` when it is a meter's.
pub fn active_reader(app: &AppState, driver_id: &str) -> Result<(), Problem> {
    if app.registry.reader(driver_id).is_some() {
        return Ok(());
    }
    let other_kind = app.registry.meter(driver_id).is_some();
    let code = if other_kind { Code::DriverNotReader } else { Code::DriverMissing };
    Err(Problem::new(code).param("driver_id", driver_id))
}

/// What a person did to a driver or a vendor's key, for the audit trail.
fn audit(app: &AppState, op: &Op, subject_kind: &str, action: &str, detail: Value) -> NewAudit {
    NewAudit {
        at: app.clock.now(),
        operator_id: Some(op.operator),
        workstation_id: None,
        action: action.to_owned(),
        subject_kind: subject_kind.to_owned(),
        subject_id: None,
        detail,
        request_id: Some(op.request.id.to_string()),
    }
}
