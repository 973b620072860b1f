//! Quotes made beforehand: what POST /quotes gives to a page, one per account, with the server's own keys and driver.

use chrono::Utc;
use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{AccessRule, CalendarDate, Content, MeterDriver, Purchase, kind};
use dianka_server::keys::Keys;
use dianka_server::learning::SYSTEM_CODE;
use dianka_server::sales::frozen::{AccessPair, CardPlan, DriverStamp, FORMAT, Frozen, FrozenCard, FrozenCarrier};
use dianka_server::sales::receipt::Receipt;
use dianka_station::proto::Hex;
use dianka_tests::Failure;
use serde_json::json;
use uuid::Uuid;

use super::world::{Numbers, World};

/// The driver of all meters here.
pub const DRIVER: &str = "gbt18460.open-a";
/// A card as its maker delivers it: four bytes of header, nothing written.
pub const BLANK: [u8; 256] = {
    let mut bytes = [0xFF; 256];
    bytes[0] = 0xA2;
    bytes[1] = 0x13;
    bytes[2] = 0x10;
    bytes[3] = 0x91;
    bytes
};

/// What every sale sells: energy on the card and in the books, Wh.
pub const ENERGY_WH: i64 = 100_000;
/// What it costs, fen.
pub const AMOUNT_FEN: i64 = 5_600;
/// Alarm level, Wh.
pub const ALARM_WH: i64 = 10_000;
/// Hoarding limit, Wh.
pub const HOARD_WH: i64 = 9_000_000;
/// Contracted capacity, W.
pub const CAPACITY_W: u32 = 8_000;
/// Preset quantity of the meter, Wh.
const PRESET_WH: i64 = 12_000;
/// Longer than any bench, seconds.
const HOLDS_S: i64 = 24 * 3_600;

/// The first purchase of a customer.
pub fn content(user_no: u32, meter_no: u32) -> Content {
    Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: SYSTEM_CODE,
        region: 0,
        user_no: user_no.into(),
        card_no: user_no,
        key_version: 1,
        purchase: Some(Purchase {
            meter_no: meter_no.into(),
            count: 1,
            quantity_wh: MeterEnergy::from_wh(ENERGY_WH),
            alarm_wh: MeterEnergy::from_wh(ALARM_WH),
            overdraft_wh: MeterEnergy::ZERO,
            hoard_wh: MeterEnergy::from_wh(HOARD_WH),
            limit_mode: 0,
            capacity_w: CAPACITY_W,
            preset_wh: MeterEnergy::from_wh(PRESET_WH),
            date: CalendarDate { year: 2026, month: 11, day: 22 },
        }),
        returned: None,
        params: Vec::new(),
    }
}

/// Makes quotes.
pub struct Maker<'a> {
    pub world: &'a World,
    pub driver: &'a MeterDriver,
    pub keys: &'a Keys,
}

impl Maker<'_> {
    /// The whole decision about account `n`.
    pub fn frozen(&self, n: Numbers) -> Result<Frozen, Failure> {
        let (world, about) = (self.world, self.driver.about());
        Ok(Frozen {
            format: FORMAT,
            org: world.org,
            workstation_id: n.workstation(world),
            site_id: n.site(world),
            opening: true,
            account_id: n.account(),
            account_version: 1,
            sold: 0,
            user_no: n.0.into(),
            meter_id: n.meter(),
            meter_no: n.0.into(),
            period: 1,
            generation: 1,
            area_id: n.area(world),
            count: 1,
            energy_wh: ENERGY_WH,
            amount_fen: AMOUNT_FEN,
            price_micro: world.price_micro,
            tariff_version_id: world.tariff_version,
            multiplier: 1,
            adjustment_used_wh: 0,
            carry_wh: 0,
            preset_deducted_wh: 0,
            quantity_wh: ENERGY_WH,
            driver: DriverStamp {
                id: about.id.clone(),
                version: about.version.to_string(),
                sha256: hex::encode(about.digest.as_bytes()),
            },
            carrier: FrozenCarrier::Card(Box::new(self.card(n)?)),
            receipt: receipt(n),
            expires_at: Utc::now().timestamp().saturating_add(HOLDS_S),
        })
    }

    /// The card of account `n`, as it is and as it shall be.
    pub fn card(&self, n: Numbers) -> Result<FrozenCard, Failure> {
        let content = content(n.0, n.0);
        let target = self.driver.encode(&content, &CardImage::new(BLANK.to_vec()))?;
        let then = self.driver.access(&content)?;
        Ok(FrozenCard {
            session: self.world.session,
            card_no: n.0.into(),
            alarm_wh: ALARM_WH,
            hoard_wh: HOARD_WH,
            overdraft_wh: 0,
            limit_mode: 0,
            capacity_w: CAPACITY_W,
            layout: self.driver.describe().layout.without_fields(),
            access: AccessPair { now: AccessRule::Transport(vec![0xFF; 3]), then, key_version: 1 },
            before: Hex(BLANK.to_vec()),
            target: Hex(target.bytes().to_vec()),
        })
    }

    /// The request that sells it, all of its bytes.
    pub fn request(&self, n: Numbers, token: &str) -> Result<Vec<u8>, Failure> {
        let quote = self.frozen(n)?.sign(self.keys)?;
        let body = serde_json::to_string(&json!({ "id": Uuid::new_v4(), "quote": quote, "payment": "cash" }))?;
        let head = format!(
            "POST /api/v1/sales?wait_s=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Ok([head.into_bytes(), body.into_bytes()].concat())
    }

    /// The plan as the database stores it, for the side that calls the function itself.
    pub fn card_plan(&self, n: Numbers) -> Result<String, Failure> {
        let card = self.card(n)?;
        let plan = CardPlan { layout: card.layout, access: card.access, receipt: receipt(n) };
        Ok(serde_json::to_string(&plan)?)
    }
}

fn receipt(n: Numbers) -> Receipt {
    Receipt {
        organisation: "学习使用".into(),
        site: n.name(),
        workstation: 1,
        operator: "admin".into(),
        user_no: n.0.into(),
        name: n.name(),
        address: "学习路 1 号".into(),
        meter_no: format!("{:08}", n.0),
        count: 1,
        tariff: "居民生活".into(),
        price_micro: 560_000,
        energy_wh: ENERGY_WH,
        amount_fen: AMOUNT_FEN,
        cash_fen: None,
        multiplier: 1,
        adjustment_used_wh: 0,
        carry_wh: 0,
        preset_deducted_wh: 0,
        quantity_wh: ENERGY_WH,
        alarm_wh: ALARM_WH,
        token: None,
        learning: true,
        at: Utc::now(),
        offset_min: 480,
    }
}
