//! GET /accounts/{id}

use super::view::AccountView;
use crate::auth::Guard;
use crate::auth::rights::ReadAccounts;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store::{self as store, StoreError};
use uuid::Uuid;

/// An account
#[utoipa::path(tag = "accounts", operation_id = "getAccount", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountView)))]
#[get("/accounts/{id}")]
pub async fn get_account(
    app: App,
    op: Guard<ReadAccounts>,
    id: web::Path<Uuid>,
) -> Result<web::Json<AccountView>, Problem> {
    let (id, today) = (id.into_inner(), app.today());
    let view = app
        .store
        .tx(op.org, "account_get", async |s| {
            let account = store::account_get(s, id).await?;
            AccountView::load(s, &account, today).await
        })
        .await
        .map_err(unknown)?;
    Ok(web::Json(view))
}

/// `account.unknown` instead of the general `request.not_found`.
pub(super) fn unknown(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => Problem::new(Code::AccountUnknown),
        error => error.into(),
    }
}
