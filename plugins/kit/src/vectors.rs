//! The vectors in a package, against its driver.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::Content;
use dianka_plugin_host::token::{Token, TokenRequest, verify_token};
use dianka_plugin_package::Vectors;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::meter::{Subject, TestKeys};
use crate::reader::Transcript;
use crate::report::{Check, say};

/// A content and the image that it encodes to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardVector {
    /// For the report.
    name: String,
    /// What the card says.
    content: Content,
    /// What was on the card before, hexadecimal; without it a card as its maker delivers it.
    before: Option<CardImage>,
    /// What is on it then.
    image: CardImage,
}

/// An order and the digits that it makes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenVector {
    /// For the report.
    name: String,
    /// The vending key, hexadecimal: a test key, since a package is no place for another one.
    key: String,
    /// Everything that the token is made from.
    request: TokenRequest,
    /// The token, and its identifier.
    token: Token,
}

fn empty() -> Check {
    Check::new("vectors", "驱动包自带的测试数据", "the vectors in the package")
}

/// A package whose vectors say nothing.
pub(crate) fn unreadable(why: &str) -> Check {
    let mut check = empty();
    check.case();
    check.fail(say(format!("测试数据无法读取：{why}"), format!("they cannot be read: {why}")), json!({}));
    check
}

/// The recorded lines among them.
pub(crate) fn transcripts(own: &Vectors) -> Result<Vec<Transcript>, String> {
    let one = |recorded: &dianka_plugin_package::Recorded| Transcript::parse(&recorded.name, &recorded.text);
    own.transcripts.iter().map(one).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// Cards and tokens.
pub(crate) fn meter(subject: &Subject, own: &Vectors) -> Check {
    let mut check = empty();
    for vector in &own.cards {
        check.case();
        if let Some(vector) = typed::<CardVector>(&mut check, vector) {
            card(subject, &mut check, &vector);
        }
    }
    for vector in &own.tokens {
        check.case();
        if let Some(vector) = typed::<TokenVector>(&mut check, vector) {
            token(subject, &mut check, &vector);
        }
    }
    if !own.transcripts.is_empty() {
        let what = say("电表驱动没有线路记录", "a meter driver has no line to be recorded");
        check.fail(what, json!({"transcripts": own.transcripts.len()}));
    }
    check
}

fn typed<T: DeserializeOwned>(check: &mut Check, vector: &Value) -> Option<T> {
    match serde_json::from_value(vector.clone()) {
        Ok(vector) => Some(vector),
        Err(error) => {
            let zh = format!("测试数据的格式不对：{error}");
            check.fail(say(zh, format!("this is no vector: {error}")), vector.clone());
            None
        }
    }
}

fn card(subject: &Subject, check: &mut Check, vector: &CardVector) {
    let before = vector.before.clone().unwrap_or_else(|| subject.blank());
    let shown = || json!({"vector": vector.name, "content": vector.content, "before": before, "image": vector.image});
    if let Some(image) = subject.must(check, "encode", shown, |driver| driver.encode(&vector.content, &before)) {
        let (zh, en) =
            (format!("“{}”编码得到另外的卡", vector.name), format!("{:?} encodes to another card", vector.name));
        check.demand(image == vector.image, || say(zh, en), || json!({"vector": shown(), "made": image}));
    }
    if let Some(content) = subject.must(check, "decode", shown, |driver| driver.decode(&vector.image)) {
        let (zh, en) =
            (format!("“{}”解码得到另外的内容", vector.name), format!("{:?} decodes to something else", vector.name));
        check.demand(content == vector.content, || say(zh, en), || json!({"vector": shown(), "read": content}));
    }
}

fn token(subject: &Subject, check: &mut Check, vector: &TokenVector) {
    let shown = || json!({"vector": vector.name, "request": vector.request, "token": vector.token});
    let keys = match TestKeys::of(&vector.key) {
        Ok(keys) => keys,
        Err(why) => {
            check.fail(say(format!("测试密钥不能用：{why}"), format!("the test key cannot be used: {why}")), shown());
            return;
        }
    };
    match subject.driver.token(&vector.request, &keys) {
        Ok(token) => {
            let (zh, en) =
                (format!("“{}”得到另外的代码", vector.name), format!("{:?} makes another token", vector.name));
            check.demand(token == vector.token, || say(zh, en), || json!({"vector": shown(), "made": token}));
        }
        Err(error) => check.fail(say(format!("没有得到代码：{error}"), format!("there is no token: {error}")), shown()),
    }
    if let Err(fault) = verify_token(&subject.driver, &vector.request, &vector.token, &keys) {
        let notice = fault.notice();
        check.fail(say(notice.zh, format!("{} ({})", notice.en, fault.code())), shown());
    }
    subject.heal();
}
