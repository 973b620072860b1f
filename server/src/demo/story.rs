//! The story: card meters of two standards and a keypad meter, their accounts, sales, refusals, the meter's own word.

use std::fmt::Display;

use serde_json::{Value, json};
use uuid::Uuid;

use super::DemoError;
use super::client::{Client, ClientError};
use super::transcript::Transcript;

/// The counter, its bench and the lists that the story needs.
struct Counter<'a> {
    client: &'a Client,
    workstation: String,
    area: String,
    tariff: String,
}

pub(super) fn text(value: &Value, path: &str) -> Result<String, DemoError> {
    let found = value.pointer(path).ok_or_else(|| DemoError::Missing(path.to_owned()))?;
    Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

fn number(value: &Value, path: &str) -> Result<i64, DemoError> {
    value.pointer(path).and_then(Value::as_i64).ok_or_else(|| DemoError::Missing(path.to_owned()))
}

fn flag(value: &Value, path: &str) -> Result<bool, DemoError> {
    value.pointer(path).and_then(Value::as_bool).ok_or_else(|| DemoError::Missing(path.to_owned()))
}

fn first<'v>(list: &'v Value, fits: impl Fn(&Value) -> bool, what: &str) -> Result<&'v Value, DemoError> {
    let items = list.get("items").unwrap_or(list).as_array();
    items.and_then(|i| i.iter().find(|v| fits(v))).ok_or_else(|| DemoError::Missing(what.to_owned()))
}

fn is(value: &Value, key: &str, expected: &str) -> bool {
    value.get(key).and_then(Value::as_str) == Some(expected)
}

pub(super) async fn tell(client: &Client, t: &mut Transcript) -> Result<(), DemoError> {
    let counter = set_up(client, t).await?;
    let gb = open(&counter, t, "gbt18460.open-a", "王一 Wang", None).await?;
    let neighbour = open(&counter, t, "gbt18460.open-a", "张三 Zhang", None).await?;
    let jb = open(&counter, t, "jbt8382.open-a", "李二 Li", Some(12_000)).await?;

    t.step("国标表首购 300 kWh", "GB/T 18460: first purchase, 300 kWh at 0.56");
    counter.card_to_reader(&gb.card).await?;
    let sale = counter.sell(&gb, &json!({ "energy_wh": 300_000 }), t).await?;
    check_sale(t, &sale, &[("energy_wh", 300_000), ("amount_fen", 16_800), ("quantity_wh", 300_000), ("count", 1)])?;

    t.step("卡未插表,拒绝再售", "the card was not in the meter: refused");
    refused(t, counter.quote(&gb, &json!({ "energy_wh": 100_000 })).await, "card.not_loaded");

    t.step("插表", "the card goes into its meter");
    counter.to_meter(&gb, &gb.meter, t, true, "loaded", 300_000).await?;
    check_meter(t, &counter.meter(&gb.meter).await?, 300_000, 0, 1)?;

    t.step("用电 10 小时 2 kW,再插一次", "ten hours at 2 kW; the card once more, for the returned data");
    counter.pass(&gb.meter, 36_000, 2_000).await?;
    counter.to_meter(&gb, &gb.meter, t, false, "count-behind", 0).await?;
    check_meter(t, &counter.meter(&gb.meter).await?, 280_000, 20_000, 1)?;

    t.step("按金额再购 100 元", "again, for 100 yuan, with returned data");
    counter.card_to_reader(&gb.card).await?;
    let view = counter.read_card().await?;
    t.check("returned 返写 remaining_wh", number(&view, "/returned/remaining_wh")?, 280_000);
    t.check("returned 返写 total_used_wh", number(&view, "/returned/total_used_wh")?, 20_000);
    let sale = counter.sell(&gb, &json!({ "amount_fen": 10_000 }), t).await?;
    check_sale(t, &sale, &[("energy_wh", 178_000), ("amount_fen", 9_968), ("quantity_wh", 178_000), ("count", 2)])?;
    counter.to_meter(&gb, &gb.meter, t, true, "loaded", 178_000).await?;
    check_meter(t, &counter.meter(&gb.meter).await?, 458_000, 20_000, 2)?;

    t.step("部标表:最小写卡量 12,预置 12 由系统扣", "JB/T 8382: minimum 12, preset 12 deducted by the system");
    counter.card_to_reader(&jb.card).await?;
    refused(t, counter.quote(&jb, &json!({ "energy_wh": 20_000 })).await, "sale.below_min");
    let sale = counter.sell(&jb, &json!({ "energy_wh": 100_000 }), t).await?;
    let figures =
        [("energy_wh", 100_000), ("amount_fen", 5_600), ("preset_deducted_wh", 12_000), ("quantity_wh", 88_000)];
    check_sale(t, &sale, &figures)?;

    t.step("插错电表", "the card goes into the neighbour's meter, and into one of another standard");
    counter.to_meter(&gb, &neighbour.meter, t, false, "wrong-meter", 0).await?;
    check_meter(t, &counter.meter(&neighbour.meter).await?, 0, 0, 0)?;
    counter.to_meter(&jb, &gb.meter, t, false, "unreadable", 0).await?;
    check_meter(t, &counter.meter(&gb.meter).await?, 458_000, 20_000, 2)?;
    counter.to_meter(&jb, &jb.meter, t, true, "loaded", 88_000).await?;
    check_meter(t, &counter.meter(&jb.meter).await?, 88_000, 0, 1)?;

    t.step("别的系统的卡", "a card of another system");
    let foreign =
        text(&client.post("/bench/cards", &json!({ "label": "foreign", "content": "foreign" })).await?, "/id")?;
    counter.card_to_reader(&foreign).await?;
    let view = counter.read_card().await?;
    t.check("kind", text(&view, "/kind")?, "foreign".to_owned());
    refused(t, counter.quote(&gb, &json!({ "energy_wh": 100_000 })).await, "card.foreign");
    counter.to_drawer(&foreign).await?;

    let sts = tokens(&counter, t).await?;
    totals(&counter, t, [&gb, &jb], &sts).await
}

