//! GET /drivers

use super::report::ReportView;
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::LoggedIn;
use crate::http::catalogue::Language;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_plugin_host::package::Kind;
use dianka_plugin_host::{Described, DriverInfo, DriverState};
use dianka_store::{self as store, ActivationState, DriverActivation, MeterType, ReaderVersions, Workstation};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A text in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BothTexts {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What a driver speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DriverKind)]
pub enum KindView {
    /// A meter standard.
    Meter,
    /// A card reader.
    Reader,
}

/// Where a driver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DriverState)]
pub enum StateView {
    /// In service.
    Active,
    /// Never got in; `reason` says why.
    Refused,
    /// Stopped after faults; `reason` says which.
    Quarantined,
}

/// A meter type or a workstation, by id and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DriverUse)]
pub struct UsedBy {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// An installed driver.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Driver)]
pub struct DriverView {
    /// Id; the file's name if the file does not tell.
    pub id: String,
    /// Version; empty if the file does not tell.
    pub version: String,
    /// Meter or reader; none if the file does not tell.
    pub kind: Option<KindView>,
    /// Name; the id if the file does not tell.
    pub name: BothTexts,
    /// Published standards (of a meter driver) or models (of a reader driver).
    pub standards: Vec<String>,
    /// Where it stands.
    pub state: StateView,
    /// Why it is refused or quarantined, in the language of the request.
    pub reason: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// It came with the server.
    pub built_in: bool,
    /// The trusted key that signed it, by its name.
    pub signed_by: Option<String>,
    /// Meter types that this very version sells for.
    pub meter_types: Vec<UsedBy>,
    /// Of a reader's driver: the workstations with such a reader that use this very version.
    pub workstations: Vec<UsedBy>,
    /// Of a reader's driver: the version for every workstation without one of its own.
    pub everywhere: bool,
    /// Meter types that sell with this version and stopped doing so: another file of it was chosen. Choosing this file for
    /// them lets them go on.
    pub stopped: Vec<UsedBy>,
    /// Faults since the server started.
    pub faults: u64,
    /// What was found when it was tried here; none for a driver that came with the server.
    pub conformance: Option<ReportView>,
    /// Of a meter driver: what distinguishes its standard from others.
    #[schema(value_type = Option<Object>)]
    pub facts: Option<Value>,
    /// Everything that the driver says about itself: display table, line settings, evidence.
    #[schema(value_type = Option<Object>)]
    pub description: Option<Value>,
}

impl DriverView {
    /// `None` for a driver whose file is gone.
    fn new(driver: DriverInfo, books: &Books, language: Language) -> Option<DriverView> {
        let Books { types, chosen, .. } = books;
        let state = match driver.state {
            DriverState::Active => StateView::Active,
            DriverState::Quarantined => StateView::Quarantined,
            DriverState::Refused => StateView::Refused,
            DriverState::Retired => return None,
        };
        let facts = match &driver.description {
            Some(Described::Meter(meter)) => serde_json::to_value(&meter.facts).ok(),
            _ => None,
        };
        let version = driver.version.map(|v| v.to_string()).unwrap_or_default();
        let uses = |it: &&MeterType| it.driver_id == driver.id && it.driver_version == version && !it.retired;
        // The newest change comes first.
        let file = chosen.iter().find(|row| {
            row.driver_id == driver.id && row.driver_version == version && row.state == ActivationState::Active
        });
        let other_file = file.is_some_and(|row| driver.sha256.is_some_and(|own| row.driver_sha256 != *own.as_bytes()));
        let users = types.iter().filter(uses).map(|it| UsedBy { id: it.meter_type_id, name: it.name.clone() });
        let (stopped, meter_types) =
            if other_file { (users.collect(), Vec::new()) } else { (Vec::new(), users.collect()) };
        let is_reader = driver.kind == Some(Kind::Reader);
        let workstations = if is_reader { books.readers_with(&driver.id, &version) } else { Vec::new() };
        let everywhere = is_reader && books.versions.everywhere.get(&driver.id) == Some(&version);
        let own_name = driver.name.map(|name| BothTexts { zh: name.zh, en: name.en });
        Some(DriverView {
            version,
            kind: driver.kind.map(|kind| match kind {
                Kind::Meter => KindView::Meter,
                Kind::Reader => KindView::Reader,
            }),
            name: own_name.unwrap_or_else(|| BothTexts { zh: driver.id.clone(), en: driver.id.clone() }),
            id: driver.id,
            standards: driver.standards,
            state,
            reason: driver.reason.map(|reason| match language {
                Language::Zh => reason.zh,
                Language::En => reason.en,
            }),
            sha256: driver.sha256.map(|digest| digest.to_string()).unwrap_or_default(),
            built_in: driver.built_in,
            signed_by: driver.signed_by,
            meter_types,
            workstations,
            everywhere,
            stopped,
            faults: driver.faults,
            conformance: driver.conformance.as_deref().map(ReportView::from),
            facts,
            description: driver.description.and_then(|description| serde_json::to_value(description).ok()),
        })
    }
}

/// What the organisation's books say about the use of drivers.
struct Books {
    types: Vec<MeterType>,
    chosen: Vec<DriverActivation>,
    versions: ReaderVersions,
    /// Live workstations, each with its reader's driver, as it is in use or set.
    readers: Vec<(Workstation, String)>,
}

impl Books {
    fn readers_with(&self, driver_id: &str, version: &str) -> Vec<UsedBy> {
        let uses = |(it, driver): &&(Workstation, String)| {
            driver == driver_id && self.versions.of(it.workstation_id, driver_id) == Some(version)
        };
        let named = |(it, _): &(Workstation, String)| UsedBy { id: it.workstation_id, name: it.name.clone() };
        self.readers.iter().filter(uses).map(named).collect()
    }
}

/// Drivers
///
/// All files in the drivers' folders, also those that were refused. A file that is put there appears within a second
/// or two.
#[utoipa::path(tag = "drivers", operation_id = "listDrivers", responses((status = 200, body = Vec<DriverView>)))]
#[get("/drivers")]
pub async fn list_drivers(app: App, op: Guard<LoggedIn>) -> Result<web::Json<Vec<DriverView>>, Problem> {
    views(&app, &op).await.map(web::Json)
}

/// All drivers, as the operator's organisation uses them.
pub(super) async fn views(app: &App, op: &Op) -> Result<Vec<DriverView>, Problem> {
    let read = app.store.tx(op.org, "drivers_used", async |s| {
        Ok((
            store::meter_type_list(s).await?,
            store::driver_activation_list(s).await?,
            store::reader_version_list(s).await?,
            store::workstation_list(s).await?,
        ))
    });
    let (types, chosen, versions, workstations) = read.await?;
    let with_driver = |it: Workstation| {
        let live = app.hub.view(it.workstation_id).reader.map(|reader| reader.driver_id);
        let driver = live.or_else(|| it.reader.as_ref().map(|set| set.driver_id.clone()))?;
        Some((it, driver))
    };
    let readers = workstations.into_iter().filter(|it| !it.retired).filter_map(with_driver).collect();
    let books = Books { types, chosen, versions, readers };
    let list = app.registry.list().into_iter();
    Ok(list.filter_map(|driver| DriverView::new(driver, &books, op.request.language)).collect())
}
