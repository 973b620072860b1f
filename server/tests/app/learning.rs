//! What a fresh server has, and that it is made once.

use crate::support::Server;
use dianka_server::learning;
use serde_json::json;

#[actix_web::test]
async fn a_fresh_server_is_open_for_practice() {
    let server = Server::start().await;
    let token = server.admin().await;
    let sites = server.get(&token, "/sites").await.ok(200);
    let stations = server.get(&token, "/workstations").await.ok(200);
    assert_eq!((&sites["total"], &stations["total"]), (&json!(2), &json!(2)));
    let numbers: Vec<_> =
        stations["items"].as_array().unwrap().iter().map(|w| (w["number"].clone(), w["kind"].clone())).collect();
    assert_eq!(numbers, [(json!(0), json!("built-in")), (json!(1), json!("station"))]);
    assert_ne!(stations["items"][0]["site_id"], stations["items"][1]["site_id"]);
    let areas = server.get(&token, "/areas").await.ok(200);
    let kinds: Vec<_> =
        areas["items"].as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap().to_owned()).collect();
    for kind in ["organisation", "line", "district", "building"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}");
    }
    let types = server.get(&token, "/meter-types").await.ok(200);
    let drivers: Vec<_> = types["items"].as_array().unwrap().iter().map(|t| t["driver_id"].clone()).collect();
    for driver in ["gbt18460.open-a", "jbt8382.open-a"] {
        assert!(drivers.contains(&json!(driver)), "{driver}");
    }
    assert_eq!(server.first(&token, "/tariffs").await["versions"][0]["price_micro"], 560_000);
    let stock = server.get(&token, "/meters?status=stock").await.ok(200)["total"].as_i64().unwrap();
    assert_eq!(stock, 6 * types["total"].as_i64().unwrap());
}

#[actix_web::test]
async fn it_is_made_once() {
    let server = Server::start().await;
    let token = server.admin().await;
    let app = &server.app;
    let org = learning::organisation(&app.store).await.unwrap().unwrap();
    assert_eq!(org, server.org().await);
    learning::places(&app.store, org, app.today()).await.unwrap();
    learning::meters(&app.store, org, &app.registry).await.unwrap();
    assert_eq!(server.get(&token, "/sites").await.ok(200)["total"], 2);
}
