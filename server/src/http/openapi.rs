//! The description of the interface, generated from the handlers: `/api/openapi.json`, `/api/docs`,
//! `dianka openapi`, and the checked-in `server/openapi.json`.

use crate::errors::Code;
use crate::http::problem::{MEDIA_TYPE, Problem, ProblemBody};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{OpenApi as _, PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Dianka 电卡",
    description = "Prepaid electricity onto IC cards. 预付费 IC 卡售电。\n\n\
        Energies are integers in Wh (`*_wh`), money in fen (`*_fen`), prices in 10⁻⁶ yuan per kWh (`*_micro`). \
        Ids are UUIDv7; the client may make them, and a repeated POST with the same id and content is answered \
        like the first one. Errors are `application/problem+json` with a stable `code`."
))]
struct Base;

/// What the handlers' own descriptions are added to.
#[must_use]
pub fn base() -> OpenApi {
    let mut api = Base::openapi();
    api.info.version = "1".to_owned();
    api.info.contact = None;
    api.info.license = None;
    api.security = Some(vec![bearer()]);
    api
}

fn bearer() -> SecurityRequirement {
    SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])
}

/// The description without a running server.
#[must_use]
pub fn describe() -> Description {
    let scope = utoipa_actix_web::scope("/api/v1").configure(super::routes::all);
    let (_, api) = actix_web::App::new().into_utoipa_app().openapi(base()).service(scope).split_for_parts();
    Description::new(api)
}

/// The finished description.
#[derive(Clone)]
pub struct Description {
    api: Arc<OpenApi>,
    json: web::Bytes,
    /// Path templates in parts, with the methods that exist there.
    routes: Arc<Vec<(Vec<String>, Vec<&'static str>)>>,
}

impl Description {
    /// Completes what the handlers gave: log-in scheme, error answer of every operation.
    #[must_use]
    pub fn new(mut api: OpenApi) -> Description {
        let components = api.components.get_or_insert_default();
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
        );
        components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
        let mut routes = Vec::new();
        for (path, item) in &mut api.paths.paths {
            let parts = path.split('/').map(str::to_owned).collect();
            let mut methods = Vec::new();
            for (method, operation) in operations(item) {
                methods.push(method);
                operation.responses.responses.insert("default".to_owned(), RefOr::T(problem_response()));
            }
            routes.push((parts, methods));
        }
        let json = api.to_pretty_json().unwrap_or_default();
        Description { api: Arc::new(api), json: web::Bytes::from(json + "\n"), routes: Arc::new(routes) }
    }

    /// As JSON, with a line break at the end: what is checked in.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The description itself.
    #[must_use]
    pub fn api(&self) -> &OpenApi {
        &self.api
    }

    /// The methods that exist for a path.
    fn methods_at(&self, path: &str) -> BTreeSet<&'static str> {
        let given: Vec<&str> = path.split('/').collect();
        let fits = |parts: &[String]| {
            parts.len() == given.len() && parts.iter().zip(&given).all(|(p, g)| p.starts_with('{') || p == g)
        };
        self.routes.iter().filter(|(parts, _)| fits(parts)).flat_map(|(_, methods)| methods.iter().copied()).collect()
    }

    /// `/api/openapi.json` and the page to try the interface, `/api/docs/`.
    pub fn serve(&self, cfg: &mut web::ServiceConfig) {
        let json = self.json.clone();
        cfg.route(
            "/api/openapi.json",
            web::get().to(move || {
                let body = json.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            }),
        );
        cfg.service(web::redirect("/api/docs", "/api/docs/"));
        let docs = utoipa_swagger_ui::Config::from("/api/openapi.json").try_it_out_enabled(true);
        cfg.service(SwaggerUi::new("/api/docs/{_:.*}").config(docs));
    }
}

/// The operations of one path by method.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", item.get.as_mut()),
        ("POST", item.post.as_mut()),
        ("PUT", item.put.as_mut()),
        ("PATCH", item.patch.as_mut()),
        ("DELETE", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

fn problem_response() -> Response {
    let schema: RefOr<Schema> = Ref::from_schema_name(ProblemBody::name()).into();
    ResponseBuilder::new()
        .description("A problem (RFC 9457)")
        .content(MEDIA_TYPE, ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

/// What answers under `/api/v1` when no handler does: 405 where another method exists, else 404.
///
/// # Errors
/// Always.
pub async fn unknown_route(req: HttpRequest, description: web::Data<Description>) -> Result<HttpResponse, Problem> {
    let methods = description.methods_at(req.path());
    if methods.is_empty() {
        return Err(Code::NotFound.into());
    }
    let mut answer = actix_web::ResponseError::error_response(&Problem::new(Code::MethodNotAllowed));
    let allowed = methods.into_iter().collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(header::ALLOW, value);
    }
    Ok(answer)
}
