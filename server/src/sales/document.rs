//! GET /documents/{sale_id}: the receipt, and every copy of it under the same number.

use actix_web::http::header;
use actix_web::{HttpResponse, get, post, web};
use dianka_store::{self as store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::receipt::{Receipt, STYLE};
use crate::auth::Guard;
use crate::auth::rights::SellEnergy;
use crate::http::problem::Problem;
use crate::state::App;

/// Which copy.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Copy {
    /// 0, or left out: the original.
    #[serde(default)]
    pub copy: u32,
}

/// The receipt as a page to print
#[utoipa::path(tag = "sales", operation_id = "getDocument", params(Copy),
    responses((status = 200, body = String, content_type = "text/html")))]
#[get("/documents/{sale_id}")]
pub async fn get_document(
    app: App,
    op: Guard<SellEnergy>,
    id: web::Path<Uuid>,
    copy: web::Query<Copy>,
) -> Result<HttpResponse, Problem> {
    let read = app.store.tx(op.org, "document_get", async |s| {
        let document = store::document_get(s, *id).await?;
        let number = store::workstation_get(s, document.workstation_id).await?.number;
        Ok((document, number))
    });
    let (document, workstation) = read.await?;
    let receipt: Receipt = serde_json::from_value(document.body).map_err(Problem::internal)?;
    let html = receipt.html(&format!("{workstation}-{}", document.receipt_no), copy.copy, op.request.language);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

/// A copy that was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reprint {
    /// 0 for the original, then rising.
    pub copy: u32,
}

/// Count a print: the first is the original, later ones are copies 补打
#[utoipa::path(tag = "sales", operation_id = "printDocument", responses((status = 200, body = Reprint)))]
#[post("/documents/{sale_id}/prints")]
pub async fn print_document(
    app: App,
    op: Guard<SellEnergy>,
    id: web::Path<Uuid>,
) -> Result<web::Json<Reprint>, Problem> {
    let now = app.clock.now();
    let operator = op.operator;
    let counted = app.store.tx(op.org, "document_print", async |s| {
        store::document_get(s, *id).await?;
        store::document_print_add(s, *id, operator, now).await
    });
    Ok(web::Json(Reprint { copy: counted.await? }))
}

/// The receipt's style sheet. Public: it says nothing about anybody.
#[utoipa::path(tag = "sales", operation_id = "getReceiptStyle", security(()),
    responses((status = 200, body = String, content_type = "text/css")))]
#[get("/documents/receipt.css")]
pub async fn get_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}
