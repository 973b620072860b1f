//! The vectors of a package: written from a driver ([`make`](self::make::make)), and tried on one ([`meter`]).

mod cards;
mod make;
mod tokens;

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Carrier, Content, MeterDriver};
use dianka_plugin_host::token::{Token, TokenRequest, verify_token};
use dianka_plugin_package::Vectors;
use dianka_plugin_package::vectors::{CardVector, Shape, TokenVector, VectorsError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

pub use self::make::{MakeError, make, to_text};
use crate::meter::{Subject, TestKeys};
use crate::reader::{Transcript, TranscriptError};
use crate::report::{Check, say};
use crate::told::Told;
use crate::words::{Differences, token_called, token_fault};

/// What vectors this driver can have.
pub(crate) fn shape(driver: &MeterDriver) -> Shape {
    let own = driver.describe();
    match (own.carrier, driver.token_facts()) {
        (Carrier::Token, Some(facts)) => Shape::Tokens { digits: facts.digits, key_bytes: TestKeys::BYTES },
        _ => Shape::Cards { bytes: own.layout.size },
    }
}

fn empty() -> Check {
    Check::new("vectors", "驱动包自带的测试数据", "the vectors in the package")
}

/// A package whose vectors say nothing.
pub(crate) fn unreadable(error: &VectorsError) -> Check {
    let mut check = empty();
    check.case();
    let (notice, place) = (error.notice(), if let VectorsError::Wrong { place, .. } = error { place } else { "" });
    check.fail(
        say(format!("{}（{}）", notice.zh, notice.code), format!("{} ({})", notice.en, notice.code)),
        json!({"code": notice.code, "place": place}),
    );
    check
}

/// A package with a transcript that is none.
pub(crate) fn no_transcript(error: &TranscriptError) -> Check {
    let mut check = empty();
    check.case();
    let notice = error.notice();
    let input = json!({"code": notice.code, "transcript": error.name, "line": error.line});
    check.fail(say(notice.zh, notice.en), input);
    check
}

/// The recorded lines among them.
pub(crate) fn transcripts(own: &Vectors) -> Result<Vec<Transcript>, TranscriptError> {
    own.transcripts.iter().map(|recorded| Transcript::parse(&recorded.name, &recorded.text)).collect()
}

/// Cards and tokens.
pub(crate) fn meter(subject: &Subject, own: &Vectors) -> Check {
    if let Err(error) = own.fit(shape(&subject.driver)) {
        return unreadable(&error);
    }
    let mut check = empty();
    for vector in &own.cards {
        check.case();
        card(subject, &mut check, vector);
    }
    for vector in &own.tokens {
        check.case();
        token(subject, &mut check, vector);
    }
    check
}

/// The host's value of one in the file. Both are written alike; if they were not, every vector would fail and say so.
fn host<T: DeserializeOwned>(check: &mut Check, value: &impl Serialize) -> Option<T> {
    match serde_json::to_value(value).and_then(serde_json::from_value) {
        Ok(value) => Some(value),
        Err(error) => {
            check.fail(
                say(format!("测试数据的格式不对：{error}"), format!("this is no vector: {error}")),
                json!({"vector": value}),
            );
            None
        }
    }
}

fn card(subject: &Subject, check: &mut Check, vector: &CardVector) {
    let Some(content) = host::<Content>(check, &vector.content) else { return };
    let image = CardImage::new(vector.image.0.clone());
    let before = vector.before.as_ref().map_or_else(|| subject.blank(), |before| CardImage::new(before.0.clone()));
    let name = &vector.name;
    let shown = || json!({"vector": name, "content": content, "before": before, "image": image});
    if let Some(made) = subject.must(check, "encode", shown, |driver| driver.encode(&content, &before)) {
        let differs = Differences::between(&json!({"card": image}), &json!({"card": made}));
        let words = differs.words();
        let zh = format!("“{name}”编码得到另外的卡：{}", words.zh);
        let en = format!("“{name}” encodes to another card: {}", words.en);
        let input = || json!({"vector": shown(), "made": made, "differs": differs.json()});
        check.demand(made == image, || say(zh, en), input);
    }
    if let Some(read) = subject.must(check, "decode", shown, |driver| driver.decode(&image)) {
        let differs = Differences::between(&content, &read);
        let words = differs.words();
        let zh = format!("“{name}”解码得到另外的内容：{}", words.zh);
        let en = format!("“{name}” decodes to something else: {}", words.en);
        let input = || json!({"vector": shown(), "read": read, "differs": differs.json()});
        check.demand(read == content, || say(zh, en), input);
    }
}

fn token(subject: &Subject, check: &mut Check, vector: &TokenVector) {
    let (Some(request), Some(token)) =
        (host::<TokenRequest>(check, &vector.request), host::<Token>(check, &vector.token))
    else {
        return;
    };
    let name = &vector.name;
    let shown = || json!({"vector": name, "request": request, "token": token});
    let keys = TestKeys::of(&vector.key.0);
    match subject.driver.token(&request, &keys) {
        Ok(made) => {
            let differs = Differences::between(&token, &made);
            let words = differs.words();
            let zh = format!("“{name}”得到另外的代码：{}", words.zh);
            let en = format!("“{name}” makes another token: {}", words.en);
            let input = || json!({"vector": shown(), "made": made, "differs": differs.json()});
            check.demand(made == token, || say(zh, en), input);
        }
        Err(error) => {
            let why = token_called(&error);
            let zh = format!("“{name}”没有得到代码：{}", why.zh);
            check.fail(say(zh, format!("“{name}” makes no token: {}", why.en)), shown());
        }
    }
    if let Err(fault) = verify_token(&subject.driver, &request, &token, &keys) {
        let (text, differs) = token_fault(&fault, token.identifier);
        let input = json!({"vector": shown(), "code": fault.code(), "differs": differs});
        check.fail(say(format!("“{name}”：{}", text.zh), format!("“{name}”: {}", text.en)), input);
    }
    subject.heal();
}
