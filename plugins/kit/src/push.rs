//! Sends a package to a server.

use dianka_plugin_package::Notice;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::report::Lang;
use crate::told::Told;

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
    /// Not an address of a server.
    #[error("{0:?} is no address of a server: http://HOST:PORT, for example http://127.0.0.1:8080")]
    Address(String),
}

impl Told for PushError {
    /// What the server says comes in the language that it was asked in.
    fn notice(&self) -> Notice {
        match self {
            Self::Http(error) if error.is_connect() => {
                let at = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
                Notice::new(
                    "no-answer",
                    format!("{at} 没有回应：请核对地址和端口，并确认服务器正在运行"),
                    format!("nothing answers at {at}: check address and port, and that the server runs"),
                )
            }
            Self::Http(error) => Notice::new("not-sent", format!("传送失败：{error}"), error.to_string()),
            Self::Refused { .. } => Notice::new("refused", self.to_string(), self.to_string()),
            Self::Answer(what) => Notice::new("answer", format!("看不懂服务器的答复：{what}"), self.to_string()),
            Self::Address(given) => Notice::new(
                "address",
                format!("“{given}”不是服务器地址：应为 http://主机:端口，例如 http://127.0.0.1:8080"),
                self.to_string(),
            ),
        }
    }
}

/// The server's address as it was typed. Without a scheme it is plain HTTP, which is all that is spoken here.
///
/// # Errors
/// [`PushError::Address`].
pub fn address(typed: &str) -> Result<String, PushError> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
    let whole = whole.trim_end_matches('/').to_owned();
    match reqwest::Url::parse(&whole) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(whole),
        _ => Err(PushError::Address(typed.to_owned())),
    }
}

/// Logs in at `server` (`http://host:port`) and uploads `package`. Answers with what the server says about the driver.
/// Its words come in this language.
pub async fn push(server: &str, login: &str, password: &str, package: Vec<u8>, lang: Lang) -> Result<Value, PushError> {
    let base = server.trim_end_matches('/');
    let client = Client::builder().build()?;
    let body = json!({"login": login, "password": password});
    let language = lang.pick("zh-CN", "en");
    let login = client.post(format!("{base}/api/v1/login")).header("accept-language", language);
    let answer = login.json(&body).send().await?;
    let answer = good(answer).await?;
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or_else(|| PushError::Answer("no access_token after the login".to_owned()))?;
    let answer = client
        .post(format!("{base}/api/v1/drivers"))
        .bearer_auth(token)
        .header("accept-language", language)
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
    let not_done = not_done(said, lang);
    let in_use = said.get("meter_types").and_then(Value::as_array).is_some_and(|types| !types.is_empty());
    match lang {
        Lang::Zh => {
            let tried = tried.map(|(cases, ms)| format!("，{cases} 个用例通过，{ms} 毫秒")).unwrap_or_default();
            let next = if reader {
                "下一步：在“售电点与工作站”里为工作站选用该驱动。"
            } else if in_use {
                "已有电表类型在使用此版本。"
            } else {
                "下一步：在“驱动”页里为电表类型选用此版本；已有的电表类型在此之前沿用原版本。第一次送来的驱动，先在“电表类型”页里建一个使用它的类型（学习使用时会自动出现）。"
            };
            format!("服务器已接收 {id} {version}（sha256 {sha256}{tried}）\n{not_done}{next}")
        }
        Lang::En => {
            let tried = tried.map(|(cases, ms)| format!(", {cases} cases passed in {ms} ms")).unwrap_or_default();
            let next = if reader {
                "Next: choose this driver for a workstation under “Sites and workstations”."
            } else if in_use {
                "Meter types use this version already."
            } else {
                "Next: choose this version for meter types on the page “Drivers”; those there are go on with theirs until then. \
                 For a driver's first version, make a type that uses it on the page “Meter types” (in learning mode one \
                 appears by itself)."
            };
            format!("the server has {id} {version} (sha256 {sha256}{tried})\n{not_done}{next}")
        }
    }
}

/// Passed is not all: the checks that the server had nothing to try with.
fn not_done(said: &Value, lang: Lang) -> String {
    let checks = said.pointer("/conformance/checks").and_then(Value::as_array).into_iter().flatten();
    let skipped = checks.filter(|check| check.get("outcome").and_then(Value::as_str) == Some("skipped"));
    let names: Vec<&str> = skipped.filter_map(|check| check.get("id")?.as_str()).collect();
    match (names.len(), lang) {
        (0, _) => String::new(),
        (n, Lang::Zh) => format!(
            "注意：服务器有 {n} 项检查没有做：{}。读卡器的包请用 pack --transcript 带上通信记录。\n",
            names.join(", ")
        ),
        (n, Lang::En) => format!(
            "NOTE: {n} checks were NOT done by the server: {}. Pack a reader with its recorded sessions (pack --transcript).\n",
            names.join(", ")
        ),
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
