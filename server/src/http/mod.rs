//! The HTTP face: the application with its layers, the error answer, the description of the interface.

pub mod admission;
pub mod catalogue;
pub mod edge;
pub mod fields;
pub mod input;
pub mod list;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod replay;
mod routes;
pub mod store_errors;
pub mod streams;

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use utoipa_actix_web::AppExt;

/// The whole application over one state, for the server and for tests.
pub fn app(
    state: App,
) -> actix_web::App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let limit = state.config.limits.body_kib.saturating_mul(1024);
    let pages = pages::Pages::new(state.config.server.ui_dir.as_deref());
    let (inner, api) = actix_web::App::new()
        .app_data(state)
        .app_data(input::json(limit))
        .app_data(input::query())
        .app_data(input::raw())
        .app_data(input::path())
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(
            utoipa_actix_web::scope("/api/v1")
                .configure(routes::all)
                .default_service(web::to(openapi::unknown_route))
                .wrap(from_fn(admission::layer)),
        )
        .split_for_parts();
    let description = openapi::Description::new(api);
    inner
        .app_data(web::Data::new(description.clone()))
        .configure(|cfg| description.serve(cfg))
        .configure(crate::system::health::routes)
        .configure(|cfg| pages.serve(cfg))
        .default_service(web::to(not_found))
        .wrap(from_fn(streams::layer))
        .wrap(Compress::default())
        .wrap(from_fn(edge::layer))
}

async fn not_found(_: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Code::NotFound.into())
}
