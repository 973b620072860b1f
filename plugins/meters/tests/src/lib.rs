//! The bench on which both meter drivers are tested: cards, meters, and the cells of an SLE4442.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may stop at the first surprise"
)]

// The vendor's kit walks the same states of a card with the same chance.
#[path = "../../../kit/src/chance.rs"]
pub mod chance;
#[path = "../../../kit/src/torn.rs"]
pub mod torn;

use dianka_gbt18460::Gbt18460;
use dianka_jbt8382::Jbt8382;
use dianka_meter_engine::meter::Meter;
use dianka_meter_engine::{Rules, Standard, encode};
use dianka_sdk::meter::simulator::{Outcome, Setup};
use dianka_sdk::meter::types::{CalendarDate, CardImage, Content, Param, Purchase};

/// The driver whose meter deducts the preset.
pub const GB: Standard = Gbt18460::STANDARD;
/// The driver whose system deducts the preset.
pub const JB: Standard = Jbt8382::STANDARD;
/// Both.
pub const BOTH: [Standard; 2] = [GB, JB];
/// One kWh.
pub const KWH: i64 = 1000;

/// An SLE4442 as it leaves the factory.
#[must_use]
pub fn blank() -> CardImage {
    let mut bytes = vec![0xFF; 256];
    bytes[..4].copy_from_slice(&[0xA2, 0x13, 0x10, 0x91]);
    CardImage { chip: "sle4442".into(), bytes }
}

/// Meter 1234 of system 86, area 1.
#[must_use]
pub fn setup() -> Setup {
    Setup { meter_no: 1234, constant: 3200, system_code: 86, region: 1 }
}

/// A purchase for meter 1234: no overdraft, no hoarding limit, no limit of capacity, alarm at a tenth.
#[must_use]
pub fn purchase(count: u32, kwh: i64) -> Purchase {
    Purchase {
        meter_no: 1234,
        count,
        quantity_wh: kwh * KWH,
        alarm_wh: (kwh + 9) / 10 * KWH,
        overdraft_wh: 0,
        hoard_wh: 0,
        limit_mode: 0,
        capacity_w: 0,
        preset_wh: 0,
        date: CalendarDate { year: 2024, month: 3, day: 15 },
    }
}

/// A content of customer 161, card 1, without purchase.
#[must_use]
pub fn plain(kind: &str, params: Vec<Param>) -> Content {
    Content {
        kind: kind.into(),
        system_code: 86,
        region: 1,
        user_no: 161,
        card_no: 1,
        key_version: 1,
        purchase: None,
        returned: None,
        params,
    }
}

/// A purchase card of customer 161.
#[must_use]
pub fn bought(purchase: Purchase) -> Content {
    Content { purchase: Some(purchase), ..plain("purchase", Vec::new()) }
}

/// The content written onto a blank card.
#[must_use]
pub fn written(standard: &Standard, content: &Content) -> CardImage {
    encode::encode(standard, content, &blank()).unwrap()
}

/// A meter and what is put into it.
pub struct Bench {
    /// The standard.
    pub standard: Standard,
    /// The meter.
    pub meter: Meter,
}

impl Bench {
    /// A fresh meter 1234.
    #[must_use]
    pub fn new(standard: Standard) -> Self {
        Self { standard, meter: Meter::fresh(&setup()).unwrap() }
    }

    /// Inserts a card, and keeps what the meter wrote onto it.
    pub fn insert(&mut self, card: &mut CardImage) -> Outcome {
        let outcome = self.meter.insert(&self.standard, card).unwrap();
        *card = outcome.card.clone();
        outcome
    }

    /// Inserts a card of customer 161 with this purchase.
    pub fn buy(&mut self, purchase: Purchase) -> Outcome {
        self.insert(&mut written(&self.standard, &bought(purchase)))
    }

    /// Uses exactly so much, at a load that divides it.
    pub fn use_kwh(&mut self, kwh: u64) {
        self.meter.pass(&self.standard, kwh * 3600, 1000);
    }

    /// Balance in Wh.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.meter.balance_wh()
    }
}
