//! Set-up, log-in, refresh, rights.

use crate::support::{COOKIE, PASSWORD, Server};
use actix_web::cookie::SameSite;
use dianka_server::auth::rights::RightName;
use dianka_store as store;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

#[actix_web::test]
async fn the_first_administrator_is_made_once_with_the_token_of_the_file() {
    let server = Server::start().await;
    assert_eq!(server.request(actix_web::http::Method::GET, "/system", None, None).await.ok(200)["needs_setup"], true);
    let file = server.data.path().join("setup-token");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&file).unwrap();
    let body = json!({ "token": token.trim(), "login": "Admin", "name": "管理员", "password": PASSWORD });

    let mut wrong = body.clone();
    wrong["token"] = json!("0123");
    server.post_open("/setup", &wrong).await.problem(403, "setup.token");
    let mut weak = body.clone();
    weak["password"] = json!("1234567");
    assert_eq!(server.post_open("/setup", &weak).await.problem(422, "auth.weak_password")["params"]["min"], 8);

    let made = server.post_open("/setup", &body).await;
    let answer = made.ok(200);
    assert_eq!(answer["operator"]["login"], "admin");
    assert_eq!(answer["operator"]["rights"].as_array().unwrap().len(), RightName::ALL.len());
    assert_eq!(answer["organisation"]["mode"], "learning");
    assert_eq!(answer["organisation"]["system_code"], 8601);
    assert!(made.refresh_token().is_some());
    assert!(!file.exists(), "the used token stays in its file");
    server.get(answer["access_token"].as_str().unwrap(), "/me").await.ok(200);

    server.post_open("/setup", &body).await.problem(409, "setup.done");
    let system = server.request(actix_web::http::Method::GET, "/system", None, None).await.ok(200);
    assert_eq!((&system["needs_setup"], &system["mode"]), (&json!(false), &json!("learning")));
    server.login("ADMIN", PASSWORD).await.ok(200);
}

#[actix_web::test]
async fn log_in_by_name_and_password_of_an_active_operator() {
    let server = Server::start().await;
    let org = server.org().await;
    let amy = server.operator(org, "amy", &[RightName::SellEnergy]).await;
    let answer = server.login("Amy", PASSWORD).await;
    let body = answer.ok(200);
    assert_eq!(body["operator"]["rights"], json!(["sell-energy"]));
    assert_eq!(body["expires_in_s"], 300);
    assert_eq!(answer.header("cache-control"), "no-store");
    let cookie = answer.cookies.iter().find(|c| c.name() == COOKIE).unwrap();
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
    assert_eq!(
        (cookie.http_only(), cookie.secure(), cookie.same_site()),
        (Some(true), Some(true), Some(SameSite::Strict))
    );

    server.login("amy", "wrong password").await.problem(401, "auth.bad");
    server.login("nobody", PASSWORD).await.problem(401, "auth.bad");
    let elsewhere = json!({ "organisation": "no such", "login": "amy", "password": PASSWORD });
    server.post_open("/login", &elsewhere).await.problem(401, "auth.bad");
    let here = json!({ "organisation": "learning", "login": "amy", "password": PASSWORD });
    server.post_open("/login", &here).await.ok(200);

    let block = async |active| {
        let (id, rights) = (amy.operator_id, amy.rights.clone());
        let change = async |s: &mut store::Scoped| store::operator_update(s, id, "amy", "test", &rights, active).await;
        server.app.store.tx(org, "test_block", change).await.unwrap();
    };
    block(false).await;
    server.login("amy", PASSWORD).await.problem(401, "auth.bad");
    block(true).await;
    server.login("amy", PASSWORD).await.ok(200);
}

#[actix_web::test]
async fn wrong_passwords_make_pauses() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(server.login("amy", "wrong").await.problem(401, "auth.bad")["params"]["left"], left);
    }
    let locked = server.login("amy", PASSWORD).await;
    assert_eq!(locked.problem(429, "auth.locked")["params"]["wait_s"], 6);
    assert_eq!(locked.header("retry-after"), "6");
    server.wait(6);
    server.login("amy", PASSWORD).await.ok(200);
}

