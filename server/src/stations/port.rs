//! The reader of a workstation: how it stands, testing a port, choosing one.

use std::time::Duration;

use actix_web::{get, post, put, web};
use dianka_station::proto::{PortAnswer, ReaderSettings, ReaderStatus};
use dianka_store::{self as store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::hub::Unreachable;
use super::view::{WorkstationState, state_of};
use super::{identity, offline, settings};
use crate::auth::Guard;
use crate::auth::rights::{ManageSites, SellEnergy};
use crate::drivers;
use crate::errors::Code;
use crate::http::edge::Request;
use crate::http::fields;
use crate::http::problem::{Problem, ProblemBody};
use crate::state::App;

/// How long the answer to a choice waits for the station to have tried it.
const KNOWN_WITHIN: Duration = Duration::from_secs(3);

/// How a workstation and its reader stand
#[utoipa::path(tag = "workstations", operation_id = "getWorkstationState",
    responses((status = 200, body = WorkstationState)))]
#[get("/workstations/{id}/state")]
pub async fn get_state(
    app: App,
    op: Guard<SellEnergy>,
    id: web::Path<Uuid>,
) -> Result<web::Json<WorkstationState>, Problem> {
    let who = identity(&app, op.org, *id).await?;
    Ok(web::Json(state_of(&app, who.workstation)))
}

/// What to test; what is left out is as configured.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortTest {
    /// `/dev/ttyUSB0`, `COM3`.
    #[serde(default)]
    pub port: Option<String>,
    /// A reader driver's id.
    #[serde(default)]
    pub driver_id: Option<String>,
    /// Bits per second.
    #[serde(default)]
    pub baud: Option<u32>,
}

/// What was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortTestAnswer {
    /// `found`, `wrong-driver`, `port-busy`, `no-answer`, `no-permission` or `absent`.
    pub answer: String,
    /// The reader, when found.
    pub reader: Option<FoundReader>,
    /// With `wrong-driver`: the driver whose protocol the reader does speak, where one of those in service does.
    pub driver_id: Option<String>,
    /// Why not, and what to do next; null when found.
    pub problem: Option<ProblemBody>,
    /// What the system or the driver said, untranslated: for support.
    pub detail: String,
}

/// A reader that answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FoundReader {
    /// Model.
    pub model: String,
    /// Firmware.
    pub firmware: String,
}

/// Test a port 测试端口
#[utoipa::path(tag = "workstations", operation_id = "testPort", responses((status = 200, body = PortTestAnswer)))]
#[post("/workstations/{id}/test-port")]
pub async fn test_port(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
    request: Request,
    body: web::Json<PortTest>,
) -> Result<web::Json<PortTestAnswer>, Problem> {
    let who = identity(&app, op.org, *id).await?;
    let test = body.into_inner();
    let now = app.hub.view(who.workstation);
    if !now.connected {
        return Err(offline(&who, Unreachable::Offline));
    }
    let port = test.port.or_else(|| now.reader.as_ref().map(|set| set.port.clone()));
    let driver = test.driver_id.or_else(|| now.reader.map(|set| set.driver_id));
    let (Some(port), Some(driver)) = (port, driver) else {
        return Err(Problem::new(Code::ReaderNotSet));
    };
    drivers::active_reader(&app, &driver)?;
    let asked = ReaderSettings { port, driver, baud: test.baud };
    let answer = app.hub.test_port(who.workstation, asked.clone()).await.map_err(|e| offline(&who, e))?;
    let (text, code) = told(answer.answer);
    let problem = code.map(|code| Problem::new(code).param("port", asked.port).param("driver_id", asked.driver));
    Ok(web::Json(PortTestAnswer {
        answer: text.to_owned(),
        reader: answer.reader.map(|r| FoundReader { model: r.model, firmware: r.firmware }),
        driver_id: answer.driver,
        problem: problem.map(|p| p.body(request.language, &request.id.to_string())),
        detail: answer.detail,
    }))
}

const fn told(answer: PortAnswer) -> (&'static str, Option<Code>) {
    match answer {
        PortAnswer::Found => ("found", None),
        PortAnswer::WrongDriver => ("wrong-driver", Some(Code::ReaderWrongDriver)),
        PortAnswer::PortBusy => ("port-busy", Some(Code::ReaderBusy)),
        PortAnswer::NoAnswer => ("no-answer", Some(Code::ReaderNoAnswer)),
        PortAnswer::NoPermission => ("no-permission", Some(Code::ReaderNoRights)),
        PortAnswer::Absent => ("absent", Some(Code::ReaderAbsent)),
    }
}

/// Which reader a workstation uses.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReaderChoice {
    /// `/dev/ttyUSB0`, `COM3`.
    #[schema(max_length = 200)]
    pub port: String,
    /// A reader driver's id.
    #[schema(max_length = 100)]
    pub driver_id: String,
    /// Bits per second; left out: what the driver proposes.
    #[serde(default)]
    pub baud: Option<u32>,
}

/// Choose a workstation's port and driver; remembered
#[utoipa::path(tag = "workstations", operation_id = "setReader", responses((status = 200, body = WorkstationState)))]
#[put("/workstations/{id}/reader")]
pub async fn set_reader(
    app: App,
    op: Guard<ManageSites>,
    id: web::Path<Uuid>,
    body: web::Json<ReaderChoice>,
) -> Result<web::Json<WorkstationState>, Problem> {
    let who = identity(&app, op.org, *id).await?;
    let choice = body.into_inner();
    let port = fields::text("port", &choice.port, 200)?;
    let driver_id = fields::text("driver_id", &choice.driver_id, 100)?;
    drivers::active_reader(&app, &driver_id)?;
    let kept = store::ReaderSettings { driver_id, port, baud: choice.baud };
    let set = app.store.tx(op.org, "reader_set", async |s| {
        store::workstation_reader_set(s, *id, &kept).await?;
        store::workstation_get(s, *id).await
    });
    let set = set.await?;
    settings::push(&app, op.org, &set).await;
    // A connected station says within this time how its new reader stands; the answer is that, and not the old one.
    if let Some(chosen) = set.reader.filter(|_| app.hub.view(who.workstation).connected) {
        let is_known = || {
            let reader = app.hub.view(who.workstation).reader;
            reader.is_some_and(|now| {
                (&now.port, &now.driver_id) == (&chosen.port, &chosen.driver_id) && now.state != ReaderStatus::Searching
            })
        };
        let until = tokio::time::Instant::now() + KNOWN_WITHIN;
        while !is_known() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(web::Json(state_of(&app, who.workstation)))
}
