//! Stations: enrolled with a code, let in under their own key, shut out; workstations and sites renamed, moved, retired.

use crate::support::Server;
use actix_web::http::Method;
use dianka_server::stations::entry::{Greeted, NotIn, enrol, greet};
use dianka_station::proto::{BoxKey, EnrolledAs, Hello, Hex, LogLevel, SignKey, Statement};
use dianka_store as store;
use serde_json::{Value, json};
use std::net::IpAddr;
use uuid::Uuid;

const PEER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7)));

/// A station that dials in.
struct Station {
    sign: SignKey,
    seal: BoxKey,
}

impl Station {
    fn new() -> Station {
        Station { sign: SignKey::generate(), seal: BoxKey::generate() }
    }

    fn hello(&self, journal_seq: u64) -> Hello {
        Hello { station_name: None, version: "1".into(), box_public_key: self.seal.public(), journal_seq }
    }

    async fn enrol(&self, server: &Server, code: &str) -> Result<EnrolledAs, String> {
        self.enrol_again(server, code, None, PEER).await
    }

    async fn enrol_again(
        &self,
        server: &Server,
        code: &str,
        former: Option<Uuid>,
        peer: Option<IpAddr>,
    ) -> Result<EnrolledAs, String> {
        let nonce = Hex(vec![1; 32]);
        let statement = Statement::Enrolment {
            challenge: nonce.clone(),
            code: code.to_owned(),
            former,
            sign_public_key: self.sign.public(),
            hello: self.hello(0),
        };
        enrol(&server.app, peer, &statement.sign(&self.sign).unwrap(), &nonce).await.map_err(code_of)
    }

    fn greeting(&self, enrolled: &EnrolledAs, nonce: &Hex, hello: Hello) -> Statement {
        Statement::Greeting {
            challenge: nonce.clone(),
            org: enrolled.org,
            workstation_id: enrolled.workstation_id,
            sign_public_key: self.sign.public(),
            hello,
        }
    }

    async fn greet(&self, server: &Server, enrolled: &EnrolledAs, journal_seq: u64) -> Result<Greeted, String> {
        let nonce = Hex(vec![2; 32]);
        let statement = self.greeting(enrolled, &nonce, self.hello(journal_seq));
        greet(&server.app, &statement.sign(&self.sign).unwrap(), &nonce).await.map_err(code_of)
    }
}

fn code_of(not_in: NotIn) -> String {
    match not_in {
        NotIn::Refused(refusal) => refusal.code.to_owned(),
        NotIn::Later(error) => panic!("{error}"),
    }
}

fn refused<T>(answer: Result<T, String>, code: &str) {
    assert_eq!(answer.err().as_deref(), Some(code));
}

async fn workstation(server: &Server, token: &str, number: i64) -> Value {
    let all = server.get(token, "/workstations").await.ok(200);
    all["items"].as_array().unwrap().iter().find(|w| w["number"] == number).unwrap().clone()
}

