//! Virtual cards: make one, move it about, break the reader under it.

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_lab::card::Chip;
use dianka_lab::world::{CardId, Insertion, MeterId, World};
use dianka_plugin_host::meter::{CalendarDate, Carrier, Content, Purchase, kind};
use dianka_station::proto::{BenchCommand, ReadOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::show::{BenchCard, BenchMeter, BenchPlace, card, counters, meter};
use super::{model, off_thread};
use crate::auth::Guard;
use crate::auth::rights::UseBench;
use crate::cards::{REGION, password};
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::{identity, offline, problem_of};

/// How long a move waits until the reader has seen it.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// A card to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBenchCard {
    /// What to write on it with a pen.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub label: Option<String>,
    /// `blank`, or `foreign`: a purchase card of another system, to see it refused. Left out: blank.
    #[serde(default)]
    pub content: Option<String>,
    /// `sle4442`, `sle4428` or `at24c02`. Left out: `sle4442`. Foreign cards are of that chip.
    #[serde(default)]
    pub chip: Option<String>,
}

/// Make a virtual card
#[utoipa::path(tag = "bench", operation_id = "createBenchCard", responses((status = 201, body = BenchCard)))]
#[post("/bench/cards")]
pub async fn create_card(
    app: App,
    op: Guard<UseBench>,
    body: web::Json<NewBenchCard>,
) -> Result<HttpResponse, Problem> {
    let world = super::world(&app, &op).await?;
    let label = fields::optional_text("label", body.label.as_deref(), 60)?;
    let counters = counters(&app, op.org).await?;
    let image = match body.content.as_deref() {
        None | Some("blank") => None,
        Some("foreign") => Some(foreign(&app, op.org).await?),
        Some(_) => return Err(Problem::field("content", "blank-or-foreign")),
    };
    let chip = match body.chip.as_deref() {
        None => Chip::Sle4442,
        Some(name) => name.parse::<Chip>().map_err(|error| {
            Problem::field("chip", "sle4442-sle4428-or-at24c02").param("value", name).because(error)
        })?,
    };
    if image.is_some() && chip != Chip::Sle4442 {
        return Err(Problem::field("chip", "sle4442-for-foreign"));
    }
    let made = off_thread(move || {
        let id = world.new_card_of(&label, chip)?;
        if let Some(image) = image {
            world.fill_card(id, image.bytes())?;
        }
        Ok(card(world.card(id)?, &counters))
    });
    Ok(HttpResponse::Created().json(made.await?))
}

/// A whole and proper card, of the system beside this one.
async fn foreign(app: &App, org: Uuid) -> Result<CardImage, Problem> {
    let system_code = app.store.tx(org, "org_get", async |s| dianka_store::org_get(s).await).await?.system_code;
    let driver = app.registry.meters().into_iter().find(|driver| driver.carrier() == Carrier::Card);
    let driver = driver.ok_or_else(|| Problem::new(Code::DriverMissing).param("driver_id", ""))?;
    let wh = |kwh: i64| MeterEnergy::from_wh(kwh.saturating_mul(1000));
    let content = Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: if system_code >= 9_999 { 1 } else { system_code.saturating_add(1) },
        region: REGION,
        user_no: 161,
        card_no: 1,
        key_version: password::VERSION,
        purchase: Some(Purchase {
            meter_no: 1_234,
            count: 5,
            quantity_wh: wh(300),
            alarm_wh: wh(30),
            overdraft_wh: wh(0),
            hoard_wh: wh(9_999),
            limit_mode: 0,
            capacity_w: 0,
            preset_wh: wh(0),
            date: CalendarDate { year: 2024, month: 3, day: 15 },
        }),
        returned: None,
        params: Vec::new(),
    };
    let blank = dianka_lab::sle4442::Sle4442::blank().image();
    let size = usize::try_from(driver.describe().layout.size).unwrap_or_default();
    if blank.len() != size {
        return Err(Problem::new(Code::DriverMissing).param("driver_id", driver.about().id.clone()));
    }
    driver.encode(&content, &CardImage::new(blank)).map_err(Problem::internal)
}

/// Where to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The new place.
    pub to: BenchPlace,
}

/// What a move did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Moved {
    /// The card now.
    pub card: BenchCard,
    /// What the meter did, when it went into one.
    pub outcome: Option<InsertionView>,
    /// That meter.
    pub meter: Option<BenchMeter>,
}

/// What a meter did with a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InsertionView {
    /// It took a purchase.
    pub accepted: bool,
    /// Meter energy, Wh.
    pub loaded_wh: i64,
    /// What it did, or why not.
    pub code: String,
    /// What it shows.
    pub display: String,
}

