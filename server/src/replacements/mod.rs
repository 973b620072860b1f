//! Replacement cards 补卡: a new card with the purchase that was last sold, for one that is lost, damaged or locked.
//!
//! The new card carries the same purchase number and quantity, so a meter that has taken it already ignores it, and one
//! that has not takes it once; nobody has to know which. From its beginning the old card does not count any more, and a sale
//! whose purchase it takes over only goes forward: it ends when the new card is proven. Written, recovered and judged by
//! what sales are written, recovered and judged by.

pub mod begin;
mod decide;
pub mod settle;
pub mod show;
pub mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(begin::create_replacement);
    cfg.service(show::list_replacements);
    cfg.service(show::resume_replacement);
    cfg.service(show::get_replacement);
}
