//! Accounts: opening 开户配表, search, history.

mod get;
mod history;
mod list;
mod open;
mod returned;
pub mod view;

pub use returned::ReturnedView;
pub use view::{AccountView, eight_digits};

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list::list_accounts)
        .service(open::open_account)
        .service(get::get_account)
        .service(history::get_history);
}
