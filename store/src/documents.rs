//! Receipts: the snapshot that was printed, its number, and its copies.

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::unsigned;
use crate::schema::{document_print, sale_outcome};
use crate::scope::Scoped;

/// The receipt of a committed sale. A reprint shows exactly this.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The sale.
    pub sale_id: Uuid,
    /// Whose counter numbered it.
    pub workstation_id: Uuid,
    /// Its number at that workstation.
    pub receipt_no: i64,
    /// What is printed.
    pub body: serde_json::Value,
    /// When the sale was committed.
    pub at: DateTime<Utc>,
    /// How many times it was printed: 0 = not yet.
    pub prints: u32,
}

type OutcomeColumns = (Uuid, Option<i64>, Option<serde_json::Value>, DateTime<Utc>);

/// The receipt of a sale.
///
/// # Errors
/// [`StoreError::NotFound`] when the sale is not committed.
pub async fn document_get(s: &mut Scoped, sale_id: Uuid) -> Result<Document> {
    let org_id = s.org();
    let (workstation_id, receipt_no, body, at): OutcomeColumns = sale_outcome::table
        .filter(sale_outcome::org_id.eq(org_id).and(sale_outcome::sale_id.eq(sale_id)))
        .select((sale_outcome::workstation_id, sale_outcome::receipt_no, sale_outcome::document, sale_outcome::at))
        .first(s.conn())
        .await?;
    let (Some(receipt_no), Some(body)) = (receipt_no, body) else {
        return Err(StoreError::NotFound);
    };
    let prints = unsigned("document_print.copy", next_copy(s, sale_id).await?)?;
    Ok(Document { sale_id, workstation_id, receipt_no, body, at, prints })
}

async fn next_copy(s: &mut Scoped, sale_id: Uuid) -> Result<i32> {
    let org_id = s.org();
    let highest: Option<i32> = document_print::table
        .filter(document_print::org_id.eq(org_id).and(document_print::sale_id.eq(sale_id)))
        .select(max(document_print::copy))
        .first(s.conn())
        .await?;
    Ok(highest.map_or(0, |copy| copy.saturating_add(1)))
}

/// Records a print; returns its copy number: 0 is the original.
///
/// # Errors
/// [`StoreError::Reference`] when the sale has not ended.
pub async fn document_print_add(s: &mut Scoped, sale_id: Uuid, operator_id: Uuid, at: DateTime<Utc>) -> Result<u32> {
    let org_id = s.org();
    loop {
        let copy = next_copy(s, sale_id).await?;
        let added = diesel::insert_into(document_print::table)
            .values((
                document_print::org_id.eq(org_id),
                document_print::sale_id.eq(sale_id),
                document_print::copy.eq(copy),
                document_print::operator_id.eq(operator_id),
                document_print::at.eq(at),
            ))
            .on_conflict_do_nothing()
            .execute(s.conn())
            .await?;
        // Somebody else printed at the same time and has this number: take the next.
        if added == 1 {
            return unsigned("document_print.copy", copy);
        }
    }
}
