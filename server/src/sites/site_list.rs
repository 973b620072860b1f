//! GET /sites

use super::SiteView;
use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store as store;

/// Sales points
///
/// All that are in use, by code: an organisation has some dozens.
#[utoipa::path(tag = "sites", operation_id = "listSites", params(ListQuery), responses((status = 200, body = Page<SiteView>)))]
#[get("/sites")]
pub async fn list_sites(
    app: App,
    op: Guard<LoggedIn>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<SiteView>>, Problem> {
    let all = app.store.tx(op.org, "site_list", async |s| store::site_list(s).await).await?;
    let sites = all.into_iter().filter(|site| !site.retired);
    Ok(web::Json(list.cut(sites.map(SiteView::from).collect(), |site| format!("{} {}", site.code, site.name))))
}
