//! Selling tokens: real driver, real key provider, real Postgres, and a virtual meter that takes what was sold.

use crate::support::Server;
use dianka_domain::units::RealEnergy;
use dianka_server::vending;
use dianka_store::{self as store, NewAdjustment, OrgMode};
use serde_json::{Value, json};
use uuid::Uuid;

/// A server with an account on a keypad meter, and the counter where it is sold to.
struct Shop {
    server: Server,
    token: String,
    workstation: Value,
    account: Value,
    meter_no: String,
}

/// A type of keypad meters beside the sample's, with these parameters.
fn keypad_type(name: &str, params: Value) -> Value {
    json!({ "id": Uuid::now_v7(), "name": name, "driver_id": "sts.ea11", "constant_imp": 1600, "rated_ma": 5000, "max_ma": 20_000,
        "phases": 1, "voltage_v": 220, "token_params": params })
}

impl Shop {
    async fn open() -> Shop {
        Shop::open_with(&json!({})).await
    }

    /// With fields of the account that differ.
    async fn open_with(more: &Value) -> Shop {
        let server = Server::start().await;
        let token = server.admin().await;
        let types = server.get(&token, "/meter-types").await.ok(200);
        let sts = types["items"].as_array().unwrap().iter().find(|t| t["driver_id"] == "sts.ea11").unwrap().clone();
        assert_eq!(sts["carrier"], "token");
        assert_eq!(sts["token_params"], json!({ "supply-group": "123457", "key-revision": 4, "base-date": 2014 }));
        let stock = server.get(&token, "/meters?status=stock&per_page=200").await.ok(200);
        let meter =
            stock["items"].as_array().unwrap().iter().find(|m| m["meter_type_id"] == sts["id"]).unwrap().clone();
        let workstations = server.get(&token, "/workstations").await.ok(200);
        let workstation = workstations["items"][0]["id"].clone();
        let account = Shop::account_on(&server, &token, &meter["id"], more).await;
        let meter_no = meter["factory_no"].as_str().unwrap().to_owned();
        assert_eq!(meter_no.len(), 11);
        Shop { server, token, workstation, account, meter_no }
    }