/// A keypad meter: no card, no reader; the credit is a row of digits on the receipt.
async fn tokens(counter: &Counter<'_>, t: &mut Transcript) -> Result<Account, DemoError> {
    let sts = open(counter, t, "sts.ea11", "赵四 Zhao", None).await?;
    t.step("键盘表:不用卡,代码打印在凭条上", "STS: no card; a token of 20 digits on the receipt");
    refused(t, counter.token_quote(&sts, &json!({ "energy_wh": 150 })).await, "sale.not_multiple");
    refused(t, counter.token_quote(&sts, &json!({ "energy_wh": 1_638_500 })).await, "sale.above_max");
    let sale = counter.sell_token(&sts, &json!({ "amount_fen": 10_000 }), t).await?;
    check_sale(t, &sale, &[("energy_wh", 178_500), ("amount_fen", 9_996), ("quantity_wh", 178_500), ("count", 1)])?;
    let next = counter.sell_token(&sts, &json!({ "energy_wh": 20_000 }), t).await?;
    let later = number(&next, "/token/identifier")? > number(&sale, "/token/identifier")?;
    t.check("another token within the minute", later, true);

    t.step("在电表键盘上输入", "typed on the meter's keypad: once, again, and with a wrong digit");
    let (digits, second) = (text(&sale, "/token/digits")?, text(&next, "/token/digits")?);
    t.line(&format!("   {digits}"));
    counter.enter(&sts, &digits, t, "loaded", "ACCEPt", 178_500).await?;
    counter.enter(&sts, &digits, t, "token-used", "USEd", 178_500).await?;
    let last = if second.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", second.get(..second.len().saturating_sub(1)).unwrap_or_default());
    counter.enter(&sts, &wrong, t, "unreadable", "rEJEct", 178_500).await?;
    counter.enter(&sts, &second, t, "loaded", "ACCEPt", 198_500).await?;
    counter.pass(&sts.meter, 36_000, 2_000).await?;
    check_meter(t, &counter.meter(&sts.meter).await?, 178_500, 20_000, 2)?;
    Ok(sts)
}

