//! Cards as the counter sees them: decoding, checking against the books, what an arriving card finishes.

pub mod arrival;
pub mod look;
pub mod password;
pub mod read;
pub mod readers;
mod totals;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Supply region 区域 on the cards. One for the whole organisation: clear cards, which it is for, come with regions of
/// their own.
pub const REGION: u32 = 1;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(read::read_card);
}
