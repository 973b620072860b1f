//! Sites, workstations, areas, tariffs, meter types, meters, drivers.

use crate::support::Server;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes it, makes it again (same answer), then with other content (refused), then finds it in its list.
async fn made_once(server: &Server, token: &str, path: &str, body: &Value, other: (&str, Value)) -> Value {
    let mut body = body.clone();
    body["id"] = json!(Uuid::now_v7());
    let made = server.post(token, path, &body).await.ok(201);
    assert_eq!(made["id"], body["id"]);
    assert_eq!(server.post(token, path, &body).await.ok(201), made, "{path}: the same request again");
    let mut changed = body.clone();
    changed[other.0] = other.1;
    server.post(token, path, &changed).await.problem(409, "request.id_reused");
    let list = server.get(token, &format!("{path}?per_page=200")).await.ok(200);
    let found: Vec<&Value> = list["items"].as_array().unwrap().iter().filter(|i| i["id"] == body["id"]).collect();
    assert_eq!(found, [&made], "{path}: once in its list");
    made
}

#[actix_web::test]
async fn sites() {
    let server = Server::start().await;
    let token = server.admin().await;
    let body = json!({ "code": "03", "name": "西街代售点" });
    made_once(&server, &token, "/sites", &body, ("name", json!("别处"))).await;
    let taken = server.post(&token, "/sites", &body).await.problem(409, "request.duplicate");
    assert_eq!((&taken["params"]["field"], &taken["params"]["value"]), (&json!("code"), &json!("03")));
    let page = server.get(&token, "/sites?q=%E8%A5%BF&page=1&per_page=1").await.ok(200);
    assert_eq!((&page["total"], &page["per_page"], &page["items"][0]["code"]), (&json!(1), &json!(1), &json!("03")));
    let second = server.get(&token, "/sites?page=2&per_page=2").await.ok(200);
    assert_eq!((&second["total"], second["items"].as_array().unwrap().len()), (&json!(3), 1));
}

#[actix_web::test]
async fn a_workstation_is_made_with_a_code_that_is_shown_once() {
    let server = Server::start().await;
    let token = server.admin().await;
    let site = server.first(&token, "/sites").await["id"].clone();
    let body = json!({ "id": Uuid::now_v7(), "site_id": site, "name": "2 号工作站" });
    let made = server.post(&token, "/workstations", &body).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.ok(201);
    assert_eq!((&made["number"], &made["kind"], &made["connected"]), (&json!(2), &json!("station"), &json!(false)));
    assert_eq!(made["enrolment"]["code"].as_str().unwrap().len(), 34);
    let list = server.get(&token, "/workstations").await.ok(200);
    assert_eq!(list["total"], 3);
    assert!(list["items"].as_array().unwrap().iter().all(|w| w["enrolment"].is_null() && w["enrolled_at"].is_null()));

    let nobody = format!("/workstations/{}/code", Uuid::now_v7());
    server.post(&token, &nobody, &json!({})).await.problem(404, "request.not_found");
    let numbered = json!({ "site_id": site, "name": "x", "number": 1 });
    let taken = server.post(&token, "/workstations", &numbered).await.problem(409, "request.duplicate");
    assert_eq!((&taken["params"]["field"], &taken["params"]["value"]), (&json!("number"), &json!("1")));
    let nowhere = json!({ "site_id": Uuid::now_v7(), "name": "x" });
    let missing = server.post(&token, "/workstations", &nowhere).await.problem(422, "request.reference");
    assert_eq!(missing["params"]["field"], "site_id");
}

#[actix_web::test]
async fn areas_are_a_tree() {
    let server = Server::start().await;
    let token = server.admin().await;
    let top = server.first(&token, "/areas").await;
    assert_eq!(top["parent_id"], Value::Null);
    let body = json!({ "code": "0103", "name": "西街线", "kind": "line", "parent_id": top["id"] });
    let line = made_once(&server, &token, "/areas", &body, ("kind", json!("district"))).await;
    assert_eq!(line["path_name"], "学习供电所 / 西街线");
    server.post(&token, "/areas", &body).await.problem(409, "request.duplicate");
    let lost = json!({ "code": "x", "name": "x", "kind": "line", "parent_id": Uuid::now_v7() });
    server.post(&token, "/areas", &lost).await.problem(422, "request.reference");
}

