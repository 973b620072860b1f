//! Selling: quote, authorise, ticket, commit, recover; or, for a token, quote and sell.

pub mod begin;
pub mod chain;
pub mod decide;
pub mod desk;
pub mod document;
pub mod frozen;
pub mod get;
pub mod quote;
pub mod receipt;
pub mod recover;
mod refusal;
pub mod settle;
pub mod ticket;
mod token;
pub mod view;
pub mod void;

use utoipa_actix_web::service_config::ServiceConfig;

/// Routes under `/api/v1`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(quote::create_quote);
    cfg.service(begin::create_sale);
    cfg.service(get::list_sales);
    cfg.service(get::resume_sale);
    cfg.service(void::void_sale);
    cfg.service(get::get_sale);
    cfg.service(document::get_style);
    cfg.service(document::print_document);
    cfg.service(document::get_document);
}
