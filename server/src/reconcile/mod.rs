//! Reconciliation 对账: a check that money, cards and rows are equal; every night, and whenever somebody asks. It never
//! repairs: what is broken is an alarm until a person closes it with a reason.

mod alarms;
pub mod command;
mod create;
mod list;
pub mod nightly;
mod run;
pub mod texts;
mod view;

pub use run::options as command_options;
use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create::create_reconciliation)
        .service(list::list_reconciliations)
        .service(list::get_reconciliation)
        .service(alarms::list_alarms)
        .service(alarms::close_alarm);
}
