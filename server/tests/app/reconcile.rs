//! Reconciliation: asked for, every night, and its alarms.

use crate::support::{PASSWORD, Server};
use dianka_server::auth::rights::RightName;
use dianka_server::reconcile::nightly;
use dianka_store::{self as store, Org, OrgMode, PageRequest, ReconcileOptions};
use serde_json::{Value, json};
use uuid::Uuid;

/// Past every wall: an account that says more than was sold to it.
async fn tamper(server: &Server) {
    let org = server.org().await;
    let sql = format!(
        "SET session_replication_role = replica; \
         INSERT INTO workstation_counter (org_id, workstation_id, next_receipt_no) \
         SELECT org_id, workstation_id, 7 FROM workstation WHERE org_id = '{org}' AND number = 0 \
         ON CONFLICT (org_id, workstation_id) DO UPDATE SET next_receipt_no = 7"
    );
    server.db.owner_sql(&sql).await.unwrap();
}

fn broken(report: &Value) -> Vec<&str> {
    let all = report["findings"].as_array().unwrap();
    all.iter().filter(|f| f["verdict"] != "holds").map(|f| f["id"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_check_is_asked_for_and_its_alarm_is_closed_with_a_reason() {
    let server = Server::start().await;
    let token = server.admin().await;
    let report = server.post(&token, "/reconciliations", &json!({})).await.ok(201);
    assert_eq!((&report["holds"], &report["cause"]), (&json!(true), &json!("asked")), "{report:#}");
    assert_eq!(report["invariants"], store::invariant_ids().len());
    assert!(report["operator"].as_str().unwrap().ends_with("姓名"));
    tamper(&server).await;
    let report = server.post(&token, "/reconciliations", &json!({})).await.ok(201);
    assert_eq!(broken(&report), ["receipt.counter"]);
    assert_eq!((&report["holds"], &report["broken"]), (&json!(false), &json!(1)));
    let list = server.get(&token, "/reconciliations").await.ok(200);
    assert_eq!((&list["total"], &list["items"][0]["id"]), (&json!(2), &report["id"]));
    let path = format!("/reconciliations/{}", report["id"].as_str().unwrap());
    assert_eq!(server.get(&token, &path).await.ok(200), report);

    // Whoever reads may not close; a reason is needed; it is closed once, and the audit trail knows it.
    let alarms = server.get(&token, "/alarms").await.ok(200);
    assert_eq!((&alarms["total"], &alarms["items"][0]["invariant"]), (&json!(1), &json!("receipt.counter")));
    let close = format!("/alarms/{}/close", alarms["items"][0]["id"].as_str().unwrap());
    let reader = server.token(&[RightName::ReadAnalysis]).await;
    assert_eq!(server.get(&reader, "/alarms").await.ok(200)["total"], 1);
    server.post(&reader, &close, &json!({ "reason": "x" })).await.problem(403, "auth.forbidden");
    server.post(&token, &close, &json!({ "reason": "  " })).await.problem(422, "request.field");
    let closed = server.post(&token, &close, &json!({ "reason": "已核对" })).await.ok(200);
    assert_eq!(closed["reason"], "已核对");
    server.post(&token, &close, &json!({ "reason": "again" })).await.problem(409, "alarm.closed");
    assert_eq!(server.get(&token, "/alarms").await.ok(200)["total"], 0);
    assert_eq!(server.get(&token, "/alarms?closed=true").await.ok(200)["items"][0], closed);
    let org = server.org().await;
    let trail =
        server.app.store.tx(org, "audit", async |s| store::audit_list(s, PageRequest::new(1, 10)).await).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|entry| entry.entry.action.as_str()).collect();
    assert_eq!(actions[..3], ["alarm.close", "reconciliation.run", "reconciliation.run"]);
    assert_eq!(trail[0].entry.detail["reason"], "已核对");

    let clerk = server.token(&[RightName::SellEnergy]).await;
    server.get(&clerk, "/reconciliations").await.problem(403, "auth.forbidden");
    server.post(&clerk, "/reconciliations", &json!({})).await.problem(403, "auth.forbidden");
}

#[actix_web::test]
async fn reports_and_alarms_of_another_organisation_are_out_of_reach() {
    let server = Server::start().await;
    let ours = server.admin().await;
    tamper(&server).await;
    let report = server.post(&ours, "/reconciliations", &json!({})).await.ok(201);
    let alarm = server.first(&ours, "/alarms").await;
    let other = Org {
        org_id: Uuid::now_v7(),
        code: "estate".to_owned(),
        name: "物业公司".to_owned(),
        system_code: 77,
        mode: OrgMode::Registered,
    };
    server.app.store.org_create(&other).await.unwrap();
    server.operator(other.org_id, "eve", RightName::ALL).await;
    let body = json!({ "organisation": "estate", "login": "eve", "password": PASSWORD });
    let eve = server.post_open("/login", &body).await.ok(200)["access_token"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&eve, "/reconciliations").await.ok(200)["total"], 0);
    assert_eq!(server.get(&eve, "/alarms?closed=true").await.ok(200)["total"], 0);
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let path = format!("/reconciliations/{}", id(&report));
    server.get(&eve, &path).await.problem(404, "request.not_found");
    let path = format!("/alarms/{}/close", id(&alarm));
    server.post(&eve, &path, &json!({ "reason": "x" })).await.problem(404, "request.not_found");
    assert_eq!(server.post(&eve, "/reconciliations", &json!({})).await.ok(201)["holds"], true);
}

/// The clock stands at noon in the organisation's time; its night began at three.
#[actix_web::test]
async fn a_night_is_checked_once_and_a_missed_one_is_made_up_for() {
    let server = Server::start().await;
    let nights = async || {
        // Time passes, and log-ins end.
        let token = server.admin().await;
        let list = server.get(&token, "/reconciliations").await.ok(200);
        let all = list["items"].as_array().unwrap().clone();
        all.iter().map(|report| report["night"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let made = async |at: &str| {
        server.db.owner_sql(&format!("UPDATE org SET created_at = '{at}'")).await.unwrap();
    };
    // Books that were opened after that hour had no such night.
    made("2026-11-21T19:00:01Z").await;
    nightly::once(&server.app).await.unwrap();
    assert!(nights().await.is_empty());
    made("2026-11-01T00:00:00Z").await;
    for _ in 0..2 {
        nightly::once(&server.app).await.unwrap();
        assert_eq!(nights().await, ["2026-11-22"]);
    }
    // Until five minutes before three the night is the former one.
    server.wait(14 * 3600 + 55 * 60);
    nightly::once(&server.app).await.unwrap();
    assert_eq!(nights().await.len(), 1);
    server.wait(5 * 60);
    nightly::once(&server.app).await.unwrap();
    assert_eq!(server.get(&server.admin().await, "/reconciliations").await.ok(200)["items"][0]["night"], "2026-11-23");
    // Three nights without a server are one check.
    server.wait(3 * 24 * 3600);
    nightly::once(&server.app).await.unwrap();
    let list = server.get(&server.admin().await, "/reconciliations").await.ok(200);
    assert_eq!((&list["total"], &list["items"][0]["night"]), (&json!(3), &json!("2026-11-26")));
    assert_eq!(list["items"][0]["cause"], "nightly");
}

/// Two servers at the same moment: one report.
#[actix_web::test]
async fn two_servers_make_one_check_a_night() {
    let server = Server::start().await;
    server.db.owner_sql("UPDATE org SET created_at = '2026-11-01T00:00:00Z'").await.unwrap();
    let (a, b) = tokio::join!(nightly::once(&server.app), nightly::once(&server.app));
    a.unwrap();
    b.unwrap();
    assert_eq!(server.db.owner_number("SELECT count(*) FROM reconciliation").await.unwrap(), 1);
    let checked = server.app.store.reconcile(server.org().await, ReconcileOptions::default()).await.unwrap();
    assert!(checked.report.holds());
}
