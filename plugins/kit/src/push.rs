//! Sends a package to a server.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::report::Lang;

/// Why a package did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The server was not reached, or does not speak HTTP.
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    /// The server says no, and why.
    #[error("{status}: {title}{}", .detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default())]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Its words.
        title: String,
        /// More of them.
        detail: Option<String>,
    },
    /// An answer that is not the one agreed upon.
    #[error("the server's answer is not understood: {0}")]
    Answer(String),
}

/// Logs in at `server` (`http://host:port`) and uploads `package`. Answers with what the server says about the driver.
pub async fn push(server: &str, login: &str, password: &str, package: Vec<u8>) -> Result<Value, PushError> {
    let base = server.trim_end_matches('/');
    let client = Client::builder().build()?;
    let body = json!({"login": login, "password": password});
    let answer = client.post(format!("{base}/api/v1/login")).json(&body).send().await?;
    let answer = good(answer).await?;
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or_else(|| PushError::Answer("no access_token after the login".to_owned()))?;
    let answer = client
        .post(format!("{base}/api/v1/drivers"))
        .bearer_auth(token)
        .header("content-type", "application/wasm")
        .body(package)
        .send()
        .await?;
    good(answer).await
}

/// What was staged and what comes next: one line each.
#[must_use]
pub fn summary(said: &Value, lang: Lang) -> String {
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or("?");
    let (id, version, sha256) = (text("id"), text("version"), text("sha256"));
    let figure = |name: &str| said.pointer(&format!("/conformance/{name}")).and_then(Value::as_u64);
    let tried = figure("cases").zip(figure("took_ms"));
    let reader = text("kind") == "reader";
    match lang {
        Lang::Zh => {
            let tried = tried.map(|(cases, ms)| format!("，{cases} 个用例通过，{ms} 毫秒")).unwrap_or_default();
            let next = if reader {
                "下一步：在“站点与工作站”里为工作站选用该驱动。"
            } else {
                "下一步：在“驱动”页里为电表类型选用此版本；在此之前各电表类型沿用原版本。"
            };
            format!("服务器已接收 {id} {version}（sha256 {sha256}{tried}）\n{next}")
        }
        Lang::En => {
            let tried = tried.map(|(cases, ms)| format!(", {cases} cases passed in {ms} ms")).unwrap_or_default();
            let next = if reader {
                "Next: choose this driver for a workstation under “Sites and workstations”."
            } else {
                "Next: choose this version for meter types on the page “Drivers”; until then they go on with theirs."
            };
            format!("the server has {id} {version} (sha256 {sha256}{tried})\n{next}")
        }
    }
}

async fn good(answer: Response) -> Result<Value, PushError> {
    let status = answer.status();
    let text = answer.text().await?;
    let value: Option<Value> = serde_json::from_str(&text).ok();
    if status.is_success() {
        return value.ok_or_else(|| PushError::Answer(format!("{status} without JSON")));
    }
    let said = |name: &str| value.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let title = said("title").unwrap_or_else(|| "no reason given".to_owned());
    Err(PushError::Refused { status, title, detail: said("detail") })
}
