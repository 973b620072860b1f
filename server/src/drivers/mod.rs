//! Drivers: what is installed, and how the registry is set up.

mod activate;
pub mod in_use;
mod keys;
mod list;
mod open;
mod report;
mod trust;
mod upload;

pub use list::DriverView;
pub use open::{DriversError, open};

use crate::auth::guard::Op;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::AppState;
use dianka_plugin_host::meter::Carrier;
use dianka_store::NewAudit;
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

/// The version of the meter driver that is in service.
///
/// # Errors
/// `driver.missing` when there is none, `driver.carrier` when its meters take no cards, `driver.quarantined` when it was stopped.
pub fn active_meter_version(app: &AppState, driver_id: &str) -> Result<String, Problem> {
    let missing = || Problem::new(Code::DriverMissing).param("driver_id", driver_id);
    let driver = app.registry.meter(driver_id).ok_or_else(missing)?;
    if driver.carrier() != Carrier::Card {
        return Err(Problem::new(Code::DriverCarrier).param("driver_id", driver_id));
    }
    if driver.quarantine().is_some() {
        return Err(Problem::new(Code::DriverQuarantined).param("driver_id", driver_id));
    }
    Ok(driver.about().version.to_string())
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
