//! The outermost layer of every request: request id, log line, panics, error bodies, security headers.

use crate::errors::Code;
use crate::http::catalogue::Language;
use crate::http::problem::{MEDIA_TYPE, Problem};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::test::TestRequest;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::FutureExt;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use uuid::Uuid;

/// The header that carries the request id back.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Name and language of one request. An extractor; never fails.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Names the request in the log.
    pub id: Uuid,
    /// From `Accept-Language`.
    pub language: Language,
}

impl Request {
    /// What [`layer`] attached; a fresh id where the layer is missing.
    #[must_use]
    pub fn of(req: &HttpRequest) -> Request {
        req.extensions().get::<Request>().copied().unwrap_or_else(|| Request::new(req.headers()))
    }

    fn new(headers: &HeaderMap) -> Request {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Request { id: Uuid::now_v7(), language: Language::from_header(accepted) }
    }
}

impl FromRequest for Request {
    type Error = Infallible;
    type Future = Ready<Result<Request, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Request::of(req)))
    }
}

/// The middleware. It never fails: every error becomes a problem document here.
///
/// # Errors
/// None; the type is the middleware's.
pub async fn layer<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request = Request::new(req.headers());
    req.extensions_mut().insert(request);
    // Routing needs the request for itself alone, so an error that comes back without it is answered on a stand-in with
    // the same method and address.
    let (method, uri) = (req.method().clone(), req.uri().clone());
    let stand_in = || TestRequest::default().method(method).uri(&uri.to_string()).to_http_request();
    let answer = match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => ServiceResponse::from_err(error, stand_in()).map_into_boxed_body(),
        Err(panic) => {
            ServiceResponse::from_err(Problem::internal(panic_text(&*panic)), stand_in()).map_into_boxed_body()
        }
    };
    let mut answer = as_problem(answer, request);
    let name = HeaderValue::from_str(&request.id.to_string());
    if let Ok(name) = name {
        answer.headers_mut().insert(REQUEST_ID, name);
    }
    security_headers(answer.headers_mut());
    log(&answer, request, started);
    Ok(answer)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(|t| (*t).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_else(|| "without a text".to_owned()))
}

/// Replaces the body of an error by the problem document in the request's language.
fn as_problem(answer: ServiceResponse<BoxBody>, request: Request) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer;
    }
    let carried = answer.response().extensions().get::<Problem>().cloned();
    let is_document = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE);
    let problem = match carried {
        Some(problem) => problem,
        None if is_document => return answer,
        None => {
            let problem = Problem::new(code_for(status));
            match answer.response().error() {
                Some(error) => problem.because(error),
                None => problem,
            }
        }
    };
    let id = request.id.to_string();
    // Headers that an inner layer set (Allow, Retry-After, Set-Cookie) stay.
    let kept: Vec<_> = [header::ALLOW, header::RETRY_AFTER, header::SET_COOKIE]
        .into_iter()
        .flat_map(|name| answer.headers().get_all(&name).cloned().map(|v| (name.clone(), v)).collect::<Vec<_>>())
        .collect();
    let mut document = problem.response(request.language, &id);
    for (name, value) in kept {
        if name == header::SET_COOKIE || !document.headers().contains_key(&name) {
            document.headers_mut().append(name, value);
        }
    }
    answer.into_response(document)
}

/// The code for an error that the framework made by itself.
fn code_for(status: StatusCode) -> Code {
    match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::RequestTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::RequestMediaType,
        StatusCode::UNAUTHORIZED => Code::AuthRequired,
        StatusCode::SERVICE_UNAVAILABLE => Code::Overloaded,
        status if status.is_client_error() => Code::RequestInvalid,
        _ => Code::Internal,
    }
}

fn security_headers(headers: &mut HeaderMap) {
    const FIXED: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        // No inline script anywhere; styles may be inline (the pages and the API description set widths there).
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
             object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
        ),
    ];
    for (name, value) in FIXED {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// One line per request; the cause of a problem stands here and nowhere else.
fn log(answer: &ServiceResponse<BoxBody>, request: Request, started: Instant) {
    let status = answer.status().as_u16();
    let method = answer.request().method().as_str();
    let path = answer.request().path();
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let id = request.id;
    match answer.response().extensions().get::<Problem>() {
        Some(problem) if status >= 500 => {
            tracing::error!(%id, method, path, status, took_us, code = problem.code().as_str(), cause = problem.cause(), "request");
        }
        Some(problem) => {
            tracing::info!(%id, method, path, status, took_us, code = problem.code().as_str(), cause = problem.cause(), "request");
        }
        None => tracing::info!(%id, method, path, status, took_us, "request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::middleware::from_fn;
    use actix_web::test::{call_service, init_service};
    use actix_web::{App, HttpResponse, web};

    async fn panics() -> HttpResponse {
        panic!("the secret recipe")
    }

    async fn fails() -> Result<HttpResponse, Problem> {
        Err(Problem::internal("password of the database: 1234"))
    }

    async fn odd() -> Result<HttpResponse, actix_web::Error> {
        Err(actix_web::error::ErrorConflict("internals"))
    }

    #[actix_web::test]
    async fn faults_are_problems_without_their_cause() {
        let app = App::new()
            .route("/panics", web::get().to(panics))
            .route("/fails", web::get().to(fails))
            .route("/odd", web::get().to(odd))
            .wrap(from_fn(layer));
        let app = init_service(app).await;
        for (path, code) in [("/panics", "server.internal"), ("/fails", "server.internal"), ("/odd", "request.invalid")]
        {
            let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), MEDIA_TYPE, "{path}");
            let id = answer.headers().get(REQUEST_ID).unwrap().to_str().unwrap().to_owned();
            let body = to_bytes(answer.into_body()).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&body["code"], &body["request_id"]), (&code.into(), &id.into()), "{path}");
            for secret in ["recipe", "1234", "internals"] {
                assert!(!body.to_string().contains(secret), "{path}: {body}");
            }
        }
    }
}
