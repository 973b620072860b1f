//! What the black-box tests share: a real server process on a real Postgres, driven over HTTP, with virtual cards and
//! meters that outlive it.

pub mod figures;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use dianka_server::demo::OwnServer;
use dianka_server::demo::client::{Client, ClientError};
use serde_json::{Value, json};
use uuid::Uuid;

/// Anything that ends a test.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where cargo puts programs: `<target>/debug`.
#[must_use]
pub fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    // <target>/debug/dianka-load, <target>/debug/deps/it-0123
    let folder = own.parent().unwrap_or(Path::new(""));
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    folder.to_owned()
}

/// A driver that is built and not shipped.
#[must_use]
pub fn example_driver() -> PathBuf {
    example_version("1.0.0")
}

/// The example driver in one of its versions: `1.0.0`; `1.1.0`, which sells 6 kWh at least instead of 5; or `2.0.0`, which
/// has the purchase at another place on the card.
#[must_use]
pub fn example_version(version: &str) -> PathBuf {
    example(&format!("example.open-a-{version}"))
}

/// A driver that is built and not shipped, by id and version: `ccid-serial-1.0.1` does what 1.0.0 does.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    let target = programs().parent().map(Path::to_owned).unwrap_or_default();
    target.join("example-drivers").join(format!("{name}.wasm"))
}

/// A place to live for a server that is killed and started again.
#[derive(Debug)]
pub struct Installation {
    folder: tempfile::TempDir,
    password: String,
}

/// A running server with its administrator logged in.
#[derive(Debug)]
pub struct Running {
    /// The process.
    pub server: OwnServer,
    /// The administrator.
    pub client: Client,
}

impl Installation {
    /// An empty one.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("dianka-it-").tempdir()?,
            password: "a-test-password".into(),
        })
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the server; the first time its administrator is made.
    ///
    /// # Errors
    /// When it does not get ready, or refuses the log-in.
    pub async fn start(&self, env: &[(&str, String)]) -> Result<Running, Failure> {
        self.start_with(&[], env).await
    }

    /// The same, with more arguments.
    ///
    /// # Errors
    /// As [`Installation::start`].
    pub async fn start_with(&self, arguments: &[OsString], env: &[(&str, String)]) -> Result<Running, Failure> {
        let server = OwnServer::start_in(&programs().join("dianka"), &self.data(), arguments, env, true).await?;
        self.logged_in(server).await
    }

    /// Starts the server on this port, where it may have been before, and logs nobody in.
    ///
    /// # Errors
    /// When it does not get ready.
    pub async fn start_at(&self, port: u16, arguments: &[OsString]) -> Result<OwnServer, Failure> {
        Ok(OwnServer::start_at(&programs().join("dianka"), &self.data(), port, arguments, &[], true).await?)
    }

    /// Logs the administrator in, who is made the first time.
    ///
    /// # Errors
    /// When the server refuses the log-in.
    pub async fn logged_in(&self, server: OwnServer) -> Result<Running, Failure> {
        let mut client = Client::new(server.url());
        if client.log_in("admin", &self.password).await.is_err() {
            client.set_up(server.setup_token(), "admin", &self.password).await?;
        }
        Ok(Running { server, client })
    }
}

