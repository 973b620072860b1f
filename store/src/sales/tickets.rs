//! Tickets: permission for one station to write one image in one card session. Their epochs rise.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::begin::unknown_code;
use super::facts::NewTicket;
use crate::error::{Result, StoreError};
use crate::rows::{signed, unsigned};
use crate::schema::ticket;
use crate::scope::{Scoped, repeated};
use crate::store::Store;
use crate::wire::{self, code};

/// A ticket that was issued.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its epoch, from 1.
    pub epoch: u32,
    /// Who may write.
    pub workstation_id: Uuid,
    /// In which card session.
    pub session: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The ticket, signed.
    pub body: serde_json::Value,
}

impl Store {
    /// Issues the next ticket of an open sale, or of an open replacement card (by its own id).
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::AlreadyEnded`] when the sale is not open; [`StoreError::BeingReplaced`] when its
    /// card was replaced; [`StoreError::StaleDecision`] when `epoch` is not the newest one + 1 (also when this very call was carried out before: read the tickets).
    pub async fn ticket_add(&self, org: Uuid, new: &NewTicket) -> Result<()> {
        let epoch = signed("ticket.epoch", new.epoch)?;
        let answer = repeated!(self.ticket_add_once(org, new, epoch).await)?;
        match answer {
            epoch if epoch > 0 => Ok(()),
            code::NO_ROW => Err(StoreError::NotFound),
            code::STALE => Err(StoreError::StaleDecision),
            code::NOT_OPEN => Err(StoreError::AlreadyEnded),
            code::BEING_REPLACED => Err(StoreError::BeingReplaced),
            other => Err(unknown_code("ticket_add", other)),
        }
    }

    async fn ticket_add_once(&self, org: Uuid, new: &NewTicket, epoch: i32) -> Result<i64> {
        let mut session = self.session().await?;
        let call =
            wire::ticket_add(org, new.sale_id, epoch, new.workstation_id, &new.session, new.issued_at, &new.body);
        Ok(select(call).get_result(&mut *session).await?)
    }
}

type TicketColumns = (i32, Uuid, String, DateTime<Utc>, serde_json::Value);

/// The tickets of a sale, by epoch.
///
/// # Errors
/// Those of every call.
pub async fn ticket_list(s: &mut Scoped, sale_id: Uuid) -> Result<Vec<Ticket>> {
    let org_id = s.org();
    let rows: Vec<TicketColumns> = ticket::table
        .filter(ticket::org_id.eq(org_id).and(ticket::sale_id.eq(sale_id)))
        .order(ticket::epoch)
        .select((ticket::epoch, ticket::workstation_id, ticket::session, ticket::issued_at, ticket::body))
        .load(s.conn())
        .await?;
    rows.into_iter()
        .map(|(epoch, workstation_id, session, issued_at, body)| {
            Ok(Ticket { epoch: unsigned("ticket.epoch", epoch)?, workstation_id, session, issued_at, body })
        })
        .collect()
}
