//! Accounts that have not bought yet, made before the clock starts.

use dianka_server::demo::client::Client;
use dianka_tests::{Failure, items, text};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use uuid::Uuid;

/// Meters of cards.
const DRIVER: &str = "gbt18460.open-a";
/// So many at once.
const AT_ONCE: usize = 8;

/// What every account here has in common.
pub struct Shelf {
    client: Client,
    meter_type: String,
    area: String,
    tariff: String,
    /// Factory number of the next meter.
    next: usize,
}

fn id_where(list: &Value, field: &str, wanted: &str) -> Result<String, Failure> {
    let all = items(list);
    let found = all.iter().find(|one| one.get(field) == Some(&json!(wanted)));
    text(found.ok_or_else(|| format!("nothing with {field} {wanted}"))?, "/id")
}

impl Shelf {
    /// Looks up what is needed.
    pub async fn new(client: &Client) -> Result<Self, Failure> {
        Ok(Self {
            meter_type: id_where(&client.get("/meter-types").await?, "driver_id", DRIVER)?,
            area: id_where(&client.get("/areas").await?, "kind", "building")?,
            tariff: text(items(&client.get("/tariffs").await?).first().ok_or("no tariff")?, "/id")?,
            client: client.clone(),
            next: 70_000_000,
        })
    }

    /// So many new accounts, each with a meter of its own.
    pub async fn open(&mut self, number: usize) -> Result<Vec<String>, Failure> {
        let first = self.next;
        self.next = first.saturating_add(number);
        let this = &*self;
        stream::iter(first..this.next).map(|n| this.one(n)).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn one(&self, factory_no: usize) -> Result<String, Failure> {
        let (client, factory_no) = (&self.client, factory_no.to_string());
        let meter = json!({ "factory_no": factory_no, "meter_type_id": self.meter_type, "start_reading_wh": 0 });
        let meter = text(&client.post("/meters", &meter).await?, "/id")?;
        let account = json!({
            "id": Uuid::now_v7(), "name": factory_no, "area_id": self.area, "meter_id": meter, "tariff_id": self.tariff,
            "pt_primary": 1, "pt_secondary": 1, "ct_primary": 1, "ct_secondary": 1, "limit_mode": 0, "capacity_w": 8_000,
        });
        text(&client.post("/accounts", &account).await?, "/id")
    }

    /// Uses this client's token from now on.
    pub fn log_in(&mut self, client: &Client) {
        self.client = client.clone();
    }
}
