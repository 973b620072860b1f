//! GET /workstations

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::{self, view::ReaderView};
use actix_web::{get, web};
use dianka_store::{self as store, Workstation, WorkstationKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a workstation's reader hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// On the server itself.
    BuiltIn,
    /// On a station program that dials in.
    Station,
}

impl From<WorkstationKind> for Kind {
    fn from(kind: WorkstationKind) -> Kind {
        match kind {
            WorkstationKind::BuiltIn => Kind::BuiltIn,
            WorkstationKind::Station => Kind::Station,
        }
    }
}

impl From<Kind> for WorkstationKind {
    fn from(kind: Kind) -> WorkstationKind {
        match kind {
            Kind::BuiltIn => WorkstationKind::BuiltIn,
            Kind::Station => WorkstationKind::Station,
        }
    }
}

/// A workstation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Workstation)]
pub struct WorkstationView {
    /// Id.
    pub id: Uuid,
    /// The sales point it stands in.
    pub site_id: Uuid,
    /// Number; 0 is the server's own.
    pub number: u32,
    /// Name.
    pub name: String,
    /// Built in or a station.
    pub kind: Kind,
    /// Whether its program is connected now.
    pub connected: bool,
    /// Its reader as it stands now.
    pub reader: ReaderView,
    /// The token for its program: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl WorkstationView {
    pub(super) fn new(app: &App, workstation: Workstation) -> WorkstationView {
        let state = stations::view::state_of(app, workstation.workstation_id);
        let mut reader = state.reader;
        // A station that is away does not tell; the settings do.
        if let (false, Some(set)) = (state.connected, workstation.reader) {
            (reader.driver_id, reader.port) = (set.driver_id, set.port);
        }
        WorkstationView {
            id: workstation.workstation_id,
            site_id: workstation.site_id,
            number: workstation.number,
            name: workstation.name,
            kind: workstation.kind.into(),
            connected: state.connected,
            reader,
            token: None,
        }
    }
}

/// Workstations
///
/// All of them, by number.
#[utoipa::path(tag = "sites", operation_id = "listWorkstations", params(ListQuery), responses((status = 200, body = Page<WorkstationView>)))]
#[get("/workstations")]
pub async fn list_workstations(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<WorkstationView>>, Problem> {
    let found = app.store.tx(op.org, "workstation_list", async |s| store::workstation_list(s).await).await?;
    Ok(web::Json(list.cut(found.into_iter().map(|w| WorkstationView::new(&app, w)).collect(), |w| {
        format!("{} {}", w.number, w.name)
    })))
}
