//! What the store says, as problems. Handlers that know more (which value was taken) say it before this does.

use crate::errors::Code;
use crate::http::problem::Problem;
use dianka_store::StoreError;

/// Seconds after which a busy or restarting database is worth another try.
const AGAIN_S: u32 = 2;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        let problem = match &error {
            StoreError::NotFound => Problem::new(Code::NotFound),
            StoreError::Conflict { constraint } => conflict(constraint),
            StoreError::Reference { constraint } => {
                Problem::new(Code::ReferenceMissing).param("field", referring(constraint))
            }
            StoreError::Invalid { constraint } => Problem::field(constraint, "refused"),
            StoreError::StaleDecision => Problem::new(Code::QuoteStale),
            StoreError::OpenSale { sale_id } => Problem::new(Code::SaleOpen).param("sale_id", sale_id.to_string()),
            StoreError::ReplayMismatch => Problem::new(Code::IdReused),
            StoreError::AccountNotOpen => Problem::new(Code::AccountNotActive),
            StoreError::BeingReplaced => Problem::new(Code::VoidReplaced),
            StoreError::AlreadyEnded => Problem::new(Code::SaleFinished),
            StoreError::Busy(_) | StoreError::Overloaded | StoreError::Collision => {
                Problem::new(Code::Overloaded).retry_after(AGAIN_S)
            }
            StoreError::Unavailable(_) | StoreError::UnclearCommit => {
                Problem::new(Code::DatabaseGone).retry_after(AGAIN_S)
            }
            _ => Problem::new(Code::Internal),
        };
        problem.because(error)
    }
}

/// By the constraint's name: `<table>_<field>_key` or `<table>_pkey`.
fn conflict(constraint: &str) -> Problem {
    if constraint.ends_with("_pkey") {
        return Problem::new(Code::IdReused);
    }
    match constraint {
        "reconciliation_running" => return Problem::new(Code::ReconcileRunning),
        "alarm_closed" => return Problem::new(Code::AlarmClosed),
        _ => {}
    }
    let field = constraint.strip_suffix("_key").unwrap_or(constraint);
    Problem::new(Code::Duplicate).param("field", field).param("value", "")
}

/// `account_tariff_fkey` refers through `tariff_id`.
fn referring(constraint: &str) -> String {
    // Of `meter`, whose field has the table's name in it.
    if constraint == "meter_type_fkey" {
        return "meter_type_id".to_owned();
    }
    let name = constraint.strip_suffix("_fkey").unwrap_or(constraint);
    name.split_once('_').map_or_else(|| name.to_owned(), |(_, field)| format!("{field}_id"))
}

/// A value that is taken, when the constraint is the one that guards it.
#[must_use]
pub fn taken(error: StoreError, constraint: &str, field: &str, value: &str) -> Problem {
    match &error {
        StoreError::Conflict { constraint: broken } if broken == constraint => {
            Problem::new(Code::Duplicate).param("field", field).param("value", value)
        }
        _ => error.into(),
    }
}
