//! Error answers: form, language, and what is never sent.

use crate::support::Server;
use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

#[actix_web::test]
async fn unknown_addresses_and_methods() {
    let server = Server::start().await;
    let token = server.admin().await;
    server.get(&token, "/nothing").await.problem(404, "request.not_found");
    server.send(TestRequest::get().uri("/api/other")).await.problem(404, "request.not_found");
    let wrong = server.request(Method::DELETE, "/sites", Some(&token), None).await;
    wrong.problem(405, "request.method");
    assert_eq!(wrong.header("allow"), "GET, POST");
    let wrong = server.request(Method::PUT, "/accounts/abc", Some(&token), Some(&json!({}))).await;
    wrong.problem(405, "request.method");
    server.get(&token, "/accounts/not-an-id").await.problem(404, "request.not_found");
    server.get(&token, "/accounts/019a0000-0000-7000-8000-000000000000").await.problem(404, "account.unknown");
}

#[actix_web::test]
async fn bodies_and_queries_that_do_not_fit() {
    let server = Server::start_with(|config| config.limits.body_kib = 1).await;
    let token = server.admin().await;
    let post = |body: &str, kind: &str| {
        TestRequest::post()
            .uri("/api/v1/sites")
            .insert_header(("authorization", format!("Bearer {token}")))
            .insert_header(("content-type", kind))
            .set_payload(body.to_owned())
    };
    let json = "application/json";
    server.send(post("{", json)).await.problem(400, "request.invalid");
    server.send(post("{\"code\":1}", json)).await.problem(400, "request.invalid");
    let unknown = server.send(post("{\"code\":\"1\",\"name\":\"x\",\"colour\":\"red\"}", json)).await;
    assert!(unknown.problem(400, "request.invalid")["params"]["reason"].as_str().unwrap().contains("colour"));
    server.send(post("{}", "text/plain")).await.problem(415, "request.media_type");
    let long = format!("{{\"code\":\"1\",\"name\":\"{}\"}}", "x".repeat(2000));
    server.send(post(&long, json)).await.problem(413, "request.too_large");
    server.get(&token, "/meters?status=lost").await.problem(400, "request.invalid");
    server.get(&token, "/meters?page=x").await.problem(400, "request.invalid");
    server.get(&token, "/analysis/sales").await.problem(400, "request.invalid");
    let named = server.send(post("{\"code\":\"1\",\"name\":\" \"}", json)).await.problem(422, "request.field");
    assert_eq!(named["title"], "“名称”填写不正确（不能为空）。", "field and rule in the reader's words");
    assert_eq!((&named["params"]["field"], &named["params"]["rule"]), (&json!("name"), &json!("empty")));
    server.send(post("{\"code\":\"1\",\"name\":\"a\\u0000b\"}", json)).await.problem(422, "request.field");
}

#[actix_web::test]
async fn the_language_of_the_request() {
    let server = Server::start().await;
    let ask =
        |language: &str| TestRequest::get().uri("/api/v1/me").insert_header(("accept-language", language.to_owned()));
    let zh = server.send(TestRequest::get().uri("/api/v1/me")).await;
    let en = server.send(ask("en-GB,en;q=0.9")).await;
    assert_eq!((zh.header("content-language"), en.header("content-language")), ("zh-CN", "en"));
    assert_eq!(zh.problem(401, "auth.required")["title"], "请先登录。");
    assert_eq!(en.problem(401, "auth.required")["title"], "Please sign in.");
}

#[actix_web::test]
async fn too_many_changes_at_once_are_turned_away() {
    let server = Server::start_with(|config| config.limits.retry_after_s = 7).await;
    let token = server.admin().await;
    let places: Vec<_> = std::iter::from_fn(|| server.app.admission.enter().ok()).collect();
    assert_eq!(places.len(), server.app.store.pool_status().max_size * 8);
    let away = server.post(&token, "/sites", &json!({ "code": "9", "name": "x" })).await;
    assert_eq!(away.problem(503, "server.overloaded")["retryable"], true);
    assert_eq!(away.header("retry-after"), "7");
    // Reading goes on.
    server.get(&token, "/sites").await.ok(200);
    drop(places);
    server.post(&token, "/sites", &json!({ "code": "9", "name": "x" })).await.ok(201);
}

#[actix_web::test]
async fn a_database_that_is_gone_says_so_and_nothing_else() {
    let server = Server::start().await;
    let token = server.admin().await;
    server.get(&token, "/sites").await.ok(200);
    let cut = "UPDATE pg_database SET datallowconn = false WHERE datname = current_database(); \
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    server.db.owner_sql(cut).await.unwrap();
    for path in ["/sites", "/accounts"] {
        let gone = server.get(&token, path).await;
        let body = gone.problem(503, "server.database");
        assert_eq!(
            body["detail"],
            json!("请稍等；恢复后系统会接着完成，不会重复收费。"),
            "what to do, and no internals"
        );
        assert_eq!(gone.header("retry-after"), "2");
    }
    server.send(TestRequest::get().uri("/readyz")).await.problem(503, "server.database");
    assert_eq!(server.send(TestRequest::get().uri("/healthz")).await.status.as_u16(), 200);
}