/// A text field of an answer.
///
/// # Errors
/// When it is not there.
pub fn text(value: &Value, path: &str) -> Result<String, Failure> {
    let found = value.pointer(path).ok_or_else(|| format!("no {path} in {value}"))?;
    Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

/// A number of an answer.
///
/// # Errors
/// When it is not there.
pub fn number(value: &Value, path: &str) -> Result<i64, Failure> {
    value.pointer(path).and_then(Value::as_i64).ok_or_else(|| format!("no number {path} in {value}").into())
}

/// Whether a field is there and not null.
#[must_use]
pub fn has(value: &Value, field: &str) -> bool {
    value.get(field).is_some_and(|found| !found.is_null())
}

/// The items of a list, whether paged or not.
#[must_use]
pub fn items(list: &Value) -> Vec<Value> {
    list.get("items").unwrap_or(list).as_array().cloned().unwrap_or_default()
}

/// The number of a keypad meter: its last digit makes the sum by Luhn whole.
#[must_use]
pub fn with_check_digit(body: &str) -> String {
    let digits = body.chars().rev().filter_map(|digit| digit.to_digit(10));
    let doubled = |(digit, double): (u32, bool)| if double { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    let sum: u32 = digits.zip([true, false].into_iter().cycle()).map(doubled).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// An account with its virtual meter and its card, which a keypad meter has no use for.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The account.
    pub account: String,
    /// The card on the bench.
    pub card: String,
    /// The meter on the bench.
    pub meter: String,
    /// Its area.
    pub area: String,
}

impl Running {
    /// The workstation with this number.
    ///
    /// # Errors
    /// When there is none.
    pub async fn workstation(&self, wanted: i64) -> Result<String, Failure> {
        let all = items(&self.client.get("/workstations").await?);
        let found = all.iter().find(|w| w.get("number").and_then(Value::as_i64) == Some(wanted));
        text(found.ok_or("no such workstation")?, "/id")
    }

    /// Opens an account on a new meter of this driver, with a new card and a virtual meter.
    ///
    /// # Errors
    /// What the server says.
    pub async fn customer(&self, driver: &str, more: &Value) -> Result<Customer, Failure> {
        let types = items(&self.client.get("/meter-types").await?);
        let meter_type = types.iter().find(|t| t.get("driver_id") == Some(&json!(driver)));
        let meter_type = meter_type.ok_or("no meter type for this driver")?;
        let keypad = meter_type.get("carrier") == Some(&json!("token"));
        let meter_type = text(meter_type, "/id")?;
        let areas = items(&self.client.get("/areas").await?);
        let area = areas.iter().find(|a| a.get("kind") == Some(&json!("building"))).ok_or("no building")?;
        let area = text(area, "/id")?;
        let tariff = text(items(&self.client.get("/tariffs").await?).first().ok_or("no tariff")?, "/id")?;
        let chance = format!("{:08}", Uuid::now_v7().as_u128() % 100_000_000);
        let factory_no = if keypad { with_check_digit(&format!("86{chance}")) } else { chance };
        let stock = json!({ "factory_no": factory_no, "meter_type_id": meter_type, "start_reading_wh": 0 });
        let meter_id = text(&self.client.post("/meters", &stock).await?, "/id")?;
        let mut account = json!({
            "id": Uuid::now_v7(), "name": "测试 Test", "area_id": area, "meter_id": meter_id, "tariff_id": tariff,
            "pt_primary": 1, "pt_secondary": 1, "ct_primary": 1, "ct_secondary": 1, "limit_mode": 0, "capacity_w": 8_000,
        });
        if let (Some(account), Some(more)) = (account.as_object_mut(), more.as_object()) {
            account.extend(more.clone());
        }
        let account = text(&self.client.post("/accounts", &account).await?, "/id")?;
        let meter = text(&self.client.post("/bench/meters", &json!({ "factory_no": factory_no })).await?, "/id")?;
        let card = text(&self.client.post("/bench/cards", &json!({ "label": factory_no })).await?, "/id")?;
        Ok(Customer { account, card, meter, area })
    }

    /// Moves a card into a counter's reader.
    ///
    /// # Errors
    /// What the server says.
    pub async fn to_reader(&self, card: &str, workstation: &str) -> Result<(), ClientError> {
        self.move_card(card, json!({ "kind": "reader", "workstation_id": workstation })).await.map(drop)
    }

    /// Moves a card.
    ///
    /// # Errors
    /// What the server says.
    pub async fn move_card(&self, card: &str, to: Value) -> Result<Value, ClientError> {
        self.client.post(&format!("/bench/cards/{card}/move"), &json!({ "to": to })).await
    }

    /// Puts a card into a meter; what the meter did.
    ///
    /// # Errors
    /// What the server says.
    pub async fn to_meter(&self, card: &str, meter: &str) -> Result<Value, ClientError> {
        self.move_card(card, json!({ "kind": "meter", "meter_id": meter })).await
    }

    /// Types a token on a virtual meter's keypad; what the meter did.
    ///
    /// # Errors
    /// What the server says.
    pub async fn enter_token(&self, digits: &str, meter: &str) -> Result<Value, ClientError> {
        self.client.post(&format!("/bench/meters/{meter}/token"), &json!({ "digits": digits })).await
    }

    /// Reads the card at a counter.
    ///
    /// # Errors
    /// What the server says.
    pub async fn read_card(&self, workstation: &str) -> Result<Value, ClientError> {
        self.client.post(&format!("/workstations/{workstation}/read-card"), &json!({})).await
    }

    /// A quote by energy.
    ///
    /// # Errors
    /// The refusal.
    pub async fn quote(&self, workstation: &str, account: &str, energy_wh: i64) -> Result<Value, ClientError> {
        let body = json!({ "workstation_id": workstation, "account_id": account, "energy_wh": energy_wh });
        self.client.post("/quotes", &body).await
    }

    /// The second Enter.
    ///
    /// # Errors
    /// What the server says, or that it is dead.
    pub async fn sell(&self, id: Uuid, quote: &Value, wait_s: u32) -> Result<Value, ClientError> {
        let body = json!({ "id": id, "quote": quote.get("quote"), "payment": "cash" });
        self.client.post(&format!("/sales?wait_s={wait_s}"), &body).await
    }

    /// Runs the reconciliation: after whatever broke, money, cards and rows are equal.
    ///
    /// # Errors
    /// What does not hold, with its rows.
    pub async fn books_hold(&self) -> Result<Value, Failure> {
        let report = self.client.post("/reconciliations?wait_s=60", &json!({})).await?;
        if report.get("holds") == Some(&json!(true)) {
            return Ok(report);
        }
        let mut broken = report.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
        broken.retain(|finding| finding.get("verdict") != Some(&json!("holds")));
        Err(format!("the books do not hold: {:#}", Value::Array(broken)).into())
    }

    /// A virtual meter's inside.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn meter(&self, meter: &str) -> Result<Value, Failure> {
        let bench = self.client.get("/bench").await?;
        let all = bench.get("meters").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(all.into_iter().find(|m| m.get("id") == Some(&json!(meter))).ok_or("no such meter")?)
    }

    /// Waits until a sale is committed.
    ///
    /// # Errors
    /// When it is not within 20 seconds; with the sale as it stands.
    pub async fn committed(&self, sale: Uuid) -> Result<Value, Failure> {
        let mut last = Value::Null;
        for _ in 0..200 {
            last = self.client.get(&format!("/sales/{sale}")).await?;
            if last.get("state") == Some(&json!("committed")) {
                return Ok(last);
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Err(format!("not committed: {last}").into())
    }
}
