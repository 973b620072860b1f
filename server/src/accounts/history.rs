//! GET /accounts/{id}/history

use super::get::unknown;
use super::returned::ReturnedView;
use crate::auth::Guard;
use crate::auth::rights::ReadAccounts;
use crate::http::problem::Problem;
use crate::replacements::view::ReplacementView;
use crate::sales::view::SaleView;
use crate::state::App;
use actix_web::{get, web};
use chrono::{DateTime, Utc};
use dianka_store::{self as store, Adjustment, CardRead, Replacement, Sale};
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;
use uuid::Uuid;

/// Entries of each kind at most.
const MOST: u32 = 200;

/// What kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryKind {
    /// A sale.
    Sale,
    /// A card was read at a counter.
    CardRead,
    /// An adjustment 找补电量 was entered.
    Adjustment,
    /// The card was replaced 补卡.
    Replacement,
}

/// An entry of the history.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryItem {
    /// Sale, reading, adjustment or replacement.
    pub kind: HistoryKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Of a sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<SaleView>,
    /// Of a reading: what kind of card the server took it for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_kind: Option<String>,
    /// Of a reading that brought returned data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<ReturnedView>,
    /// Of an adjustment: real energy, positive gives back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_wh: Option<i64>,
    /// Of an adjustment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of a replacement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<ReplacementView>,
}

/// The history of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct History {
    /// The newest first.
    pub items: Vec<HistoryItem>,
}

impl HistoryItem {
    fn bare(kind: HistoryKind, at: DateTime<Utc>) -> HistoryItem {
        HistoryItem {
            kind,
            at,
            sale: None,
            card_kind: None,
            returned: None,
            energy_wh: None,
            reason: None,
            replacement: None,
        }
    }

    fn of_sale(sale: &Sale) -> HistoryItem {
        HistoryItem {
            sale: Some(SaleView::new(sale, None)),
            ..HistoryItem::bare(HistoryKind::Sale, sale.facts.created_at)
        }
    }

    fn of_read(read: &CardRead) -> HistoryItem {
        HistoryItem {
            card_kind: Some(read.kind.clone()),
            returned: read.returned.as_ref().map(ReturnedView::from),
            ..HistoryItem::bare(HistoryKind::CardRead, read.at)
        }
    }

    fn of_replacement(app: &App, replacement: &Replacement, sale: &Sale) -> HistoryItem {
        let note = app.desk.note(replacement.facts.op_id);
        HistoryItem {
            replacement: Some(ReplacementView::new(replacement, sale, note.as_ref())),
            ..HistoryItem::bare(HistoryKind::Replacement, replacement.facts.created_at)
        }
    }

    fn of_adjustment(adjustment: Adjustment) -> HistoryItem {
        HistoryItem {
            energy_wh: Some(adjustment.energy_wh.wh()),
            reason: Some(adjustment.reason),
            ..HistoryItem::bare(HistoryKind::Adjustment, adjustment.created_at)
        }
    }
}

/// What happened to an account
///
/// The newest 200 sales, 200 readings, 200 replacement cards, and all adjustments, the newest first.
#[utoipa::path(tag = "accounts", operation_id = "getAccountHistory", params(("id" = Uuid, Path)),
    responses((status = 200, body = History)))]
#[get("/accounts/{id}/history")]
pub async fn get_history(
    app: App,
    op: Guard<ReadAccounts>,
    id: web::Path<Uuid>,
) -> Result<web::Json<History>, Problem> {
    let id = id.into_inner();
    let (sales, reads, adjustments, replaced) = app
        .store
        .tx(op.org, "account_history", async |s| {
            store::account_get(s, id).await?;
            let sales = store::sale_by_account(s, id, MOST).await?;
            let reads = store::card_read_list(s, id, MOST).await?;
            let mut replaced = Vec::new();
            for replacement in store::replacement_by_account(s, id, MOST).await? {
                let sale = store::sale_get(s, replacement.facts.sale_id).await?;
                replaced.push((replacement, sale));
            }
            Ok((sales, reads, store::adjustment_list(s, id).await?, replaced))
        })
        .await
        .map_err(unknown)?;
    let mut items: Vec<HistoryItem> = sales.iter().map(HistoryItem::of_sale).collect();
    items.extend(reads.iter().map(HistoryItem::of_read));
    items.extend(replaced.iter().map(|(replacement, sale)| HistoryItem::of_replacement(&app, replacement, sale)));
    items.extend(adjustments.into_iter().map(HistoryItem::of_adjustment));
    items.sort_by_key(|item| Reverse(item.at));
    Ok(web::Json(History { items }))
}
