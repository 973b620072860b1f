//! The pages of the browser.

use crate::support::Server;
use actix_web::test::TestRequest;

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[actix_web::test]
async fn pages_from_a_folder() {
    let ui = tempfile::tempdir().unwrap();
    std::fs::create_dir(ui.path().join("assets")).unwrap();
    std::fs::write(ui.path().join("index.html"), "<!doctype html><title>电卡</title>").unwrap();
    std::fs::write(ui.path().join("assets/app-1a2b.js"), "export default 1").unwrap();
    let dir = ui.path().to_owned();
    let server = Server::start_with(move |config| config.server.ui_dir = Some(dir)).await;

    for path in ["/", "/sell", "/accounts/7"] {
        let page = server.send(get(path)).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(String::from_utf8(page.body).unwrap().contains("电卡"));
    }
    let script = server.send(get("/assets/app-1a2b.js")).await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    let tag = script.header("etag").to_owned();
    let known = server.send(get("/assets/app-1a2b.js").insert_header(("if-none-match", tag))).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    server.send(get("/assets/gone.js")).await.problem(404, "request.not_found");
    server.send(get("/api/gone")).await.problem(404, "request.not_found");
    for outside in
        ["/../Cargo.toml", "/..%2fCargo.toml", "/%2e%2e/Cargo.toml", "/assets/../../x.js", "//etc/passwd.txt"]
    {
        assert_eq!(server.send(get(outside)).await.status.as_u16(), 404, "{outside}");
    }
}

#[actix_web::test]
async fn built_in_pages_and_the_headers_that_guard_them() {
    let server = Server::start().await;
    let page = server.send(get("/")).await;
    assert_eq!(page.status.as_u16(), 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'self'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(!page.header("x-request-id").is_empty());
    let docs = server.send(get("/api/docs/")).await;
    assert_eq!(docs.status.as_u16(), 200);
    let html = String::from_utf8(docs.body).unwrap();
    assert!(!html.contains("<script>"), "no inline script");
    let set_up = server.send(get("/api/docs/swagger-initializer.js")).await;
    assert!(String::from_utf8(set_up.body).unwrap().contains("/api/openapi.json"));
    assert_eq!(server.send(get("/healthz")).await.status.as_u16(), 200);
    assert_eq!(server.send(get("/readyz")).await.ok(200)["database"], "ok");
}
