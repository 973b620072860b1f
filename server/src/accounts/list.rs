//! GET /accounts

use super::view::AccountView;
use crate::auth::Guard;
use crate::auth::rights::ReadAccounts;
use crate::http::list::{ListQuery, Page};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store as store;

/// Find accounts
///
/// `q`: user number, telephone, or the beginning of the factory number; otherwise a part of name, unit or address.
#[utoipa::path(tag = "accounts", operation_id = "listAccounts", params(ListQuery),
    responses((status = 200, body = Page<AccountView>)))]
#[get("/accounts")]
pub async fn list_accounts(
    app: App,
    op: Guard<ReadAccounts>,
    list: web::Query<ListQuery>,
) -> Result<web::Json<Page<AccountView>>, Problem> {
    let (q, today) = (list.text(), app.today());
    let (found, prices) = app
        .store
        .tx(op.org, "account_list", async |s| {
            let found = store::account_list(s, q.as_deref(), list.request()).await?;
            Ok((found, store::tariff_versions_at(s, today).await?))
        })
        .await?;
    let items = found.items.iter().map(|account| AccountView::new(account, &prices)).collect();
    Ok(web::Json(list.answer(items, found.total)))
}