    async fn account_on(server: &Server, token: &str, meter: &Value, more: &Value) -> Value {
        let areas = server.get(token, "/areas").await.ok(200);
        let building = areas["items"].as_array().unwrap().iter().find(|a| a["kind"] == "building").unwrap().clone();
        let tariff = server.first(token, "/tariffs").await["id"].clone();
        let mut body = json!({ "id": Uuid::now_v7(), "name": "王小明", "area_id": building["id"], "meter_id": meter,
            "tariff_id": tariff, "pt_primary": 1, "pt_secondary": 1, "ct_primary": 1, "ct_secondary": 1, "limit_mode": 0,
            "capacity_w": 8000 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.post(token, "/accounts", &body).await.ok(201)
    }

    /// Lets time pass; the log-in is a new one.
    async fn wait(&mut self, seconds: i64) {
        self.server.wait(seconds);
        self.token = self.server.admin().await;
    }

    fn wanted(&self, more: &Value) -> Value {
        let mut body = json!({ "workstation_id": self.workstation, "account_id": self.account["id"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    async fn quote(&self, more: Value) -> Value {
        self.server.post(&self.token, "/quotes", &self.wanted(&more)).await.ok(200)
    }

    async fn refused(&self, more: Value, code: &str) -> Value {
        self.server.post(&self.token, "/quotes", &self.wanted(&more)).await.problem(422, code)
    }

    fn body(quote: &Value) -> Value {
        json!({ "id": Uuid::now_v7(), "quote": quote["quote"], "payment": "cash" })
    }

    async fn sell(&self, more: Value) -> Value {
        let quote = self.quote(more).await;
        self.server.post(&self.token, "/sales", &Shop::body(&quote)).await.ok(200)
    }

    async fn hang_up(&self) -> String {
        let new = json!({ "factory_no": self.meter_no });
        let meter = self.server.post(&self.token, "/bench/meters", &new).await.ok(201);
        assert_eq!((&meter["factory_no"], &meter["carrier"]), (&json!(self.meter_no), &json!("token")));
        meter["id"].as_str().unwrap().to_owned()
    }

    /// Types it on the virtual meter: what that says and shows, and what it holds then.
    async fn enter(&self, meter: &str, digits: &str) -> (String, String, i64) {
        let body = json!({ "digits": digits });
        let done = self.server.post(&self.token, &format!("/bench/meters/{meter}/token"), &body).await.ok(200);
        let text = |path: &str| done.pointer(path).unwrap().as_str().unwrap().to_owned();
        (text("/outcome/code"), text("/outcome/display"), done["meter"]["snapshot"]["balance_wh"].as_i64().unwrap())
    }
}

fn digits(sale: &Value) -> String {
    sale["token"]["digits"].as_str().unwrap().to_owned()
}

fn said(code: &str, display: &str, balance: i64) -> (String, String, i64) {
    (code.to_owned(), display.to_owned(), balance)
}

#[actix_web::test]
async fn a_token_is_quoted_sold_printed_and_typed_in() {
    let shop = Shop::open().await;
    let (server, token) = (&shop.server, &shop.token);
    assert_eq!((&shop.account["card_no"], &shop.account["meter"]["carrier"]), (&Value::Null, &json!("token")));
    // No reader, no card, no station.
    let quote = shop.quote(json!({ "amount_fen": 10_000 })).await;
    assert_eq!(
        (&quote["carrier"], &quote["session"], &quote["kind"]),
        (&json!("token"), &Value::Null, &json!("opening"))
    );
    // 100 yuan at 0.56, in steps of 0.1 kWh.
    assert_eq!(
        (&quote["energy_wh"], &quote["amount_fen"], &quote["change_fen"]),
        (&json!(178_500), &json!(9_996), &json!(4))
    );
    assert_eq!((&quote["quantity_wh"], &quote["will_load"]["answer"]), (&json!(178_500), &json!("yes")));
    assert_eq!(quote["warnings"][0]["code"], "token.test_key", "it says so");

    let body = Shop::body(&quote);
    let sale = server.post(token, "/sales?wait_s=20", &body).await.ok(200);
    assert_eq!(
        (&sale["state"], &sale["carrier"], &sale["card_no"]),
        (&json!("committed"), &json!("token"), &Value::Null)
    );
    assert_eq!((&sale["receipt_no"], &sale["count"], &sale["step"]), (&json!(1), &json!(1), &Value::Null));
    let grouped = digits(&sale);
    let groups: Vec<usize> = grouped.split(' ').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4, 4]);
    // 2026-11-22 04:00 UTC, minutes since 2014.
    assert_eq!(sale["token"]["identifier"], 6_779_760);

    // The same request, its sale, its history, its analysis, its receipt: the same token.
    for _ in 0..5 {
        assert_eq!(server.post(token, "/sales", &body).await.ok(200), sale);
    }
    let path = format!("/sales/{}", sale["id"].as_str().unwrap());
    assert_eq!(server.get(token, &path).await.ok(200), sale);
    let id = shop.account["id"].as_str().unwrap();
    let history = server.get(token, &format!("/accounts/{id}/history")).await.ok(200);
    assert_eq!(history["items"][0]["sale"], sale);
    let area = shop.account["area_id"].as_str().unwrap();
    let behind = server.get(token, &format!("/analysis/sales/detail?area_id={area}&period=2026-11-22")).await.ok(200);
    assert_eq!((&behind["total"], &behind["items"][0]), (&json!(1), &sale));
    let document = format!("/documents/{}", sale["id"].as_str().unwrap());
    let paper = |copy: u32| {
        let path = format!("{document}?copy={copy}");
        async move { String::from_utf8(server.get(token, &path).await.body).unwrap() }
    };
    let (original, copy) = (paper(0).await, paper(1).await);
    assert!(original.contains(&grouped) && original.contains("6779760") && original.contains("测试密钥"), "{original}");
    assert!(copy.contains(&grouped) && copy.contains("补打"));
    assert_eq!(server.get(token, "/sales?state=open").await.ok(200)["total"], 0);
    let account = server.get(token, &format!("/accounts/{id}")).await.ok(200);
    assert_eq!((&account["sold_count"], &account["acked_count"]), (&json!(1), &json!(0)));

    // The meter.
    let meter = shop.hang_up().await;
    assert_eq!(shop.enter(&meter, &grouped).await, said("loaded", "ACCEPt", 178_500));
    assert_eq!(shop.enter(&meter, &grouped.replace(' ', "-")).await, said("token-used", "USEd", 178_500));
    let mut wrong = grouped.replace(' ', "").into_bytes();
    wrong[19] = if wrong[19] == b'7' { b'8' } else { b'7' };
    assert_eq!(shop.enter(&meter, &String::from_utf8(wrong).unwrap()).await, said("unreadable", "rEJEct", 178_500));
    // The published token of another meter.
    assert_eq!(shop.enter(&meter, "59386323472137426967").await, said("unreadable", "rEJEct", 178_500));
    let short = json!({ "digits": "1234" });
    let refused =
        server.post(token, &format!("/bench/meters/{meter}/token"), &short).await.problem(422, "request.field");
    assert_eq!((&refused["params"]["field"], &refused["params"]["rule"]), (&json!("digits"), &json!("token-digits")));
    let pass = json!({ "seconds": 36_000, "watts": 2000 });
    let used = server.post(token, &format!("/bench/meters/{meter}/pass"), &pass).await.ok(200);
    assert_eq!(
        (&used["snapshot"]["balance_wh"], &used["snapshot"]["total_used_wh"]),
        (&json!(158_500), &json!(20_000))
    );
    // A keypad has no slot.
    let card = server.post(token, "/bench/cards", &json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
    let into = json!({ "to": { "kind": "meter", "meter_id": meter } });
    server.post(token, &format!("/bench/cards/{card}/move"), &into).await.problem(422, "bench.no_place");
}

#[actix_web::test]
async fn tokens_of_one_minute_differ_and_all_of_them_load() {
    let mut shop = Shop::open().await;
    let meter = shop.hang_up().await;
    let mut identifiers = Vec::new();
    let mut sold = 0;
    for n in 1..=4 {
        let sale = shop.sell(json!({ "energy_wh": n * 10_000 })).await;
        identifiers.push(sale["token"]["identifier"].as_i64().unwrap());
        sold += sale["quantity_wh"].as_i64().unwrap();
        assert_eq!(shop.enter(&meter, &digits(&sale)).await, said("loaded", "ACCEPt", sold));
        assert_eq!(sale["receipt_no"], n);
    }
    assert_eq!(identifiers, [6_779_760, 6_779_761, 6_779_762, 6_779_763]);
    // Later, it is the minute again.
    shop.wait(600).await;
    assert_eq!(shop.sell(json!({ "energy_wh": 1_000 })).await["token"]["identifier"], 6_779_770);
    // A clock that goes back gives no identifier twice.
    shop.wait(-86_400).await;
    assert_eq!(shop.sell(json!({ "energy_wh": 1_000 })).await["token"]["identifier"], 6_779_771);
    let (org, account) = (shop.server.org().await, shop.account["id"].as_str().unwrap().parse::<Uuid>().unwrap());
    let store = &shop.server.app.store;
    let totals = store.tx(org, "account", async |s| store::account_get(s, account).await).await.unwrap();
    assert_eq!((totals.counter.sold, totals.total_wh), (6, RealEnergy::from_wh(102_000)));
    // Ledger and rollups have the same.
    let ledger = "SELECT sum(energy_wh)::INT8 FROM transfer WHERE step = 'confirm'";
    assert_eq!(shop.server.db.owner_number(ledger).await.unwrap(), 102_000);
    store.rollup_fold_once().await.unwrap();
    assert_eq!(shop.server.db.owner_number("SELECT sum(energy_wh)::INT8 FROM rollup_month").await.unwrap(), 102_000);
}

#[actix_web::test]
async fn of_two_sales_on_one_quote_at_once_one_is_made() {
    let mut shop = Shop::open().await;
    let quote = shop.quote(json!({ "energy_wh": 10_000 })).await;
    let (first, second) = (Shop::body(&quote), Shop::body(&quote));
    let post = |body| shop.server.post(&shop.token, "/sales", body);
    let (one, other) = futures_util::join!(post(&first), post(&second));
    let mut made = [one.status.as_u16(), other.status.as_u16()];
    made.sort_unstable();
    assert_eq!(made, [200, 409]);
    let stale = if one.status.as_u16() == 409 { &one } else { &other };
    stale.problem(409, "quote.stale");
    // The same click twice, at once: one sale, one token.
    let quote = shop.quote(json!({ "energy_wh": 10_000 })).await;
    let body = Shop::body(&quote);
    let (one, other) = futures_util::join!(post(&body), post(&body));
    assert_eq!(one.ok(200), other.ok(200));
    assert_eq!(shop.server.db.owner_number("SELECT count(*) FROM token_op").await.unwrap(), 2);
    // The id with another content; a quote that is too old, for a new sale and for one that was made.
    let mut changed = body.clone();
    changed["payment"] = json!("wechat");
    post(&changed).await.problem(409, "request.id_reused");
    let late = Shop::body(&shop.quote(json!({ "energy_wh": 10_000 })).await);
    let made = one.json();
    shop.wait(301).await;
    shop.server.post(&shop.token, "/sales", &late).await.problem(409, "quote.expired");
    assert_eq!(shop.server.post(&shop.token, "/sales", &body).await.ok(200), made);
}

#[actix_web::test]
async fn multiplier_preset_and_adjustment_are_those_of_every_sale() {
    let ratios = json!({ "ct_primary": 150, "ct_secondary": 5, "preset_given_wh": 12_000 });
    let shop = Shop::open_with(&ratios).await;
    let (server, org) = (&shop.server, shop.server.org().await);
    let account = shop.account["id"].as_str().unwrap().parse::<Uuid>().unwrap();
    let operator = server.operator(org, "adjuster", &[]).await.operator_id;
    let adjustment = NewAdjustment {
        adjustment_id: Uuid::now_v7(),
        account_id: account,
        energy_wh: RealEnergy::from_wh(6_000),
        reason: "补".to_owned(),
        operator_id: operator,
        created_at: server.app.clock.now(),
        transfers: dianka_domain::ledger::postings_adjustment(RealEnergy::from_wh(6_000)).unwrap(),
    };
    server.app.store.tx(org, "adjust", async |s| store::adjustment_add(s, &adjustment).await.map(drop)).await.unwrap();
    // (900 + 6) / 30 - 12 = 18.2 kWh.
    let sale = shop.sell(json!({ "energy_wh": 900_000 })).await;
    let figures =
        ["quantity_wh", "adjustment_wh", "preset_deducted_wh", "amount_fen", "multiplier"].map(|name| &sale[name]);
    assert_eq!(figures, [&json!(18_200), &json!(6_000), &json!(12_000), &json!(50_400), &json!(30)]);
    let meter = shop.hang_up().await;
    assert_eq!(shop.enter(&meter, &digits(&sale)).await.2, 18_200);
    // Steps of 0.1 kWh times 30.
    let refused = shop.refused(json!({ "energy_wh": 100_000 }), "sale.not_multiple").await;
    assert_eq!((&refused["params"]["lower_wh"], &refused["params"]["upper_wh"]), (&json!(99_000), &json!(102_000)));
}

#[actix_web::test]
async fn what_no_token_carries_is_refused_before_any_money() {
    let shop = Shop::open().await;
    let (server, token) = (&shop.server, &shop.token);
    let between = shop.refused(json!({ "energy_wh": 150 }), "sale.not_multiple").await;
    assert_eq!((&between["params"]["lower_wh"], &between["params"]["upper_wh"]), (&json!(100), &json!(200)));
    let above = shop.refused(json!({ "energy_wh": 1_638_500 }), "sale.above_max").await;
    assert_eq!(above["params"]["max_wh"], 1_638_400);
    assert_eq!(shop.sell(json!({ "energy_wh": 1_638_400 })).await["quantity_wh"], 1_638_400);

    // Meters without a vending key.
    let keyless = keypad_type("无密钥", json!({ "supply-group": "000001", "key-revision": 1, "base-date": 2014 }));
    server.post(token, "/meter-types", &keyless).await.ok(201);
    let stock = json!({ "factory_no": "00000000018", "meter_type_id": keyless["id"] });
    let meter = server.post(token, "/meters", &stock).await.ok(201);
    let poor = Shop::account_on(server, token, &meter["id"], &json!({})).await;
    let wanted = json!({ "workstation_id": shop.workstation, "account_id": poor["id"], "energy_wh": 10_000 });
    let refused = server.post(token, "/quotes", &wanted).await.problem(422, "token.key_missing");
    assert_eq!(refused["params"]["slot"], "sts-000001-2-1");

    // A registered organisation has no published key; a quote of before is refused as well.
    let quote = shop.quote(json!({ "energy_wh": 10_000 })).await;
    let org = server.org().await;
    let register = async |s: &mut store::Scoped| {
        let now = store::org_get(s).await?;
        store::org_update(s, &now.name, now.system_code, OrgMode::Registered).await
    };
    server.app.store.tx(org, "register", register).await.unwrap();
    shop.refused(json!({ "energy_wh": 10_000 }), "token.key_missing").await;
    server.post(token, "/sales", &Shop::body(&quote)).await.problem(422, "token.key_missing");
    assert_eq!(server.db.owner_number("SELECT count(*) FROM sale").await.unwrap(), 1);
}

#[actix_web::test]
async fn a_sealed_key_is_the_organisations_own() {
    const KEY: &str = "0102030405060708090a0b0c0d0e0f1011121314";
    let server = Server::start_with(|config| {
        let path = config.vending_keys_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let keys = dianka_server::keys::Keys::from_bytes([1; 32], [2; 32]);
        vending::add(&path, &keys, "learning", "sts-123457-2-4", KEY).unwrap();
    })
    .await;
    let token = server.admin().await;
    let types = server.get(&token, "/meter-types").await.ok(200);
    let sts = types["items"].as_array().unwrap().iter().find(|t| t["driver_id"] == "sts.ea11").unwrap().clone();
    let stock = server.get(&token, "/meters?status=stock&per_page=200").await.ok(200);
    let meter = stock["items"].as_array().unwrap().iter().find(|m| m["meter_type_id"] == sts["id"]).unwrap().clone();
    let account = Shop::account_on(&server, &token, &meter["id"], &json!({})).await;
    let workstation = server.get(&token, "/workstations").await.ok(200)["items"][0]["id"].clone();
    let wanted = json!({ "workstation_id": workstation, "account_id": account["id"], "energy_wh": 10_000 });
    let quote = server.post(&token, "/quotes", &wanted).await.ok(200);
    assert_eq!(quote["warnings"], json!([]), "not the published key");
    let sale = server.post(&token, "/sales", &Shop::body(&quote)).await.ok(200);
    assert_eq!(sale["state"], "committed");
    // The key is nowhere in what is kept or told.
    let kept = "SELECT count(*) FROM token_op WHERE token_op::TEXT ILIKE '%0a0b0c0d%' OR key_slot <> 'sts-123457-2-4'";
    assert_eq!(server.db.owner_number(kept).await.unwrap(), 0);
    assert!(!quote.to_string().contains("0a0b0c0d") && !sale.to_string().contains("0a0b0c0d"));
}

#[actix_web::test]
async fn types_and_numbers_are_checked_by_the_driver() {
    let server = Server::start().await;
    let token = server.admin().await;
    let good = json!({ "supply-group": "600001", "key-revision": 1, "base-date": 2035, "tariff-index": 7 });
    let made = keypad_type("好", good.clone());
    let view = server.post(&token, "/meter-types", &made).await.ok(201);
    assert_eq!((&view["token_params"], &view["carrier"]), (&good, &json!("token")));
    assert_eq!(server.post(&token, "/meter-types", &made).await.ok(201), view, "the same request again");
    let with = |name: &str, value: Value| {
        let mut params = good.clone();
        params[name] = value;
        params
    };
    for (params, rule) in [
        (json!({}), "needed"),
        (with("supply-group", json!("12")), "refused"),
        (with("supply-group", json!(600_001)), "refused"),
        (with("key-revision", json!(10)), "out-of-range"),
        (with("base-date", json!(2000)), "refused"),
        (with("colour", json!(1)), "unknown"),
    ] {
        let refused =
            server.post(&token, "/meter-types", &keypad_type("坏", params.clone())).await.problem(422, "request.field");
        assert_eq!(
            (&refused["params"]["field"], &refused["params"]["rule"]),
            (&json!("token_params"), &json!(rule)),
            "{params}"
        );
    }
    let mut card = keypad_type("卡", good.clone());
    card["driver_id"] = json!("gbt18460.open-a");
    server.post(&token, "/meter-types", &card).await.problem(422, "request.field");
    card.as_object_mut().unwrap().remove("token_params");
    let card = server.post(&token, "/meter-types", &card).await.ok(201);
    assert_eq!((&card["carrier"], &card["token_params"]), (&json!("card"), &json!({})));

    for (of, number, rule) in [
        (&view, "00000000019", "check-digit"),
        (&view, "12345678", "eleven-or-thirteen-digits"),
        (&view, "0000000000018", "eleven-or-thirteen-digits"),
        (&card, "00000000018", "eight-digits"),
    ] {
        let stock = json!({ "factory_no": number, "meter_type_id": of["id"] });
        let refused = server.post(&token, "/meters", &stock).await.problem(422, "request.field");
        assert_eq!(refused["params"]["rule"], rule, "{number}");
    }
    for number in ["00000000018", "0100000000008"] {
        let stock = json!({ "factory_no": number, "meter_type_id": view["id"] });
        assert_eq!(server.post(&token, "/meters", &stock).await.ok(201)["factory_no"], number);
    }
    // By meter number, as a clerk finds an account without a card.
    let meter = server.get(&token, "/meters?q=01000000").await.ok(200)["items"][0].clone();
    let account = Shop::account_on(&server, &token, &meter["id"], &json!({})).await;
    let found = server.get(&token, "/accounts?q=0100000000008").await.ok(200);
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &account["id"]));
}