async fn set_up<'a>(client: &'a Client, t: &mut Transcript) -> Result<Counter<'a>, DemoError> {
    t.step("准备", "what is there");
    let workstations = client.get("/workstations").await?;
    let workstation = text(first(&workstations, |w| w.get("number") == Some(&json!(0)), "workstation 0")?, "/id")?;
    let areas = client.get("/areas").await?;
    let area = text(first(&areas, |a| is(a, "kind", "building"), "a building")?, "/id")?;
    let tariff = json!({ "code": format!("D{}", tag()), "name": "演示 demo", "price_micro": 560_000, "valid_from": "2020-01-01" });
    let tariff = text(&client.post("/tariffs", &tariff).await?, "/id")?;
    let drivers = client.get("/drivers").await?;
    for id in ["gbt18460.open-a", "jbt8382.open-a", "sts.ea11", "ccid-serial"] {
        let driver = first(&drivers, |d| is(d, "id", id), id)?;
        t.check(id, text(driver, "/state")?, "active".to_owned());
    }
    Ok(Counter { client, workstation, area, tariff })
}

/// Eight digits that a former run on the same server did not use.
fn tag() -> String {
    let random = Uuid::now_v7().as_u128();
    format!("{:08}", random % 100_000_000)
}

/// The number of a keypad meter: its last digit makes the sum by Luhn whole.
fn with_check_digit(body: &str) -> String {
    let digits = body.chars().rev().filter_map(|digit| digit.to_digit(10));
    let doubled = |(digit, double): (u32, bool)| if double { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    let sum: u32 = digits.zip([true, false].into_iter().cycle()).map(doubled).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

struct Account {
    id: String,
    card: String,
    meter: String,
}

async fn open(
    counter: &Counter<'_>,
    t: &mut Transcript,
    driver: &str,
    name: &str,
    preset: Option<i64>,
) -> Result<Account, DemoError> {
    t.step(&format!("{name} 入库、开户"), &format!("a {driver} meter into stock, an account on it"));
    let client = counter.client;
    let types = client.get("/meter-types").await?;
    let meter_type = text(first(&types, |m| is(m, "driver_id", driver), driver)?, "/id")?;
    let factory_no = if driver == "sts.ea11" { with_check_digit(&format!("86{}", tag())) } else { tag() };
    let stock = json!({ "factory_no": factory_no, "meter_type_id": meter_type, "start_reading_wh": 0 });
    let meter_id = text(&client.post("/meters", &stock).await?, "/id")?;
    let account = client
        .post(
            "/accounts",
            &json!({
                "id": Uuid::now_v7(), "name": name, "area_id": counter.area, "meter_id": meter_id,
                "tariff_id": counter.tariff, "pt_primary": 1, "pt_secondary": 1, "ct_primary": 1, "ct_secondary": 1,
                "limit_mode": 0, "capacity_w": 8_000, "preset_given_wh": preset,
            }),
        )
        .await?;
    t.line(&format!("   user {} meter {factory_no}", text(&account, "/user_no")?));
    t.check("multiplier 倍率", number(&account, "/multiplier")?, 1);
    let meter = text(&client.post("/bench/meters", &json!({ "factory_no": factory_no })).await?, "/id")?;
    let card = text(&client.post("/bench/cards", &json!({ "label": name })).await?, "/id")?;
    Ok(Account { id: text(&account, "/id")?, card, meter })
}

impl Counter<'_> {
    async fn move_card(&self, card: &str, to: Value) -> Result<Value, DemoError> {
        Ok(self.client.post(&format!("/bench/cards/{card}/move"), &json!({ "to": to })).await?)
    }

    async fn card_to_reader(&self, card: &str) -> Result<(), DemoError> {
        self.move_card(card, json!({ "kind": "reader", "workstation_id": self.workstation })).await?;
        Ok(())
    }

    async fn to_drawer(&self, card: &str) -> Result<(), DemoError> {
        self.move_card(card, json!({ "kind": "drawer" })).await?;
        Ok(())
    }

    async fn to_meter(
        &self,
        account: &Account,
        meter: &str,
        t: &mut Transcript,
        accepted: bool,
        code: &str,
        loaded_wh: i64,
    ) -> Result<(), DemoError> {
        let moved = self.move_card(&account.card, json!({ "kind": "meter", "meter_id": meter })).await?;
        t.check("the meter says", text(&moved, "/outcome/code")?, code.to_owned());
        t.check("accepted", flag(&moved, "/outcome/accepted")?, accepted);
        t.check("loaded_wh", number(&moved, "/outcome/loaded_wh")?, loaded_wh);
        self.to_drawer(&account.card).await
    }

    async fn meter(&self, meter: &str) -> Result<Value, DemoError> {
        let bench = self.client.get("/bench").await?;
        let meters = bench.get("meters").cloned().unwrap_or_default();
        Ok(first(&meters, |m| is(m, "id", meter), "the virtual meter")?.clone())
    }

    async fn pass(&self, meter: &str, seconds: u64, watts: u32) -> Result<(), DemoError> {
        let body = json!({ "seconds": seconds, "watts": watts });
        self.client.post(&format!("/bench/meters/{meter}/pass"), &body).await?;
        Ok(())
    }

    async fn read_card(&self) -> Result<Value, ClientError> {
        self.client.post(&format!("/workstations/{}/read-card", self.workstation), &json!({})).await
    }

    async fn quote(&self, account: &Account, amount: &Value) -> Result<Value, ClientError> {
        let view = self.read_card().await?;
        let mut body = json!({
            "workstation_id": self.workstation, "account_id": account.id, "session": view.get("session"),
        });
        if let (Some(body), Some(amount)) = (body.as_object_mut(), amount.as_object()) {
            body.extend(amount.clone());
        }
        self.client.post("/quotes", &body).await
    }

    /// Without a reader.
    async fn token_quote(&self, account: &Account, amount: &Value) -> Result<Value, ClientError> {
        let mut body = json!({ "workstation_id": self.workstation, "account_id": account.id });
        if let (Some(body), Some(amount)) = (body.as_object_mut(), amount.as_object()) {
            body.extend(amount.clone());
        }
        self.client.post("/quotes", &body).await
    }

    async fn sell_token(&self, account: &Account, amount: &Value, t: &mut Transcript) -> Result<Value, DemoError> {
        let quote = self.token_quote(account, amount).await?;
        let sale = self.paid(&quote, t).await?;
        let digits = text(&sale, "/token/digits")?;
        let document = self.client.get(&format!("/documents/{}", text(&sale, "/id")?)).await?;
        t.check("receipt shows the token", document.as_str().unwrap_or_default().contains(&digits), true);
        Ok(sale)
    }

    /// Types a token on the virtual meter.
    async fn enter(
        &self,
        account: &Account,
        digits: &str,
        t: &mut Transcript,
        code: &str,
        display: &str,
        balance: i64,
    ) -> Result<(), DemoError> {
        let path = format!("/bench/meters/{}/token", account.meter);
        let entered = self.client.post(&path, &json!({ "digits": digits })).await?;
        t.check("the meter says", text(&entered, "/outcome/code")?, code.to_owned());
        t.check("it shows", text(&entered, "/outcome/display")?, display.to_owned());
        t.check("meter balance_wh", number(&entered, "/meter/snapshot/balance_wh")?, balance);
        Ok(())
    }

    async fn sell(&self, account: &Account, amount: &Value, t: &mut Transcript) -> Result<Value, DemoError> {
        let quote = self.quote(account, amount).await?;
        self.paid(&quote, t).await
    }

    async fn paid(&self, quote: &Value, t: &mut Transcript) -> Result<Value, DemoError> {
        t.check("will load 能送入", text(quote, "/will_load/answer")?, "yes".to_owned());
        let body = json!({ "id": Uuid::now_v7(), "quote": text(quote, "/quote")?, "payment": "cash" });
        let sale = self.client.post("/sales?wait_s=20", &body).await?;
        t.check("state", text(&sale, "/state")?, "committed".to_owned());
        let again = self.client.post("/sales?wait_s=20", &body).await?;
        t.check("the same click twice: one receipt", text(&again, "/receipt_no")?, text(&sale, "/receipt_no")?);
        t.check("and the same token, if any", again.get("token") == sale.get("token"), true);
        let id = text(&sale, "/id")?;
        let document = self.client.get(&format!("/documents/{id}")).await?;
        let receipt_no = text(&sale, "/receipt_no")?;
        t.check("receipt shows its number", document.as_str().unwrap_or_default().contains(&receipt_no), true);
        Ok(sale)
    }
}

fn check_sale(t: &mut Transcript, sale: &Value, expected: &[(&str, i64)]) -> Result<(), DemoError> {
    for (name, value) in expected {
        t.check(name, number(sale, &format!("/{name}"))?, *value);
    }
    Ok(())
}

fn check_meter(t: &mut Transcript, meter: &Value, balance: i64, used: i64, count: i64) -> Result<(), DemoError> {
    t.check("meter balance_wh", number(meter, "/snapshot/balance_wh")?, balance);
    t.check("meter total_used_wh", number(meter, "/snapshot/total_used_wh")?, used);
    t.check("meter count", number(meter, "/snapshot/count")?, count);
    Ok(())
}

fn refused<T: Display>(t: &mut Transcript, answer: Result<T, ClientError>, code: &str) {
    match answer {
        Ok(answer) => t.check("refused with", format!("not at all: {answer}"), code.to_owned()),
        Err(error) => {
            if let ClientError::Problem { body, .. } = &error {
                t.line(&format!("   {}", body.get("title").and_then(Value::as_str).unwrap_or_default()));
            }
            t.check("refused with", error.code().to_owned(), code.to_owned());
        }
    }
}

/// Money taken, energy on cards and tokens and rows in the books, side by side.
async fn totals(
    counter: &Counter<'_>,
    t: &mut Transcript,
    [gb, jb]: [&Account; 2],
    sts: &Account,
) -> Result<(), DemoError> {
    t.step("三者相等", "money, energy and rows end equal");
    let mut money = 0;
    let mut written = 0;
    for account in [gb, jb, sts] {
        let history = counter.client.get(&format!("/accounts/{}/history", account.id)).await?;
        for item in history.get("items").and_then(Value::as_array).into_iter().flatten() {
            let sale = item.get("sale").unwrap_or(&Value::Null);
            if is(sale, "state", "committed") {
                money += number(sale, "/amount_fen")?;
                written += number(sale, "/quantity_wh")?;
            }
        }
    }
    t.check("sold, fen", money, 16_800 + 9_968 + 5_600 + 9_996 + 1_120);
    let mut taken = 0;
    for meter in [&gb.meter, &jb.meter, &sts.meter] {
        let meter = counter.meter(meter).await?;
        taken += number(&meter, "/snapshot/total_purchased_wh")?;
    }
    t.check("on cards and tokens = taken by the meters, Wh", written, taken);
    let open = counter.client.get("/sales?state=open").await?;
    t.check("unfinished sales", number(&open, "/total")?, 0);
    let today = chrono::Utc::now() + chrono::Duration::hours(8);
    let day = today.format("%Y-%m-%d");
    let path = format!("/analysis/sales?by=area&period=day&from={day}&to={day}&area_id={}", counter.area);
    let analysis = counter.client.get(&path).await?;
    let rows = analysis.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
    let sum: i64 = rows.iter().filter_map(|r| r.get("amount_fen").and_then(Value::as_i64)).sum();
    t.check("the analysis has the same money, at once", sum >= money, true);
    Ok(())
}
