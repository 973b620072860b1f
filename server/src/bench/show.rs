//! GET /bench

use std::collections::HashMap;

use actix_web::{get, web};
use dianka_lab::world::{self, Place, World};
use dianka_plugin_host::meter::{MeterDriver, Snapshot};
use dianka_store::{self as store, Carrier};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::off_thread;
use crate::auth::Guard;
use crate::auth::rights::UseBench;
use crate::drivers::{self, in_use};
use crate::http::problem::Problem;
use crate::state::App;

/// All that lies on the bench.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Bench {
    /// Virtual cards.
    pub cards: Vec<BenchCard>,
    /// Virtual meters.
    pub meters: Vec<BenchMeter>,
}

/// A virtual card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BenchCard {
    /// Its number on the bench.
    pub id: String,
    /// What is written on it.
    pub label: String,
    /// `sle4442`, `sle4428` or `at24c02`.
    pub chip: String,
    /// Where it is.
    pub place: BenchPlace,
    /// Free tries of its password.
    pub tries: u8,
    /// Cell operations so far.
    pub writes: u64,
}

/// Where a card is, or shall go.
#[derive(Debug, Clone, Serialize, serde::Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BenchPlace {
    /// In nobody's hands.
    Drawer,
    /// In a counter's reader.
    Reader {
        /// Which counter.
        workstation_id: Uuid,
    },
    /// In a meter.
    Meter {
        /// Which meter of the bench.
        meter_id: String,
    },
}

/// A virtual meter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BenchMeter {
    /// Its number on the bench.
    pub id: String,
    /// Factory number.
    pub factory_no: String,
    /// Whose standard it follows.
    pub driver_id: String,
    /// `card`, or `token`: it has a keypad; none when its driver is not loaded.
    pub carrier: Option<String>,
    /// The card in it.
    pub card_id: Option<String>,
    /// The mains are on.
    pub power_on: bool,
    /// What it holds and shows; none when its driver is not loaded.
    pub snapshot: Option<MeterSnapshot>,
}

/// A meter's inside and its display. Meter energy, Wh.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeterSnapshot {
    /// Negative when overdrawn.
    pub balance_wh: i64,
    /// Total used.
    pub total_used_wh: i64,
    /// Total purchased.
    pub total_purchased_wh: i64,
    /// Last purchase number taken.
    pub count: u32,
    /// The relay lets current through.
    pub relay_closed: bool,
    /// The alarm is on.
    pub alarm: bool,
    /// Load, W.
    pub power_w: u32,
    /// Status word.
    pub status: u32,
    /// Every item of the display.
    pub lines: Vec<DisplayLine>,
}

/// One item of a display.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisplayLine {
    /// The item.
    pub id: String,
    /// As an LCD shows it.
    pub lcd: String,
    /// As an LED shows it.
    pub led: String,
}

impl From<Snapshot> for MeterSnapshot {
    fn from(s: Snapshot) -> Self {
        Self {
            balance_wh: s.balance_wh.wh(),
            total_used_wh: s.total_used_wh.wh(),
            total_purchased_wh: s.total_purchased_wh.wh(),
            count: s.count,
            relay_closed: s.relay_closed,
            alarm: s.alarm,
            power_w: s.power_w,
            status: s.status,
            lines: s.lines.into_iter().map(|l| DisplayLine { id: l.id, lcd: l.lcd, led: l.led }).collect(),
        }
    }
}

/// What lies on the bench
#[utoipa::path(tag = "bench", operation_id = "getBench", responses((status = 200, body = Bench)))]
#[get("/bench")]
pub async fn get_bench(app: App, op: Guard<UseBench>) -> Result<web::Json<Bench>, Problem> {
    let world = super::world(&app, &op).await?;
    let counters = counters(&app, op.org).await?;
    let known = world.clone();
    let meters = off_thread(move || known.meters()).await?;
    let numbers: Vec<u64> = meters.iter().map(|m| m.factory_no).collect();
    let types = super::types(&app, &op, &numbers).await?;
    let inner = app.clone();
    let bench = off_thread(move || {
        let cards = world.cards()?.into_iter().map(|c| card(c, &counters)).collect();
        let shown = |m: world::MeterView| {
            let driver = match types.get(&m.factory_no).filter(|it| it.driver_id == m.driver_id) {
                Some(it) => in_use::pinned(&inner, it).ok(),
                None => inner.registry.meter(&m.driver_id),
            };
            meter(&world, driver.as_ref(), m)
        };
        let meters = meters.into_iter().map(shown).collect::<Result<_, _>>()?;
        Ok(Bench { cards, meters })
    });
    bench.await.map(web::Json)
}

/// Workstations by number.
pub(super) async fn counters(app: &App, org: Uuid) -> Result<HashMap<u32, Uuid>, Problem> {
    let all = app.store.tx(org, "workstation_list", async |s| store::workstation_list(s).await).await?;
    Ok(all.into_iter().map(|w| (w.number, w.workstation_id)).collect())
}

pub(super) fn card(card: world::CardView, counters: &HashMap<u32, Uuid>) -> BenchCard {
    let place = match card.place {
        Place::Drawer => BenchPlace::Drawer,
        Place::Reader(number) => {
            BenchPlace::Reader { workstation_id: counters.get(&number).copied().unwrap_or_default() }
        }
        Place::Meter(meter) => BenchPlace::Meter { meter_id: meter.0.to_string() },
    };
    BenchCard {
        id: card.id.0.to_string(),
        label: card.label,
        chip: card.cells.chip().id().to_owned(),
        place,
        tries: card.cells.tries().unwrap_or(0),
        writes: card.cells.total(),
    }
}

/// As it stands on the meter's face.
fn factory_no(number: u64, carrier: Option<Carrier>) -> String {
    match carrier {
        Some(Carrier::Token) if number < 100_000_000_000 => format!("{number:011}"),
        Some(Carrier::Token) => format!("{number:013}"),
        _ => format!("{number:08}"),
    }
}

pub(super) fn meter(
    world: &World,
    driver: Option<&MeterDriver>,
    meter: world::MeterView,
) -> Result<BenchMeter, dianka_lab::world::WorldError> {
    let snapshot = driver.map(|driver| world.look(meter.id, driver)).transpose()?;
    let carrier = driver.map(drivers::carrier);
    Ok(BenchMeter {
        id: meter.id.0.to_string(),
        factory_no: factory_no(meter.factory_no, carrier),
        driver_id: meter.driver_id,
        carrier: carrier.map(|carrier| carrier.as_str().to_owned()),
        card_id: meter.card.map(|c| c.0.to_string()),
        power_on: snapshot.as_ref().is_some_and(|s| s.powered),
        snapshot: snapshot.map(MeterSnapshot::from),
    })
}