#[actix_web::test]
async fn tariffs_and_their_versions() {
    let server = Server::start().await;
    let token = server.admin().await;
    let body = json!({ "code": "09", "name": "试验", "price_micro": 568_300 });
    let tariff = made_once(&server, &token, "/tariffs", &body, ("price_micro", json!(1))).await;
    assert_eq!(tariff["versions"][0]["price_micro"], 568_300);
    assert_eq!(tariff["versions"][0]["valid_from"], "2026-11-22", "today, where the organisation is");
    let versions = format!("/tariffs/{}/versions", tariff["id"].as_str().unwrap());
    let next = json!({ "price_micro": 600_000, "valid_from": "2027-01-01" });
    let grown = server.post(&token, &versions, &next).await.ok(201);
    assert_eq!(grown["versions"].as_array().unwrap().len(), 2);
    server.post(&token, &versions, &next).await.problem(409, "request.duplicate");
    // The first request is still answered, after the tariff has grown.
    server
        .post(&token, "/tariffs", &json!({ "id": tariff["id"], "code": "09", "name": "试验", "price_micro": 568_300 }))
        .await
        .ok(201);
    for (field, value) in [("price_micro", json!(0)), ("price_micro", json!(-1)), ("price_micro", json!(2_000_000_000))]
    {
        let mut bad = json!({ "code": "10", "name": "x", "price_micro": 1 });
        bad[field] = value;
        server.post(&token, "/tariffs", &bad).await.problem(422, "request.field");
    }
    let bad_day = json!({ "code": "10", "name": "x", "price_micro": 1, "valid_from": "2026-02-30" });
    server.post(&token, "/tariffs", &bad_day).await.problem(400, "request.invalid");
    let nobody = format!("/tariffs/{}/versions", Uuid::now_v7());
    server.post(&token, &nobody, &next).await.problem(404, "request.not_found");
}

fn meter_type(name: &str) -> Value {
    json!({ "name": name, "model": "DDSY", "driver_id": "gbt18460.open-a", "constant_imp": 1600, "rated_ma": 5000,
        "max_ma": 20000, "phases": 1, "voltage_v": 220, "hoard_wh": 9_000_000, "overdraft_wh": 0, "preset_wh": 12000 })
}

#[actix_web::test]
async fn a_meter_type_needs_an_active_driver() {
    let server = Server::start().await;
    let token = server.admin().await;
    let made = made_once(&server, &token, "/meter-types", &meter_type("试验表"), ("voltage_v", json!(230))).await;
    assert_eq!(made["driver_version"], "1.0.0");
    let taken = server.post(&token, "/meter-types", &meter_type("试验表")).await.problem(409, "request.duplicate");
    assert_eq!(taken["params"]["field"], "name");
    let mut unknown = meter_type("另一");
    unknown["driver_id"] = json!("no-such-driver");
    let refused = server.post(&token, "/meter-types", &unknown).await.problem(422, "driver.missing");
    assert_eq!(refused["params"]["driver_id"], "no-such-driver");
    unknown["driver_id"] = json!("ccid-serial");
    server.post(&token, "/meter-types", &unknown).await.problem(422, "driver.not_meter");
    for (field, value) in [("phases", 2), ("phases", 0), ("max_ma", 4000), ("constant_imp", 0), ("hoard_wh", -1)] {
        let mut bad = meter_type("坏");
        bad[field] = json!(value);
        assert_eq!(
            server.post(&token, "/meter-types", &bad).await.problem(422, "request.field")["params"]["field"],
            field
        );
    }
    let path = format!("/meter-types/{}/retired", made["id"].as_str().unwrap());
    let put = actix_web::http::Method::PUT;
    let retired = server.request(put, &path, Some(&token), Some(&json!({ "retired": true }))).await.ok(200);
    assert_eq!(retired["retired"], true);
}

#[actix_web::test]
async fn meters_go_into_stock_once() {
    let server = Server::start().await;
    let token = server.admin().await;
    let kind = server.first(&token, "/meter-types?q=18460").await["id"].clone();
    let body = json!({ "factory_no": "00123456", "meter_type_id": kind, "start_reading_wh": 0 });
    let made = made_once(&server, &token, "/meters", &body, ("factory_no", json!("00123457"))).await;
    assert_eq!((&made["status"], &made["account_id"]), (&json!("stock"), &Value::Null));
    let taken = server.post(&token, "/meters", &body).await.problem(409, "meter.exists");
    assert_eq!(taken["params"]["factory_no"], "00123456");
    for bad in ["123", "1234567a", "123456789"] {
        let body = json!({ "factory_no": bad, "meter_type_id": kind });
        server.post(&token, "/meters", &body).await.problem(422, "request.field");
    }
    let body = json!({ "factory_no": "00123458", "meter_type_id": Uuid::now_v7() });
    server.post(&token, "/meters", &body).await.problem(422, "request.reference");
    let found = server.get(&token, "/meters?status=stock&q=001").await.ok(200);
    assert_eq!((&found["total"], &found["items"][0]["factory_no"]), (&json!(1), &json!("00123456")));
    assert_eq!(server.get(&token, "/meters?q=%00%01zz").await.ok(200)["total"], 0);
}

#[actix_web::test]
async fn drivers_say_what_they_are() {
    let server = Server::start().await;
    let token = server.admin().await;
    let drivers = server.get(&token, "/drivers").await.ok(200);
    let meter = drivers.as_array().unwrap().iter().find(|d| d["id"] == "gbt18460.open-a").unwrap();
    assert_eq!((&meter["kind"], &meter["state"]), (&json!("meter"), &json!("active")));
    assert!(meter["facts"]["quantity_step_wh"].is_i64() && meter["sha256"].as_str().unwrap().len() == 64);
    let reader = drivers.as_array().unwrap().iter().find(|d| d["kind"] == "reader").unwrap();
    assert!(reader["facts"].is_null() && reader["description"]["line"].is_array());
}
