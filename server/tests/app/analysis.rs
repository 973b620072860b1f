//! Reports over totals and over what is not folded yet.

use crate::support::Server;
use serde_json::{Value, json};
use uuid::Uuid;

/// A committed sale's share in the totals, put where the sale's confirmation puts it.
async fn delta(server: &Server, area: &str, day: &str, wh: i64, fen: i64) {
    let org = server.org().await;
    let token = server.admin().await;
    let site = server.first(&token, "/sites").await["id"].as_str().unwrap().to_owned();
    let sql = format!(
        "SET session_replication_role = replica; \
         INSERT INTO rollup_delta (org_id, sale_id, area_id, site_id, day, energy_wh, amount_fen) \
         VALUES ('{org}', '{}', '{area}', '{site}', '{day}', {wh}, {fen})",
        Uuid::now_v7()
    );
    server.db.owner_sql(&sql).await.unwrap();
}

#[actix_web::test]
async fn sales_by_area_are_the_same_before_and_after_the_fold() {
    let server = Server::start().await;
    let token = server.admin().await;
    let areas = server.get(&token, "/areas").await.ok(200)["items"].clone();
    let id = |code: &str| {
        let area = areas.as_array().unwrap().iter().find(|a| a["code"] == code).unwrap();
        area["id"].as_str().unwrap().to_owned()
    };
    delta(&server, &id("01010101"), "2026-11-02", 100_000, 5600).await;
    delta(&server, &id("010101"), "2026-11-22", 200_000, 11_200).await;
    delta(&server, &id("01020101"), "2026-10-31", 50_000, 2800).await;

    let ask =
        async |query: String| server.get(&token, &format!("/analysis/sales?{query}")).await.ok(200)["rows"].clone();
    let year = "from=2026-01-01&to=2026-12-31";
    let row = |name: &str, period: &str, sales: i64, wh: i64, fen: i64, area: &str| json!({ "area_id": area, "area_name": name, "period": period, "sales": sales, "energy_wh": wh, "amount_fen": fen });
    for round in ["before", "after"] {
        let top = ask(format!("{year}&period=month")).await;
        let expected = [
            row("学习供电所", "2026-10", 1, 50_000, 2800, &id("01")),
            row("学习供电所", "2026-11", 2, 300_000, 16_800, &id("01")),
        ];
        assert_eq!(top, Value::from(expected.to_vec()), "{round}");
        let lines = ask(format!("{year}&area_id={}", id("01"))).await;
        let names: Vec<_> = lines.as_array().unwrap().iter().map(|r| r["area_name"].clone()).collect();
        assert_eq!(names, [json!("东街线"), json!("城关线")], "{round}");
        let days = ask(format!("from=2026-11-01&to=2026-11-30&period=day&area_id={}", id("0101"))).await;
        let periods: Vec<_> = days.as_array().unwrap().iter().map(|r| r["period"].clone()).collect();
        assert_eq!(periods, [json!("2026-11-02"), json!("2026-11-22")], "{round}");
        assert_eq!(server.app.store.rollup_fold_once().await.unwrap().folded, if round == "before" { 3 } else { 0 });
    }
    let detail = format!("/analysis/sales/detail?area_id={}&period=2026-09", id("01"));
    let none = server.get(&token, &detail).await.ok(200);
    assert_eq!((&none["total"], &none["items"]), (&json!(0), &json!([])));
}

#[actix_web::test]
async fn questions_that_make_no_sense() {
    let server = Server::start().await;
    let token = server.admin().await;
    for query in [
        "from=2026-13-01&to=2026-12-31",
        "from=2026-12-31&to=2026-01-01",
        "from=0001-01-01&to=2026-01-01",
        "from=2000-01-01&to=2026-01-01&period=day",
    ] {
        server.get(&token, &format!("/analysis/sales?{query}")).await.problem(422, "request.field");
    }
    server
        .get(&token, "/analysis/sales?from=2026-01-01&to=2026-12-31&by=weather")
        .await
        .problem(400, "request.invalid");
    let area = server.first(&token, "/areas").await["id"].as_str().unwrap().to_owned();
    for period in ["2026", "2026-11-31", "x"] {
        let path = format!("/analysis/sales/detail?area_id={area}&period={period}");
        server.get(&token, &path).await.problem(422, "request.field");
    }
}
