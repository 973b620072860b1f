//! GET /workstations

use super::code::EnrolmentCode;
use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use crate::stations::{
    self,
    view::{ErrorView, JournalView, ReaderView},
};
use actix_web::{get, web};
use chrono::{DateTime, Utc};
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
    /// Something is in its reader: `card`, `unreadable`, or `none`.
    pub slot: String,
    /// Since when its program is connected, or is not; null: it has not been since the server started.
    pub since: Option<DateTime<Utc>>,
    /// Version of its program.
    pub version: Option<String>,
    /// The end of its journal.
    pub journal: Option<JournalView>,
    /// What went wrong there last.
    pub last_error: Option<ErrorView>,
    /// When its program was enrolled; null: no program may come in.
    pub enrolled_at: Option<DateTime<Utc>>,
    /// Language of its program, `zh-CN` or `en`; null: the computer's own.
    pub language: Option<String>,
    /// How much its program logs, `error`, `warn`, `info` or `debug`; null: the program's own.
    pub log_level: Option<String>,
    /// It is no longer used.
    pub retired: bool,
    /// The code for its program: only in the answer that makes the workstation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<EnrolmentCode>,
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
            slot: match (state.card.is_some(), state.card_problem.is_some()) {
                (true, _) => "card",
                (false, true) => "unreadable",
                (false, false) => "none",
            }
            .to_owned(),
            since: state.since,
            version: state.version,
            journal: state.journal,
            last_error: state.last_error,
            enrolled_at: None,
            language: workstation.language,
            log_level: workstation.log_level,
            retired: workstation.retired,
            enrolment: None,
        }
    }
}

/// Which ones.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct RetiredQuery {
    /// The retired ones instead of those in use.
    #[serde(default)]
    pub retired: bool,
}

/// Workstations
///
/// All that are in use, by number; with `retired=true` the others.
#[utoipa::path(tag = "sites", operation_id = "listWorkstations", params(ListQuery, RetiredQuery), responses((status = 200, body = Page<WorkstationView>)))]
#[get("/workstations")]
pub async fn list_workstations(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
    retired: web::Query<RetiredQuery>,
) -> Result<web::Json<Page<WorkstationView>>, Problem> {
    let (found, live) = app
        .store
        .tx(op.org, "workstation_list", async |s| {
            Ok((store::workstation_list(s).await?, store::station_key_live(s).await?))
        })
        .await?;
    let view = |w: Workstation| {
        let enrolled_at = live.iter().find(|(id, _)| *id == w.workstation_id).map(|(_, at)| *at);
        WorkstationView { enrolled_at, ..WorkstationView::new(&app, w) }
    };
    let views = found.into_iter().filter(|w| w.retired == retired.retired).map(view).collect();
    Ok(web::Json(list.cut(views, |w| format!("{} {}", w.number, w.name))))
}
