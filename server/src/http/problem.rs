//! The error answer: `application/problem+json` (RFC 9457), built from the table in [`crate::errors`].

use crate::errors::{Code, Retry};
use crate::http::catalogue::Language;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The media type of every error answer.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error on its way to the client.
///
/// ```
/// use dianka_server::{Code, Problem};
/// let problem = Problem::new(Code::SaleNotMultiple).param("lower_wh", 900_000).param("upper_wh", 1_200_000);
/// assert_eq!(problem.code(), Code::SaleNotMultiple);
/// ```
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    params: Map<String, Value>,
    actions: Vec<String>,
    cause: Option<String>,
    retry_after_s: Option<u32>,
}

/// The wire form of [`Problem`].
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Name of the kind of problem, `urn:dianka:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence in the language of the request.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// The code: what a program decides on.
    pub code: String,
    /// More about this one case, or what to do next, in the language of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The figures behind it; the unit stands in the name (`_wh`, `_fen`, `_micro`, `_s`).
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// What the client may offer to do next.
    pub actions: Vec<String>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl Problem {
    /// A problem with this code and nothing else.
    #[must_use]
    pub fn new(code: Code) -> Problem {
        Problem { code, detail: None, params: Map::new(), actions: Vec::new(), cause: None, retry_after_s: None }
    }

    /// A fault of ours: logged with its cause, sent as `server.internal` without it.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Problem {
        Problem::new(Code::Internal).because(cause)
    }

    /// A field out of its bounds (`request.field`): `rule` names the bound, for programs and for the log.
    #[must_use]
    pub fn field(field: &str, rule: &str) -> Problem {
        Problem::new(Code::FieldInvalid).param("field", field).param("rule", rule)
    }

    /// Adds a figure. Put the unit into the name.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// Adds all figures of a map.
    #[must_use]
    pub fn params(mut self, more: Map<String, Value>) -> Problem {
        self.params.extend(more);
        self
    }

    /// Adds an action that the client may offer.
    #[must_use]
    pub fn action(mut self, action: &str) -> Problem {
        self.actions.push(action.to_owned());
        self
    }

    /// More about this one case. It is sent: no internals.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Problem {
        self.detail = Some(detail.into());
        self
    }

    /// The cause, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl std::fmt::Display) -> Problem {
        self.cause = Some(cause.to_string());
        self
    }

    /// Sets `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Problem {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The figures.
    #[must_use]
    pub fn figures(&self) -> &Map<String, Value> {
        &self.params
    }

    /// The cause that is logged and never sent.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The wire form, for the places that embed a problem in another body (a sale's `problem`, an event).
    #[must_use]
    pub fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: self.code.type_uri(),
            title: language.title(self.code, &self.params),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone().or_else(|| language.action(self.code, &self.params)),
            params: self.params.clone(),
            actions: self.actions.clone(),
            retryable: self.code.retry() == Retry::Yes,
            request_id: request_id.to_owned(),
        }
    }

    /// The full answer.
    #[must_use]
    pub fn response(&self, language: Language, request_id: &str) -> HttpResponse {
        let mut builder = HttpResponse::build(self.code.status());
        builder.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        builder.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        builder.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_s {
            builder.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            builder.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        let body = serde_json::to_vec(&self.body(language, request_id)).unwrap_or_default();
        let mut response = builder.body(body);
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.as_str())?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// In the default language and without a request id: [`crate::http::edge`] renders it again with both.
    fn error_response(&self) -> HttpResponse {
        self.response(Language::default(), "")
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Problem {
        Problem::new(code)
    }
}
