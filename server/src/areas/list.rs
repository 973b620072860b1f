//! GET /areas

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store::{self as store, Area, AreaKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What kind of area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AreaKind)]
pub enum Kind {
    /// The organisation or a branch of it.
    Organisation,
    /// A substation or line 线路.
    Line,
    /// A transformer district 台区.
    District,
    /// A building 楼栋.
    Building,
}

impl From<AreaKind> for Kind {
    fn from(kind: AreaKind) -> Kind {
        match kind {
            AreaKind::Organisation => Kind::Organisation,
            AreaKind::Line => Kind::Line,
            AreaKind::District => Kind::District,
            AreaKind::Building => Kind::Building,
        }
    }
}

impl From<Kind> for AreaKind {
    fn from(kind: Kind) -> AreaKind {
        match kind {
            Kind::Organisation => AreaKind::Organisation,
            Kind::Line => AreaKind::Line,
            Kind::District => AreaKind::District,
            Kind::Building => AreaKind::Building,
        }
    }
}

/// An area.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Area)]
pub struct AreaView {
    /// Id.
    pub id: Uuid,
    /// The area it lies in.
    pub parent_id: Option<Uuid>,
    /// Area code 区域编码.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Names from the root down to it, joined by ` / `.
    pub path_name: String,
}

impl From<Area> for AreaView {
    fn from(area: Area) -> AreaView {
        AreaView {
            id: area.area_id,
            parent_id: area.parent_id,
            code: area.code,
            name: area.name,
            kind: area.kind.into(),
            path_name: area.path_name,
        }
    }
}

/// Areas
///
/// All of them, parents before children.
#[utoipa::path(tag = "areas", operation_id = "listAreas", params(ListQuery), responses((status = 200, body = Page<AreaView>)))]
#[get("/areas")]
pub async fn list_areas(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<AreaView>>, Problem> {
    let areas = app.store.tx(op.org, "area_list", async |s| store::area_list(s).await).await?;
    Ok(web::Json(
        list.cut(areas.into_iter().map(AreaView::from).collect(), |area| format!("{} {}", area.code, area.path_name)),
    ))
}