impl From<Insertion> for InsertionView {
    fn from(i: Insertion) -> Self {
        Self { accepted: i.accepted, loaded_wh: i.loaded_wh.wh(), code: i.code, display: i.display }
    }
}

/// Move a virtual card
#[utoipa::path(tag = "bench", operation_id = "moveBenchCard", responses((status = 200, body = Moved)))]
#[post("/bench/cards/{id}/move")]
pub async fn move_card(
    app: App,
    op: Guard<UseBench>,
    id: web::Path<u32>,
    body: web::Json<Move>,
) -> Result<web::Json<Moved>, Problem> {
    let world = super::world(&app, &op).await?;
    let id = CardId(*id);
    let counters = counters(&app, op.org).await?;
    let mut done = None;
    match body.into_inner().to {
        BenchPlace::Drawer => {
            let world = world.clone();
            off_thread(move || world.take(id)).await?;
        }
        BenchPlace::Reader { workstation_id } => to_reader(&app, &op, id, workstation_id).await?,
        BenchPlace::Meter { meter_id } => {
            let meter_id = meter_id.parse().map_err(|_| Problem::new(Code::BenchUnknown))?;
            done = Some(to_meter(&app, &op, &world, id, MeterId(meter_id)).await?);
        }
    }
    let (outcome, meter) = done.unzip();
    let view = off_thread(move || Ok(card(world.card(id)?, &counters))).await?;
    Ok(web::Json(Moved { card: view, outcome, meter }))
}

async fn to_reader(app: &App, op: &Guard<UseBench>, id: CardId, to: Uuid) -> Result<(), Problem> {
    let who = identity(app, op.org, to).await?;
    if !app.hub.view(to).connected {
        return Err(offline(&who, crate::stations::hub::Unreachable::Offline));
    }
    let inserted = app.hub.bench(to, BenchCommand::InsertCard { card_id: id.0 }).await;
    inserted
        .map_err(|e| offline(&who, e))?
        .map_err(|(code, why)| problem_of(&code, Code::BenchNoPlace).because(why))?;
    // The clerk looks at the reader, not at the drawer: the answer waits until the reader has seen the card, or says
    // that it cannot.
    let seen = async {
        while let Ok(ReadOutcome::Failed { code, .. }) = app.hub.read_card(to).await {
            if code != Code::CardNone.as_str() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _perhaps_later = tokio::time::timeout(SEEN_WITHIN, seen).await;
    Ok(())
}

async fn to_meter(
    app: &App,
    op: &Guard<UseBench>,
    world: &World,
    id: CardId,
    to: MeterId,
) -> Result<(InsertionView, BenchMeter), Problem> {
    let known = world.clone();
    let known = off_thread(move || known.meter(to)).await?;
    let driver = model(app, op, known.factory_no, &known.driver_id).await?;
    if driver.carrier() == Carrier::Token {
        // A keypad has no slot.
        return Err(Problem::new(Code::BenchNoPlace));
    }
    let world = world.clone();
    off_thread(move || {
        let done = world.insert_into_meter(id, to, &driver)?;
        Ok((InsertionView::from(done), meter(&world, Some(&driver), world.meter(to)?)?))
    })
    .await
}

/// What to break.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The card is pulled after so many more cell operations.
    #[serde(default)]
    pub pull_after_cells: Option<u32>,
    /// True: the reader's cable is pulled. False: it is plugged in again.
    #[serde(default)]
    pub unplug: Option<bool>,
}

/// Pull the card in the middle of a write, or the reader's cable
#[utoipa::path(tag = "bench", operation_id = "setBenchFault", responses((status = 204)))]
#[post("/bench/readers/{workstation_id}/fault")]
pub async fn set_fault(
    app: App,
    op: Guard<UseBench>,
    id: web::Path<Uuid>,
    body: web::Json<Fault>,
) -> Result<HttpResponse, Problem> {
    super::world(&app, &op).await?;
    let who = identity(&app, op.org, *id).await?;
    let pull = body.pull_after_cells.map(|cells| BenchCommand::PullAfter { cells });
    let cable = body.unplug.map(|out| if out { BenchCommand::Unplug } else { BenchCommand::Replug });
    for command in pull.into_iter().chain(cable) {
        let done = app.hub.bench(who.workstation, command).await.map_err(|e| offline(&who, e))?;
        done.map_err(|(code, why)| problem_of(&code, Code::BenchNoPlace).because(why))?;
    }
    Ok(HttpResponse::NoContent().finish())
}
