//! Extractor settings: what does not fit the interface becomes a problem document.

use crate::errors::Code;
use crate::http::problem::Problem;
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::web::{JsonConfig, PathConfig, PayloadConfig, QueryConfig};
use actix_web::{Error, HttpRequest};
use dianka_plugin_host::package::MAX_DRIVER_BYTES;

/// JSON bodies up to `limit_bytes`.
#[must_use]
pub fn json(limit_bytes: usize) -> JsonConfig {
    JsonConfig::default().limit(limit_bytes).error_handler(body_problem)
}

/// Bodies that are taken as they are: the file of a driver is the largest one.
#[must_use]
pub fn raw() -> PayloadConfig {
    let most = usize::try_from(MAX_DRIVER_BYTES).unwrap_or(usize::MAX);
    PayloadConfig::new(most.saturating_add(1))
}

/// Query strings.
#[must_use]
pub fn query() -> QueryConfig {
    QueryConfig::default().error_handler(|error: QueryPayloadError, _: &HttpRequest| -> Error {
        Problem::new(Code::RequestInvalid).param("reason", error.to_string()).into()
    })
}

/// Path parts. An id that is no id names nothing: 404, the same as an unknown one.
#[must_use]
pub fn path() -> PathConfig {
    PathConfig::default().error_handler(|error: PathError, _: &HttpRequest| -> Error {
        Problem::new(Code::NotFound).because(error).into()
    })
}

fn body_problem(error: JsonPayloadError, _: &HttpRequest) -> Error {
    let problem = match &error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            Problem::new(Code::RequestTooLarge)
        }
        JsonPayloadError::ContentType => Problem::new(Code::RequestMediaType),
        // The text of serde names field, expectation and place: it comes from the request, not from inside.
        JsonPayloadError::Deserialize(cause) => Problem::new(Code::RequestInvalid).param("reason", cause.to_string()),
        other => Problem::new(Code::RequestInvalid).param("reason", other.to_string()),
    };
    problem.into()
}
