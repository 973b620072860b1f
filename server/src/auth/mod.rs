//! Who may do what: passwords, tokens, log-in, rights.

pub mod guard;
pub mod lockout;
mod login;
mod logout;
mod me;
pub mod operators;
pub mod password;
mod refresh;
pub mod refresh_token;
pub mod rights;
pub mod seen_tokens;
pub mod session;
pub mod setup;
pub mod token;

pub use guard::{Guard, Op};

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(setup::setup)
        .service(login::login)
        .service(refresh::refresh)
        .service(logout::logout)
        .service(me::get_me);
}