async fn new_code(server: &Server, token: &str, workstation: &Value) -> String {
    let path = format!("/workstations/{}/code", workstation["id"].as_str().unwrap());
    let made = server.post(token, &path, &json!({})).await;
    assert_eq!(made.header("cache-control"), "no-store");
    made.ok(200)["code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_code_is_good_once_for_a_quarter_of_an_hour_and_the_newest_only() {
    let server = Server::start().await;
    let token = server.admin().await;
    let one = workstation(&server, &token, 1).await;
    let station = Station::new();
    refused(station.enrol(&server, "0000-0000").await, "enrol.unknown");
    let older = new_code(&server, &token, &one).await;
    let code = new_code(&server, &token, &one).await;
    refused(station.enrol(&server, &older).await, "enrol.replaced");
    let other = Some(Uuid::now_v7());
    refused(station.enrol_again(&server, &code, other, PEER).await, "enrol.other_workstation");
    let enrolled = station.enrol(&server, &code.to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!((enrolled.number, json!(enrolled.workstation_id)), (1, one["id"].clone()));
    // The answer was lost: the same station asks again.
    assert_eq!(station.enrol(&server, &code).await.unwrap(), enrolled);
    refused(Station::new().enrol(&server, &code).await, "enrol.used");
    assert!(workstation(&server, &token, 1).await["enrolled_at"].is_string());

    let late = new_code(&server, &token, &one).await;
    server.wait(15 * 60);
    refused(Station::new().enrol(&server, &late).await, "enrol.expired");
    station.greet(&server, &enrolled, 0).await.unwrap();
    // Nothing of a code but its digest is kept.
    let (org, plain) = (server.org().await, code.replace('-', ""));
    let trail = server.app.store.tx(org, "t", async |s| store::audit_list(s, store::PageRequest::new(1, 50)).await);
    let trail = format!("{:?}", trail.await.unwrap());
    assert!(trail.contains("workstation.enrol") && !trail.contains(&code) && !trail.contains(&plain));
}

#[actix_web::test]
async fn wrong_codes_make_their_address_wait() {
    let server = Server::start().await;
    let token = server.admin().await;
    let code = new_code(&server, &token, &workstation(&server, &token, 1).await).await;
    for _ in 0..10 {
        refused(Station::new().enrol(&server, "WRONG").await, "enrol.unknown");
    }
    refused(Station::new().enrol(&server, &code).await, "enrol.limited");
    let elsewhere = Some(IpAddr::from([10, 0, 0, 8]));
    Station::new().enrol_again(&server, &code, None, elsewhere).await.unwrap();
}

#[actix_web::test]
async fn a_station_comes_in_under_its_own_key_only() {
    let server = Server::start().await;
    let token = server.admin().await;
    let code = new_code(&server, &token, &workstation(&server, &token, 1).await).await;
    let station = Station::new();
    let enrolled = station.enrol(&server, &code).await.unwrap();
    let greeted = station.greet(&server, &enrolled, 0).await.unwrap();
    assert_eq!((greeted.who.number, greeted.sign_key), (1, station.sign.public()));

    refused(Station::new().greet(&server, &enrolled, 0).await, "station.unknown");
    let stranger = EnrolledAs { org: Uuid::now_v7(), ..enrolled.clone() };
    refused(station.greet(&server, &stranger, 0).await, "station.unknown");
    let nonce = Hex(vec![3; 32]);
    let says = async |statement: Statement, key: &SignKey, nonce: &Hex| {
        greet(&server.app, &statement.sign(key).unwrap(), nonce).await.map_err(code_of)
    };
    let hello = station.hello(0);
    let good = station.greeting(&enrolled, &nonce, hello.clone());
    refused(says(good.clone(), &Station::new().sign, &nonce).await, "station.signature");
    refused(says(good.clone(), &station.sign, &Hex(vec![4; 32])).await, "station.signature");
    let other_box = Hello { box_public_key: BoxKey::generate().public(), ..hello.clone() };
    refused(says(station.greeting(&enrolled, &nonce, other_box), &station.sign, &nonce).await, "station.signature");
    let other_place = EnrolledAs { workstation_id: Uuid::now_v7(), ..enrolled.clone() };
    refused(says(station.greeting(&other_place, &nonce, hello), &station.sign, &nonce).await, "station.signature");
    says(good, &station.sign, &nonce).await.unwrap();
}

#[actix_web::test]
async fn a_journal_that_went_back_is_seen() {
    let server = Server::start().await;
    let token = server.admin().await;
    let code = new_code(&server, &token, &workstation(&server, &token, 1).await).await;
    let station = Station::new();
    let enrolled = station.enrol(&server, &code).await.unwrap();
    station.greet(&server, &enrolled, 5).await.unwrap();
    let key = station.sign.public();
    let seen = async |seq: u64| {
        server
            .app
            .store
            .tx(enrolled.org, "t", async |s| store::station_journal_seen(s, &key.0, seq).await)
            .await
            .unwrap();
    };
    seen(7).await;
    seen(6).await;
    refused(station.greet(&server, &enrolled, 6).await, "station.journal_lost");
    station.greet(&server, &enrolled, 7).await.unwrap();
}

#[actix_web::test]
async fn a_station_is_shut_out_by_hand_by_another_one_and_with_its_workstation() {
    let server = Server::start().await;
    let token = server.admin().await;
    let one = workstation(&server, &token, 1).await;
    let path = |act: &str| format!("/workstations/{}/{act}", one["id"].as_str().unwrap());
    let first = Station::new();
    let enrolled = first.enrol(&server, &new_code(&server, &token, &one).await).await.unwrap();
    // A code alone shuts nobody out.
    let code = new_code(&server, &token, &one).await;
    first.greet(&server, &enrolled, 0).await.unwrap();
    let second = Station::new();
    assert_eq!(second.enrol(&server, &code).await.unwrap(), enrolled);
    refused(first.greet(&server, &enrolled, 0).await, "station.reenrolled");
    second.greet(&server, &enrolled, 0).await.unwrap();
    server.post(&token, &path("revoke"), &json!({})).await.ok(204);
    refused(second.greet(&server, &enrolled, 0).await, "station.revoked");
    assert!(workstation(&server, &token, 1).await["enrolled_at"].is_null());
    // Its former keys do not come in with a new code.
    let code = new_code(&server, &token, &one).await;
    refused(first.enrol(&server, &code).await, "enrol.used");
    let third = Station::new();
    third.enrol(&server, &code).await.unwrap();
    let pending = new_code(&server, &token, &one).await;
    server.post(&token, &path("retire"), &json!({})).await.ok(204);
    refused(third.greet(&server, &enrolled, 0).await, "station.retired");
    refused(Station::new().enrol(&server, &pending).await, "station.retired");
    server.post(&token, &path("code"), &json!({})).await.problem(404, "request.not_found");
    server.post(&token, &path("retire"), &json!({})).await.problem(404, "request.not_found");
    assert_eq!(server.get(&token, "/workstations").await.ok(200)["total"], 1);
    assert_eq!(server.get(&token, "/workstations?retired=true").await.ok(200)["items"][0]["id"], one["id"]);
}

#[actix_web::test]
async fn the_servers_own_workstation_needs_no_code_and_stays() {
    let server = Server::start().await;
    let token = server.admin().await;
    let own = workstation(&server, &token, 0).await;
    for act in ["code", "revoke", "retire"] {
        let path = format!("/workstations/{}/{act}", own["id"].as_str().unwrap());
        server.post(&token, &path, &json!({})).await.problem(409, "station.built_in");
    }
}

#[actix_web::test]
async fn workstations_are_renamed_moved_and_set() {
    let server = Server::start().await;
    let token = server.admin().await;
    let one = workstation(&server, &token, 1).await;
    let station = Station::new();
    station.enrol(&server, &new_code(&server, &token, &one).await).await.unwrap();
    let path = format!("/workstations/{}", one["id"].as_str().unwrap());
    let put = async |path: &str, body: Value| server.request(Method::PUT, path, Some(&token), Some(&body)).await;
    let to = workstation(&server, &token, 0).await["site_id"].clone();
    assert_ne!(to, one["site_id"]);
    let body = json!({ "name": "东窗口", "site_id": to, "language": "zh-CN", "log_level": "info" });
    let changed = put(&path, body).await.ok(200);
    assert_eq!((&changed["name"], &changed["site_id"], &changed["language"]), (&json!("东窗口"), &to, &json!("zh-CN")));
    // The next station is told.
    let again = Station::new().enrol(&server, &new_code(&server, &token, &one).await).await.unwrap();
    assert_eq!((again.settings.name.as_str(), again.settings.log), ("东窗口", Some(LogLevel::Info)));
    assert!(again.settings.revision > 1);
    put(&path, json!({ "name": "x", "site_id": to, "language": "de" })).await.problem(422, "request.field");
    put(&path, json!({ "name": "x", "site_id": to, "log_level": "all" })).await.problem(422, "request.field");
    put(&path, json!({ "name": "x", "site_id": Uuid::now_v7() })).await.problem(404, "request.not_found");

    let site = one["site_id"].as_str().unwrap();
    let renamed = put(&format!("/sites/{site}"), json!({ "name": "东街营业厅" })).await.ok(200);
    assert_eq!(renamed["name"], "东街营业厅");
    let full = server.post(&token, &format!("/sites/{}/retire", to.as_str().unwrap()), &json!({})).await;
    assert_eq!(full.problem(409, "site.not_empty")["params"]["count"], 2);
    server.post(&token, &format!("/sites/{site}/retire"), &json!({})).await.ok(204);
    assert_eq!(server.get(&token, "/sites").await.ok(200)["total"], 1);
    put(&path, json!({ "name": "x", "site_id": site })).await.problem(422, "request.reference");
    let gone = json!({ "site_id": site, "name": "x" });
    server.post(&token, "/workstations", &gone).await.problem(422, "request.reference");
    put(&format!("/sites/{site}"), json!({ "name": "x" })).await.problem(404, "request.not_found");
}
