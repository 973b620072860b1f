//! Opening accounts, finding them, their history.

use crate::support::Server;
use dianka_domain::units::RealEnergy;
use dianka_store::{self as store, NewAdjustment};
use serde_json::{Value, json};
use uuid::Uuid;

async fn new_account(server: &Server, token: &str) -> Value {
    let meter = server.first(token, "/meters?status=stock").await;
    let areas = server.get(token, "/areas").await.ok(200);
    let building = areas["items"].as_array().unwrap().iter().find(|a| a["kind"] == "building").unwrap()["id"].clone();
    let tariff = server.first(token, "/tariffs").await["id"].clone();
    json!({ "id": Uuid::now_v7(), "name": "王小明", "unit": "和平楼", "address": "3 单元 201", "phone": "13800000001",
        "area_id": building, "meter_id": meter["id"], "tariff_id": tariff,
        "pt_primary": 1, "pt_secondary": 1, "ct_primary": 1, "ct_secondary": 1, "limit_mode": 1, "capacity_w": 8000 })
}

#[actix_web::test]
async fn an_account_takes_a_meter_a_number_and_a_card() {
    let server = Server::start().await;
    let token = server.admin().await;
    let body = new_account(&server, &token).await;
    let made = server.post(&token, "/accounts", &body).await.ok(201);
    assert_eq!((&made["user_no"], &made["card_no"], &made["version"]), (&json!("00000001"), &json!(1), &json!(1)));
    assert_eq!((&made["sold_count"], &made["acked_count"], &made["multiplier"]), (&json!(0), &json!(0), &json!(1)));
    assert_eq!(made["tariff"]["price_micro"], 560_000);
    assert_eq!(made["area_name"], "和平楼");
    assert_eq!(server.post(&token, "/accounts", &body).await.ok(201), made, "the same request again");
    let mut changed = body.clone();
    changed["name"] = json!("李四");
    server.post(&token, "/accounts", &changed).await.problem(409, "request.id_reused");

    let meter = server.get(&token, "/meters?status=assigned").await.ok(200)["items"][0].clone();
    assert_eq!((&meter["id"], &meter["account_id"]), (&body["meter_id"], &made["id"]));
    let mut again = body.clone();
    again["id"] = json!(Uuid::now_v7());
    let taken = server.post(&token, "/accounts", &again).await.problem(409, "meter.not_in_stock");
    assert_eq!(taken["params"]["factory_no"], meter["factory_no"]);

    let one = format!("/accounts/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&token, &one).await.ok(200), made);
    assert_eq!(server.db.owner_number("SELECT count(*) FROM audit WHERE action = 'account.open'").await.unwrap(), 1);
}

#[actix_web::test]
async fn user_numbers_are_chosen_or_counted() {
    let server = Server::start().await;
    let token = server.admin().await;
    let open = async |user_no: Value| {
        let mut body = new_account(&server, &token).await;
        body["user_no"] = user_no;
        server.post(&token, "/accounts", &body).await
    };
    assert_eq!(open(json!("00000002")).await.ok(201)["user_no"], "00000002");
    assert_eq!(open(Value::Null).await.ok(201)["user_no"], "00000001");
    assert_eq!(open(Value::Null).await.ok(201)["user_no"], "00000003", "a number chosen by hand is passed over");
    let taken = open(json!("00000002")).await.problem(409, "account.exists");
    assert_eq!(taken["params"]["user_no"], "00000002");
    for bad in ["2", "00000000", "abcdefgh"] {
        open(json!(bad)).await.problem(422, "request.field");
    }
}

#[actix_web::test]
async fn transformer_ratios_give_the_multiplier() {
    let server = Server::start().await;
    let token = server.admin().await;
    let open = async |pt: (u32, u32), ct: (u32, u32)| {
        let mut body = new_account(&server, &token).await;
        (body["pt_primary"], body["pt_secondary"]) = (json!(pt.0), json!(pt.1));
        (body["ct_primary"], body["ct_secondary"]) = (json!(ct.0), json!(ct.1));
        server.post(&token, "/accounts", &body).await
    };
    assert_eq!(open((3000, 100), (200, 5)).await.ok(201)["multiplier"], 1200);
    assert_eq!(open((3000, 100), (50, 5)).await.ok(201)["multiplier"], 300);
    open((100, 3000), (5, 200)).await.problem(422, "account.ratio");
    open((1, 1), (7, 5)).await.problem(422, "account.ratio");
    open((1, 0), (1, 1)).await.problem(422, "request.field");
}

#[actix_web::test]
async fn what_an_account_refers_to_must_exist() {
    let server = Server::start().await;
    let token = server.admin().await;
    for field in ["area_id", "meter_id", "tariff_id"] {
        let mut body = new_account(&server, &token).await;
        body[field] = json!(Uuid::now_v7());
        assert_eq!(
            server.post(&token, "/accounts", &body).await.problem(422, "request.reference")["params"]["field"],
            field
        );
    }
    for (field, value) in
        [("limit_mode", json!(2)), ("capacity_w", json!(-1)), ("name", json!("")), ("preset_given_wh", json!(-1))]
    {
        let mut body = new_account(&server, &token).await;
        body[field] = value;
        server.post(&token, "/accounts", &body).await.problem(422, "request.field");
    }
    assert_eq!(server.get(&token, "/meters?status=assigned").await.ok(200)["total"], 0, "nothing is left half done");
}

#[actix_web::test]
async fn accounts_are_found_by_what_people_know() {
    let server = Server::start().await;
    let token = server.admin().await;
    let made = server.post(&token, "/accounts", &new_account(&server, &token).await).await.ok(201);
    let mut other = new_account(&server, &token).await;
    (other["name"], other["address"], other["phone"]) = (json!("赵六"), json!("东街 9 号"), json!("13900000002"));
    server.post(&token, "/accounts", &other).await.ok(201);
    let found = async |q: &str| {
        let body = server.get(&token, &format!("/accounts?q={q}")).await.ok(200);
        body["items"].as_array().unwrap().iter().map(|a| a["user_no"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let factory_no = made["meter"]["factory_no"].as_str().unwrap().to_owned();
    for q in ["00000001", "1", "13800000001", &factory_no, "%E5%B0%8F", "%20%E7%8E%8B%E5%B0%8F%E6%98%8E%20", "201"] {
        let hits = found(q).await;
        assert!(q == "201" || hits == ["00000001"], "{q}: {hits:?}");
    }
    assert_eq!(found("%E4%B8%9C%E8%A1%97").await, ["00000002"]);
    assert_eq!(found("").await.len(), 2);
    for nothing in ["99999999", "%25", "_", "%00", "99999999999999999999"] {
        let hits = found(nothing).await;
        assert!(hits.is_empty() || nothing == "%00", "{nothing}: {hits:?}");
    }
}

#[actix_web::test]
async fn the_history_tells_adjustments_too() {
    let server = Server::start().await;
    let token = server.admin().await;
    let made = server.post(&token, "/accounts", &new_account(&server, &token).await).await.ok(201);
    let path = format!("/accounts/{}/history", made["id"].as_str().unwrap());
    assert_eq!(server.get(&token, &path).await.ok(200), json!({ "items": [] }));
    let org = server.org().await;
    let operator = server.operator(org, "bob", &[]).await;
    let energy = RealEnergy::from_wh(12_000);
    let new = NewAdjustment {
        adjustment_id: Uuid::now_v7(),
        account_id: made["id"].as_str().unwrap().parse().unwrap(),
        energy_wh: energy,
        reason: "旧表剩余".to_owned(),
        operator_id: operator.operator_id,
        created_at: server.app.clock.now(),
        transfers: Vec::new(),
    };
    server.app.store.tx(org, "test_adjust", async |s| store::adjustment_add(s, &new).await).await.unwrap();
    let items = server.get(&token, &path).await.ok(200)["items"].clone();
    assert_eq!((&items[0]["kind"], &items[0]["energy_wh"]), (&json!("adjustment"), &json!(12_000)));
    let nobody = format!("/accounts/{}/history", Uuid::now_v7());
    server.get(&token, &nobody).await.problem(404, "account.unknown");
}
