//! The description of the interface: fresh, unambiguous, and nothing open that is not meant to be.

use crate::support::Server;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use dianka_server::http::openapi::describe;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What works without a log-in, and why.
const OPEN: [&str; 7] = [
    "GET /api/v1/documents/receipt.css", // a style sheet, linked by receipts that are shown in a frame
    "POST /api/v1/login",
    "POST /api/v1/logout",       // asks for the cookie only
    "POST /api/v1/refresh",      // asks for the cookie only
    "POST /api/v1/setup",        // asks for the one-time token
    "GET /api/v1/stations/link", // a station answers the challenge with its key, or with a one-time code
    "GET /api/v1/system",        // the page asks it before the log-in
];

fn description() -> Value {
    serde_json::from_slice(describe().json()).unwrap()
}

fn operations(api: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

#[test]
fn the_checked_in_description_is_fresh() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let fresh = describe();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, fresh.json()).unwrap();
    }
    let kept = std::fs::read(file).unwrap_or_default();
    assert!(kept == fresh.json(), "server/openapi.json is stale: UPDATE=1 cargo test -p dianka-server openapi");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_part() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&description()) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} stands twice");
        assert!(operation["tags"][0].is_string(), "{method} {path} belongs to no part");
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        assert!(path.starts_with("/api/v1/"), "{path}");
    }
}

#[test]
fn every_schema_that_is_named_is_there() {
    let api = description();
    let mut wanted = BTreeSet::new();
    names(&api, &mut wanted);
    for name in wanted {
        assert!(api["components"]["schemas"][&name].is_object(), "schema {name} is missing");
    }
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                found.insert(name.strip_prefix("#/components/schemas/").unwrap().to_owned());
            }
            map.values().for_each(|inner| names(inner, found));
        }
        Value::Array(all) => all.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

/// Every operation but the listed ones answers 401 to somebody without a token, whatever else is wrong with the
/// request; and the description says so.
#[actix_web::test]
async fn nothing_else_is_open() {
    let server = Server::start().await;
    let api = description();
    assert_eq!(api["security"], json!([{ "bearer": [] }]));
    let mut open = BTreeSet::new();
    for (method, path, operation) in operations(&api) {
        let name = format!("{method} {path}");
        if operation["security"] == json!([{}]) {
            open.insert(name);
            continue;
        }
        assert!(operation["security"].is_null(), "{name}: only the bearer scheme or none");
        let address = filled(&path);
        let verb: Method = method.parse().unwrap();
        for body in [None, Some(json!({})), Some(json!({ "id": 1 }))] {
            let mut request = TestRequest::default().method(verb.clone()).uri(&address);
            if let Some(body) = &body {
                request = request.set_json(body);
            }
            let answer = server.send(request).await;
            assert_eq!(answer.status.as_u16(), 401, "{name} with {body:?}: {}", String::from_utf8_lossy(&answer.body));
            answer.problem(401, "auth.required");
        }
    }
    assert_eq!(open, OPEN.iter().map(|name| (*name).to_owned()).collect());
}

/// An address with some id in every place.
fn filled(path: &str) -> String {
    let part = |part: &str| {
        if part.starts_with('{') { "019a0000-0000-7000-8000-000000000000".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
