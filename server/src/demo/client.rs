//! A small client of the HTTP interface: what the demo and the black-box tests speak with.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// An answer that was not expected.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing came back.
    #[error("{method} {path}: {source}")]
    Transport {
        /// The method.
        method: Method,
        /// The path.
        path: String,
        /// Why.
        source: reqwest::Error,
    },
    /// A problem document.
    #[error("{method} {path}: {status} {code}: {body}")]
    Problem {
        /// The method.
        method: Method,
        /// The path.
        path: String,
        /// HTTP status.
        status: StatusCode,
        /// The problem's code, or empty.
        code: String,
        /// The whole body.
        body: Value,
    },
}

impl ClientError {
    /// The problem's code, or empty.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Problem { code, .. } => code,
            Self::Transport { .. } => "",
        }
    }

    /// The problem's figures.
    #[must_use]
    pub fn params(&self) -> Value {
        match self {
            Self::Problem { body, .. } => body.get("params").cloned().unwrap_or(Value::Null),
            Self::Transport { .. } => Value::Null,
        }
    }
}

/// One operator at one server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    language: String,
}

impl Client {
    /// A client for `http://host:port`, not logged in.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap_or_default();
        Self { http, base: base.trim_end_matches('/').to_owned(), token: None, language: "zh-CN".into() }
    }

    /// The same, in another language.
    #[must_use]
    pub fn in_language(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    /// Logs in.
    ///
    /// # Errors
    /// What the server says.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Result<Value, ClientError> {
        let body = serde_json::json!({ "login": login, "password": password });
        let answer = self.post("/login", &body).await?;
        self.take_token(&answer);
        Ok(answer)
    }

    /// Makes the first administrator with the one-time token, and is logged in as that one.
    ///
    /// # Errors
    /// What the server says.
    pub async fn set_up(&mut self, token: &str, login: &str, password: &str) -> Result<Value, ClientError> {
        let body = serde_json::json!({ "token": token, "login": login, "name": login, "password": password });
        let answer = self.post("/setup", &body).await?;
        self.take_token(&answer);
        Ok(answer)
    }

    fn take_token(&mut self, answer: &Value) {
        self.token = answer.get("access_token").and_then(Value::as_str).map(str::to_owned);
    }

    /// Uses this access token from now on.
    pub fn set_token(&mut self, token: Option<String>) {
        self.token = token;
    }

    /// The access token, if logged in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// GET under `/api/v1`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, None).await
    }

    /// POST under `/api/v1`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT under `/api/v1`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// POST of a file under `/api/v1`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post_file(&self, path: &str, media_type: &str, bytes: Vec<u8>) -> Result<Value, ClientError> {
        let request = self.request(&Method::POST, path).header("content-type", media_type).body(bytes);
        Self::answer(request, Method::POST, path).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ClientError> {
        let request = self.request(&method, path);
        let request = body.iter().fold(request, |request, body| request.json(body));
        Self::answer(request, method, path).await
    }

    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method.clone(), format!("{}/api/v1{path}", self.base))
            .header("accept-language", &self.language);
        self.token.iter().fold(request, |request, token| request.bearer_auth(token))
    }

    async fn answer(request: RequestBuilder, method: Method, path: &str) -> Result<Value, ClientError> {
        let transport = |source| ClientError::Transport { method: method.clone(), path: path.to_owned(), source };
        let answer = request.send().await.map_err(transport)?;
        let status = answer.status();
        let text = answer.text().await.map_err(transport)?;
        // A document (a receipt) is not JSON: hand it over as text.
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(value);
        }
        let code = value.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        Err(ClientError::Problem { method, path: path.to_owned(), status, code, body: value })
    }
}
