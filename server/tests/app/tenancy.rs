//! Two organisations on one server: neither sees the other.

use crate::support::{PASSWORD, Server};
use dianka_server::auth::rights::RightName;
use dianka_store::{Org, OrgMode};
use serde_json::{Value, json};
use uuid::Uuid;

#[actix_web::test]
async fn nothing_of_another_organisation_is_in_reach() {
    let server = Server::start().await;
    let ours = server.admin().await;
    let other = Org {
        org_id: Uuid::now_v7(),
        code: "estate".to_owned(),
        name: "物业公司".to_owned(),
        system_code: 77,
        mode: OrgMode::Registered,
    };
    server.app.store.org_create(&other).await.unwrap();
    server.operator(other.org_id, "eve", RightName::ALL).await;

    // With two organisations the log-in must say which.
    server.login("eve", PASSWORD).await.problem(401, "auth.bad");
    let body = json!({ "organisation": "estate", "login": "eve", "password": PASSWORD });
    let eve = server.post_open("/login", &body).await.ok(200);
    assert_eq!(eve["organisation"]["name"], "物业公司");
    let eve = eve["access_token"].as_str().unwrap().to_owned();
    let system = server.request(actix_web::http::Method::GET, "/system", None, None).await.ok(200);
    assert_eq!(system.get("organisation_name"), None, "strangers are not told who is here");

    for list in ["/sites", "/workstations", "/areas", "/tariffs", "/meter-types", "/meters", "/accounts"] {
        assert_eq!(server.get(&eve, list).await.ok(200)["total"], 0, "{list}");
    }
    let id = |value: Value| value["id"].as_str().unwrap().to_owned();
    let workstation = id(server.first(&ours, "/workstations").await);
    let meter_type = id(server.first(&ours, "/meter-types").await);
    let tariff = id(server.first(&ours, "/tariffs").await);
    let (area, site) = (id(server.first(&ours, "/areas").await), id(server.first(&ours, "/sites").await));
    for act in ["code", "revoke", "retire"] {
        server
            .post(&eve, &format!("/workstations/{workstation}/{act}"), &json!({}))
            .await
            .problem(404, "request.not_found");
    }
    let version = json!({ "price_micro": 1, "valid_from": "2030-01-01" });
    server.post(&eve, &format!("/tariffs/{tariff}/versions"), &version).await.problem(404, "request.not_found");
    let put = actix_web::http::Method::PUT;
    let retire = format!("/meter-types/{meter_type}/retired");
    server.request(put, &retire, Some(&eve), Some(&json!({ "retired": true }))).await.problem(404, "request.not_found");
    server
        .post(&eve, "/workstations", &json!({ "site_id": site, "name": "x" }))
        .await
        .problem(422, "request.reference");
    let below = json!({ "parent_id": area, "code": "x", "name": "x", "kind": "line" });
    server.post(&eve, "/areas", &below).await.problem(422, "request.reference");
    let meter = json!({ "factory_no": "00000001", "meter_type_id": meter_type });
    server.post(&eve, "/meters", &meter).await.problem(422, "request.reference");
    let question = format!("/analysis/sales?from=2026-01-01&to=2026-12-31&area_id={area}");
    server.get(&eve, &question).await.problem(404, "request.not_found");
    let detail = format!("/analysis/sales/detail?period=2026-11&area_id={area}");
    server.get(&eve, &detail).await.problem(404, "request.not_found");

    // Ids and codes of ours are free for them: nothing tells that they exist.
    server.post(&eve, "/sites", &json!({ "id": site, "code": "01", "name": "门卫" })).await.ok(201);
    assert_eq!(server.get(&ours, "/sites").await.ok(200)["total"], 2);
}
