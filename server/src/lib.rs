//! The server: the business behind its HTTP face.
//!
//! # How a route is made
//!
//! One verb per file in the folder of its part of the business: request, response, handler, in that order.
//!
//! ```text
//! /// Sell (first line: summary; the rest: description)
//! #[utoipa::path(tag = "sales", operation_id = "createSale", responses((status = 200, body = Sale)))]
//! #[post("/sales")]
//! pub async fn create_sale(
//!     app: App,                        // state: store, registry, settings, clock
//!     op: Guard<SellEnergy>,           // 401/403 unless the operator has this right; derefs to Op
//!     body: web::Json<NewSale>,        // a body that does not fit is a problem document already
//! ) -> Result<web::Json<Sale>, Problem> {
//!     let now = app.clock.now();
//!     // op.org goes into every call of the store; op.operator is who did it
//!     Err(Problem::new(Code::SaleNotMultiple).param("lower_wh", 900_000).param("upper_wh", 1_200_000))
//! }
//! ```
//!
//! The part has `pub fn routes(cfg: &mut ServiceConfig) { cfg.service(create_sale); }`, and `http/routes.rs` one line
//! for it. Give every operation its own `operation_id`, and `security(())` to the few that need no log-in; the tests hold
//! the list of those. Then `UPDATE=1 cargo test -p dianka-server openapi` renews `server/openapi.json`.
//!
//! # Errors
//!
//! A handler returns [`Problem`], made from a [`Code`] of the table in [`errors`]. `because` takes the cause for the
//! log and never sends it. [`http::edge`] fills in language and request id on the way out.
//!
//! # Waiting
//!
//! Changing requests hold a place of the admission queue. A handler that waits for a card or a clerk takes
//! `place: Place` ([`http::admission::Place`]) and calls `place.release()` before it waits.

pub mod accounts;
pub mod analysis;
pub mod areas;
pub mod auth;
pub mod bench;
pub mod cards;
pub mod config;
pub mod demo;
pub mod drivers;
pub mod errors;
pub mod files;
pub mod http;
pub mod keys;
pub mod learning;
pub mod meter_types;
pub mod meters;
pub mod reconcile;
pub mod replacements;
pub mod sales;
pub mod sites;
pub mod start;
pub mod state;
pub mod stations;
pub mod system;
pub mod tariffs;
pub mod tasks;
pub mod vending;

pub use auth::{Guard, Op};
pub use errors::Code;
pub use http::problem::Problem;
pub use state::{App, AppState, Clock};