#[actix_web::test]
async fn an_access_token_runs_out_and_is_renewed() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    let first = server.login("amy", PASSWORD).await;
    let (access, refresh) =
        (first.ok(200)["access_token"].as_str().unwrap().to_owned(), first.refresh_token().unwrap());
    server.get(&access, "/me").await.ok(200);
    server.wait(300);
    let late = server.get(&access, "/me").await;
    late.problem(401, "auth.expired");
    assert_eq!(late.header("www-authenticate"), "Bearer");
    let renewed = server.with_cookie("/refresh", &refresh).await.ok(200);
    server.get(renewed["access_token"].as_str().unwrap(), "/me").await.ok(200);
    server.get("no.such.token", "/me").await.problem(401, "auth.required");
}

#[actix_web::test]
async fn a_refresh_token_is_used_once_and_its_copy_ends_the_log_in() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    let first = server.login("amy", PASSWORD).await.refresh_token().unwrap();
    let second = server.with_cookie("/refresh", &first).await.refresh_token().unwrap();
    assert_ne!(first, second);
    // Within the grace: the same successor, and the family goes on.
    server.wait(10);
    assert_eq!(server.with_cookie("/refresh", &first).await.refresh_token().unwrap(), second);
    let third = server.with_cookie("/refresh", &second).await.refresh_token().unwrap();
    // Beyond it: somebody has a copy.
    server.wait(11);
    let stolen = server.with_cookie("/refresh", &first).await;
    stolen.problem(401, "auth.refresh");
    assert_eq!(stolen.refresh_token().as_deref(), Some(""), "the cookie is removed");
    for dead in [&first, &second, &third] {
        server.with_cookie("/refresh", dead).await.problem(401, "auth.refresh");
    }
}

#[actix_web::test]
async fn two_tabs_that_refresh_at_once_both_stay_in() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    let first = server.login("amy", PASSWORD).await.refresh_token().unwrap();
    let (a, b) = tokio::join!(server.with_cookie("/refresh", &first), server.with_cookie("/refresh", &first));
    a.ok(200);
    b.ok(200);
    assert_eq!(a.refresh_token(), b.refresh_token());
}

#[actix_web::test]
async fn what_is_no_refresh_token_gets_nothing() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    let good = server.login("amy", PASSWORD).await.refresh_token().unwrap();
    server.post_open("/refresh", &json!({})).await.problem(401, "auth.refresh");
    for bad in ["x", &good[..20], &good.replace(&good[30..34], "AAAA")] {
        server.with_cookie("/refresh", bad).await.problem(401, "auth.refresh");
    }
    server.wait(12 * 3600);
    server.with_cookie("/refresh", &good).await.problem(401, "auth.refresh");
}

#[actix_web::test]
async fn log_out_ends_the_refresh_token() {
    let server = Server::start().await;
    server.operator(server.org().await, "amy", &[]).await;
    let refresh = server.login("amy", PASSWORD).await.refresh_token().unwrap();
    let out = server.with_cookie("/logout", &refresh).await;
    out.ok(204);
    assert_eq!(out.refresh_token().as_deref(), Some(""));
    server.with_cookie("/refresh", &refresh).await.problem(401, "auth.refresh");
    server.with_cookie("/logout", &refresh).await.ok(204);
}

#[actix_web::test]
async fn a_missing_right_is_named_and_a_withdrawn_one_counts_at_once() {
    let server = Server::start().await;
    let org = server.org().await;
    let amy = server.operator(org, "amy", &[RightName::ReadAccounts]).await;
    let token = server.login("amy", PASSWORD).await.ok(200)["access_token"].as_str().unwrap().to_owned();
    server.get(&token, "/accounts").await.ok(200);
    let refused = server.post(&token, "/sites", &json!({ "code": "9", "name": "x" })).await;
    assert_eq!(refused.problem(403, "auth.forbidden")["params"]["right"], "manage-sites");

    let none = async |s: &mut store::Scoped| store::operator_update(s, amy.operator_id, "amy", "test", &[], true).await;
    server.app.store.tx(org, "test_rights", none).await.unwrap();
    server.app.operators.forget(org, amy.operator_id);
    server.get(&token, "/accounts").await.problem(403, "auth.forbidden");
}
