//! GET /me

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::auth::session::{OperatorView, OrganisationView};
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// Who is logged in, for whom.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The operator.
    pub operator: OperatorView,
    /// The organisation.
    pub organisation: OrganisationView,
}

/// Who am I
#[utoipa::path(tag = "auth", operation_id = "getMe", responses((status = 200, body = Me)))]
#[get("/me")]
pub async fn get_me(app: App, op: Guard<LoggedIn>) -> Result<web::Json<Me>, Problem> {
    let (operator, organisation) = app
        .store
        .tx(op.org, "me", async |s| Ok((store::operator_get(s, op.operator).await?, store::org_get(s).await?)))
        .await?;
    Ok(web::Json(Me { operator: (&operator).into(), organisation: (&organisation).into() }))
}
