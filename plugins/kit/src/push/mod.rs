//! Sends a package to a server.

mod address;
mod http;

use std::io;
use std::path::Path;

use dianka_plugin_package::Notice;
use dianka_station::link::tls::TlsError;
use hyper::StatusCode;
use serde_json::{Value, json};

pub use self::address::Address;
use self::http::{Answer, Client};
use crate::report::Lang;
use crate::told::Told;
use crate::words::io_words;

/// Why a package did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Nobody answers there.
    #[error("nothing answers at {at}: {why}")]
    NoAnswer {
        /// The address.
        at: String,
        /// What the system says.
        why: io::Error,
    },
    /// Somebody answers, but not in HTTPS.
    #[error("{at} does not speak HTTPS")]
    NotTls {
        /// The address.
        at: String,
        /// The same as plain HTTP.
        plain: String,
    },
    /// The server's certificate is not believed.
    #[error("the certificate of {at} is not trusted: {why}")]
    Untrusted {
        /// The address.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// This computer has nothing to believe a certificate by.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The connection broke, or is none of HTTP.
    #[error("{at}: {why}")]
    Lost {
        /// The address.
        at: String,
        /// How.
        why: String,
    },
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
    /// The server is elsewhere.
    #[error("the server is at another address: {0}")]
    Elsewhere(String),
    /// An answer that is not the one agreed upon.
    #[error("the server's answer is not understood: {0}")]
    Answer(String),
    /// Not an address of a server.
    #[error("“{0}” is no address of a server")]
    Address(String),
}

impl Told for PushError {
    /// What the server says comes in the language that it was asked in.
    fn notice(&self) -> Notice {
        match self {
            Self::NoAnswer { at, why } => {
                let why = io_words(why);
                Notice::new(
                    "no-answer",
                    format!("{at} 没有回应：请核对地址和端口，并确认服务器正在运行（{}）", why.zh),
                    format!("nothing answers at {at}: check address and port, and that the server runs ({})", why.en),
                )
            }
            Self::NotTls { at, plain } => Notice::new(
                "not-https",
                format!("{at} 不使用 HTTPS。密码和驱动包不会以明文发往别的计算机，除非您写明：--server {plain}"),
                format!(
                    "{at} does not speak HTTPS. Password and package are not sent in clear to another computer unless you say so: --server {plain}"
                ),
            ),
            Self::Untrusted { at, why } => Notice::new(
                "not-trusted",
                format!("不信任 {at} 的证书（{why}）；自己签发的证书请用 --ca 给出签发者的证书文件"),
                format!(
                    "the certificate of {at} is not trusted ({why}); for one of your own, name its issuer's file with --ca"
                ),
            ),
            Self::Tls(error) => {
                let zh = match error {
                    TlsError::Ca { path, why } => format!("证书文件 {} 不能用：{why}", path.display()),
                    TlsError::NoRoots(why) => format!("这台计算机没有受信任的证书（{why}）；请用 --ca 给出服务器的"),
                    TlsError::Library(why) => format!("无法使用 TLS：{why}"),
                };
                Notice::new("tls", zh, error.to_string())
            }
            Self::Lost { at, why } => Notice::new(
                "not-sent",
                format!("与 {at} 的通信中断：{why}"),
                format!("the talk with {at} broke off: {why}"),
            ),
            Self::Refused { .. } => Notice::new("refused", format!("服务器拒绝：{self}"), self.to_string()),
            Self::Elsewhere(to) => Notice::new(
                "elsewhere",
                format!("服务器在另一个地址：{to}；请用 --server 给出那个地址"),
                format!("the server is at another address: {to}; give that one with --server"),
            ),
            Self::Answer(what) => Notice::new("answer", format!("看不懂服务器的答复：{what}"), self.to_string()),
            Self::Address(given) => Notice::new(
                "address",
                format!("“{given}”不是服务器地址：应为 https://主机，本机则如 http://127.0.0.1:8080"),
                format!("“{given}” is no address of a server: https://HOST, or on this computer http://127.0.0.1:8080"),
            ),
        }
    }
}

/// Logs in at the server and uploads `package`. Answers with what the server says about the driver, in this language. `ca`
/// is a file with the certificate that the server's is signed by, where this computer does not trust it anyway.
///
/// # Errors
/// See [`PushError`].
pub async fn push(
    server: &Address,
    ca: Option<&Path>,
    login: &str,
    password: &str,
    package: Vec<u8>,
    lang: Lang,
) -> Result<Value, PushError> {
    let client = Client::new(server.clone(), ca)?;
    let language = ("accept-language", lang.pick("zh-CN", "en"));
    let body = json!({"login": login, "password": password}).to_string();
    let headers = [language, ("content-type", "application/json")];
    let answer = good(client.post("/api/v1/login", &headers, body.into_bytes()).await?)?;
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or_else(|| PushError::Answer("no access_token after the login".to_owned()))?;
    let bearer = format!("Bearer {token}");
    let headers = [language, ("content-type", "application/wasm"), ("authorization", bearer.as_str())];
    good(client.post("/api/v1/drivers", &headers, package).await?)
}

/// What goes to another computer over plain HTTP can be read and altered on its way.
#[must_use]
pub fn warning(server: &Address, lang: Lang) -> Option<&'static str> {
    server.is_open().then(|| {
        lang.pick(
            "注意：明文 HTTP，途中的任何人都能看到密码、改动驱动包。服务器支持时请用 https://。",
            "NOTE: plain HTTP: anybody on the way can read the password and alter the package. Use https:// where the server speaks it.",
        )
    })
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

fn good(answer: Answer) -> Result<Value, PushError> {
    let Answer { status, text, elsewhere } = answer;
    let value: Option<Value> = serde_json::from_str(&text).ok();
    if status.is_success() {
        return value.ok_or_else(|| PushError::Answer(format!("{status} without JSON")));
    }
    if let Some(to) = elsewhere.filter(|_| status.is_redirection()) {
        return Err(PushError::Elsewhere(to));
    }
    let said = |name: &str| value.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let title = said("title").unwrap_or_else(|| "no reason given".to_owned());
    Err(PushError::Refused { status, title, detail: said("detail") })
}
